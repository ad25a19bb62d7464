"""The report as slides: decision, finding, like for like, money, checks, assumptions, rows."""

from __future__ import annotations

import re
from pathlib import Path

from ..checks.result import FAILED, WARNING
from ..results.estimate import Estimate
from ..results.formats import RATIO, cell_format, months, quantity, value_and_interval
from ..value.sensitivity import bridge
from . import charts, content
from .brand import Brand
from .deck import LEFT, MARGIN, RIGHT, TOP, WHOLE, WIDTH, Box, Deck
from .folder import RunFolder
from .labels import label, plain

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z'])")
_MOST = 9  # inputs of a tornado
_MANY = 11  # tables whose rows fit on a slide in letters of full size
_SAID = 330  # letters of what a check found; all of it is in the notes


def write_slides(folder: RunFolder, path: Path, brand: Brand) -> None:
    """Write a report folder as a presentation at `path`: five slides, seven with a ROI."""
    deck = Deck(folder.title, brand)
    _decision(deck, folder)
    if len(content.means(folder)) > 1:
        _finding(deck, folder)
    if content.ladder(folder):
        _like_for_like(deck, folder)
    if folder.inputs is not None:
        _money(deck, folder)
    _checks(deck, folder)
    if folder.inputs is not None:
        _assumptions(deck, folder)
    _rows(deck, folder)
    deck.save(path)


def _decision(deck: Deck, folder: RunFolder) -> None:
    said = [s for text in folder.answer for s in _SENTENCE.split(text)]
    rating = folder.results.get("rating")
    rated = f"The evidence is rated {rating.note}." if rating else ""
    figures = list(content.key_figures(folder))
    title = said[0] if said else rated or folder.title
    slide = deck.slide("Decision", title, [*said, rated, *_methods([e for _, e, _ in figures])])
    rows = [
        (
            words,
            _value(folder, e),
            _range(folder, e, covers),
            covers if _has_range(e, covers) else "",
        )
        for words, e, covers in figures
    ]
    heads = ("Figure", "Likely value", "Range", "The range covers")
    deck.table(slide, WHOLE, heads, rows, (5, 2, 3.2, 2.6), right=(1, 2))
    counted = content.tally(content.checks(folder, folder.outcome, "score"))
    below = Box(MARGIN, 5.9, WIDTH - 2 * MARGIN, 0.9)
    deck.text(slide, below, counted if title == rated else f"{rated} {counted}".strip())


def _finding(deck: Deck, folder: RunFolder) -> None:
    outcome, means = plain(folder.outcome), content.means(folder)
    gap = folder.result(f"contrast.{folder.outcome}.raw")
    slide = deck.slide(
        "Finding, as answered",
        _found(folder, gap),
        [_ASSOCIATION, *_methods([e for _, e in means])],
    )
    unit = means[0][1].unit
    says = f"Mean {outcome} by group: " + "; ".join(f"{g} {_full(folder, e)}" for g, e in means)
    number = cell_format(unit, folder.currency)
    charts.bars(slide, LEFT, list(reversed(means)), number, deck.brand.tint, says)
    rows = [
        (group, f"{e.n:,}", _value(folder, e), _range(folder, e, content.SAMPLED))
        for group, e in reversed(means)
    ]
    heads = ("Group", "n", "Mean", "95 % interval")
    deck.table(slide, RIGHT, heads, rows, (2.4, 1.4, 2, 4), size=11, right=(1, 2, 3))
    deck.text(slide, _under(len(rows)), f"Unit: {unit}. {_ASSOCIATION}", size=12)


def _like_for_like(deck: Deck, folder: RunFolder) -> None:
    outcome, rungs = plain(folder.outcome), content.ladder(folder)
    known = {e.name.split(".")[2]: e for _, e in rungs}
    own = known.get("doubly_robust") or rungs[-1][1]
    title = f"Like for like, the gap in {outcome} is {_full(folder, own)}"
    if "raw" in known and own is not known["raw"]:
        title += f", against {_value(folder, known['raw'])} as answered"
    slide = deck.slide("Like for like", title, _methods([e for _, e in rungs]))
    says = f"Gap in {outcome}: " + "; ".join(f"{w} {_full(folder, e)}" for w, e in rungs)
    number = cell_format(own.unit, folder.currency)
    charts.bars(slide, LEFT, rungs, number, deck.brand.tint, says)
    rows = [
        (w, f"{e.n:,}", _value(folder, e), _range(folder, e, content.SAMPLED)) for w, e in rungs
    ]
    heads = ("Compared", "n", "Gap", "95 % interval")
    deck.table(slide, RIGHT, heads, rows, (3.2, 1.3, 1.9, 3.9), size=11, right=(1, 2, 3))
    more = (
        f"'{folder.compared[1]}' less '{folder.compared[0]}'; {own.unit}. Verdicts and money rest "
        "on 'like for like': right if either of two models is right. 'Same customer' is of "
        "those who changed groups. What was not measured may still make part of a gap."
    )
    deck.text(slide, _under(len(rows) + 2), more, size=12)


def _money(deck: Deck, folder: RunFolder) -> None:
    assert folder.inputs is not None  # noqa: S101 - asked before
    table = bridge(folder.inputs)
    steps = [
        (_part(item), amount) for item, amount in zip(table["item"], table["amount"], strict=True)
    ]
    currency, net = folder.currency, steps[-1][1]
    total = currency or "currency units"
    earned = quantity(abs(net), total, currency)
    verb = "earn" if net >= 0 else "lose"
    title = f"At the likely values the programme would {verb} {earned} net of its cost"
    net_value, notes = folder.roi("net_value"), list(folder.notes)
    slide = deck.slide(
        "Money by part", title, [*notes, *_methods([net_value] if net_value else [])]
    )
    rows = [(words, quantity(amount, total, currency)) for words, amount in steps]
    says = "Value by part: " + "; ".join(f"{words} {amount}" for words, amount in rows)
    number = cell_format(total, currency)
    charts.waterfall(slide, LEFT, steps, number, deck.brand.colour, says)
    deck.table(slide, RIGHT, ("Part", "Amount"), rows, (3.5, 2), right=(1,))
    over = months(folder.inputs.horizon_months)
    about = f"In today's money, over {over}, for all who move; at the likely values."
    if net_value:
        about += (
            f" Net value: {_range(folder, net_value, content.SIMULATED)} in {content.SIMULATED}."
        )
    rating = folder.results.get("rating")
    about += f" The evidence is rated {rating.note.partition(':')[0]}." if rating else ""
    deck.text(slide, _under(len(rows)), about, size=12)


def _checks(deck: Deck, folder: RunFolder) -> None:
    rows = content.checks(folder, folder.outcome, "score")
    notes = [f"{verdict}: {asked} {found}" for asked, _, verdict, found in rows]
    slide = deck.slide("Checks: what could make it wrong", content.tally(rows), notes)
    shown = [
        (verdict.capitalize(), asked, _short(found) if verdict in (FAILED, WARNING) else "")
        for asked, _, verdict, found in rows
    ]
    heads = ("Verdict", f"Question, on {plain(folder.outcome)} and the score", "What was found")
    deck.table(slide, WHOLE, heads, shown, (1.2, 3.4, 8), size=10)


def _assumptions(deck: Deck, folder: RunFolder) -> None:
    assumed = [one for one in content.inputs(folder) if one.origin != "measured"]
    rows = [(one.label, _input(folder, one.value, one), _ends(folder, one)) for one in assumed]
    widest = folder.tornado[0] if folder.tornado else None
    title = f"The answer turns most on the {widest['input']}" if widest else "What is assumed"
    slide = deck.slide("Assumptions", title, [*folder.notes])
    heads = ("Assumed", "Likely", "Lowest to highest")
    deck.table(slide, LEFT, heads, rows, (4.4, 1.7, 2.4), size=10, right=(1, 2))
    ratio = folder.roi("ratio")
    if not widest or ratio is None or ratio.estimate is None:
        return
    ends = [(_capital(r["input"]), r["roi_low"], r["roi_high"]) for r in folder.tornado[:_MOST]]
    says = "ROI with one input at a time at its 5 % and 95 % point: " + "; ".join(
        f"{n} {quantity(a, RATIO, '')} to {quantity(b, RATIO, '')}" for n, a, b in ends
    )
    number = cell_format(RATIO, "")
    place = Box(RIGHT.left, TOP, RIGHT.width, 4.4)
    charts.tornado(slide, place, ends, ratio.estimate, number, deck.brand.colour, says)
    about = "Return on cost (ROI) with one input at its 5 % and 95 % point, the others as likely."
    deck.text(slide, Box(RIGHT.left, 6.2, RIGHT.width, 0.6), about, size=12)


def _rows(deck: Deck, folder: RunFolder) -> None:
    ledger = content.ledger(folder)
    counts: dict[str, dict[str, int]] = {}
    for table, action, count, _ in ledger:
        known = counts.setdefault(table, {})
        known[action] = known.get(action, 0) + count
    done = ("read", "repaired", "set aside", "used")
    rows = [(t, *(f"{known.get(a, 0):,}" for a in done)) for t, known in counts.items()]
    used, read = (sum(known.get(a, 0) for known in counts.values()) for a in ("used", "read"))
    notes = [f"{table}, {action}: {count:,}. {why}" for table, action, count, why in ledger]
    tables = f"{len(counts)} tables" if len(counts) > 1 else "one table"
    title = f"{used:,} of {read:,} rows of {tables} were used"
    slide = deck.slide("Where every row went", title, notes)
    heads = ("Table", "Rows read", "Repairs", "Set aside", "Used")
    size = 12 if len(rows) <= _MANY else 9
    deck.table(slide, WHOLE, heads, rows, (3, 2, 2, 2, 2), size=size, right=(1, 2, 3, 4))
    why = "Why each row was repaired or set aside is in the notes, and in the sheet Ledger."
    below = Box(MARGIN, min(TOP + 0.6 + 0.33 * (len(rows) + 1), 6.5), WIDTH - 2 * MARGIN, 0.6)
    deck.text(slide, below, why, size=12)


_ASSOCIATION = "A difference between groups as answered is an association, not an effect."


def _found(folder: RunFolder, gap: Estimate | None) -> str:
    outcome, (low, high) = plain(folder.outcome), folder.compared
    if gap is None or gap.conf_low is None or gap.conf_high is None:
        return f"{outcome.capitalize()} by group"
    if gap.conf_low <= 0 <= gap.conf_high:
        return f"{outcome.capitalize()}: '{high}' and '{low}' cannot be told apart"
    way = "higher" if gap.conf_low > 0 else "lower"
    size = quantity(abs(gap.estimate or 0.0), gap.unit, folder.currency, gap=True)
    return f"{outcome.capitalize()} is {size} {way} among '{high}' than among '{low}'"


def _value(folder: RunFolder, e: Estimate) -> str:
    if e.estimate is None:
        return "not within the horizon" if e.unit == "months" else "none would do"
    return _shown(folder, e, e.estimate)


def _shown(folder: RunFolder, e: Estimate, value: float) -> str:
    shown = quantity(value, e.unit, folder.currency, gap=bool(e.contrast))
    return months(value) if e.unit == "months" else shown


def _has_range(e: Estimate, covers: str) -> bool:
    """Whether a figure has an interval; a chance has none but the simulation's own error."""
    return covers != content.SIMULATION and (e.conf_low, e.conf_high) != (None, None)


def _range(folder: RunFolder, e: Estimate, covers: str) -> str:
    if not _has_range(e, covers):
        return ""
    low, high = (None if v is None else _shown(folder, e, v) for v in (e.conf_low, e.conf_high))
    if low is None or high is None:  # a cost that some outcomes never earn back, for one
        return f"from {low}, no upper end" if high is None else f"up to {high}"
    return f"{low} to {high}"


def _full(folder: RunFolder, e: Estimate) -> str:
    return value_and_interval(e, folder.currency)


def _methods(estimates: list[Estimate]) -> list[str]:
    return [f"{label(e.name)}: {e.method}; n = {e.n:,}. {e.note}".strip() for e in estimates]


def _under(rows: int) -> Box:
    """Return the place under a table of so many rows in the right half."""
    return Box(RIGHT.left, TOP + 0.45 + 0.34 * (rows + 1), RIGHT.width, 1.6)


def _part(item: str) -> str:
    """Name a part of the money for a reader."""
    named = re.fullmatch(r"value of the (\w+) gap", item)
    parts = {"retained": "staying", "contacts": "contacts saved", "returns": "returns saved"}
    parts["referrals"] = "people brought"
    return _capital(parts.get(named[1], named[1]) if named else item)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _input(folder: RunFolder, value: float, one: content.Input) -> str:
    shown = quantity(value, one.unit, folder.currency)
    return f"{shown} {one.unit}" if one.unit in ("months", "days", "customers") else shown


def _ends(folder: RunFolder, one: content.Input) -> str:
    if one.low is None or one.high is None:
        return one.origin.removeprefix("assumed: ") if one.origin != "assumed" else "taken as known"
    return f"{_input(folder, one.low, one)} to {_input(folder, one.high, one)}"


def _short(text: str) -> str:
    return text if len(text) <= _SAID else f"{text[:_SAID].rsplit(' ', 1)[0]} ..."
