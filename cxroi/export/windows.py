"""The arithmetic of the ROI as a spreadsheet has it: a formula a cell, and what it gives.

`value.money.evaluate` takes all windows at once; here each window is a row and each step a cell.
Formulas name the inputs as `Inputs` does, and the cells of their own row in braces; one that ends
in ``_before`` is that of the row above. In the first row, what comes before is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import expm1, log1p

from ..value.money import Inputs
from ..value.timing import ALIKE, DAYS_PER_MONTH, effect_left, window_retention, windows


@dataclass(frozen=True)
class Column:
    """A step of the arithmetic.

    Attributes
    ----------
    name
        What formulas call it.
    heading, unit
        What a reader is told; `unit` is ``money``, ``months``, ``share`` or ``count``.
    formula
        Of every row but the first, and of the first too where `first` is empty.
    """

    name: str
    heading: str
    unit: str
    formula: str
    first: str = ""


def _stays(share: str) -> str:
    """Return the formula of `timing.window_retention`."""
    alive, every = f"{share}/retention_mixing+{{start}}", "1/retention_mixing+{start}"
    return (
        f"IF(retention_mixing<{ALIKE:.0E},{share}^window_periods,"
        f"IF(window_periods=1,({share}+{{start}}*retention_mixing)/(1+{{start}}*retention_mixing),"
        f"IF({alive}<=0,0,EXP(GAMMALN({alive}+window_periods)-GAMMALN({alive})"
        f"+GAMMALN({every})-GAMMALN({every}+window_periods)))))"
    )


COLUMNS = (
    Column("begin", "Window begins after", "months", "{begin_before}+{length_before}", "0"),
    Column(
        "length",
        "Window lasts",
        "months",
        "IF(horizon_months-{begin}>1E-9,MIN(window_months,horizon_months-{begin}),0)",
    ),
    Column(
        "grown", "Effect grows until", "months", "MAX({begin},MIN(ramp_up_months,{begin}+{length}))"
    ),
    Column(
        "effect",
        "Share of the effect that is there",
        "share",
        "IF({length}=0,0,(IF(ramp_up_months>0,({grown}^2-{begin}^2)/(2*ramp_up_months),0)"
        "+{begin}+{length}-{grown})/{length}*IF({begin}=0,1,persistence^({begin}/wave_months)))",
    ),
    Column("part", "Share of each gap that counts", "share", "causal_share*{effect}"),
    Column(
        "discount",
        "Discount factor",
        "share",
        "(1+discount_rate_annual)^(-({begin}+{length}/2)/12)",
    ),
    Column("spend", "Spend, moved", "money", "spend+{part}*spend_gap"),
    Column("contacts", "Contacts, moved", "count", "MAX(contacts+{part}*contacts_gap,0)"),
    Column("returns", "Returns, moved", "count", "MAX(returns+{part}*returns_gap,0)"),
    Column("referrals", "Referrals, moved", "count", "MAX(referrals+{part}*referrals_gap,0)"),
    Column(
        "margin",
        "Margin less service, with word of mouth, moved",
        "money",
        "gross_margin*{spend}-({contacts}*cost_per_contact+{returns}*cost_per_return)"
        "+{referrals}*referral_share*value_per_referral",
    ),
    Column("retained", "Retention, moved", "share", "MAX(0,MIN(1,retained+{part}*retained_gap))"),
    Column("start", "Periods before", "count", "{start_before}+window_periods", "0"),
    Column("stays", "Stay in this window, moved", "share", _stays("{retained}")),
    Column("there", "Still there, moved", "share", "{there_before}*{stays_before}", "1"),
    Column(
        "value",
        "Value in today's money, moved",
        "money",
        "{length}/window_months*{margin}*{there}*{discount}",
    ),
    Column("stays_not", "Stay in this window, not moved", "share", _stays("retained_not_moved")),
    Column(
        "there_not", "Still there, not moved", "share", "{there_not_before}*{stays_not_before}", "1"
    ),
    Column(
        "value_not",
        "Value in today's money, not moved",
        "money",
        "{length}/window_months*margin_not_moved*{there_not}*{discount}",
    ),
    Column("gain", "Gain of moving", "money", "{value}-{value_not}"),
    Column("earned", "Gain so far", "money", "{earned_before}+{gain}", "{gain}"),
    Column(
        "paid_back",
        "Cost is earned back after",
        "months",
        "IF(AND({earned}>=cost_each,{most_before}<cost_each),"
        '{begin}+{length}*(cost_each-{earned_before})/{gain},"")',
        'IF({earned}>=cost_each,{length}*cost_each/{gain},"")',
    ),
    Column("most", "Highest gain so far", "money", "MAX({most_before},{earned})", "{earned}"),
)

# What the rows rest on beside the inputs, and what follows from them, in the order of the sheet.
BEFORE: Mapping[str, str] = {
    "window_months": f"window_days/({DAYS_PER_MONTH * 12!r}/12)",
    "window_periods": "window_days/churn_days",
    "moved": "customers*share_moved",
    "log_discount": "LN(1+discount_rate_annual)*programme_months/12",
    "paid_factor": "IF(ABS(log_discount)<1E-5,1-log_discount/2+log_discount^2/6,"
    "(1-EXP(-log_discount))/log_discount)",
    "cost_each": "(cost_per_moved+fixed_cost/moved)*paid_factor",
    "margin_not_moved": "gross_margin*spend-(MAX(contacts,0)*cost_per_contact"
    "+MAX(returns,0)*cost_per_return)+MAX(referrals,0)*referral_share*value_per_referral",
    "retained_not_moved": "MAX(0,MIN(1,retained))",
}


def before(inputs: Inputs) -> dict[str, float]:
    """Return what the formulas of `BEFORE` give."""
    given = scalars(inputs)
    log = log1p(given["discount_rate_annual"]) * given["programme_months"] / 12
    paid = -expm1(-log) / log if log else 1.0
    moved = given["customers"] * given["share_moved"]
    contacts, returns = max(given["contacts"], 0.0), max(given["returns"], 0.0)
    served = contacts * given["cost_per_contact"] + returns * given["cost_per_return"]
    served -= max(given["referrals"], 0.0) * given["referral_share"] * given["value_per_referral"]
    return {
        "window_months": given["window_days"] / DAYS_PER_MONTH,
        "window_periods": given["window_days"] / given["churn_days"],
        "moved": moved,
        "log_discount": log,
        "paid_factor": paid,
        "cost_each": (given["cost_per_moved"] + given["fixed_cost"] / moved) * paid,
        "margin_not_moved": given["gross_margin"] * given["spend"] - served,
        "retained_not_moved": min(1.0, max(0.0, given["retained"])),
    }


def scalars(inputs: Inputs) -> dict[str, float]:
    """Return the inputs as plain numbers."""
    return {name: float(value) for name, value in vars(inputs).items()}


def rows(inputs: Inputs, count: int) -> Iterator[dict[str, float | str]]:
    """Yield what the formulas of `COLUMNS` give, window by window; `count` rows in all.

    Rows after the horizon have length 0.
    """
    known = scalars(inputs) | before(inputs)
    spans = list(windows(known["window_months"], known["horizon_months"]))
    last = sum(spans[-1])
    there = there_not = 1.0
    earned = most = 0.0
    for number in range(count):
        begin, length = spans[number] if number < len(spans) else (last, 0.0)
        row = _moved(known, begin, length) | {"start": number * known["window_periods"]}
        row |= {"there": there, "there_not": there_not}
        for name, share in (("stays", row["retained"]), ("stays_not", known["retained_not_moved"])):
            row[name] = _stay(known, share, row["start"])
        scale = length / known["window_months"] * row["discount"]
        row["value"] = scale * row["margin"] * there
        row["value_not"] = scale * known["margin_not_moved"] * there_not
        row["gain"] = row["value"] - row["value_not"]
        crosses = earned + row["gain"] >= known["cost_each"] and (
            number == 0 or most < known["cost_each"]
        )
        lacking = known["cost_each"] - earned
        paid_back: float | str = begin + length * lacking / row["gain"] if crosses else ""
        earned += row["gain"]
        most = max(most, earned) if number else earned
        yield {**row, "earned": earned, "most": most, "paid_back": paid_back}
        there, there_not = there * row["stays"], there_not * row["stays_not"]


def _stay(known: Mapping[str, float], share: float, start: float) -> float:
    mixing = known["retention_mixing"]
    return float(window_retention(share, start, known["window_periods"], mixing))  # type: ignore[arg-type]


def _moved(known: Mapping[str, float], begin: float, length: float) -> dict[str, float]:
    """Return the cells of a row that rest on the inputs and on when the window is."""
    effect = 0.0
    if length:
        fading = known["ramp_up_months"], known["persistence"], known["wave_months"]
        effect = float(effect_left(begin, length, *fading))  # type: ignore[arg-type]
    part = known["causal_share"] * effect
    contacts, returns, referrals = (
        max(known[name] + part * known[f"{name}_gap"], 0.0)
        for name in ("contacts", "returns", "referrals")
    )
    spend = known["spend"] + part * known["spend_gap"]
    served = contacts * known["cost_per_contact"] + returns * known["cost_per_return"]
    served -= referrals * known["referral_share"] * known["value_per_referral"]
    years = (begin + length / 2) / 12
    return {
        "begin": begin,
        "length": length,
        "grown": max(begin, min(known["ramp_up_months"], begin + length)),
        "effect": effect,
        "part": part,
        "discount": (1 + known["discount_rate_annual"]) ** -years,
        "spend": spend,
        "contacts": contacts,
        "returns": returns,
        "referrals": referrals,
        "margin": known["gross_margin"] * spend - served,
        "retained": min(1.0, max(0.0, known["retained"] + part * known["retained_gap"])),
    }
