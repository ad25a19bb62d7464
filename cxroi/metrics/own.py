"""Metrics that a study declares itself, in the form of those of the catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engine.quoting import ident, texts
from ..errors import StudyError, nearest
from ..study.schema import METRIC_KINDS
from ..study.table_schema import ROLES, TABLES
from .metric import Band, Metric

ACQUIRED = "acquired_at"  # a time of the customer, not of a row
NEEDED = {"share": ("yes",), "per_customer": (), "ratio": ("column", "over")}
NUMBERS = ("number", "size", "amount", "score")
UNITS = {"share": "share", "per_customer": "per customer in {days} days"}
FLAGS = {"yes": "1.0", "true": "1.0", "1": "1.0", "no": "0.0", "false": "0.0", "0": "0.0"}

if TYPE_CHECKING:
    from ..study.declared import Study


# What a study may say of a metric of the catalogue, beside its options.
SAID = ("title", "question", "better", "good")


def declared_metrics(study: Study, catalogue: Mapping[str, Metric]) -> dict[str, Metric]:
    """Return the metrics of ``[metrics.NAME]``: with a table of theirs, or said otherwise.

    Raises
    ------
    StudyError
        A table, kind or column that there is not, or a name that is of no metric.
    """
    unknown = [n for n, t in study.metrics.items() if "table" not in t and n not in catalogue]
    if unknown:
        raise StudyError(
            f"[metrics.{unknown[0]}] is no metric of the catalogue, and has no table of its own",
            fix=nearest(unknown[0], catalogue),
        )
    return {
        name: _metric(name, table, study) if "table" in table else _said(catalogue[name], table)
        for name, table in study.metrics.items()
    }


def _said(metric: Metric, table: Mapping[str, Any]) -> Metric:
    """Return a metric of the catalogue as the study speaks of it."""
    valid = (*SAID, *metric.options)
    for key in table:
        if key not in valid:
            raise StudyError(
                f"[metrics.{metric.name}] has {key!r}, and no table",
                f"of this metric a study says {', '.join(valid)}",
                "Add table = ... for a metric of the study's own",
            )
    title = metric.title
    for name, values in metric.options.items():  # a title that names the default names the chosen
        title = title.replace(next(iter(values)), str(table.get(name, next(iter(values)))))
    return replace(
        metric,
        title=str(table.get("title", title)),
        question=str(table.get("question", metric.question)),
        better=str(table.get("better", metric.better)),
        band=_band(table, metric.name) or metric.band,
    )


def _band(table: Mapping[str, Any], name: str) -> Band | None:
    if "good" not in table:
        return None
    if len(table["good"]) != 2:
        raise StudyError(
            f"[metrics.{name}] good is {table['good']!r}",
            "it is the lowest and the highest",
            "good = [0.1, 0.5]",
        )
    low, high = table["good"]
    return Band(low, high, f"{low:g} to {high:g}", "the study")


def _metric(name: str, table: Mapping[str, Any], study: Study) -> Metric:
    where, role, kind = f"[metrics.{name}]", str(table["table"]), str(table.get("kind", "share"))
    if role not in study.sources or role not in ROLES:
        known = [r for r in study.sources if r in ROLES]
        raise StudyError(f"{where} table is {role!r}", fix=nearest(role, known))
    if kind not in METRIC_KINDS:
        raise StudyError(f"{where} kind is {kind!r}", fix=nearest(kind, METRIC_KINDS))
    _require_parts(table, kind, where)
    of = NamedColumns(study, role, where)
    times = (k for k, v in TABLES[role].keys.items() if v.cells == "time" and k != ACQUIRED)
    at = next((key for key in times if key in of.source), "")
    begin = f"SELECT {of.customer} AS customer, {at or 'NULL::TIMESTAMP'} AS seen_at"
    chosen = of.holds(table.get("where", {}))
    made = {
        "share": f"CASE WHEN {of.holds(table.get('yes', {}))} THEN 1 ELSE 0 END AS x",
        "per_customer": "1 AS x",
    }
    if kind not in made:
        made[kind] = f"{of.number(table.get('column', ''))} AS x"
    if kind == "ratio":
        made[kind] += f", {of.number(table.get('over', ''))} AS y"
    part = f", {of.any(table['part'])} AS part" if "part" in table else ""
    rows = f"{begin}, {made[kind]}{part} FROM {{{role}}} WHERE {chosen}"
    needs: dict[str, tuple[str, ...]] = {role: ()}
    if kind == "per_customer":
        inner = (
            f"SELECT customer, count(*) AS k FROM ({rows}) AS o WHERE seen_at IS NULL OR "
            "(seen_at >= {start} AND seen_at < {end}) GROUP BY customer"
        )
        rows = (
            "SELECT p.customer, NULL::TIMESTAMP AS seen_at, coalesce(k, 0) AS x FROM {people} AS p "
            f"LEFT JOIN ({inner}) AS c ON c.customer = p.customer"
        )
        needs["people"] = ()
    return Metric(
        name=name,
        title=str(table.get("title", name.replace("_", " "))),
        section="own",
        question=str(table.get("question", "")),
        formula=str(table.get("formula", f"{kind.replace('_', ' ')} declared in the study file")),
        unit=str(table.get("unit", UNITS.get(kind, ""))),
        kind="mean" if kind == "per_customer" else kind,
        needs=needs,
        rows=rows,
        better=str(table.get("better", "")),
        band=_band(table, name),
        parts=str(table.get("part", "")),
        of="customers" if "customer" in of.source else "rows",
    )


def _require_parts(table: Mapping[str, Any], kind: str, where: str) -> None:
    """Require what a kind is made of, and nothing that it would leave unread."""
    for key in NEEDED.get(kind, ("column",)):
        if key not in table:
            raise StudyError(f"{where} of kind {kind!r} has no {key!r}", fix=f"Add {key} = ...")
    if kind == "per_customer" and "part" in table:
        raise StudyError(
            f"{where} of kind 'per_customer' has a part",
            "it is of each customer as a whole",
            "Choose rows by where = {...}, in a metric for each part",
        )


def _braced(sql: str) -> str:
    """Return SQL that stands as it is where places are filled in."""
    return sql.replace("{", "{{").replace("}", "}}")


class NamedColumns:
    """The columns of a table that a study may name where it makes something of its rows."""

    def __init__(self, study: Study, role: str, where: str) -> None:
        source = study.sources[role]
        self.where, self.role = where, role
        self.source = dict(source.columns)
        row = "'row ' || CAST(row AS VARCHAR)"
        self.customer = f"coalesce(customer, {row})" if "customer" in source.columns else row
        known = TABLES[role].keys
        self.kinds = {key: known[key].cells for key in source.columns if key in ROLES[role]}
        self.attributes = {*source.attributes, *source.derive}
        self.scores = {name for name, score in study.scores.items() if score.table == role}

    def any(self, name: str) -> str:
        """Return the SQL of a column, braces doubled."""
        if name in self.kinds:
            return name
        if name in self.attributes:
            return _braced(ident(f"attr_{name}"))
        if name in self.scores:
            return _braced(ident(f"score_{name}"))
        raise StudyError(
            f"{self.where} names the column {name!r}",
            f"a key or an attribute of [tables.{self.role}]",
            nearest(name, [*self.kinds, *self.attributes, *self.scores]),
        )

    def number(self, name: str) -> str:
        """Return the SQL of a column that holds numbers."""
        if self.kinds.get(name, "number") not in (*NUMBERS, "yes_no"):
            raise StudyError(f"{self.where} names the column {name!r}", "it holds numbers")
        return f"CAST({self.any(name)} AS DOUBLE)"

    def _flag(self, name: str, word: str) -> str:
        if word.lower() not in FLAGS:
            raise StudyError(
                f"{self.where} asks for {name} = {word!r}", "it is yes or no", 'Write "yes" or "no"'
            )
        return FLAGS[word.lower()]

    def _counts(self, name: str, values: Any) -> bool:
        """Whether values are compared as numbers: of a column of them, or if all are some."""
        if name in self.kinds:
            return self.kinds[name] in NUMBERS
        return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)

    def _size(self, name: str, value: Any) -> float:
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = math.nan
        if not math.isfinite(found):
            raise StudyError(f"{self.where} asks for {name} = {value!r}", "it holds numbers")
        return found

    def holds(self, wanted: Mapping[str, Any]) -> str:
        """Return the SQL of whether columns hold one of the values that are wanted of each."""
        tests = []
        for name, values in wanted.items():
            column = f"CAST({self.any(name)} AS VARCHAR)"
            found = _braced(texts([str(value) for value in values]))
            if self.kinds.get(name) == "yes_no":
                column = f"TRY_CAST({column} AS DOUBLE)"
                found = f"({', '.join(self._flag(name, str(value)) for value in values)})"
            elif self._counts(name, values):
                column = f"TRY_CAST({column} AS DOUBLE)"
                found = f"({', '.join(repr(self._size(name, value)) for value in values)})"
            tests.append(f"coalesce({column} IN {found}, false)")
        return " AND ".join(tests) or "true"
