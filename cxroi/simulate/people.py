"""Who the people of a simulated company are: profiles, prospects, referrals, plans, products."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, Columns
from .ground import PROSPECT, Ground, by_time, joined, pick, summed
from .newcomers import newcomers
from .scores import groups_of
from .worlds import Floats, expit

STAGES: Final = ("active", "former")
ONBOARDING: Final = {"self-serve": 0.6, "guided": 0.4}
PRODUCTS: Final = {  # name: line, share of the orders
    "Basket": ("home", 0.22), "Lamp": ("home", 0.16), "Chair": ("home", 0.09),
    "Kettle": ("kitchen", 0.18), "Pan": ("kitchen", 0.13), "Mixer": ("kitchen", 0.07),
    "Filter": ("spares", 0.10), "Lid": ("spares", 0.05),
}  # fmt: skip
ORDER_CHANNELS: Final = {"web": 0.55, "app": 0.3, "store": 0.15}
PLANS: Final = (1900, 2900, 8900)  # cents a month, by segment
LEFT: Final = {
    "price": 0.30, "service": 0.25, "competitor": 0.20, "no longer needed": 0.15, "product": 0.10,
}  # fmt: skip
COMPETITOR: Final = 2
CHANGES_PLAN: Final = 0.05  # share of customers, to a dearer or a cheaper one
COMPETITORS: Final = ("Northwind", "Acme", "Globex")
RECENT_DAYS: Final = 20  # customers that became one so shortly before the tables begin
PROSPECTS: Final = 0.35  # people who are not customers, per customer
CONVERTS: Final = (-2.1, 0.35)  # logit of becoming a customer: at a score of 7, per point
REFERRED_ADDS: Final = 0.8
REFERS: Final = {"detractor": 0.01, "passive": 0.04, "promoter": 0.16}  # per answer
REFERRED: Final = 0.15  # share of customers who once came by a referral
SPENDS_MORE: Final = 1.8  # odds of having been referred, of customers who buy more than the median
ACQUISITION: Final = {  # spent a month per customer of ours
    "search": 0.45, "social": 0.30, "partner": 0.20, "referral": 0.05,
}  # fmt: skip
EVENTS: Final = {"New prices announced": "price", "New app released": "product",
                 "Outage of the web shop": "outage", "Sponsorship begins": "brand",
                 "Support team moved": "staff"}  # fmt: skip


def people(ground: Ground, rng: np.random.Generator) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Return the tables of people and products, and what is true of them."""
    referrals, pointing, value = _referrals(ground, rng)
    prospects, converted = _prospects(ground, pointing, rng)
    became = np.where(prospects["customer"] >= PROSPECT, prospects["became_customer_at"], 0)
    new, known = newcomers(
        ground, prospects | {"became_customer_at": became}, pointing["referred"], rng
    )
    orders = joined([_whose(ground.orders), _whose(new["orders_new"])])
    n = len(orders["at"])
    tables = {
        **new,
        "profiles": _profiles(ground, new["customers_new"], orders, rng),
        "subscriptions": _plans(ground, new["customers_new"], rng),
        "referrals": referrals,
        "prospects": prospects,
        "products": {"product": np.arange(len(PRODUCTS)), "line": np.arange(len(PRODUCTS))},
        "order_details": {
            "row": np.arange(1, n + 1),
            "product": pick((share for _, share in PRODUCTS.values()), n, rng),
            "channel": pick(ORDER_CHANNELS.values(), n, rng),
        },
        "company_events": company_events(ground),
        "acquisition": _acquisition(ground, rng),
    }
    return tables, {"referral": value, "prospects": converted, "newcomers": known}


def _whose(orders: Columns) -> Columns:
    return {name: orders[name] for name in ("customer", "at", "extra")}


def _profiles(ground: Ground, new: Columns, orders: Columns, rng: np.random.Generator) -> Columns:
    """Return what is known of customers; what they spend in the category is ours and a rest."""
    cancelled = np.concatenate([ground.company.cancelled_at, new["cancelled"]])
    who = np.concatenate([np.arange(ground.customers), new["customer"]])
    began = np.concatenate([ground.started, new["at"]])
    end = np.where(cancelled > 0, cancelled, ground.calendar.until)
    spent = summed(orders, "extra", who, np.full(len(who), ground.begin), end + 1)
    years = np.maximum(end - np.maximum(began, ground.begin), 30 * DAY) / (365.25 * DAY)
    share = np.clip(rng.beta(2.0, 3.0, len(who)), 0.05, 0.95)
    rest = rng.gamma(2.0, 10_000, len(who))  # of those who bought nothing from us
    yearly = np.where(spent > 0, spent / years / share, rest)
    return {
        "customer": who, "stage": (cancelled > 0).astype(np.int64),
        "acquired_at": began, "ended": end,
        "onboarding": pick(ONBOARDING.values(), len(who), rng),
        "wallet": np.asarray(np.ceil(yearly / 100) * 100, dtype=np.int64),
    }  # fmt: skip


def _plans(ground: Ground, new: Columns, rng: np.random.Generator) -> Columns:
    """Return subscriptions with what they pay a month; who changes the plan has two in a row."""
    who = np.concatenate([np.arange(ground.customers), new["customer"]])
    cancelled = np.concatenate([ground.company.cancelled_at, new["cancelled"]])
    began = np.concatenate([ground.started, new["at"]])
    segment = np.concatenate([ground.company.people.segment, new["segment"]])
    n = len(who)
    end = np.where(cancelled > 0, cancelled, ground.calendar.until)
    reason = np.where(cancelled > 0, pick(LEFT.values(), n, rng), -1)
    whom = rng.integers(0, len(COMPETITORS), n)
    amount = np.array(PLANS)[segment] + rng.choice((0, 0, 0, 500, 1000), n)
    first = np.maximum(began, ground.begin)
    moment = first + (rng.random(n) * (end - first)).astype(np.int64)
    changes = np.flatnonzero(
        (rng.random(n) < CHANGES_PLAN) & (moment > began + 30 * DAY) & (moment < end - 30 * DAY)
    )
    none = np.full(len(changes), -1)
    earlier = {
        "customer": who[changes], "started": began[changes], "cancelled": moment[changes],
        "amount": amount[changes], "reason": none, "left_for": none,
    }  # fmt: skip
    began[changes] = moment[changes]
    amount[changes] += rng.choice((-400, 1000, 1000), len(changes))
    latest = {
        "customer": who, "started": began, "cancelled": cancelled, "amount": amount,
        "reason": reason, "left_for": np.where(reason == COMPETITOR, whom, -1),
    }  # fmt: skip
    both = joined([earlier, latest])
    order = np.lexsort((both["started"], both["customer"]))
    return {name: values[order] for name, values in both.items()}


def _referrals(ground: Ground, rng: np.random.Generator) -> tuple[Columns, Columns, dict[str, Any]]:
    """Return referrals, those among them that point to prospects, and what is true of them."""
    joined, spend = _customers_referred(ground, rng)
    pointing = _prospects_referred(ground, rng)
    columns = {name: np.concatenate([joined[name], pointing[name]]) for name in joined}
    others = np.setdiff1d(np.arange(ground.customers), joined["referred"])
    truth = {
        "referrals_per_answer": dict(REFERS)
        if ground.planted
        else dict.fromkeys(REFERS, len(pointing["at"]) / len(ground.responses["at"])),
        "referred_customers": len(joined["at"]),
        "spend_of_a_referred_customer": float(spend[joined["referred"]].mean()),
        "spend_of_another_customer": float(spend[others].mean()),
    }
    return by_time(columns, "at"), pointing, truth


def _customers_referred(ground: Ground, rng: np.random.Generator) -> tuple[Columns, Floats]:
    """Draw customers who came by a referral, and who it was: promoters most often."""
    n = ground.customers
    everybody, first = np.arange(n), np.zeros(n, dtype=np.int64)
    spend = summed(ground.orders, "extra", everybody, first, ground.end + 1) / 100.0
    odds = np.where(spend > np.median(spend), SPENDS_MORE, 1.0) * REFERRED / (1 - REFERRED)
    order = np.argsort(ground.started, kind="stable")
    came = ground.dealt(rng.random(n) < odds / (1 + odds), rng)
    weight = np.array([0.05, *REFERS.values()])[ground.group + 1]
    weight = weight if ground.planted else np.ones(n)
    running = np.cumsum(weight[order])
    rank = np.flatnonzero(came[order])
    rank = rank[rank > 0]
    by = order[np.searchsorted(running, rng.random(len(rank)) * running[rank - 1])]
    referred = order[rank]
    stays = ground.started[referred] < ground.end[by]
    columns = {"customer": by, "at": ground.started[referred], "referred": referred}
    return {name: values[stays] for name, values in columns.items()}, spend


def _prospects_referred(ground: Ground, rng: np.random.Generator) -> Columns:
    """Draw who refers a prospect after an answer: promoters most often."""
    answers = ground.responses
    rate = np.array(list(REFERS.values()))[groups_of(answers["score"])]
    refers = ground.dealt(rng.random(len(rate)) < rate, rng)
    at = answers["at"] + DAY + (rng.random(len(rate)) * 60 * DAY).astype(np.int64)
    rows = np.flatnonzero(refers & (at < ground.end[answers["customer"]]))
    referred = PROSPECT + np.arange(len(rows))
    return {"customer": answers["customer"][rows], "at": at[rows], "referred": referred}


def _prospects(
    ground: Ground, referred: Columns, rng: np.random.Generator
) -> tuple[Columns, dict[str, Any]]:
    """Return people who were not customers: some became one, the more, the better they found it.

    Those who became customers before the tables begin are customers; the others are nobody else.
    """
    unknown = _people_unknown(ground, referred, rng)
    columns = joined([_recent_customers(ground, rng), unknown])
    blank = rng.random(len(columns["at"])) < 0.3
    columns["score"] = np.where(blank, -1, columns["score"])
    return by_time(columns, "at"), {
        "log_odds_of_becoming_a_customer_per_point": ground.effect(CONVERTS[1]),
        "log_odds_added_by_a_referral": ground.effect(REFERRED_ADDS),
    }


def _people_unknown(ground: Ground, referred: Columns, rng: np.random.Generator) -> Columns:
    """Draw people first seen while the tables are complete; the first of them were referred."""
    n, first = max(round(PROSPECTS * ground.customers), len(referred["at"]) + 20), ground.begin
    known = np.arange(len(referred["at"]))
    seen = first + (rng.random(n) * (ground.calendar.until - first)).astype(np.int64)
    later = (rng.random(len(known)) * 7 * DAY).astype(np.int64)
    seen[known] = np.minimum(referred["at"] + later, ground.calendar.until - 1)
    score = np.clip(np.rint(6.8 + 2.1 * rng.standard_normal(n)), 0, 10).astype(np.int64)
    logit = CONVERTS[0] + CONVERTS[1] * (score.astype(np.float64) - 7.0)
    logit[known] += REFERRED_ADDS
    bought = ground.dealt(rng.random(n) < expit(logit), rng)
    became = seen + DAY + (rng.random(n) * 60 * DAY).astype(np.int64)
    became = np.where(bought & (became < ground.calendar.until), became, 0)
    who = PROSPECT + np.arange(n)
    return {"customer": who, "at": seen, "became_customer_at": became, "score": score}


def _recent_customers(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return customers who began just before the tables, as the prospects they once were."""
    who = np.flatnonzero(ground.started > ground.begin - RECENT_DAYS * DAY)
    began = ground.started[who]
    before = (rng.random(len(who)) * 60 * DAY).astype(np.int64) + DAY
    felt = 6.8 + ground.effect(0.9) + 2.0 * rng.standard_normal(len(who))
    score = np.clip(np.rint(felt), 0, 10).astype(np.int64)
    return {"customer": who, "at": began - before, "became_customer_at": began, "score": score}


def company_events(ground: Ground) -> Columns:
    """Return the dated events of the company: the outage, the change of prices, and others."""
    day = ground.outage // DAY * DAY
    moments = (
        ground.change + 9 * 3600, ground.change - 35 * DAY, ground.outage, day + 63 * DAY,
        ground.change - 70 * DAY,
    )  # fmt: skip
    return by_time({"at": np.array(moments), "event": np.arange(5), "kind": np.arange(5)}, "at")


def _acquisition(ground: Ground, rng: np.random.Generator) -> Columns:
    first = np.datetime64(ground.begin, "s").astype("datetime64[M]")
    last = np.datetime64(ground.calendar.until, "s").astype("datetime64[M]")
    months = np.arange(first, last).astype("datetime64[s]").astype(np.int64)
    at = np.repeat(months, len(ACQUISITION))
    size = np.tile(list(ACQUISITION.values()), len(months)) * ground.customers
    spent = size * rng.lognormal(0.0, 0.1, len(at))
    channel = np.tile(np.arange(len(ACQUISITION)), len(months))
    return {"at": at, "amount": np.rint(spent).astype(np.int64), "channel": channel}
