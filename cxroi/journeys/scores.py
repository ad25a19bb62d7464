"""The answers to one score: who, when, how good, in which group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.literals import literal
from ..engine.quoting import ident
from ..panel.rows import cut_scores, group_sql
from .needs import has, need

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.scales import Scale


@dataclass(frozen=True)
class Score:
    """A score that customers were asked for.

    Attributes
    ----------
    name
        As results name it, such as ``ces``.
    role, column
        The table of its answers, which has ``answered_at``, and its column there.
    scale
        How its answers are read.
    """

    name: str
    role: str
    column: str
    scale: Scale

    @property
    def unit(self) -> str:
        """Unit of its mean: NPS points, per cent in the best group, or scale points."""
        return self.scale.score_unit

    def value(self, column: str = "score") -> str:
        """Return the SQL of what an answer adds to the mean, in `unit`."""
        scale = self.scale
        if scale.kind == "nps":
            return (
                f"(CASE WHEN {column} >= 9 THEN 100e0 WHEN {column} < 7 THEN -100e0 ELSE 0e0 END)"
            )
        if not scale.score_unit.startswith("%"):
            return f"CAST({column} AS DOUBLE)"
        if scale.better == "higher":
            best = f"{column} >= {literal(scale.cuts[-1])}"
        else:
            best = f"{column} < {literal(scale.cuts[0])}"
        return f"(CASE WHEN {best} THEN 100e0 ELSE 0e0 END)"


def main_score(tables: Tables) -> Score:
    """Return the score of ``[scale]``, which the ROI is about."""
    study = tables.study
    role = "responses" if "responses" in study.sources else "customers"
    return Score(study.scale.metric, role, "score", study.scale)


def answers(tables: Tables, score: Score, *columns: str) -> str:
    """Return the SQL of the answers to a score.

    Columns ``customer, unit, moment, score, value, grp`` and further ones of their table:
    ``unit`` is the declared cluster, or the customer; ``value`` is in the unit of the score;
    ``grp`` is the position of its group, worst first.

    Raises
    ------
    ModelError
        The table of the answers, or a column of it, is not declared.
    """
    relation = need(tables, score.role, "customer", "answered_at", score.column, *columns)
    more = "".join(f", {ident(column)}" for column in columns)
    unit = "coalesce(cluster, customer)" if has(tables, score.role, "cluster") else "customer"
    asked = f"""
        SELECT customer, {unit} AS unit, answered_at AS moment,
               CAST({ident(score.column)} AS DOUBLE) AS score{more}
        FROM {relation} WHERE {ident(score.column)} IS NOT NULL AND answered_at IS NOT NULL"""
    study = replace(tables.study, scale=score.scale)
    counts = []
    if score.scale.quantiles:
        counts = tables.engine.fetch(f"SELECT score, count(*) FROM ({asked}) AS a GROUP BY score")
    grp = group_sql(score.scale, cut_scores(study, [(a, b) for a, b in counts]))
    return f"SELECT *, {score.value()} AS value, {grp} AS grp FROM ({asked}) AS a"
