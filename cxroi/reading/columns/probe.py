"""Questions about the rows of a stage: sums, first rows, common values."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import duckdb

from ...engine.quoting import one_row
from ..filters import shown
from ..sources.row_places import data_rows
from ..staging import Stage


class Probe:
    """Asks questions about the rows of a stage that are not set aside."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, stage: Stage) -> None:
        self.connection = connection
        self.stage = stage

    def ask(self, *aggregates: str, where: str = "") -> tuple[Any, ...]:
        """Return the aggregates over the rows where a condition holds."""
        condition = " AND ".join(part for part in ("fate = 0", where) if part)
        return one_row(
            self.connection,
            f"SELECT {', '.join(aggregates)} FROM {self.stage.relation} WHERE {condition}",
        )

    def by_file(self, *aggregates: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the aggregates of each file that the rows come from, and the rows of which it is.

        Of a table of one file of all its rows.
        """
        ends = list(accumulate(file.rows for file in self.stage.scan.files))
        spans = [f"row BETWEEN {b} AND {e - 1}" for b, e in pairwise([0, *ends])] or ["true"]
        cases = " ".join(f"WHEN {span} THEN {i}" for i, span in enumerate(spans))
        rows = self.connection.execute(
            f"SELECT CASE {cases} END AS file, {', '.join(aggregates)} "
            f"FROM {self.stage.relation} WHERE fate = 0 GROUP BY file ORDER BY file"
        ).fetchall()
        return [(spans[row[0]], row[1:]) for row in rows]

    def any(self, condition: str) -> bool:
        """Whether a row fulfils a condition; the first that does ends the scan."""
        statement = f"SELECT 1 FROM {self.stage.relation} WHERE fate = 0 AND {condition} LIMIT 1"
        return bool(self.connection.execute(statement).fetchall())

    def first_rows(self, condition: str) -> str:
        """Return ``data rows 3, 17``: the first rows where a condition holds, header not counted.

        Rows count from 1 in the order of the source; of a CSV file their lines are told too.
        """
        rows = self.connection.execute(
            f"SELECT row + 1 FROM {self.stage.relation} WHERE fate = 0 AND ({condition}) "
            "ORDER BY row LIMIT 5"
        ).fetchall()
        return data_rows(self.stage.scan, [row for (row,) in rows])

    def common(self, x: str, condition: str, longest: int) -> list[tuple[str, int]]:
        """Return common and short values of a text where a condition holds, most first.

        Parameters
        ----------
        longest
            Characters of a value that may be quoted.
        """
        return self.connection.execute(
            f"SELECT trim({x}) AS code, count(*) AS n FROM {self.stage.relation} "
            f"WHERE fate = 0 AND {condition} GROUP BY code HAVING {shown('code', 'n', longest)} "
            "ORDER BY n DESC, code LIMIT 5"
        ).fetchall()

    def examples(self, x: str, condition: str, longest: int) -> str:
        """Return ``first in data row 3: 'good' (214 rows), 'bad' (31 rows)``."""
        said = quoted(self.common(x, condition, longest)) if longest else ""
        return f"first in {self.first_rows(condition)}" + (f": {said}" if said else "")


def quoted(values: list[tuple[str, int]]) -> str:
    """Return ``'good' (214 rows), 'bad' (31 rows)``."""
    return ", ".join(f"{value!r} ({rows:,} rows)" for value, rows in values)
