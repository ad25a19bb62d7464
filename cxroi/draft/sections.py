"""Sections of the drafted study file that are of no single table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ..errors import CxroiError
from ..study.scales import make_scale
from .flat import more_columns, outcome_sections
from .order_amounts import amount_lines
from .periods import Periods, guess_periods
from .roles import Guess, nearest, pick
from .samples import Sample
from .scales import ScaleGuess, guess_scale
from .tables import attributes, codes, place, table_section
from .text import UNDECIDED, Line, Section
from .zones import timezone

OPENING = (
    "Drafted by cxroi init: every line is a guess, its ground beside it.",
    "Read each of them. Lines marked 'decide:' are what the files cannot tell.",
    "Then: cxroi check, and cxroi report. Every key: cxroi schema --markdown",
)
_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN"}
_ENOUGH = 0.2  # share of the answers whose outcomes are known, without which a person must say
_CODE = re.compile(r"\b(EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CAD|AUD|BRL|JPY|INR|MXN|CZK)\b")


def head(
    tables: Sequence[Guess], name: str, connection: duckdb.DuckDBPyConnection, keys: Iterable[str]
) -> Section:
    """Return section ``[study]``; with a currency to decide where other sections have amounts.

    Parameters
    ----------
    keys
        Keys of the other sections.
    """
    used = list(keys)
    lines = [Line("name", name.replace("_", " "), "what the report is called")]
    currency, ground = _currency(tables)
    if currency:
        lines.append(Line("currency", currency, ground))
    elif "amount_in" in used:
        ground = "of every amount, such as EUR: how many cents make one depends on it"
        lines.append(Line("currency", UNDECIDED, ground, decide=True))
    elif "amount" in used:
        lines.append(Line("currency", "EUR", "of every amount", decide=True, off=True))
    if any(guess.role == "responses" for guess in tables):
        lines += timezone(tables)
        lines += _complete(guess_periods(connection, tables))
    return Section("study", tuple(lines))


def _complete(periods: Periods) -> Iterator[Line]:
    """Yield from when to when every table is complete."""
    if periods.begin and periods.begin_share < _ENOUGH:
        told = f"{periods.begin_share:.0%} of the answers are after {periods.begin}, the latest "
        told += "first day of a table: since when is each complete, such as 2026-01-31, no quotes"
        yield Line("complete_from", UNDECIDED, told, decide=True)
    elif periods.begin:
        ground = "the latest first day of a table; is each complete from then on?"
        yield Line("complete_from", periods.begin, ground)
    if periods.end:
        ground = "the earliest last day of a table; is each complete until then?"
        yield Line("complete_until", periods.end, ground)
    else:
        last = "last day on which every table is complete, such as 2026-09-30, no quotes"
        yield Line("complete_until", UNDECIDED, last, decide=True)


def _currency(tables: Sequence[Guess]) -> tuple[str, str]:
    for guess in tables:
        held = guess.facts("currency")
        if held and held.counts:
            only = "the only one" if held.distinct == 1 else "the commonest"
            return next(iter(held.counts)).upper(), f"{only} in {held.name}"
        amount = guess.facts("amount")
        if amount:
            shown = " ".join((amount.name, *list(amount.counts)[:5]))
            code = _CODE.search(shown)
            sign = next((sign for sign in _SIGNS if sign in shown), "")
            if code or sign:
                return (code[1] if code else _SIGNS[sign]), f"as {amount.name} is written"
    return "", ""


def dated(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Guess], folder: Path
) -> list[Section]:
    """Return the sections of a study with dated tables."""
    periods = guess_periods(connection, tables)
    made = [table_section(g, folder, amount_lines(connection, g)) for g in tables]
    return [*made, *_shared(tables), _windows(periods)]


def _windows(periods: Periods) -> Section:
    told = "of the answers have so many days of data"
    before = f"{periods.baseline_share:.0%} {told} before"
    if not periods.begin:
        before = "no dates of orders or contacts to take a baseline from"
    elif not periods.baseline_days:
        before = f"no baseline: {periods.baseline_share:.0%} of the answers have 14 days before"
    after = f"{periods.outcome_share:.0%} {told} after"
    if not periods.end:
        after = "days after the answer; the dates do not tell how many there are"
    days: int | str = periods.outcome_days
    if periods.end and periods.outcome_share < _ENOUGH:
        days, after = UNDECIDED, f"only {after}; did the data end too soon after the survey"
    lines = (
        Line("baseline_days", periods.baseline_days, before),
        Line("outcome_days", days, after, decide=not periods.end or days == UNDECIDED),
    )
    return Section("windows", lines)


def lookup(name: str, sample: Sample, folder: Path) -> Section:
    """Return the section of a file that other tables are looked up in."""
    return Section(f"tables.{name}", tuple(place(sample, folder)), ("Looked up by via.",))


def flat(guess: Guess, folder: Path) -> list[Section]:
    """Return the sections of a study of one file."""
    for key, (column, ground) in more_columns(guess).items():
        columns, grounds = {**guess.columns, key: column}, {**guess.grounds, key: ground}
        guess = replace(guess, columns=columns, grounds=grounds)
    outcomes = outcome_sections(guess)
    taken = {line.value for section in outcomes for line in section.lines}
    section = table_section(guess, folder, others=[str(name) for name in taken])
    lines = tuple(
        replace(line, value=[name for name in line.value if name not in taken])
        if line.key == "attributes"
        else line
        for line in section.lines
    )
    lines = tuple(line for line in lines if line.value != [])
    return [replace(section, lines=lines), *_shared([guess], taken), *outcomes]


def _shared(tables: Sequence[Guess], taken: Iterable[object] = ()) -> list[Section]:
    """Return ``[scale]`` and ``[controls]``."""
    found = _scale(tables)
    lines = [Line(k, v, found.grounds.get(k, "")) for k, v in found.keys.items()]
    lines += [Line(k, UNDECIDED, said, decide=True) for k, said in found.decide.items()]
    lines += [Line(k, v, said, decide=True, off=True) for k, (v, said) in found.perhaps.items()]
    sections = [Section("scale", tuple(lines))]
    controls = [
        name
        for guess in tables
        if guess.role in ("customers", "responses")
        for name in attributes(guess)
        if name not in set(taken)
    ]
    if controls:
        controls = list(dict.fromkeys(controls))
        ground = "held equal: known before the answer, and able to change the outcome?"
        coded = [name for guess in tables for name in codes(guess) if name in controls]
        lines = [Line("columns", controls, ground)]
        lines += [Line("categorical", coded, "codes, no quantities?")] if coded else []
        sections.append(Section("controls", tuple(lines)))
    return sections


def _scale(tables: Sequence[Guess]) -> ScaleGuess:
    for guess in tables:
        if guess.sample.export and guess.sample.export.scale and "score" in guess.columns:
            vendor = guess.sample.export.name.partition(",")[0]
            return ScaleGuess(guess.sample.export.scale, {"kind": f"as {vendor} asks"})
        score = guess.facts("score")
        if score:
            return guess_scale(score)
    return ScaleGuess({}, {}, {"kind": "nps, csat, ces or custom"})


def with_score(guess: Guess) -> Guess:
    """Return a customers table with the column of a score, undecided where none looks like it."""
    found = pick(guess.sample, "score")
    column, ground = found or ("", nearest(guess.sample, "score"))
    return replace(guess, role="customers", columns={"score": column}, grounds={"score": ground})


def scenario(tables: Sequence[Guess]) -> Section:
    """Return section ``[scenario]``, all of it for a person to decide, commented out."""
    try:
        labels = make_scale(dict(_scale(tables).keys)).labels
    except CxroiError:  # the scale itself is to be decided
        labels = ("passive", "promoter")
    lines = (
        Line("from", labels[-2], "the group that a programme would move"),
        Line("to", labels[-1], "the group it would move them to"),
        Line("share_moved", UNDECIDED, "share who would move, such as [0.05, 0.1, 0.2]", True),
        Line("cost_per_moved", UNDECIDED, "money a moved customer, such as 15.0", True),
        Line("gross_margin", UNDECIDED, "share of spend that is left as margin", True),
        Line("causal_share", UNDECIDED, "how much of the gap is causal: a judgement", True),
        Line("horizon_months", 12, "months over which value counts", True),
    )
    note = "What a programme would do and cost: without it there is no ROI. Take the # away."
    return Section("scenario", lines, (note,), off=True)


def unused(spare: Sequence[Guess], refused: Sequence[CxroiError]) -> list[Section]:
    """Return what is said of files that no table was made of, and of sheets that are none."""
    notes = [f"Not read: {refusal}" for refusal in refused]
    lines = []
    for guess in spare:
        export, where = guess.sample.export, guess.sample.where
        told = f" {export.name}. {' '.join(export.notes)}" if export else ""
        notes.append(f"Not used: {where}.{told}")
        if guess.role:
            question = f"not used: a second table of {guess.role}; do its rows belong there too?"
            lines.append(Line("path", where, question, decide=True, off=True))
    return [Section("", tuple(lines), tuple(dict.fromkeys(notes)))] if notes else []
