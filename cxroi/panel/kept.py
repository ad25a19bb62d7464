"""Large panels and the sums taken of them, kept for the next time under what they rest on.

A key is made of the study, the content of its tables, the quarter, and this version of the
package and of the libraries. Under it lie the rows of the panel, as Parquet, and the answer to
each query that was ever sent to them: a fit that was stopped goes on from its last pass. Of a
panel on Spark the answers alone are kept: its workers do not reach this folder.
"""

from __future__ import annotations

import errno
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.quoting import file_read, path_text
from ..files import cache
from ..reading.ledger import Entry, Ledger
from .in_engine import PanelEngineRows
from .panel import Coverage, Panel

if TYPE_CHECKING:
    from ..engine.answers import Records
    from ..reading.tables import Tables

PARTS = ("rows", "answers")
NOT_IN_KEY = ("path", "memory_limit", "engine_folder")  # no number depends on them


@dataclass(frozen=True)
class PanelCache:
    """What the cache holds of one panel; it holds nothing where the data have no fingerprint.

    Attributes
    ----------
    key
        Of the panel; empty without a cache.
    """

    key: str

    @classmethod
    def of(cls, tables: Tables, quarter: str) -> PanelCache:
        """Return the cache of the panel of some tables."""
        rests_on = _rests_on(tables, quarter)
        if rests_on is None or cache.folder() is None:
            return cls("")
        return cls(cache.key(engine=tables.engine.name, **rests_on))

    def fetch(self, tables: Tables, quarter: str) -> Panel | None:
        """Return the panel with its rows put back into the engine; None where it is not kept."""
        import duckdb

        found = cache.fetch(self.key) if self.key else None
        if found is None:
            return None
        kept = json.loads(found)
        found_at = {part: cache.place(kept[part]["file"]) for part in PARTS}
        paths = {part: path for part, path in found_at.items() if path}
        if len(paths) < len(PARTS):
            return None
        try:
            for part, path in paths.items():
                scan = f"SELECT * FROM read_parquet({file_read(path)}, hive_partitioning = false)"
                name = kept[part]["relation"]
                tables.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {scan}")
        except duckdb.PermissionException:  # another cache than when the tables were read
            return None
        rows, answers = (self._rows(tables, kept[part]) for part in PARTS)
        ledger = Ledger(tuple(Entry(*entry) for entry in kept["ledger"]))
        coverage = Coverage(*kept["coverage"])
        return Panel(tables.study, quarter, rows, answers, ledger, coverage, tables)

    def keep(self, panel: Panel) -> Panel:
        """Keep a panel; return it so that the sums taken of it are kept as well."""
        both = [one for one in (panel.rows, panel.answer_rows) if isinstance(one, PanelEngineRows)]
        if not self.key or not both:
            return panel
        if both[0].engine.name != "DuckDB":
            rows, answers = (replace(one, known=KeptSums(self.key)) for one in both)
            return replace(panel, rows=rows, answer_rows=answers)
        kept: dict[str, Any] = {
            "ledger": [list(asdict(entry).values()) for entry in panel.ledger.entries],
            "coverage": list(vars(panel.coverage).values()),
        }
        for part, rows in zip(PARTS, both, strict=True):
            kept[part] = {
                "file": cache.keep_written(f"{self.key}-{part}", _copy(rows)),
                "relation": rows.relation,
                "cells": {name: list(values) for name, values in rows.cells.items()},
                "types": dict(rows.types),
                "sizes": list(rows.sizes),
                "subsample": rows.subsample,
            }
        cache.keep(self.key, json.dumps(kept).encode())
        return self.fetch(panel.tables, panel.quarter) or panel

    def _rows(self, tables: Tables, kept: Mapping[str, Any]) -> PanelEngineRows:
        subsample, relation = kept["subsample"], kept["relation"]
        rows = PanelEngineRows(
            engine=tables.engine,
            relation=relation,
            cells={name: tuple(values) for name, values in kept["cells"].items()},
            types=kept["types"],
            sizes=tuple(kept["sizes"]),
            subsample=subsample,
            known=KeptSums(self.key),
        )
        if subsample:
            from .rows import make_subsample

            make_subsample(tables.engine, relation, subsample, sum(rows.sizes))
        return rows


class KeptSums(MutableMapping[str, "Records"]):
    """Answers of an engine by the text of the query, in memory and in the cache."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._known: dict[str, Records] = {}

    def __getitem__(self, query: str) -> Records:
        if query not in self._known:
            found = cache.fetch(cache.digest(panel=self._key, query=query))
            if found is None:
                raise KeyError(query)
            self._known[query] = [tuple(row) for row in json.loads(found)]
        return self._known[query]

    def __setitem__(self, query: str, answer: Records) -> None:
        self._known[query] = answer
        try:
            content = json.dumps(answer)
        except TypeError:  # dates: not worth a format of their own
            return
        cache.keep(cache.digest(panel=self._key, query=query), content.encode())

    def __delitem__(self, query: str) -> None:
        del self._known[query]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def panel_tag(tables: Tables, quarter: str) -> str:
    """Return a part of the names of a panel's tables that no other panel has."""
    rests_on = _rests_on(tables, quarter)
    return uuid.uuid4().hex[:16] if rests_on is None else cache.digest(**rests_on)[:16]


def _rests_on(tables: Tables, quarter: str) -> dict[str, Any] | None:
    """Return what a panel is made of; None where the data have no fingerprint."""
    data = [(source.table, source.sha256) for source in tables.sources]
    if not all(sha256 for _, sha256 in data):
        return None
    study = {k: v for k, v in _plain(tables.study).items() if k not in NOT_IN_KEY}
    return {"panel": study, "data": data, "quarter": quarter}


def _copy(rows: PanelEngineRows) -> Callable[[Path], None]:
    import duckdb

    def write(path: Path) -> None:
        try:
            rows.engine.execute(f"COPY {rows.relation} TO {path_text(path)} (FORMAT parquet)")
        except (duckdb.IOException, duckdb.PermissionException) as error:
            # A full disk, or another cache than when it was opened, costs the entry, not the run.
            raise OSError(errno.EIO, "DuckDB cannot write the rows") from error

    return write


def _plain(value: object) -> Any:
    """Return a declaration as JSON has it, in an order that is the same in every process."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | None) else str(value)
