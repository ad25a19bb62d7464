"""Claims about who stays: customers lost in five years, engagement, what old customers cost."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ..arrays import Floats
from ..errors import ScarceDataError
from ..metrics.intervals import critical, wilson
from ..metrics.period import moment
from ..models.lifetime.beta_geometric import fit_mixing
from ..models.lifetime.contracts import survival
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.thresholds import MINIMUM_EVENTS, MINIMUM_GROUP
from .claim import MORE, Claim, Said
from .evidence import Evidence, Needs, apart, more_than

YEARS, QUARTERS_A_YEAR, FEWEST_QUARTERS = 5, 4, 4
DAYS_A_QUARTER = 365.25 / QUARTERS_A_YEAR
RESAMPLES = 200
_SUBSCRIPTIONS = {"subscriptions": ("started_at", "cancelled_at")}


def _lost(evidence: Evidence) -> Estimate:
    """Return the share of the customers at one moment who are lost five years later.

    Counted where the data cover five years. Otherwise quarters are counted, and the rest is
    what a shifted beta-geometric (Fader and Hardie, Journal of Interactive Marketing 21 (2007),
    76-90) makes of them.
    """
    period = evidence.period(_SUBSCRIPTIONS)
    quarters = int(min(period.days / DAYS_A_QUARTER, YEARS * QUARTERS_A_YEAR))
    there, counts = _there_by_quarter(evidence, quarters)
    customers = int(counts.sum())
    if customers < MINIMUM_GROUP:
        raise ScarceDataError(f"{customers} customers had a subscription when the data begin")
    if quarters == YEARS * QUARTERS_A_YEAR:
        share = 1 - float(counts @ there[:, -1]) / customers
        low, high = wilson(share, customers, critical())
        error = float(np.sqrt(share * (1 - share) / customers))
        how = "of those there at the begin, not there five years later, counted; Wilson"
        return Estimate("", share, low, high, error, "share in five years", customers, how)
    if quarters < FEWEST_QUARTERS or _lost_in(there, counts).min() < MINIMUM_EVENTS:
        so_far = 1 - float(counts @ there[:, -1]) / customers if quarters else 0.0
        raise ScarceDataError(
            f"of {customers:,} customers {100 * so_far:.0f} % were lost in the {quarters} quarters "
            "that the data cover, too few or too unevenly to draw a curve on to five years",
            "five years of data, or a year at least in each of whose quarters "
            f"{MINIMUM_EVENTS} customers were lost",
        )
    return _drawn_on(there, counts, quarters)


def _drawn_on(there: Floats, counts: Floats, quarters: int) -> Estimate:
    rng, customers = np.random.default_rng(0), int(counts.sum())
    drawn = rng.multinomial(customers, counts / customers, RESAMPLES).astype(float)
    shares = [after_five_years(there, one) for one in drawn]
    tail = 100 * (1 - CONF_LEVEL) / 2
    low, high = np.percentile(shares, [tail, 100 - tail])
    return Estimate(
        "",
        after_five_years(there, counts),
        float(low),
        float(high),
        float(np.std(shares)),
        "share in five years",
        customers,
        f"customers lost in each of {quarters} quarters of those there at the begin, drawn on to "
        f"five years by a shifted beta-geometric; percentiles of {RESAMPLES} resamples",
        note=f"drawn on from {quarters} quarters: assumes that who stayed so far leaves no more "
        "often than before, because customers differ, and that nothing else changes in five years",
    )


def _lost_in(there: Floats, counts: Floats) -> Floats:
    """Return customers lost in each quarter, those who came back deducted."""
    left = np.concatenate([[counts.sum()], counts @ there])
    return np.asarray(np.maximum(left[:-1] - left[1:], 0.0))


def after_five_years(there: Floats, counts: Floats) -> float:
    """Return the share lost in five years of a curve fitted to the quarters that were seen."""
    gone = _lost_in(there, counts)
    at_risk = counts.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]])
    return float(1 - survival(fit_mixing(at_risk, gone), YEARS * QUARTERS_A_YEAR)[-1])


def _there_by_quarter(evidence: Evidence, quarters: int) -> tuple[Floats, Floats]:
    """Return who of those there at the begin is there at the end of each quarter.

    Returns
    -------
    tuple
        Each pattern of being there (1) and not (0), quarters side by side; how many have it.
    """
    start = evidence.period(_SUBSCRIPTIONS).start
    ends = [start + dt.timedelta(days=DAYS_A_QUARTER * (k + 1)) for k in range(quarters)]
    at = "started_at < {0} AND (cancelled_at IS NULL OR cancelled_at >= {0})"
    seen = [at.format(moment(end)) for end in ends]
    pattern = ", ".join(f"max(CASE WHEN {one} THEN '1' ELSE '0' END)" for one in seen) or "''"
    rows = evidence.tables.engine.fetch(
        f"SELECT pattern, count(*) FROM (SELECT concat({pattern}) AS pattern FROM "
        f"{evidence.tables.relation('subscriptions')} GROUP BY customer HAVING "
        f"max(CASE WHEN {at.format(moment(start))} THEN 1 ELSE 0 END) = 1) AS s "
        "GROUP BY pattern ORDER BY pattern"
    )
    there = np.array([[int(mark) for mark in text] for text, _ in rows], dtype=float)
    return there.reshape(len(rows), quarters), np.array([n for _, n in rows], dtype=float)


_MIDDLE = "({start} + ({end} - {start}) / 2)"
_DOING = {"events": "happened_at", "page_views": "viewed_at", "feature_use": "used_at"}


def _engaged(evidence: Evidence, population: str, needs: Needs) -> Estimate:
    """Return how much more those have who did more than the mean in the first half of the data.

    Parameters
    ----------
    population
        SQL with ``customer`` and ``y``.
    """
    known = {table: at for table, at in _DOING.items() if table in evidence.study.sources}
    doing = " UNION ALL ".join(
        f"SELECT customer FROM {{{table}}} WHERE {at} >= {{start}} AND {at} < {_MIDDLE}"
        for table, at in known.items()
    )
    rows = (
        "SELECT customer, NULL::TIMESTAMP AS seen_at, 1.0 AS weight, '' AS wave, y, k > avg(k) "
        f"OVER () AS engaged FROM (SELECT p.customer, p.y, coalesce(d.k, 0) AS k FROM "
        f"({population}) AS p LEFT JOIN (SELECT customer, count(*) AS k FROM ({doing}) AS a GROUP "
        "BY customer) AS d ON d.customer = p.customer) AS c"
    )
    sums = evidence.sums(
        apart(rows, "engaged", "NOT engaged"), {**needs, **dict.fromkeys(known, ())}, 4
    )
    what = f"those with more of {', '.join(known).replace('_', ' ')} than the mean in the first "
    return more_than(
        sums, "share of the mean of the less engaged", f"{what}half of the data, in the second half"
    )


def _engaged_stay(evidence: Evidence) -> Estimate:
    stayed = (
        "SELECT customer, max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= {end} THEN 1 ELSE "
        f"0 END) AS y FROM {{subscriptions}} WHERE started_at < {_MIDDLE} AND (cancelled_at IS "
        f"NULL OR cancelled_at >= {_MIDDLE}) GROUP BY customer"
    )
    return _engaged(evidence, stayed, _SUBSCRIPTIONS)


def _engaged_buy(evidence: Evidence) -> Estimate:
    spent = (
        f"SELECT customer, sum(CASE WHEN ordered_at >= {_MIDDLE} THEN amount ELSE 0 END) AS y "
        "FROM {orders} WHERE ordered_at >= {start} AND ordered_at < {end} GROUP BY customer "
        f"HAVING min(ordered_at) < {_MIDDLE}"
    )
    return _engaged(evidence, spent, {"orders": ("ordered_at", "amount")})


def _new_need_more(evidence: Evidence) -> Estimate:
    """Return how many more contacts customers of under a year have than those of over a year."""
    needs = {"contacts": ("opened_at",), **_SUBSCRIPTIONS}
    rows = (
        "SELECT p.customer, NULL::TIMESTAMP AS seen_at, 1.0 AS weight, '' AS wave, p.fresh, "
        "count(c.opened_at) AS y FROM (SELECT customer, CASE WHEN min(started_at) >= {start} - "
        "INTERVAL 365 DAY THEN 1 ELSE 0 END AS fresh FROM {subscriptions} WHERE started_at < "
        "{start} GROUP BY customer HAVING max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= "
        "{start} THEN 1 ELSE 0 END) = 1) AS p LEFT JOIN {contacts} AS c ON c.customer = "
        "p.customer AND c.opened_at >= {start} AND c.opened_at < {start} + INTERVAL 90 DAY GROUP "
        "BY p.customer, p.fresh"
    )
    sums = evidence.sums(apart(rows, "fresh = 1", "fresh = 0"), needs, 4)
    how = "contacts in the first 90 days of the data, by how long they had been customers"
    return more_than(sums, "share of the mean of those over a year with us", how)


STAYING = (
    Claim(
        "lost_in_five_years",
        "Companies lose 45 to 50 % of their customers every five years",
        "45 to 50 %",
        ("A0", "A1"),
        "a mean over American companies, attributed to Reichheld's work of the 1990s; one article "
        "says 50 %",
        "share of the customers with a subscription when the data begin who are lost five years "
        "later",
        Said(0.45, 0.50),
        _lost,
        _SUBSCRIPTIONS,
    ),
    Claim(
        "engaged_stay_longer",
        "Engaged customers stay longer",
        "more",
        ("A3",),
        "a general statement without a figure; customers who are about to leave also do less",
        "how many more of the engaged are still there at the end of the data",
        Said(least=0.02),
        _engaged_stay,
        {**_SUBSCRIPTIONS, "events|page_views|feature_use": ()},
    ),
    Claim(
        "engaged_buy_more",
        "Engaged customers buy more",
        "more",
        ("A3",),
        "a general statement without a figure; who buys also visits",
        "how much more the engaged spend in the second half of the data",
        MORE,
        _engaged_buy,
        {"orders": ("ordered_at", "amount"), "events|page_views|feature_use": ()},
    ),
    Claim(
        "old_customers_cost_less",
        "Keeping customers lowers cost",
        "more",
        ("A4",),
        "a general statement without a figure",
        "how many more contacts customers need in their first year than those of over a year",
        MORE,
        _new_need_more,
        {"contacts": ("opened_at",), **_SUBSCRIPTIONS},
    ),
)
