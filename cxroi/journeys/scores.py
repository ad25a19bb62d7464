"""The answers to one score: who, when, how good, in which group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.literals import literal
from ..engine.quoting import ident
from ..errors import StudyError, nearest
from ..metrics.relations import scores_of
from ..panel.rows import cut_scores, group_sql
from .needs import has, need

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.scales import Scale
    from ..study.scores import DeclaredScore


def score_named(tables: Tables, name: str = "") -> DeclaredScore:
    """Return a score of the study: that of ``[scale]`` by default, or one of ``[scores.NAME]``.

    Raises
    ------
    StudyError
        It has no such score.
    """
    every = scores_of(tables.study)
    found = next((score for score in every if name in ("", score.name)), None)
    if found is None:
        raise StudyError(
            f"the study has no score {name!r}", fix=nearest(name, [one.name for one in every])
        )
    return found


def value_of(scale: Scale, column: str) -> str:
    """Return the SQL of what an answer adds to the mean, in the unit of the score."""
    if scale.kind == "nps":
        ends = f"WHEN {column} >= 9 THEN 100e0 WHEN {column} < 7 THEN -100e0"
        return f"(CASE {ends} ELSE 0e0 END)"
    if not scale.score_unit.startswith("%"):
        return f"CAST({column} AS DOUBLE)"
    if scale.better == "higher":
        best = f"{column} >= {literal(scale.cuts[-1])}"
    else:
        best = f"{column} < {literal(scale.cuts[0])}"
    return f"(CASE WHEN {best} THEN 100e0 ELSE 0e0 END)"


def answers(
    tables: Tables, score: DeclaredScore, *columns: str, needed: str = "answered_at"
) -> str:
    """Return the SQL of the answers to a score.

    Columns ``customer, moment, score, w, value, grp`` and further ones of their table: ``w`` is
    the survey weight, that of the customer where the answer has none, 1 without either;
    ``value`` in the unit of the score, ``grp`` the position of its group, worst first.

    Parameters
    ----------
    needed
        ``wave`` where answers of named waves need no date; ``moment`` is then NULL without one.

    Raises
    ------
    ModelError
        The table of the answers has no such column, or is not declared.
    """
    dated = has(tables, score.table, "answered_at")
    relation = need(tables, score.table, "customer", "answered_at" if dated else needed)
    moment = "answered_at" if dated else "CAST(NULL AS TIMESTAMP)"
    if has(tables, score.table, "weight"):
        weight = "weight"
    elif has(tables, "customers", "weight"):
        own = f"SELECT customer, min(weight) AS w FROM {tables.relation('customers')} GROUP BY 1"
        weight = "coalesce(of_customer.w, 1)"
        relation = f"{relation} AS s LEFT JOIN ({own}) AS of_customer USING (customer)"
    else:
        weight = "1"
    main = score.column == "score" and score.name not in tables.study.scores
    x = "score" if main else ident(f"score_{score.name}")
    more = "".join(f", {ident(column)}" for column in columns)
    asked = f"""
        SELECT customer, {moment} AS moment, CAST({x} AS DOUBLE) AS score,
               CAST({weight} AS DOUBLE) AS w{more}
        FROM {relation} WHERE {x} IS NOT NULL{" AND answered_at IS NOT NULL" * dated}"""
    study = replace(tables.study, scale=score.scale)
    counts = []
    if score.scale.quantiles:
        counts = tables.engine.fetch(f"SELECT score, count(*) FROM ({asked}) AS a GROUP BY score")
    grp = group_sql(score.scale, cut_scores(study, [(a, b) for a, b in counts]))
    return f"SELECT *, {value_of(score.scale, 'score')} AS value, {grp} AS grp FROM ({asked}) AS a"
