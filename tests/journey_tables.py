"""Tables made directly in DuckDB, in place of those that are read, for the tests of journeys."""

from dataclasses import dataclass, field, replace

import duckdb
from panels import make_dated_study

from cxroi.engine.engines import DuckDB
from cxroi.study.declared import Source


@dataclass(frozen=True)
class Recorded(DuckDB):
    """DuckDB that remembers its statements, so that a test can translate them for Spark."""

    said: list = field(default_factory=list)

    def execute(self, sql):
        self.said.append(sql)
        super().execute(sql)

    def fetch(self, sql):
        self.said.append(sql)
        return super().fetch(sql)

    def own_session(self):
        return self


@dataclass(frozen=True)
class Stand:
    """As much of `Tables` as journeys need."""

    study: object
    engine: object
    date_only: frozenset = frozenset()

    def relation(self, role):
        return f"clean_{role}"

    def own_session(self):
        return self


def stand(folder, frames, more=""):
    """Return tables of frames by role, each with `customer` and columns named as the roles."""
    connection = duckdb.connect()
    sources = {}
    for role, frame in frames.items():
        connection.register(f"given_{role}", frame)
        kinds = connection.execute(f"DESCRIBE given_{role}").fetchall()
        as_read = ", ".join(
            f'"{name}"::TIMESTAMP AS "{name}"' if kind.startswith("TIMESTAMP") else f'"{name}"'
            for name, kind, *_ in kinds
        )
        connection.execute(f"CREATE TABLE clean_{role} AS SELECT {as_read} FROM given_{role}")
        columns = {name: name for name in frame.columns}
        sources[role] = Source(role, columns)
    study = replace(make_dated_study(folder, more), sources=sources)
    return Stand(study, Recorded(connection))
