"""Numbers as a reader sees them; the only place where anything is rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .display import significant
from .estimate import Estimate

RATIO = "net value per unit of cost"
SMALLEST_P = 0.0001


def percent(value: float | None, unit: str = "%") -> str:
    """Format a share, such as 0.1234 as ``12.3 %``; a difference of shares in ``pp``."""
    if value is None or not math.isfinite(value):
        return significant(value)
    digits = 1 if abs(value) >= 0.001 or value == 0 else 3
    return f"{100 * float(value):.{digits}f} {unit}".replace("-0.000 ", "0.000 ")


def money(value: float | None, currency: str) -> str:
    """Format an amount, such as ``EUR 12,300`` or ``EUR 1.23m``; never with a dollar sign."""
    if value is None or not math.isfinite(value):
        return significant(value)
    amount, sign = abs(value), "-" if value < 0 else ""
    for size, suffix in ((1e9, "bn"), (1e6, "m")):
        if amount >= size:
            return f"{currency} {sign}{amount / size:.3g}{suffix}".strip()
    whole = amount >= 1000 or amount == int(amount)
    text = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    return f"{currency} {sign}{text}".strip()


def chance(value: float) -> str:
    """Format a probability for a first look, such as 0.35 as ``1 in 3``: the nearest usual odds."""
    if value < 0.01:
        return "under 1 in 100"
    if value > 0.99:
        return "over 99 in 100"
    filled, of = chance_of(value)
    return f"{filled} in {of}"


def chance_of(value: float) -> tuple[int, int]:
    """Return the nearest of the usual odds, such as (1, 3): so many out of so many."""
    value = min(max(value, 0.02), 0.98)
    logit = math.log(value / (1 - value))
    return min(_ODDS, key=lambda odds: abs(math.log(odds[0] / (odds[1] - odds[0])) - logit))


_SMALL = ((1, 50), (1, 20), (1, 10), (1, 5), (1, 4), (1, 3), (2, 5))
_ODDS = (*_SMALL, (1, 2), *((of - filled, of) for filled, of in reversed(_SMALL)))


def rough_money(value: float, currency: str, *beside: float | None) -> str:
    """Format an amount to three digits of the largest among it and those beside it.

    So an estimate and the ends of its interval have the same last place: ``EUR -3,500`` beside
    ``EUR -14,800`` and ``EUR 12,200``.
    """
    largest = max(abs(v) for v in (value, *beside) if v is not None and math.isfinite(v))
    step = 10 ** (math.floor(math.log10(largest)) - 2) if largest > 0 else 1
    return money(round(value / step) * step if step >= 1 else value, currency)


def rough_spread(found: Estimate, currency: str) -> str:
    """Format money with its interval of 90 per cent, all to the digits of `rough_money`."""
    ends = [v or 0.0 for v in (found.estimate, found.conf_low, found.conf_high)]
    value, low, high = (rough_money(v, currency, *ends) for v in ends)
    return f"{value} (90 % interval {low} to {high})"


def whole_percent(value: float | None) -> str:
    """Format a share without decimals, such as ``14 %``; one under 1 % as `percent` does."""
    if value is None or not math.isfinite(value) or 0 < abs(value) < 0.01:
        return percent(value)
    return f"{100 * float(value):.0f} %".replace("-0 %", "0 %")


def aligned(
    values: Sequence[float | None], unit: str = "", *, gap: bool = False, digits: int | None = None
) -> list[str]:
    """Format values that stand below one another with the same decimals, their unit said elsewhere.

    Three digits of the largest, between one decimal and three, from 1,000 none; or as many
    decimals as `digits`. Shares are per cent, their gaps points.

    Examples
    --------
    >>> aligned([30.16, 12.82, None, 25.0]), aligned([0.0014, -0.0004])
    (['30.2', '12.8', '–', '25.0'], ['0.001', '0.000'])
    """
    if unit.startswith("share"):
        return [percent(value, "points" if gap else "%") for value in values]
    seen = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(seen, default=0.0)
    digits = sum(largest < limit for limit in (1, 10, 1000)) if digits is None else digits
    return [
        significant(value)
        if value is None or not math.isfinite(value)
        else f"{round(value, digits) + 0.0:,.{digits}f}"
        for value in values
    ]


def without_unit(values: Sequence[float | None], unit: str) -> list[str]:
    """Format values whose unit is said beside them: shares as bare per cent, others `aligned`."""
    if unit.startswith("share"):
        return [significant(None) if v is None else f"{100 * v:.1f}" for v in values]
    return aligned(values)


def shown_p(value: float | None) -> str:
    """Format a p value to follow ``p``: ``= 0.012``; very small ``< 0.0001``; unknown ``–``."""
    if value is None or math.isnan(value):
        return significant(None)
    return f"= {value:.2g}" if value >= SMALLEST_P else f"< {SMALLEST_P:.4f}"


def months(value: float) -> str:
    """Format a time in months, with one decimal at most, such as ``2 months``."""
    number = f"{value:.1f}".removesuffix(".0") if value >= 0.1 else f"{value:.1g}"
    return f"{number} month{'' if number == '1' else 's'}"


def quantity(value: float | None, unit: str, currency: str, *, gap: bool = False) -> str:
    """Format a value in its unit: shares as per cent, their gaps as points, money as money."""
    if unit.startswith("share"):
        return percent(value, "pp" if gap else "%")
    if unit == RATIO:
        return percent(value)
    if currency and unit == currency:  # a total, not an amount per customer
        return money(None if value is None else float(round(value)), currency)
    if currency and unit.startswith(currency):
        return money(value, currency)
    return significant(float(value) if value is not None else None, 3)


def interval(estimate: Estimate, currency: str) -> str:
    """Format the interval of an estimate, such as ``1.2 to 3.4``."""
    gap = bool(estimate.contrast)
    low = quantity(estimate.conf_low, estimate.unit, currency, gap=gap)
    high = quantity(estimate.conf_high, estimate.unit, currency, gap=gap)
    return f"{low} to {high}"


def spread(low: float, likely: float, high: float, *, share: bool = True) -> str:
    """Format a scenario's range, such as ``50 % (30 % to 80 %)``."""
    text = percent if share else (lambda value: significant(float(value), 3))
    return text(likely) if low == high else f"{text(likely)} ({text(low)} to {text(high)})"


def value_and_interval(estimate: Estimate, currency: str) -> str:
    """Format an estimate with its interval, such as ``EUR 12.50 (EUR 2.56 to EUR 22.49)``."""
    value = quantity(estimate.estimate, estimate.unit, currency, gap=bool(estimate.contrast))
    if estimate.conf_low is None and estimate.conf_high is None:
        return value
    return f"{value} ({interval(estimate, currency)})"


def value_beside_interval(estimate: Estimate | None, currency: str) -> tuple[str, str]:
    """Format an estimate and its interval apart, for two columns of a table; dashes for none."""
    if estimate is None:
        return "–", "–"
    value = quantity(estimate.estimate, estimate.unit, currency, gap=bool(estimate.contrast))
    known = estimate.conf_low is not None or estimate.conf_high is not None
    return value, interval(estimate, currency) if known else "–"


def cell_format(unit: str, currency: str) -> str:
    """Return the number format of a spreadsheet's cell in a unit; the cell keeps every digit.

    Examples
    --------
    >>> cell_format("EUR per customer in 90 days", "EUR"), cell_format("EUR", "EUR")
    ('#,##0.00', '#,##0')
    >>> cell_format("share of answers", "EUR")
    '0.0%'
    """
    if unit.startswith("share") or unit == RATIO:
        return "0.0%"
    if currency and unit == currency:
        return "#,##0"
    if currency and unit.startswith(currency):
        return "#,##0.00"
    if unit in ("customers", "rows", "days"):
        return "#,##0"
    return "0.0" if unit == "months" or unit.endswith("points") else "#,##0.000"


def points(value: float) -> str:
    """Format a difference of two percentages, such as ``+5 points``; one under 1 to a digit."""
    digits = 0 if abs(value) >= 0.0095 or value == 0 else 1
    text = f"{100 * value:+.{digits}f}"
    return f"{text.lstrip('+-') if float(text) == 0 else text} points"


def titled(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return names as one reads them out, such as ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
