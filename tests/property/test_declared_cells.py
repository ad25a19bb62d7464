"""Declared dates and numbers, local days, and scales: cells of every kind of file are what is said.

Each property draws the kind of the file and the cells. What is read is held against what Python
wrote, or the study is refused by name.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from zoneinfo import ZoneInfo

import pandas as pd
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
    "study": {"name": "declared", "currency": "EUR", "timezone": "UTC"},
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


def like(cell: object, nothing: str) -> object:
    """Return what stands for a blank as a cell like another; None where there is none such."""
    if isinstance(cell, str):
        return nothing
    if isinstance(cell, dt.datetime):
        return dt.datetime(9999, 12, 31) if nothing == "9999-12-31" else None
    return type(cell)(0) if nothing == "0" else None


@given(declared())
@DRAWN
def test_a_declaration_decides(read_in, drawn):
    kind, (form, other), decimal, seed, as_text, nothing, blank, stray = drawn
    random, first = Random(seed), dt.datetime(2025, 1, 1)
    days = [first + dt.timedelta(seconds=random.randrange(62_000_000)) for _ in range(3 * ROWS)]
    cents = [random.randrange(1, 10 ** random.randrange(1, 8)) for _ in range(ROWS)]
    texts = as_text or kind == "csv"
    cells = {
        "id": [f"c{i}" for i in range(ROWS)],
        "nps": [i % 11 for i in range(ROWS)],
        "answered": [written(at, form, as_text) for at in days[:ROWS]],
        "begin": [written(at, other, as_text) for at in days[ROWS : 2 * ROWS]],
        "end": [written(at, other, as_text) for at in days[2 * ROWS :]],
        "spend": [amount(n, decimal) if texts else n / 100 for n in cents],
    }
    lost = {"end": set(), "spend": set()}
    for column, gone in lost.items():
        if (code := like(cells[column][0], nothing)) is not None:
            cells[column] = [code if i in blank else c for i, c in enumerate(cells[column])]
            gone |= blank
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


# --- local days and zones --------------------------------------------------------------------

ZONES = (
    *("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("Asia/Tokyo", "America/St_Johns", "UTC"),
)
AFTER, BEFORE = 30, 20
# The days about which clocks change or quarters end; hours that no change repeats or skips.
ABOUT = ("2026-03-08", "2026-03-29", "2026-03-31", "2026-04-05", "2026-06-30", "2026-10-04")
HOURS = (0, 8, 12, 22, 23)
CLOCKS = ("own offset", "Z", "other offset", "native", "naive")
DATED = {
    "study": {
        **{"name": "local days", "currency": "EUR"},
        **{"complete_from": dt.date(2025, 1, 1), "complete_until": dt.date(2026, 12, 31)},
    },
    "windows": {"baseline_days": BEFORE, "outcome_days": AFTER},
    "tables": {
        "responses": {"customer": "id", "score": "nps", "answered_at": "at"},
        "orders": {"customer": "id", "ordered_at": "at", "amount": "amount"},
    },
}


def on_clock(at: dt.datetime, zone: str, clock: str) -> object:
    """Write a local moment as an instant on a clock."""
    instant = at.replace(tzinfo=ZoneInfo(zone))
    if clock in ("native", "Z"):
        instant = instant.astimezone(dt.UTC)
    if clock == "other offset":
        instant = instant.astimezone(dt.timezone(dt.timedelta(hours=-9, minutes=-30)))
    if clock == "native":
        return instant
    if clock == "Z":
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return at.strftime("%Y-%m-%d %H:%M:%S") if clock == "naive" else instant.isoformat()


@st.composite
def local(draw):
    waves = draw(
        st.sampled_from([{}, {"waves": "month"}, {"fiscal_year_starts": 4}, {"waves": "quarter"}])
    )
    days = draw(st.sampled_from(["", "", "text", "native"]))
    kinds = (draw(st.sampled_from(options)) for options in (KINDS, ZONES, CLOCKS, CLOCKS))
    return *kinds, days, waves, draw(numbers)


def wave_of(at: dt.datetime, waves: dict[str, object]) -> str:
    if waves.get("waves") == "month":
        return f"{at:%Y-%m}"
    fiscal = "fiscal_year_starts" in waves
    quarter = pd.Period(at, "Q-MAR" if fiscal else "Q-DEC")
    return f"{'FY' if fiscal else ''}{quarter.qyear}Q{quarter.quarter}"


@given(local())
@DRAWN
def test_days_windows_and_waves_are_local(read_in, drawn):
    kind, zone, answers, orders, days, waves, seed = drawn
    random = Random(seed)
    at = [
        dt.datetime.fromisoformat(random.choice(ABOUT)).replace(
            hour=random.choice(HOURS), minute=random.randrange(1, 60)
        )
        for _ in range(ROWS)
    ]
    shifts = [random.choice((-BEFORE - 1, -BEFORE, -1, 0, 1, AFTER, AFTER + 1)) for _ in at]
    bought = [
        (one + dt.timedelta(days=shift)).replace(hour=random.choice(HOURS), minute=30)
        for one, shift in zip(at, shifts, strict=True)
    ]
    # Of somebody else, on the first and on the last complete day.
    bought += [dt.datetime(2025, 1, 1, 12, 30), dt.datetime(2026, 12, 31, 12, 30)]
    written_days = {"text": dt.date.isoformat, "native": lambda day: day}
    cells = {
        "responses": {
            "id": [f"c{i}" for i in range(ROWS)],
            "nps": [i % 11 for i in range(ROWS)],
            "at": [on_clock(one, zone, answers) for one in at],
        },
        "orders": {
            "id": [*(f"c{i}" for i in range(ROWS)), "other", "other"],
            "at": [
                written_days[days](one.date()) if days else on_clock(one, zone, orders)
                for one in bought
            ],
            "amount": [float(i + 1) for i in range(len(bought))],
        },
    }
    study = {**DATED, "study": {**DATED["study"], "timezone": zone, **waves}}
    with read_in(kind, study, cells) as found:
        assert not isinstance(found, str), found
        frame = cx.build_panel(found).frame.set_index("customer")
    for i in range(ROWS):
        row, answer, order = frame.loc[f"c{i}"], at[i], bought[i]
        assert row["answered_at"] == answer
        assert row["wave"] == wave_of(answer, waves)
        if days:
            answer, order = (dt.datetime.combine(one, dt.time()) for one in (answer, order))
        later = order - answer
        after = dt.timedelta(0) < later <= dt.timedelta(days=AFTER)
        before = dt.timedelta(days=-BEFORE) <= later < dt.timedelta(0)
        assert row["spend_after"] == (i + 1 if after else 0)
        assert row["spend_before"] == (i + 1 if before else 0)


# --- scales ----------------------------------------------------------------------------------

LIKERT = ("Very bad", "Bad", "So-so", "Good", "Very good")
FACES = ("😡", "🙁", "😐", "🙂", "😀")
RANGES = {"nps": range(11), "csat": range(1, 6), "ces": range(1, 8)}
# Kind -> the least number of the middle and of the last group.
CUTS = {"nps": (7, 9), "csat": (3, 4), "ces": (4, 5)}
WRITTEN = {
    "number": lambda n: n,
    "float": float,
    "text": str,
    "label last": lambda n: f"Likely ({n})",
    "label first": lambda n: f"{n} - Likely",
    "out of": lambda n: f"{n}/{{}}",
}
CODES = {
    "likert": {word: i + 1 for i, word in enumerate(LIKERT)},
    "faces": {word: i + 1 for i, word in enumerate(FACES)},
    "good or bad": {"good": 1, "bad": 0},
    "0 to 9": {str(i): i + 1 for i in range(10)},
}


@st.composite
def scales(draw):
    kind, of = draw(st.sampled_from(KINDS)), draw(st.sampled_from(["nps", "csat", "ces", *CODES]))
    how = draw(st.sampled_from(sorted(WRITTEN)))
    missing = draw(st.sampled_from(["", "offered", "-1", "99"]))
    halves = draw(st.booleans())
    return kind, of, how, missing, halves, draw(numbers)


@given(scales())
@DRAWN
def test_answers_are_the_numbers_that_they_say(read_in, drawn):
    kind, of, how, missing, halves, seed = drawn
    random = Random(seed)
    if of in CODES:
        codes = CODES[of]
        answers = [random.choice(sorted(codes)) for _ in range(40)] + sorted(codes)
        numbers = [codes[word] for word in answers]
        cuts = (1,) if len(codes) == 2 else CUTS["nps" if of == "0 to 9" else "csat"]
        scale = {"kind": "custom" if len(codes) == 2 else "nps" if of == "0 to 9" else "csat"}
        scale |= {"answers": codes}
        if random.random() < 0.5:
            answers = [word.upper() for word in answers]
    else:
        numbers = [random.choice(RANGES[of]) for _ in range(40)] + list(RANGES[of])
        top, scale, cuts = RANGES[of][-1], {"kind": of}, CUTS[of]
        if of == "ces":
            scale["better"] = "higher"
        if halves and how in ("number", "float", "text"):
            numbers = [min(n + random.choice((0, 0.5, 0.99)), top) for n in numbers]
            scale["fractional"] = True
        answers = [WRITTEN[how](n) for n in numbers]
        answers = [a.format(top) if isinstance(a, str) else a for a in answers]
    if missing:
        words = isinstance(answers[0], str)
        number = type(answers[0])(missing) if missing != "offered" else missing
        answers[:3] = (
            [missing if words else number] * 3 if words or missing != "offered" else [None] * 3
        )
        scale["missing"] = [missing if missing == "offered" else int(missing)]
        numbers[:3] = [None] * 3
    cells = {"id": [f"c{i}" for i in range(len(answers))], "answer": answers}
    cells["spend"] = [1.0] * len(answers)
    study = {**DECLARED, "scale": scale}
    study["tables"] = {"customers": {"customer": "id", "score": "answer"}}
    with read_in(kind, study, {"customers": cells}) as found:
        assert not isinstance(found, str), found
        frame = cx.build_panel(found).frame.set_index("customer")
    expected = {f"c{i}": n for i, n in enumerate(numbers) if n is not None}
    assert frame["score"].to_dict() == expected
    groups = frame["group"].cat.codes.to_dict()
    assert groups == {who: sum(n >= cut for cut in cuts) for who, n in expected.items()}
