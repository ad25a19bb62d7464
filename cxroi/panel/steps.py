"""The SQL steps of the panel, one statement each, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..engine.quoting import ident, text
from ..errors import DataError
from ..reading.waves import wave_of
from .events import EVENTS, PURCHASES, counted
from .reasons import reasons
from .waves import wave_number

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study

RENEWAL_DAYS = 30
# An account and a customer may have the same name.
CLUSTER = "coalesce('cluster:' || cluster, 'customer:' || customer)"
NEVER = "9999-01-01"


def one_per_wave(tables: Tables, quarter: str) -> str:
    """One row per customer and wave in `answered`: latest, first or mean answer of a wave.

    Raises
    ------
    DataError
        A customer's answers lie in several clusters.
    """
    study = tables.study
    _refuse_split_customers(tables)
    role = "responses" if study.dated else "customers"
    source = study.sources[role]
    dated = "answered_at" in source.columns
    waved = dated or study.own_waves
    wave = wave_of(study, role, "answered_at") if waved else "'all'"
    own = " EXCLUDE (wave)" if study.own_waves else ""
    where = f"WHERE wave = {text(quarter)}" if quarter else ""
    # The latest answer of a customer comes last; waves of other names are not in that order.
    place = "moment, wave" if study.own_waves else "wave"
    order = "DESC" if study.answers == "latest" else "ASC"
    score = "avg(score) OVER (PARTITION BY customer, wave)" if study.answers == "mean" else "score"
    # Of two answers at the same moment the lower counts, whatever the order of the rows.
    by_time = f"answered_at {order}, score, row" if dated else f"row {order}"
    answered_at = "answered_at" if dated else "NULL::TIMESTAMP"
    columns = _columns(study, role)
    weight, cluster, design = _design(tables, role)
    return f"""
        CREATE OR REPLACE TEMP TABLE answered AS
        WITH waved AS (
            SELECT *{own}, {wave} AS wave, {answered_at} AS moment
            FROM {tables.relation(role)} {design}
        ), ranked AS (
            SELECT * EXCLUDE (score), {score} AS score,
                   row_number() OVER (PARTITION BY customer, wave ORDER BY {by_time}) AS place,
                   count(*) OVER (PARTITION BY customer, wave) AS answers
            FROM waved {where}
        )
        SELECT row_number() OVER (ORDER BY customer, {place}, row) AS response,
               customer, wave, moment AS answered_at, score,
               {weight} AS weight, dense_rank() OVER (ORDER BY {cluster}) AS cluster,
               {", ".join(["answers", *columns])}
        FROM ranked WHERE place = 1"""


def _design(tables: Tables, role: str) -> tuple[str, str, str]:
    """Return SQL of weight and cluster, and the join with customers where they hold one.

    What the table of the answers declares comes first.
    """
    sources = tables.study.sources
    elsewhere = role != "customers" and "customers" in sources
    joined = [
        key
        for key in ("weight", "cluster")
        if key not in sources[role].columns and elsewhere and key in sources["customers"].columns
    ]
    declared = {*sources[role].columns, *joined}
    weight = "weight" if "weight" in declared else "1.0"
    cluster = CLUSTER if "cluster" in declared else "customer"
    if not joined:
        return weight, cluster, ""
    customers = tables.relation("customers")
    return (
        weight,
        cluster,
        f"LEFT JOIN (SELECT {', '.join(['customer', *joined])} FROM {customers}) USING (customer)",
    )


def _refuse_split_customers(tables: Tables) -> None:
    """Refuse clusters that do not hold whole customers: errors would come out too small."""
    role = "responses" if tables.study.dated else "customers"
    source = tables.study.sources[role]
    if "cluster" not in source.columns:
        return
    answers = tables.relation(role)
    [(split,)] = tables.engine.fetch(
        f"SELECT count(*) FROM (SELECT customer FROM {answers} GROUP BY customer "
        f"HAVING count(DISTINCT {CLUSTER}) > 1)",
    )
    if split:
        customers = "1 customer has" if split == 1 else f"{split:,} customers have"
        raise DataError(
            f"{customers} answers in several clusters of column {source.columns['cluster']!r} of "
            f"[tables.{role}]",
            "all answers of a customer lie in one cluster, blank or not, or errors would come out "
            "too small",
            "Give each customer one cluster"
            + (", or declare it in [tables.customers]" if role == "responses" else ""),
        )


def after_answers(tables: Tables) -> Iterator[str]:
    """Judge each answer: unknown, immature, given after churn ...; then keep the rest."""
    study = tables.study
    cancelled = study.churn == "cancelled"
    known = (
        f"LEFT JOIN (SELECT customer, true AS known FROM {tables.relation('customers')}) "
        "AS base USING (customer)"
        if "customers" in study.sources
        else ""
    )
    ended = "state.cancelled_at" if cancelled else "NULL::TIMESTAMP"
    yield f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        SELECT answered.*, {ended} AS cancelled_at,
               CASE {" ".join(reasons(study))} ELSE '' END AS reason
        FROM answered {known} {_subscription_state(tables) if cancelled else ""}"""
    yield "CREATE OR REPLACE TEMP VIEW valid AS SELECT * FROM judged WHERE reason = ''"


def continued(tables: Tables) -> str:
    """Put subscriptions that follow one another together in `spells`: a renewal is no churn."""
    return f"""
        CREATE OR REPLACE TEMP TABLE spells AS
        WITH ended AS (
            SELECT customer, started_at, coalesce(cancelled_at, TIMESTAMP '{NEVER}') AS until
            FROM {tables.relation("subscriptions")}
        ), earlier AS (
            SELECT *, max(until) OVER (
                PARTITION BY customer ORDER BY started_at, until
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM ended
        ), numbered AS (
            SELECT *, sum(CASE
                WHEN started_at <= before + INTERVAL {RENEWAL_DAYS} DAY THEN 0 ELSE 1
            END) OVER (PARTITION BY customer ORDER BY started_at, until) AS spell
            FROM earlier
        )
        SELECT customer, min(started_at) AS started_at,
               nullif(max(until), TIMESTAMP '{NEVER}') AS cancelled_at
        FROM numbered GROUP BY customer, spell"""


def _subscription_state(tables: Tables) -> str:
    """State of each answer's customer at the answer; churned when the last active one ends.

    Where one of the dates has no time of day, a cancellation on the day of the answer counts as
    before it: the answer is set aside rather than taken for a prediction.
    """
    dates = {("responses", "answered_at"), ("subscriptions", "cancelled_at")}
    day = "date_trunc('day', {})" if dates & tables.date_only else "{}"
    later = f"{day.format('cancelled_at')} > {day.format('answered_at')}"
    return f"""
        LEFT JOIN (
            SELECT response, min(started_at) AS first_start,
                   coalesce(bool_or(active), false) AS active,
                   CASE WHEN bool_or(active AND s.cancelled_at IS NULL) THEN NULL
                        ELSE max(s.cancelled_at) FILTER (active) END AS cancelled_at
            FROM (
                SELECT response, started_at, cancelled_at,
                       started_at <= answered_at
                       AND (cancelled_at IS NULL OR {later}) AS active
                FROM answered JOIN spells USING (customer)
            ) AS s GROUP BY response
        ) AS state USING (response)"""


def windowed(tables: Tables, role: str) -> str:
    """Outcomes of an event table after each valid answer and before it, in `<role>_windows`."""
    return f"CREATE OR REPLACE TEMP TABLE {role}_windows AS {windowed_select(tables, role)}"


def windowed_select(tables: Tables, role: str, answers: str = "valid") -> str:
    """Select what an event table holds after each of some answers and before it.

    Where either date carries no time of day, an event on the day of the answer is on neither
    side of it: which came first is not known. An order counts as a purchase unless refunds up to
    the end of the window undo it: later ones were not known then.
    """
    study = tables.study
    at, measures = EVENTS[role]
    by_day = {("responses", "answered_at"), (role, at)} & tables.date_only
    event, undone, answer = (
        f"date_trunc('day', {time})" if by_day else time
        for time in (f"e.{at}", "e.undone_at", "v.answered_at")
    )
    begin = f"{answer} - INTERVAL {study.baseline_days} DAY"
    end = f"{answer} + INTERVAL {study.outcome_days} DAY"
    windows = {
        "after": (f"{event} > {answer}", f"{undone} > {end}"),
        "before": (f"{event} < {answer}", f"{undone} >= {answer}"),
    }
    columns = [
        f"{measure.format(stands=f'coalesce({stands}, true)')} FILTER ({inside}) AS {name}_{side}"
        for name, measure in measures.items()
        for side, (inside, stands) in windows.items()
    ]
    since = f"AND {event} >= {begin}"
    if role == "orders":
        close = f"{answer} + INTERVAL {study.churn_days} DAY"
        bought = PURCHASES.format(stands=f"coalesce({undone} > {close}, true)")
        churn = f"{event} > {answer} AND {event} <= {close}"
        columns.append(f"{bought} FILTER ({churn}) AS churn_window_orders")
        inside, stands = windows["before"]
        before = PURCHASES.format(stands=f"coalesce({stands}, true)")
        columns.append(f"{before} FILTER ({inside}) AS bought_before")
        # Without days of a baseline, who had bought is told from all orders before the answer.
        since = since if study.baseline_days or study.churn != "no_purchase" else ""
    return f"""
        SELECT v.response, {", ".join(columns)}
        FROM {answers} AS v JOIN {tables.relation(role)} AS e
          ON e.customer = v.customer {since} AND {event} <= {end}
        GROUP BY v.response"""


def panel_select(tables: Tables) -> str:
    """Join the windows to the valid answers: zero where nothing happened, if that is known."""
    study = tables.study
    roles = [role for role in EVENTS if role in study.sources]
    columns = counted(tables, roles, "v.answered_at")
    if "orders" in roles:
        columns.append("(coalesce(orders_after, 0) > 0)::DOUBLE AS repeat_purchase_after")
    columns += _churn_columns(study)
    attributes = ""
    if "customers" in study.sources and (names := _columns(study, "customers", "c.")):
        columns += names
        attributes = f"LEFT JOIN {tables.relation('customers')} AS c ON c.customer = v.customer"
    columns += _columns(study, "responses", "v.")
    joins = "\n".join(f"LEFT JOIN {role}_windows USING (response)" for role in roles)
    return f"""
        SELECT v.response, v.customer, {wave_number(study, "v.answered_at")} AS wave,
               v.answered_at, v.score, v.weight, v.cluster,
               {", ".join(columns)}
        FROM valid AS v {joins} {attributes}"""


def _churn_columns(study: Study) -> list[str]:
    if study.churn == "cancelled":
        lost = (
            f"cancelled_at IS NOT NULL AND cancelled_at <= v.answered_at + "
            f"INTERVAL {study.churn_days} DAY"
        )
        complete = f"DATE '{study.complete_until}' + INTERVAL 1 DAY"
        seen = f"cancelled_at IS NOT NULL AND cancelled_at < {complete}"
        until = f"CASE WHEN {seen} THEN cancelled_at ELSE {complete} END"
        return [
            f"({lost})::DOUBLE AS churned_after",
            f"1.0 - ({lost})::DOUBLE AS retained_after",
            f"date_diff('second', v.answered_at, {until}) / 86400.0 AS churn_days",
            f"({seen}) AS churn_seen",
        ]
    if study.churn == "no_purchase" and "orders" in study.sources:
        # Who had not bought before cannot be lost: not known, which is neither yes nor no.
        lost = "(CASE WHEN bought_before > 0 THEN coalesce(churn_window_orders, 0) = 0 END)::DOUBLE"
        return [f"{lost} AS churned_after", f"1.0 - {lost} AS retained_after"]
    return []


def _columns(study: Study, role: str, prefix: str = "") -> list[str]:
    """List the attributes of a table and, in a flat study, its outcome columns."""
    source = study.sources[role]
    names = [f"attr_{name}" for name in (*source.attributes, *source.derive)]
    if not study.dated:
        names += [f"{outcome.name}_after" for outcome in study.outcomes]
        names += [f"{o.name}_before" for o in study.outcomes if o.baseline]
    return [prefix + ident(name) for name in names]
