"""Survey answers as files have them: labels, words, faces, other codes; and two groups of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxroi as cx
from cxroi.engine.quoting import text
from cxroi.errors import DataError
from cxroi.reading.columns.labels import doubtful, labelled
from cxroi.study.scales import make_scale

KINDS = ("csv", "xlsx", "parquet", "frame", "duckdb", "sqlite")
NPS = make_scale({"kind": "nps"})
FIVE = make_scale({"kind": "csat"})
SIGNED = make_scale({"kind": "custom", "minimum": -2, "maximum": 2, "cuts": [0, 1]})
GOOD_BAD: dict[str, Any] = {"answers": {"good": 1, "bad": 0}}


def write(frame: pd.DataFrame, kind: str, folder: Path, environment: Any) -> dict[str, Any]:
    """Write a frame in a kind of file; return what a study file says of where it is."""
    path = folder / f"c.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as base:
            base.execute("CREATE TABLE c AS SELECT * FROM frame")
        return {"path": str(path), "table": "c"}
    elif kind == "sqlite":
        import sqlite3

        base = sqlite3.connect(path)
        frame.to_sql("c", base, index=False)
        base.close()
        environment.setenv("SCORES", f"sqlite:///{path}")
        return {"database": "SCORES", "table": "c"}
    return {} if kind == "frame" else {"path": str(path)}


def read(
    cells: Any, scale: dict[str, Any], place: dict[str, Any] | None = None, **head: Any
) -> cx.Tables:
    """Read the answers of a flat study, from a frame or from where they have been written."""
    frame = pd.DataFrame({"id": [f"c{n}" for n in range(len(cells))], "score": cells})
    frame["spend"] = 1.0
    document = {
        "study": {"name": "scores"},
        "tables": {"customers": {"customer": "id", "score": "score", **(place or {})}},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
        "scale": scale,
        **head,
    }
    return cx.read_tables(cx.load_study(document), frames=None if place else {"customers": frame})


def scores(tables: cx.Tables) -> dict[float, int]:
    found = tables.connection.execute("SELECT score, count(*) FROM clean_customers GROUP BY 1")
    return dict(found.fetchall())


def entries(tables: cx.Tables, action: str) -> dict[str, int]:
    return {e.reason: e.rows for e in tables.ledger.entries if e.action == action}


def number_of(cell: str, scale: Any) -> tuple[float | None, bool]:
    """The number of a cell, and whether a cell without one is refused for its label."""
    x = text(cell)
    with duckdb.connect() as base:
        found = base.execute(f"SELECT {labelled(x, scale)}, {doubtful(x)}").fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("10 - Extremely likely", 10),
        ("Extremely likely - 10", 10),
        ("0 = Not at all likely", 0),
        ("Not at all likely=0", 0),
        ("10 (sehr wahrscheinlich)", 10),
        ("Äußerst wahrscheinlich (10)", 10),
        ("[10] Sehr wahrscheinlich", 10),
        ("Очень вероятно — 10", 10),
        ("非常可能：10", 10),
        ("非常可能（10）", 10),
        ("10分", 10),
        ("probable\u00a0–\u00a07", 7),
        ("8,5 gut", 8.5),
        ("5 ⭐", 5),
        ("10/10", 10),
        ("8 out of 10", 8),
        ("Disagree (-2)", -2),  # a sign in brackets is one: outside a scale from 0
        ("Disagree -2", 2),
        ("(8)", 8),  # no bracket of an accountant's
        ("3 - Mayflower", 3),
    ],
)
def test_a_label_may_stand_at_either_end(cell: str, number: float) -> None:
    assert number_of(cell, NPS)[0] == number


@pytest.mark.parametrize(
    "cell",
    [
        *("Top 2 - 5", "5 - Top 2", "Detractor (0-6)", "10 - likely (10)", "1,234 points"),
        *("10 % likely", "5/10 points"),
    ],
)
def test_a_number_in_the_label_is_not_taken_for_the_answer(cell: str) -> None:
    assert number_of(cell, NPS) == (None, True)


@pytest.mark.parametrize("cell", ["5/7", "2nd", "Q3", "likely", "10 %", "8 of 5"])
def test_what_is_no_label_is_no_number(cell: str) -> None:
    assert number_of(cell, NPS) == (None, cell == "8 of 5")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *(("-2 - Strongly disagree", -2), ("Strongly disagree (-2)", -2), ("Disagree: -1", -1)),
        *(("Agree (+1)", 1), ("Semi-agree: 1", 1), ("Agree (2)", 2)),
        *(("Disagree -2", None), ("Disagree - 2", None), ("Disagree −2", None)),
    ],
)
def test_on_a_scale_below_zero_a_dash_may_be_a_sign(cell: str, number: float | None) -> None:
    assert number_of(cell, SIGNED) == (number, True)


@pytest.mark.parametrize(
    ("cell", "stars"), [("★★★★☆", 4), ("★★★", 3), ("⭐️⭐️", 2), ("★★☆", None), ("☆☆☆☆☆", None)]
)
def test_stars_are_counted_where_empty_ones_add_up(cell: str, stars: int | None) -> None:
    assert number_of(cell, FIVE)[0] == stars


WORDS = st.text("abcäéжя很可 .!'", min_size=2, max_size=12).filter(lambda t: t[0] not in " .!'")
CELLS = st.tuples(
    st.integers(0, 10), WORDS, st.sampled_from([" - ", " – ", ": ", " = ", " "]), st.booleans()
)


@settings(max_examples=4, deadline=None, database=None)
@given(cells=st.lists(CELLS, min_size=20, max_size=40))
def test_any_label_without_digits_leaves_the_number(
    cells: list[tuple[int, str, str, bool]],
) -> None:
    written = [
        between.join((str(number), label) if first else (label, str(number)))
        for number, label, between, first in cells
    ]
    frame = pd.DataFrame({"n": range(len(written)), "x": written})
    with duckdb.connect() as base:
        base.register("cells", frame)
        found = base.execute(f"SELECT {labelled('x', NPS)} FROM cells ORDER BY n").fetchall()
    assert [value for (value,) in found] == [number for number, *_ in cells]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_last_are_read_in_every_file_kind(kind: str, tmp_path: Path, monkeypatch) -> None:
    cells = ["Extremely likely - 10", "0 = Not at all", "7", "8", *"2345689"] * 12
    frame = pd.DataFrame({"id": range(len(cells)), "score": cells, "spend": 1.0})
    place = write(frame, kind, tmp_path, monkeypatch)
    tables = read(cells, {"kind": "nps"}, place)
    expected = Counter([10, 0, 7, 8, *map(int, "2345689")] * 12)
    assert scores(tables) == expected
    said = {"score: an answer with its label read as a number": 24}
    assert entries(tables, "repaired") == said


def test_a_doubtful_label_is_refused_however_rare() -> None:
    cells = ["9", "10", "7"] * 200 + ["Top 2 - 5"] * 5
    with pytest.raises(DataError) as caught:
        read(cells, {"kind": "nps"})
    told = str(caught.value)
    assert "5 rows, 0.83 %), first in data rows 601, 602, 603, 604, 605" in told
    assert "'Top 2 - 5' (5 rows)" in told
    settled = read(cells, {"kind": "nps", "answers": {"top 2 - 5": 5}})
    assert scores(settled) == {9: 200, 10: 200, 7: 200, 5: 5}
    blank = read(cells, {"kind": "nps", "missing": ["Top 2 - 5"]})
    assert scores(blank) == {9: 200, 10: 200, 7: 200}
    assert entries(blank, "set aside") == {"no answer (declared missing code)": 5}


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_the_numbers_declared_for_them(kind: str, tmp_path: Path, monkeypatch) -> None:
    cells = [" Good", "bad", "GOOD", "offered", None] * 20
    frame = pd.DataFrame({"id": range(100), "score": cells, "spend": 1.0})
    place = write(frame, kind, tmp_path, monkeypatch)
    tables = read(cells, {**GOOD_BAD, "missing": ["Offered"]}, place)
    assert scores(tables) == {1: 40, 0: 20}
    assert entries(tables, "set aside") == {
        "no answer (declared missing code)": 20,
        "no answer": 20,
    }
    assert entries(tables, "repaired") == {
        "score: an answer read as the number declared for it": 60
    }
    assert tables.study.scale.describe() == ("bad (0)", "good (1)")


# A cell, and its number; none of a blank, a declared code for one, and a number off the scale.
MIXED = {
    **{"7": 7, "10 - top": 10, "top (9)": 9, " Good": 8, "BAD": 2, "": None, " ": None},
    **{"offered": None, "99": None, "12": None, "-3": None},
}


@settings(max_examples=3, deadline=None, database=None)
@given(cells=st.lists(st.sampled_from(sorted(MIXED)), max_size=12), typed=st.booleans())
def test_every_cell_is_read_or_set_aside(cells: list[str], typed: bool) -> None:
    cells = ["7"] * 1300 + cells  # so that those off the scale stay under 1 %
    scale = {"kind": "nps", "missing": ["Offered", 99]}
    if typed:
        scale["answers"] = {"good": 8, "bad": 2}
    else:
        cells = [cell for cell in cells if cell.strip().lower() not in ("good", "bad")]
    tables = read(["10", *cells], scale)
    expected = Counter([10.0, *(MIXED[cell] for cell in cells)])
    gone = expected.pop(None, 0)
    assert scores(tables) == expected
    assert sum(entries(tables, "set aside").values()) == gone


@pytest.mark.parametrize("missing", [[99, "-"], ["99", " -"], ["99 - Don't know", "99", "-"]])
@pytest.mark.parametrize("scale", [{"kind": "nps"}, {"kind": "nps", "answers": {"top": 10}}])
def test_codes_for_a_blank_may_be_words_or_numbers_or_have_a_label(
    scale: dict[str, Any], missing: list[Any]
) -> None:
    tables = read([0, 7, "10", "99", "99 - Don't know", "-"] * 9, {**scale, "missing": missing})
    assert scores(tables) == {0: 9, 7: 9, 10: 9}
    assert entries(tables, "set aside") == {"no answer (declared missing code)": 27}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "sqlite"])
def test_true_and_false_are_words(kind: str, tmp_path: Path, monkeypatch) -> None:
    cells = [True, False, True] * 20
    frame = pd.DataFrame({"id": range(60), "score": cells, "spend": 1.0})
    place = write(frame, kind, tmp_path, monkeypatch)
    if kind == "sqlite":  # which has no such type: they are 1 and 0
        scale: dict[str, Any] = {"kind": "csat", "minimum": 0, "maximum": 1}
    else:
        scale = {"answers": {"true": 1, "false": 0}}
        with pytest.raises(DataError, match=r"answers = \{"):
            read(cells, {"kind": "csat", "minimum": 0, "maximum": 1}, place)
    assert scores(read(cells, scale, place)) == {1: 40, 0: 20}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])  # text, doubles, integers
def test_codes_that_are_numbers_are_all_declared(kind: str, tmp_path: Path, monkeypatch) -> None:
    cells = [1, 2, 5, 9] * 20
    frame = pd.DataFrame({"id": range(80), "score": cells, "spend": 1.0})
    place = write(frame, kind, tmp_path, monkeypatch)
    turned = {"1": 5, "2": 4, "5": 1}
    tables = read(cells, {"kind": "csat", "answers": turned, "missing": [9]}, place)
    assert scores(tables) == {5: 20, 4: 20, 1: 20}
    assert entries(tables, "set aside") == {"no answer (declared missing code)": 20}
    with pytest.raises(DataError, match=r"not declared .20 rows, 25 %"):
        read(cells, {"kind": "csat", "answers": turned}, place)


def test_words_likert_and_faces() -> None:
    likert = {"Strongly agree": 5, "Agree": 4, "Neutral": 3, "Disagree": 2, "☹️": 1}
    cells = ["strongly agree", "AGREE ", "neutral", "Disagree", "☹", "4 - okay", "2"] * 3
    found = scores(read(cells, {"kind": "csat", "answers": likert}))
    assert found == {5: 3, 4: 6, 3: 3, 2: 6, 1: 3}
    composed, apart = "tr\u00e8s bien", "tre\u0300s bien"
    said = {"answers": {composed: 1, "mal": 0}}
    assert scores(read([apart, "Mal"] * 5, said)) == {1: 5, 0: 5}
    turkish = {"İyi": 1, "KÖTÜ": 0}
    assert scores(read(["İyi", "kötü"] * 5, {"answers": turkish})) == {1: 5, 0: 5}
    greek = {"καλός": 1, "κακός": 0}
    assert scores(read(["καλός", "κακός"] * 5, {"answers": greek})) == {1: 5, 0: 5}
    assert scores(read(["👍", "👎"] * 5, {"answers": {"👍": 1, "👎": 0}})) == {1: 5, 0: 5}


def test_a_word_without_a_number_is_refused_however_rare() -> None:
    with pytest.raises(DataError) as caught:
        read(["good"] * 900 + ["godo"] * 6, GOOD_BAD)
    told = str(caught.value)
    assert "not declared (6 rows, 0.66 %)" in told
    assert "'godo' (6 rows)" in told
    assert "Did you mean 'good'?" in told
    said = r"'good' .40 rows., 'bad' .20 rows.*kind = 'csat' and answers = {word"
    with pytest.raises(DataError, match=said):
        read(["good", "bad", "good"] * 20, {"kind": "csat"})


def test_answers_once_said_which_of_several_counts() -> None:
    for scale in ({"answers": "mean"}, {"several": "mean"}):
        assert read([7.5, 10, 9] * 20, scale).study.answers == "mean"
    with pytest.raises(cx.CxroiError, match="answers, a word, and several"):
        read([7], {"answers": "mean", "several": "mean"})
    both = read(["good", "bad"] * 9, {**GOOD_BAD, "several": "first"})
    assert both.study.answers == "first"


CODED_FROM_0 = [(0, 4), (1, 5), (2, 9), (3, 12), (4, 20), (5, 30), (6, 40), (7, 60), (8, 70)]
CODED_FROM_0 += [(9, 80)]


def spread(counts: list[tuple[float, int]], more: float = 0) -> list[float]:
    return [value + more for value, count in counts for _ in range(count)]


def test_a_score_coded_from_0_is_refused() -> None:
    cells = spread(CODED_FROM_0)
    with pytest.raises(DataError) as caught:
        read(cells, {"kind": "nps"})
    told = str(caught.value)
    assert "no 10 among 330 answers, but 9 is frequent (80 rows, 24.2 %)" in told
    assert "written one too low, 10 as 9" in told
    kept = read(cells, {"kind": "nps", "maximum_unused": True})
    assert scores(kept) == dict(CODED_FROM_0)
    mended = {str(n): n + 1 for n in range(10)}
    found = scores(read(cells, {"kind": "nps", "minimum": 1, "answers": mended}))
    assert found == {value + 1: count for value, count in CODED_FROM_0}


@pytest.mark.parametrize("stray", [[], [10], [12]])
def test_a_stray_cell_does_not_hide_a_score_coded_from_0(stray: list[float]) -> None:
    with pytest.raises(DataError, match="written one too low, 10 as 9"):
        read(spread(CODED_FROM_0) + stray, {"kind": "nps"})


@pytest.mark.parametrize(
    ("scale", "counts", "said"),
    [
        ({"kind": "csat"}, [(0, 30), (1, 20), (2, 20), (3, 40), (4, 90)], "one too low, 5 as 4"),
        # The lowest was given by nobody, so no answer lies outside the scale.
        ({"kind": "csat"}, [(1, 20), (2, 20), (3, 40), (4, 90)], "one too low, 5 as 4"),
        (
            {"kind": "ces", "better": "lower"},
            [(0, 9), (1, 9), (2, 20), (3, 30), (4, 30), (5, 30), (6, 40)],
            "one too low, 7 as 6",
        ),
    ],
)
def test_other_scales_coded_from_0_are_refused(scale: Any, counts: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(spread(counts), scale)


@pytest.mark.parametrize(
    ("scale", "cells", "last"),
    [
        ({"kind": "ces", "better": "higher"}, [1, 2, 3, 4, 5], 5),
        ({"kind": "ces", "better": "lower"}, [1, 2, 3, 4, 5], 5),
        ({"kind": "csat"}, [1, 2, 3], 3),
        ({"kind": "csat"}, [1, 2], 2),
    ],
)
def test_a_shorter_scale_is_refused_and_declared(scale: Any, cells: Any, last: int) -> None:
    with pytest.raises(DataError, match=f"no answer above {last} among .*maximum = {last} under"):
        read(cells * 60, scale)
    for more in ({"maximum": last}, {"maximum_unused": True}):
        assert scores(read(cells * 60, {**scale, **more})) == dict.fromkeys(cells, 60)
    # Few answers, or few of the largest, are no proof.
    assert scores(read(cells * 10, scale)) == dict.fromkeys(cells, 10)
    rare = cells[:-1] * 200 + cells[-1:] * 5
    assert scores(read(rare, scale))[last] == 5


def test_few_answers_without_the_best_are_warned_of() -> None:
    cells = [3, 5, 6, 7, 8, 9] * 6
    [warning] = entries(read(cells, {"kind": "nps"}), "warning")
    assert "no 10 among 36 answers, but 9 is frequent (6 rows, 16.7 %)" in warning
    assert entries(read(cells, {"kind": "nps", "maximum_unused": True}), "warning") == {}
    assert entries(read([*cells, 10], {"kind": "nps"}), "warning") == {}
    # Nobody gave the best, but nobody the next either: an unhappy company.
    assert entries(read([0, 1, 2, 3, 5, 6, 7, 8] * 30, {"kind": "nps"}), "warning") == {}


def test_nps_from_1_to_10_is_warned_of_and_declared() -> None:
    cells = [1, 4, 6, 7, 8, 9, 10] * 20
    [warning] = entries(read(cells, {"kind": "nps"}), "warning")
    assert "no 0 among 140 answers, but 20 times 1" in warning
    assert "declare minimum = 1" in warning
    declared = read(cells, {"kind": "nps", "minimum": 1})
    assert entries(declared, "warning") == {}
    assert declared.study.scale.describe()[0] == "detractor (1 to 6)"
    assert entries(read([*cells, 0], {"kind": "nps"}), "warning") == {}
    with pytest.raises(DataError, match=r"holds 0 .9 rows.; an answer is 1 to 10"):
        read([*cells, *[0] * 9], {"kind": "nps", "minimum": 1})


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_mean_belongs_to_the_group_whose_lowest_answer_it_has_reached(fits: str) -> None:
    # Means: 17/2 = 8.5, 899/100 = 8.99, 27/3 = 9, 13/2 = 6.5, 7.
    given = {"a": [8, 9], "b": [8] + [9] * 99, "c": [8, 9, 10], "d": [6, 7], "e": [7]}
    given |= {"f": [10] * 9}  # or 10 would be missing beside so many of 9
    day = pd.Timestamp("2026-02-10")
    answers = pd.DataFrame([(c, s, day) for c, of in given.items() for s in of])
    answers.columns = pd.Index(["id", "score", "day"])
    orders = pd.DataFrame({"id": list("abcdef"), "day": day + pd.Timedelta(days=3), "amount": 1.0})
    study = cx.load_study(
        {
            "study": {"name": "means", "complete_until": dt.date(2026, 3, 14)},
            "tables": {
                "responses": {"customer": "id", "score": "score", "answered_at": "day"},
                "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
            },
            "scale": {"kind": "nps", "several": "mean"},
            "windows": {"baseline_days": 10, "outcome_days": 30},
        }
    )
    frames = {"responses": answers, "orders": orders}
    panel = cx.build_panel(cx.read_tables(study, frames=frames), fits=fits)
    frame = panel.brought_into_memory().frame
    grouped = dict(zip(frame["score"].round(2), frame["group"].astype(str), strict=True))
    assert grouped == {
        **{6.5: "detractor", 7: "passive", 8.5: "passive", 8.99: "passive"},
        **{9: "promoter", 10: "promoter"},
    }
    assert "passive (7 to under 9)" in panel.study.scale.describe()


@pytest.mark.parametrize(("number", "group"), [(8.5, 1), (8.99, 1), (9.0, 2)])
def test_a_fractional_answer_is_grouped_as_a_mean_is(number: float, group: int) -> None:
    scale = {"kind": "nps", "fractional": True}
    panel = cx.build_panel(read([number, 3, 8, 10] * 10, scale))
    names = panel.study.scale.labels
    frame = panel.frame
    assert set(frame.loc[frame["score"] == number, "group"].astype(str)) == {names[group]}
    turned = read([number, 3, 8, 10] * 10, {**CES_LIKE, "fractional": True})
    found = cx.build_panel(turned).frame
    # Turned round, the same number is as far from the other end: it has reached the same cut.
    assert set(found.loc[found["score"] == number, "group"].astype(str)) == {names[2 - group]}


CES_LIKE = {
    **{"kind": "custom", "minimum": 0, "maximum": 10, "better": "lower", "cuts": [7, 9]},
    "labels": ["detractor", "passive", "promoter"],
}
