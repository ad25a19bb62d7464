"""Declared dates and numbers, local days, and scales: cells of every kind of file are what is said.

Each property draws the kind of the file and the cells. What is read is held against what Python
wrote, or the study is refused by name.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from file_kinds import DRAWN, KINDS
from hypothesis import given
from hypothesis import strategies as st

import cxroi as cx

ROWS = 24
EPOCH = dt.datetime(1970, 1, 1)
EXCEL = dt.datetime(1899, 12, 30)

# --- a declaration decides -------------------------------------------------------------------

WITH_TIME = ("%d/%m/%Y %H:%M", "%Y-%d-%m %H:%M:%S", "%m/%d/%y %I:%M %p")
FORMATS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%Y-%d-%m", "%d.%m.%y", "%m-%d-%y", "%y/%m/%d", "%Y%m%d"),
    *("%d%m%Y", *WITH_TIME),
)
NUMBERS = {  # how moments are numbers -> the declaration, and the number
    "seconds": ("epoch", lambda at: int((at - EPOCH).total_seconds())),
    "milliseconds": ("epoch", lambda at: int((at - EPOCH).total_seconds()) * 1000),
    "days of Excel": ("excel", lambda at: (at - EXCEL).days),
}
NOTHING = ("-", "offen", "9999-12-31", "0", "31.12.2099")
STRAYS = ("2026-01-30T10:00:00", "30 Jan 2026", "1769734178", "46052", "13/13/2026")
DECLARED = {
    "study": {"name": "declared", "currency": "EUR"},
    "scale": {"kind": "nps"},
    "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
}
numbers = st.integers(0, 2**32)


def written(at: dt.datetime, form: str, as_text: bool) -> object:
    """Write a moment in a form; a number of it as text where that is drawn."""
    if form == "native":
        return at
    if form in NUMBERS:
        number = NUMBERS[form][1](at)
        return str(number) if as_text else number
    return at.strftime(form)


def meant(at: dt.datetime, form: str) -> dt.datetime:
    """Return what is left of a moment in a form."""
    if form in (*WITH_TIME, "seconds", "milliseconds", "native"):
        kept = 1 if form in ("seconds", "milliseconds", "native", WITH_TIME[1]) else 60
        return at.replace(microsecond=0, second=at.second if kept == 1 else 0)
    return dt.datetime.combine(at.date(), dt.time())


@st.composite
def declared(draw):
    kind = draw(st.sampled_from(KINDS))
    natives = [] if kind in ("csv", "sqlite") else ["native"]
    forms = [draw(st.sampled_from([*FORMATS, *NUMBERS, *natives])) for _ in range(2)]
    decimal = draw(st.sampled_from([",", "."]))
    seed = draw(numbers)
    as_text = draw(st.booleans())
    nothing = draw(st.sampled_from(NOTHING))
    blank = draw(st.sets(st.integers(0, ROWS - 1), max_size=4))
    stray = draw(st.sampled_from(["", "", "", *STRAYS]))
    return kind, forms, decimal, seed, as_text, nothing, blank, stray


def amount(cents: int, decimal: str) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".," if decimal == "," else ",."))


@given(declared())
@DRAWN
def test_a_declaration_decides(read_in, drawn):
    kind, (form, other), decimal, seed, as_text, nothing, blank, stray = drawn
    random, first = Random(seed), dt.datetime(2025, 1, 1)
    days = [first + dt.timedelta(seconds=random.randrange(62_000_000)) for _ in range(3 * ROWS)]
    cents = [random.randrange(10 ** random.randrange(1, 8)) for _ in range(ROWS)]
    texts = as_text or kind != "xlsx"
    cells = {
        "id": [f"c{i}" for i in range(ROWS)],
        "nps": [i % 11 for i in range(ROWS)],
        "answered": [written(at, form, as_text) for at in days[:ROWS]],
        "begin": [written(at, other, as_text) for at in days[ROWS : 2 * ROWS]],
        "end": [written(at, other, as_text) for at in days[2 * ROWS :]],
        "spend": [amount(n, decimal) if texts else n / 100 for n in cents],
    }
    for column in ("end", "spend"):
        if all(isinstance(cell, str) for cell in cells[column]):
            cells[column] = [nothing if i in blank else c for i, c in enumerate(cells[column])]
    lost = {c: blank if nothing in cells[c] else set() for c in ("end", "spend")}
    if stray and other in FORMATS:
        cells["begin"][5] = stray
    says = {c: NUMBERS.get(f, (f,))[0] for c, f in (("answered", form), ("begin", other))}
    says["end"] = says["begin"]
    table = {
        **{"customer": "id", "score": "nps", "answered_at": "answered", "decimal": decimal},
        "derive": {"days": {"from": "begin", "to": "end"}},
        "date_format": {c: "%d/%m/%Y" if f == "native" else f for c, f in says.items()},
        "missing": [nothing],
    }
    study = {**DECLARED, "tables": {"customers": table}}
    with read_in(kind, study, {"customers": cells}) as found:
        if isinstance(found, str):
            assert stray, found
            assert "'begin'" in found
            return
        typed = found.connection.execute('SELECT * FROM "typed customers" ORDER BY row').df()
    for i in range(ROWS):
        assert typed["answered_at"][i] == meant(days[i], form)
        if i in lost["spend"]:
            assert pd.isna(typed["spend_after"][i])
        else:
            assert typed["spend_after"][i] == cents[i] / 100
        begin = meant(days[ROWS + i], other)
        if cells["begin"][i] == stray:
            # Only what the format itself reads is a date.
            begin = pd.to_datetime(stray, format=other, errors="coerce")
        if i in lost["end"] or pd.isna(begin):
            assert pd.isna(typed["attr_days"][i])
        else:
            apart = days[2 * ROWS + i].date() - begin.date()
            assert typed["attr_days"][i] == apart.days
