"""Relations that several metrics stand on: the scores, the customers, whose each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.quoting import ident, text
from ..study.scores import DeclaredScore

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study
    from .period import Period

BESIDE = ("touchpoint", "channel", "product", "agent", "phase", "comment")


def scores_of(study: Study) -> tuple[DeclaredScore, ...]:
    """Return the scores of a study: that of ``[scale]`` first, then those of ``[scores]``."""
    role = "responses" if study.dated else "customers"
    main = DeclaredScore(study.scale.metric, "score", role, study.scale)
    return (main, *study.scores.values())


def scores(tables: Tables) -> str:
    """Return the SQL of all answers to all scores, one row an answer.

    Columns ``customer``, ``seen_at``, ``wave``, ``weight``, ``main`` (1 of the score of
    ``[scale]``), ``name``, ``kind``, ``score``; ``good`` 1 in the best group of its scale, -1 in
    the worst, else 0; ``level`` its place on the scale from worst, 0, to best, 1; and `BESIDE`.
    """
    return " UNION ALL ".join(_one(tables, s) for s in scores_of(tables.study))


def _one(tables: Tables, declared: DeclaredScore) -> str:
    study, scale = tables.study, declared.scale
    source = study.sources[declared.table]
    is_main = declared.column == "score" and declared.name not in study.scores
    x = "score" if is_main else ident(f"score_{declared.name}")
    at = "answered_at" if "answered_at" in source.columns else "NULL::TIMESTAMP"
    level = f"({x} - {scale.minimum!r}) / {scale.maximum - scale.minimum!r}"
    rising = scale.better == "higher"
    level = level if rising else f"1.0 - {level}"
    if scale.cuts:
        over, under = f"{x} >= {scale.cuts[-1]!r}", f"{x} < {scale.cuts[0]!r}"
        best, worst = (over, under) if rising else (under, over)
        good = f"CASE WHEN {best} THEN 1 WHEN {worst} THEN -1 ELSE 0 END"
    else:
        good = "NULL::INTEGER"
    wave = "wave" if "wave" in source.columns else "NULL::VARCHAR"
    weight = "weight" if "weight" in source.columns else "1.0"
    beside = [
        f"{key} AS {key}" if key in source.columns else f"NULL::VARCHAR AS {key}" for key in BESIDE
    ]
    return (
        f"SELECT customer, {at} AS seen_at, {wave} AS wave, {weight} AS weight, "
        f"{int(is_main)} AS main, {text(declared.name)} AS name, {text(scale.kind)} AS kind, "
        f"{x} AS score, {good} AS good, {level} AS level, {', '.join(beside)} "
        f"FROM {tables.relation(declared.table)} "
        f"WHERE {x} IS NOT NULL"
    )


def asked(tables: Tables) -> str:
    """Return the SQL of all invitations, to the survey and to ratings, one row each.

    Columns ``customer``, ``seen_at`` (when asked), ``touchpoint``, ``channel``, ``event_at``,
    ``questions``, and ``replied_at``: of the first answer to the same survey that came within 30
    days and before the next invitation to it, NULL without one.
    """
    sources = tables.study.sources
    pairs = (("invitations", "responses"), ("rating_invitations", "ratings"))
    parts = []
    for role, answers in pairs:
        if role not in sources or answers not in sources:
            continue
        kinds = {"touchpoint": "VARCHAR", "channel": "VARCHAR", "event_at": "TIMESTAMP"}
        kinds["questions"] = "DOUBLE"
        held = sources[role].columns
        beside = ", ".join(
            f"i.{key} AS {key}" if key in held else f"NULL::{kind} AS {key}"
            for key, kind in kinds.items()
        )
        parts.append(
            "SELECT i.customer, i.invited_at AS seen_at, min(r.answered_at) AS replied_at, "
            f"{_grouped(beside)} FROM (SELECT *, lead(invited_at) OVER (PARTITION BY customer "
            f"ORDER BY invited_at, row) AS again FROM {tables.relation(role)} WHERE invited_at IS "
            f"NOT NULL) AS i LEFT JOIN {tables.relation(answers)} AS r ON r.customer = i.customer "
            "AND r.answered_at >= i.invited_at AND r.answered_at < i.invited_at + INTERVAL 30 DAY "
            "AND (i.again IS NULL OR r.answered_at < i.again) "
            "GROUP BY i.row, i.customer, i.invited_at"
        )
    return " UNION ALL ".join(parts)


def _grouped(columns: str) -> str:
    """Return columns of one row a group, of which any value is the one."""
    parts = (column.rsplit(" AS ", 1) for column in columns.split(", "))
    return ", ".join(f"min({sql}) AS {name}" for sql, name in parts)


def people(tables: Tables, period: Period) -> str:
    """Return the SQL of the customers whom a metric per customer is of: one row each.

    Those of the customers table that are not prospects; without one whoever bought, subscribed
    or answered. With subscriptions those who had one in the period.
    """
    study = tables.study
    held = [r for r in ("customers",) if r in study.sources]
    held = held or [r for r in ("orders", "subscriptions", "responses") if r in study.sources]
    parts = []
    for role in held:
        staged = role == "customers" and "stage" in study.sources[role].columns
        where = " WHERE lower(stage) IS DISTINCT FROM 'prospect'" if staged else ""
        parts.append(f"SELECT DISTINCT customer FROM {tables.relation(role)}{where}")
    everybody = " UNION ".join(parts)
    if "subscriptions" not in study.sources:
        return everybody
    from .period import moment

    return (
        f"SELECT customer FROM ({everybody}) AS e WHERE customer IN (SELECT customer FROM "
        f"{tables.relation('subscriptions')} WHERE started_at < {moment(period.end)} AND "
        f"(cancelled_at IS NULL OR cancelled_at >= {moment(period.start)}))"
    )


def unit_of(tables: Tables) -> str:
    """Return the SQL of customer and ``unit``: the account they belong to; empty without one."""
    study = tables.study
    for role in ("customers", "responses"):
        if role in study.sources and "cluster" in study.sources[role].columns:
            return (
                f"SELECT customer, min('account ' || cluster) AS unit FROM {tables.relation(role)} "
                "WHERE cluster IS NOT NULL GROUP BY customer"
            )
    return ""
