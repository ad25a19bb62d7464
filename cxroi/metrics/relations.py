"""Relations that several metrics stand on: the scores, the customers, whose each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.quoting import ident, text, texts
from ..study.scores import DeclaredScore
from .period import RENEWAL, Period, moment

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.scales import Scale

CONTINUED = f"INTERVAL {RENEWAL.days} DAY"
ANSWER = "weight, wave, answer, home"  # of `scores`: what a metric of answers passes on
ASKED = (("invitations", "responses"), ("rating_invitations", "ratings"))
SEEN = (("orders", "ordered_at"), ("subscriptions", "started_at"), ("responses", "answered_at"))
BESIDE = ("touchpoint", "channel", "product", "agent", "phase", "comment")


def scores_of(study: Study) -> tuple[DeclaredScore, ...]:
    """Return the scores of a study: that of ``[scale]`` first, then those of ``[scores]``."""
    role = "responses" if study.dated else "customers"
    main = DeclaredScore(study.scale.metric, "score", role, study.scale)
    return (main, *study.scores.values())


def scores(tables: Tables, period: Period | None = None) -> str:
    """Return the SQL of all answers to all scores, one row an answer.

    Columns ``customer``, ``seen_at``, ``wave``, ``weight`` (that of the customer where the answer
    has none), ``answer`` and ``home`` (the row, and of which table), ``main`` (1 of the score of
    ``[scale]``), ``name``, ``kind``, ``score``; ``good`` 1 in the best group of its scale, -1 in
    the worst, else 0; ``level`` its place on the scale from worst, 0, to best, 1; and `BESIDE`.
    """
    return " UNION ALL ".join(_one(tables, s) for s in scores_of(tables.study))


def group_of(scale: Scale, x: str) -> str:
    """Return the SQL of 1 in the best group of a scale, -1 in the worst, 0 between them."""
    if not scale.cuts:
        return "CAST(NULL AS INTEGER)"
    rising = scale.better == "higher"
    over, under = f"{x} >= {scale.cuts[-1]!r}", f"{x} < {scale.cuts[0]!r}"
    best, worst = (over, under) if rising else (under, over)
    return f"CASE WHEN {x} IS NULL THEN NULL WHEN {best} THEN 1 WHEN {worst} THEN -1 ELSE 0 END"


def _one(tables: Tables, declared: DeclaredScore) -> str:
    study, scale = tables.study, declared.scale
    source = study.sources[declared.table]
    is_main = declared.column == "score" and declared.name not in study.scores
    x = "s.score" if is_main else f"s.{ident(f'score_{declared.name}')}"
    at = "s.answered_at" if "answered_at" in source.columns else "CAST(NULL AS TIMESTAMP)"
    level = f"({x} - {scale.minimum!r}) / {scale.maximum - scale.minimum!r}"
    level = level if scale.better == "higher" else f"1.0 - {level}"
    wave = "s.wave" if "wave" in source.columns else "CAST(NULL AS VARCHAR)"
    weight, joined = _weight(tables, declared.table)
    beside = [
        f"s.{key} AS {key}" if key in source.columns else f"CAST(NULL AS VARCHAR) AS {key}"
        for key in BESIDE
    ]
    return (
        f"SELECT s.customer, {at} AS seen_at, {wave} AS wave, {weight} AS weight, "
        f"s.row AS answer, {text(declared.table)} AS home, {int(is_main)} AS main, "
        f"{text(declared.name)} AS name, {text(scale.kind)} AS kind, {x} AS score, "
        f"{group_of(scale, x)} AS good, {level} AS level, {', '.join(beside)} "
        f"FROM {tables.relation(declared.table)} AS s{joined} WHERE {x} IS NOT NULL"
    )


def _weight(tables: Tables, table: str) -> tuple[str, str]:
    """Return the SQL of the weight of an answer, and of what it is joined from."""
    sources = tables.study.sources
    if "weight" in sources[table].columns:
        return "s.weight", ""
    if table != "customers" and "customers" in sources and "weight" in sources["customers"].columns:
        own = (
            f"SELECT customer, min(weight) AS weight FROM {tables.relation('customers')} GROUP BY 1"
        )
        return "coalesce(w.weight, 1.0)", f" LEFT JOIN ({own}) AS w ON w.customer = s.customer"
    return "1.0", ""


def people(tables: Tables, period: Period) -> str:
    """Return the SQL of the customers whom a metric per customer is of: one row each.

    Those of the customers table who are no prospects; without one whoever bought, subscribed or
    answered by its end. With subscriptions those who had one in the period; without, no former
    customers, and none who came after the period.
    """
    sources = tables.study.sources
    if "customers" in sources:
        everybody = _declared_people(tables, period)
    else:
        everybody = " UNION ".join(
            f"SELECT customer FROM {tables.relation(role)} WHERE {at} < {moment(period.end)}"
            for role, at in SEEN
            if role in sources
        )
    if "subscriptions" not in sources:
        return everybody
    return (
        f"SELECT customer FROM ({everybody}) AS e WHERE customer IN (SELECT customer FROM "
        f"{tables.relation('subscriptions')} WHERE started_at < {moment(period.end)} AND "
        f"(cancelled_at IS NULL OR cancelled_at >= {moment(period.start)}))"
    )


def _declared_people(tables: Tables, period: Period) -> str:
    sources, where = tables.study.sources, []
    if "stage" in sources["customers"].columns:
        others = ("prospect",) if "subscriptions" in sources else ("prospect", "former")
        where.append(f"coalesce(lower(stage), 'active') NOT IN {texts(others)}")
    if "acquired_at" in sources["customers"].columns:
        where.append(f"(acquired_at IS NULL OR acquired_at < {moment(period.end)})")
    only = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT DISTINCT customer FROM {tables.relation('customers')}{only}"


def held(tables: Tables, period: Period) -> str:
    """Return the SQL of subscriptions as customers hold them: until another continues them."""
    table = tables.relation("subscriptions")
    return (
        "SELECT a.customer, a.started_at, coalesce(max(b.started_at), a.cancelled_at) AS "
        f"cancelled_at FROM {table} AS a LEFT JOIN {table} AS b ON b.customer = a.customer AND "
        f"b.started_at > a.cancelled_at AND b.started_at <= a.cancelled_at + {CONTINUED} "
        "GROUP BY a.customer, a.row, a.started_at, a.cancelled_at"
    )


def left(tables: Tables, period: Period) -> str:
    """Return the SQL of subscriptions that ended: those whom no other of the customer continues.

    One does that begins within 30 days, or runs on; of several that end together one is left,
    with what they were worth in all. Ends of the last 30 days of the data are not known yet.
    """
    table = tables.relation("subscriptions")
    columns = tables.study.sources["subscriptions"].columns
    amount = "amount" if "amount" in columns else "CAST(NULL AS DOUBLE)"
    beside = [
        key if key in columns else f"CAST(NULL AS VARCHAR) AS {key}"
        for key in ("reason", "left_for")
    ]
    ended = (
        "SELECT customer, row, cancelled_at, sum(amount) OVER (PARTITION BY customer, "
        "cancelled_at) "
        f"AS amount, reason, left_for, row_number() OVER (PARTITION BY customer, cancelled_at "
        f"ORDER BY row) AS place FROM (SELECT customer, row, cancelled_at, {amount} AS amount, "
        f"{', '.join(beside)} FROM {table} WHERE cancelled_at IS NOT NULL) AS a"
    )
    return (
        f"SELECT e.customer, e.cancelled_at AS seen_at, e.amount, e.reason, e.left_for FROM "
        f"({ended}) AS e LEFT JOIN (SELECT a.row, count(*) AS others FROM {table} AS a JOIN "
        f"{table} AS b ON b.customer = a.customer WHERE b.started_at <= a.cancelled_at + "
        f"{CONTINUED} AND (b.cancelled_at IS NULL OR b.cancelled_at > a.cancelled_at) GROUP BY "
        "a.row) AS o ON o.row = e.row WHERE e.place = 1 AND o.row IS NULL AND e.cancelled_at + "
        f"{CONTINUED} <= {moment(period.until)}"
    )


def asked(tables: Tables, period: Period) -> str:
    """Return the SQL of invitations, to the survey and to ratings, whose 30 days are over.

    ``replied`` is 1 where an answer to the same survey came within 30 days and before the next
    invitation to it. Columns ``customer``, ``seen_at`` (when asked), ``touchpoint``, ``delay``
    (seconds since what is asked about happened), ``questions``, and ``often``: 1, 2 or 3 (and
    more) in a year with this one.
    """
    pairs = [pair for pair in ASKED if set(pair) <= set(tables.study.sources)]
    year = "seen_at - INTERVAL 365 DAY"
    last = " OVER (PARTITION BY customer ORDER BY seen_at, home, row)"
    return (
        "SELECT customer, seen_at, touchpoint, delay, questions, replied, CASE WHEN second_last > "
        f"{year} THEN 3 WHEN last > {year} THEN 2 ELSE 1 END AS often FROM (SELECT *, "
        f"lag(seen_at, 2){last} AS second_last, lag(seen_at, 1){last} AS last FROM ("
        + " UNION ALL ".join(_replied(tables, *pair) for pair in pairs)
        + f") AS a) AS b WHERE seen_at + INTERVAL 30 DAY <= {moment(period.until)}"
    )


def _replied(tables: Tables, role: str, answers: str) -> str:
    """Return the SQL of all invitations of a table: one is answered if an answer comes next."""
    columns = tables.study.sources[role].columns
    invited, answered = "invited_at", "answered_at"
    times = ("event_at", invited)
    if {(role, one) for one in times} & tables.date_only:
        times = ("date_trunc('day', event_at)", "date_trunc('day', invited_at)")
    if {(role, invited), (answers, answered)} & tables.date_only:
        invited, answered = (f"date_trunc('day', {one})" for one in (invited, answered))
    touchpoint = "touchpoint" if "touchpoint" in columns else "CAST(NULL AS VARCHAR)"
    questions = "questions" if "questions" in columns else "CAST(NULL AS DOUBLE)"
    delay = f"date_diff('second', {', '.join(times)})" if "event_at" in columns else "NULL"
    following = "OVER (PARTITION BY customer ORDER BY seen_at, reply, row)"
    return (
        f"SELECT customer, seen_at, {text(role)} AS home, row, touchpoint, delay, questions, CASE "
        "WHEN next_reply = 1 AND next_at <= seen_at + INTERVAL 30 DAY THEN 1 ELSE 0 END AS replied "
        f"FROM (SELECT *, lead(reply) {following} AS next_reply, lead(seen_at) {following} AS "
        f"next_at FROM (SELECT customer, {invited} AS seen_at, 0 AS reply, row, {touchpoint} AS "
        f"touchpoint, CAST({delay} AS BIGINT) AS delay, {questions} AS questions FROM "
        f"{tables.relation(role)} WHERE invited_at IS NOT NULL UNION ALL SELECT customer, "
        f"{answered}, 1, row, NULL, NULL, NULL FROM {tables.relation(answers)}) AS u) AS f "
        "WHERE reply = 0"
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
