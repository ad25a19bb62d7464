"""Every cell is accounted for: read, blank, or entered in the ledger; or the study is refused.

One table holds a column of every kind. Each column has cells of its kind, blanks, words for
blank, and up to two cells that are odd in some way, in rows in which the other columns have none.
What the ledger says of a column is then held against the cells that hold no value once typed,
and what is read against what the cells say.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from file_kinds import KINDS, read_as
from hypothesis import given, settings
from hypothesis import strategies as st

import cxroi as cx

ROWS = 210
BLANKS = ("", " ", None)
WORDS = ("NULL", "n/a", "\\N", "NaT", "none")
ODD_NUMBERS = ("x", "1e400", "inf", "NaN", "12-", "(3)", "1 234", "#REF!", "--", "-99")
ODD_DATES = (
    "x",
    "2026-02-30",
    "2026-01-30 25:00",
    "2026-01-30 10:00:00 5",
    "2026-01-30 10:00 EDT",
    "2026-01-30 10:00 PM",
    "2026-01-30 10:00 +0200",
    "2026-01-30T10:00:00+02:00[Europe/Berlin]",
    "01/30/2026",
    "infinity",
    "9999-12-31",
    "1769734178",
    "46052",
    "30 Jan 2026",
    "30.01.26",
    "-99",
)
WRITTEN = {  # a writing of dates -> how Python writes it
    "day": "%Y-%m-%d",
    "time": "%Y-%m-%dT%H:%M:%S",
    "spaced offset": "%Y-%m-%d %H:%M:%S -0400",
    "offset": "%Y-%m-%dT%H:%M:%S+05:30",
    "short offset": "%Y-%m-%d %H:%M:%S.250-04",
    "Z": "%Y-%m-%dT%H:%M:%SZ",
    "spaced Z": "%Y-%m-%d %H:%M:%S Z",
    "UTC": "%Y-%m-%d %H:%M:%S UTC",
    "AM or PM": "%Y-%m-%d %I:%M:%S %p",
    "slashed": "%d/%m/%Y %H:%M:%S",
    "slashed offset": "%m/%d/%Y %H:%M:%S -0400",
}
AHEAD = {"spaced offset": -4, "offset": 5.5, "short offset": -4, "slashed offset": -4}
# Column -> pool of odd cells; those needed set a row aside.
ODD = {
    "nps": (*ODD_NUMBERS, "10 - likely", "11"),
    "weight": ODD_NUMBERS,
    "answered": ODD_DATES,
    "begin": ODD_DATES,
    "spend": ODD_NUMBERS,
    "stays": ("maybe", "2", "na", "-99"),
    "tenure": ODD_NUMBERS,
    "region": ("NA", "x", "1"),
    "account": ("NA", "x", "1"),
}
TYPED = {
    "nps": "score",
    "weight": "weight",
    "answered": "answered_at",
    "begin": "attr_days",
    "spend": "spend_after",
    "stays": "stays_after",
    "tenure": "attr_tenure",
    "region": "attr_region",
    "account": "cluster",
}
NEEDED = {"nps": ("score", "no answer"), "weight": ("weight", "no weight")}
STUDY = {
    "study": {"name": "every cell", "currency": "EUR", "timezone": "UTC"},
    "scale": {"kind": "nps"},
    "outcomes": {
        "columns": {
            "spend": {"column": "spend", "kind": "amount"},
            "stays": {"column": "stays", "kind": "yes_no", "missing": [-99]},
        }
    },
}
TABLE = {
    "customer": "id",
    "score": "nps",
    "answered_at": "answered",
    "weight": "weight",
    "cluster": "account",
    "attributes": ["tenure", "region"],
    "derive": {"days": {"from": "begin", "to": "end"}},
}


def good(column: str, i: int, form: str) -> str:
    if column in ("answered", "begin"):
        return moment(i).strftime(WRITTEN[form])
    return {
        "nps": str(i % 11),
        "weight": "1.5",
        "spend": f"{i}.25",
        "stays": "1" if i % 3 else "0",
        "tenure": str(i),
        "region": "north" if i % 2 else "south",
        "account": f"a{i % 40}",
    }[column]


def moment(i: int) -> dt.datetime:
    return dt.datetime(2026, 1 + i % 6, 13 + i % 15, 3 + i % 20, i % 60, 7)


@st.composite
def drawn_cells(draw: st.DrawFn) -> tuple[int, dict[str, list[str | None]]]:
    """Draw how dates are written, and of each column the cells that are not plain ones."""
    dirty = draw(st.sets(st.sampled_from(sorted(ODD)), max_size=2))
    odd = {}
    for name, pool in ODD.items():
        cells = draw(st.lists(st.sampled_from(pool), max_size=2)) if name in dirty else []
        odd[name] = cells + draw(st.lists(st.sampled_from((*BLANKS, *WORDS)), max_size=4))
    return draw(st.integers(0, len(WRITTEN) - 1)), odd


def columns_of(form: str, odd: dict[str, list[str | None]]) -> dict[str, list[str | None]]:
    """Return the columns; what is odd of each lies in rows of its own."""
    columns: dict[str, list[str | None]] = {"id": [f"c{i}" for i in range(ROWS)]}
    columns["end"] = [moment(i).strftime(WRITTEN[form]) for i in range(ROWS)]
    places = iter(range(ROWS))
    for name in ODD:
        columns[name] = [good(name, i, form) for i in range(ROWS)]
        for cell in odd[name]:
            columns[name][next(places)] = cell
    return columns


def attempt(
    columns: dict[str, list[str | None]], kind: str, folder: Path, uri: str
) -> cx.Tables | str:
    """Read the columns; what is said where they are refused."""
    study = {**STUDY, "tables": {"customers": {**TABLE, "missing": ["-99"]}}}
    try:
        return read_as(kind, study, {"customers": columns}, folder, uri)
    except cx.CxroiError as refused:
        return str(refused)


def blank(cell: str | None) -> bool:
    return cell is None or not cell.strip()


def entered(found: cx.Tables, column: str) -> int:
    """Cells of a column that hold no value and that the ledger tells of."""
    told = 0
    for entry in found.ledger.entries:
        if entry.action == "repaired" and entry.reason.startswith(f"{column}:"):
            told += entry.rows if entry.reason.endswith(("as blank", "as missing")) else 0
    return told


def hold(columns: dict[str, list[str | None]], form: str, found: cx.Tables) -> None:
    typed = found.connection.execute('SELECT * FROM "typed customers" ORDER BY row').df()
    assert len(typed) == ROWS
    assert found.connection.execute("SELECT count(*) FROM clean_customers").fetchone() == (
        ROWS - found.ledger.rows("customers", "set aside"),
    )
    aside = {e.reason: e.rows for e in found.ledger.entries if e.action == "set aside"}
    for column, name in TYPED.items():
        nothing = int(typed[name].isna().sum())
        blanks = sum(map(blank, columns[column]))
        if column in NEEDED:
            what, no = NEEDED[column]
            assert nothing == aside.get(no, 0) + aside.get(f"{what} is not a number", 0), column
            continue
        lost = sum(n for why, n in aside.items() if why.startswith(f"{name} is not"))
        assert nothing == blanks + entered(found, column) + lost, column
    shift = dt.timedelta(hours=AHEAD.get(form, 0))
    for i, cell in enumerate(columns["answered"]):
        if cell == good("answered", i, form):
            at = moment(i) if form != "day" else dt.datetime.combine(moment(i), dt.time())
            at += dt.timedelta(milliseconds=250 if form == "short offset" else 0)
            assert typed["answered_at"][i] == at - shift
    for i, cell in enumerate(columns["spend"]):
        if cell == good("spend", i, form):
            assert typed["spend_after"][i] == i + 0.25


@pytest.mark.parametrize("kind", KINDS)
@given(drawn_cells())
@settings(max_examples=2, deadline=None, derandomize=True, database=None)
def test_every_cell_is_read_blank_or_entered(uri_of, kind, drawn):
    place, odd = drawn
    # The same cells in every kind of file, but dates written otherwise.
    form = sorted(WRITTEN)[(place + 2 * KINDS.index(kind)) % len(WRITTEN)]
    columns = columns_of(form, odd)
    with tempfile.TemporaryDirectory() as folder:
        found = attempt(columns, kind, Path(folder), uri_of(kind))
        if isinstance(found, str):
            assert "defect" not in found
            assert any(cell in ODD[name] for name in ODD for cell in odd[name]), found
            return
        hold(columns, form, found)
