"""The panel of a pilot: the offer stands where the answer does, so outcomes lie after it.

All that a panel does (windows, baselines, maturity, churn, refunds) is then done for customers of
the pilot as it is for those who answer, in memory or in an engine, by the same statements.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.quoting import text
from ..errors import DataError, nearest
from ..panel.building import build_panel
from ..reading.ledger import Ledger
from ..study.parts import of_the_roi
from ..study.scales import make_scale

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.pilots import DeclaredPilot

HELD_OUT, OFFERED = "held out", "offered"


def pilot_panel(tables: Tables, pilot: DeclaredPilot) -> Panel:
    """Return one row a customer of a pilot: baselines before the offer, outcomes after it.

    Groups are `HELD_OUT` and `OFFERED`; who was entered several times counts once, from the first
    time. Controls are the attributes of customers among those of the study.

    Parameters
    ----------
    tables
        All of them, offers too: ``read_for_metrics(study)``.

    Raises
    ------
    DataError
        It has no row, a customer is in both arms, or no offer has a whole window after it.
    """
    rows = offers_sql(tables, pilot)
    [(n, both)] = tables.engine.fetch(
        f"SELECT count(*), count(CASE WHEN low < high THEN 1 END) FROM (SELECT customer, "
        "min(offered) AS low, max(offered) AS high "
        f"FROM {_chosen(tables, pilot)} GROUP BY customer) AS c"
    )
    if not n:
        raise _no_row(tables, pilot)
    if both:
        raise DataError(
            f"{both:,} of {n:,} customers of the pilot {pilot.name!r} are in both arms",
            "each customer is offered or held out",
            "Keep the rows of the assignment itself",
        )
    ledger = Ledger(tuple(e for e in tables.ledger.entries if e.table != "responses"))
    [(read,)] = tables.engine.fetch(f"SELECT count(*) FROM {rows} AS o")
    alone = replace(
        tables.own_session(),
        study=_study(tables.study, pilot),
        chosen={**tables.chosen, "responses": rows},
        ledger=ledger.add("responses", "read", int(read), f"offers of the pilot {pilot.name}"),
        date_only=_dates(tables),
    )
    return build_panel(alone, fits="rows")


def offers_sql(tables: Tables, pilot: DeclaredPilot) -> str:
    """Return the rows of a pilot as answers: the first of each customer."""
    columns = tables.study.sources["offers"].columns
    unit = ", unit AS cluster" if "unit" in columns else ""
    place = "row_number() OVER (PARTITION BY customer ORDER BY offered_at, row) AS place"
    own = "SELECT row, customer, offered_at AS answered_at, CAST(offered AS DOUBLE) AS offered"
    return (
        "(SELECT row, customer, answered_at, offered, offered AS score"
        f"{', cluster' if unit else ''} "
        f"FROM ({own}{unit}, {place} FROM {_chosen(tables, pilot)}) AS o "
        "WHERE place = 1)"
    )


def assigned_sql(tables: Tables, pilot: DeclaredPilot) -> str:
    """Return all who were assigned, with their ``account`` where customers declare a cluster."""
    rows, people = offers_sql(tables, pilot), tables.study.sources.get("customers")
    if people is None or "cluster" not in people.columns:
        return f"SELECT * FROM {rows} AS o"
    accounts = f"SELECT customer, max(cluster) AS account FROM {tables.relation('customers')}"
    return (
        f"SELECT o.*, p.account FROM {rows} AS o "
        f"LEFT JOIN ({accounts} GROUP BY customer) AS p ON p.customer = o.customer"
    )


def _no_row(tables: Tables, pilot: DeclaredPilot) -> DataError:
    """Return what is said of a pilot whose rows are not there."""
    said, fix = f"[tables.offers] has no row of the pilot {pilot.name!r}", "Check [tables.offers]"
    if pilot.chosen:
        said = f"{said}: none has pilot = {pilot.chosen!r}"
        there = tables.engine.fetch(
            f"SELECT DISTINCT pilot FROM {tables.relation('offers')} WHERE pilot IS NOT NULL"
        )
        fix = nearest(pilot.chosen, sorted(str(value) for (value,) in there))
    return DataError(said, "who was offered, and who was held out", fix)


def _chosen(tables: Tables, pilot: DeclaredPilot) -> str:
    """Return the rows of a pilot as they are, to stand after FROM."""
    where = f" WHERE pilot = {text(pilot.chosen)}" if pilot.chosen else ""
    return f"{tables.relation('offers')}{where}"


def _dates(tables: Tables) -> frozenset[tuple[str, str]]:
    """Return the columns that are days without a time, those of offers for those of answers."""
    others = {pair for pair in tables.date_only if pair[0] != "responses"}
    bare = ("offers", "offered_at") in tables.date_only
    return frozenset(others | ({("responses", "answered_at")} if bare else set()))


def _study(study: Study, pilot: DeclaredPilot) -> Study:
    """Return the study of the offer: two groups, and no scenario."""
    roi, offers = of_the_roi(study), study.sources["offers"]
    columns = {"customer": offers.columns["customer"], "score": "offered", "answered_at": "at"}
    columns |= {"cluster": "unit"} if "unit" in offers.columns else {}
    sources = {n: s for n, s in roi.sources.items() if n != "invitations"}
    if "customers" in sources:
        people = sources["customers"]
        kept = {k: c for k, c in people.columns.items() if k not in ("weight", "cluster")}
        sources["customers"] = replace(people, columns=kept)
    sources["responses"] = replace(offers, name="responses", columns=columns)
    scale = make_scale(
        {
            **{"kind": "custom", "metric": "offer", "minimum": 0, "maximum": 1, "better": "higher"},
            **{"cuts": [1], "labels": [HELD_OUT, OFFERED]},
        }
    )
    own = [n for n in study.controls if study.attributes.get(n) == "customers"]
    return replace(
        roi,
        name=pilot.name,
        sources=sources,
        scale=scale,
        answers="first",
        origin=HELD_OUT,
        target=OFFERED,
        scenario=None,
        scenarios={},
        only={},
        by=(),
        controls=tuple(own),
        categorical=tuple(n for n in study.categorical if n in own),
    )


def scores_around(tables: Tables, pilot: DeclaredPilot) -> pd.DataFrame:
    """Return the last score before an offer and the first in the window after it.

    Returns
    -------
    DataFrame
        One row a customer of the pilot: ``customer``, ``score_before``, ``score_after``, NaN where
        there is none.
    """
    study, answers = tables.study, tables.relation("responses")
    days = study.outcome_days
    bare = {("offers", "offered_at"), ("responses", "answered_at")} & tables.date_only
    day = "date_trunc('day', {})" if bare else "{}"
    a, o = day.format("a.answered_at"), day.format("o.answered_at")
    after = f"{a} > {o} AND {a} <= {o} + INTERVAL {days} DAY"
    # On the day of the offer itself it is not known which came first.
    before = f"{a} < {o}"
    ranked = (
        f"SELECT o.customer, a.score, CASE WHEN {after} THEN 1 ELSE 0 END AS later, row_number() "
        f"OVER (PARTITION BY o.customer, CASE WHEN {after} THEN 1 ELSE 0 END ORDER BY CASE WHEN "
        f"{after} THEN epoch(a.answered_at) ELSE -epoch(a.answered_at) END, a.row) AS place "
        f"FROM {offers_sql(tables, pilot)} AS o JOIN {answers} AS a ON a.customer = o.customer AND "
        f"({after} OR {before}) WHERE a.score IS NOT NULL"
    )
    return tables.engine.frame(
        "SELECT customer, max(CASE WHEN later = 0 THEN score END) AS score_before, "
        "max(CASE WHEN later = 1 THEN score END) AS score_after "
        f"FROM ({ranked}) AS r WHERE place = 1 GROUP BY customer"
    )
