"""Groups, cells and drafts of rows in an engine, against pandas."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_panels import engine_of, in_engine
from panels import customers

import cxroi as cx
from cxroi.effects.groups import compare_groups
from cxroi.errors import TooManyRowsError
from cxroi.panel import rows as panel_rows
from cxroi.panel.rows import column_types, make_rows, make_subsample, subsample_step
from cxroi.study.scales import make_scale

RNG = np.random.default_rng(2)
N = 500
NPS = make_scale({"kind": "nps"})
FRAME = pd.DataFrame(
    {
        "score": RNG.integers(0, 11, N).astype(float),
        "attr_Colour": np.array(["red", "it's", None, "Ü"], dtype=object)[RNG.integers(0, 4, N)],
        "attr_loyal": np.array([True, False, None], dtype=object)[RNG.integers(0, 3, N)],
        "attr_code": np.array([0.1, 2.0, np.nan, -0.0])[RNG.integers(0, 4, N)],
        "response": np.arange(N),
    }
)
CATEGORIES = ["attr_Colour", "attr_loyal", "attr_code"]


def made(frame=FRAME, scale=NPS, categories=CATEGORIES, **more):
    engine = engine_of(frame)
    return make_rows(engine, "joined", scale=scale, cuts=scale.cuts, categories=categories, **more)


@pytest.mark.parametrize("kept", [True, False])
def test_cells_are_the_combinations_that_occur(kept):
    rows = made(kept=kept)
    group = np.searchsorted([7, 9], FRAME["score"], side="right")
    expected = FRAME.assign(grp=group).groupby(["grp", *CATEGORIES], dropna=False).size()
    found = dict(zip(zip(*rows.cells.values(), strict=True), rows.sizes, strict=True))
    named = {
        tuple(None if pd.isna(v) else v for v in key): n for key, n in expected.to_dict().items()
    }
    order = [list(rows.cells).index(name) for name in ("grp", *CATEGORIES)]
    assert {tuple(key[n] for n in order): size for key, size in found.items()} == named
    # No row is lost between counting cells and numbering rows.
    assert rows.count == N == sum(n for _, n in rows.fetch(["count(*)"], by=["cell"]))
    by_cell = np.zeros(rows.cell_count)
    for cell, n in rows.fetch(["count(*)"], by=["cell"]):
        by_cell[cell] = n
    assert by_cell.tolist() == list(rows.sizes)


@pytest.mark.parametrize(
    ("better", "expected"), [("higher", [0, 0, 1, 1, 2, 2]), ("lower", [2, 2, 1, 1, 0, 0])]
)
def test_groups_of_scores_at_and_beside_the_cuts(better, expected):
    scale = replace(NPS, better=better, cuts=(3.0, 7.0))
    scores = np.resize([0, np.nextafter(3, 0), 3, np.nextafter(7, 0), 7, 10], N)
    rows = made(FRAME.assign(score=scores), scale, [])
    found = rows.engine.fetch("SELECT grp FROM panel_rows ORDER BY response")
    assert [group for (group,) in found] == list(np.resize(expected, N))


def test_categories_of_too_many_combinations_stay_outside_cells(monkeypatch):
    monkeypatch.setattr(panel_rows, "MOST_CELLS", 36)
    rows = made()
    assert set(rows.cells) < {"grp", *CATEGORIES}
    assert rows.cell_count <= 36
    assert rows.count == N
    monkeypatch.setattr(panel_rows, "LOOKED_AT", 1)  # the look at one row says too little
    rows = made()
    assert rows.cell_count <= 36
    assert rows.count == N


def test_types_of_columns():
    engine = engine_of(pd.DataFrame({"x": [1]}))
    engine.execute(
        "CREATE TABLE kinds AS SELECT 1::TINYINT a, 1::UBIGINT b, 1::HUGEINT c, 0.5::DECIMAL(9, 2) "
        "d, 1::REAL e, true f, 'x' g, DATE '2026-01-01' h, TIMESTAMP '2026-01-01' i, "
        "INTERVAL 1 DAY j, 1::DOUBLE \"K 'k'\""
    )
    found = column_types(engine, "kinds")
    numbers = [name for name, kind in found.items() if kind == "number"]
    assert numbers == ["a", "b", "c", "d", "e", "K 'k'"]
    assert {n: found[n] for n in "fghij"} == {
        "f": "category",
        "g": "category",
        "h": "date",
        "i": "date",
        "j": "category",
    }


@pytest.mark.parametrize(
    ("count", "step"), [(0, 0), (3_999_999, 0), (4_000_000, 4), (6_800_000, 6), (10**9, 1_000)]
)
def test_one_row_of_how_many_is_in_the_subsample(count, step):
    assert subsample_step(count) == step


def test_a_draft_holds_its_share_of_the_rows():
    engine = engine_of(FRAME)
    assert make_subsample(engine, "joined", "draft", 4_000_000) == "draft"
    [(held,)] = engine.fetch("SELECT count(*) FROM draft")
    assert held == pytest.approx(N / 4, rel=0.1)
    assert make_subsample(engine, "joined", "none", 2_000_000) == ""


def test_a_draft_of_four_waves_a_customer_holds_rows_of_each():
    # Answers are numbered by customer and wave.
    engine = engine_of(FRAME.assign(wave=np.resize([1, 2, 3, 4], N)))
    make_subsample(engine, "joined", "draft", 4_000_000)
    assert engine.fetch("SELECT count(DISTINCT wave) FROM draft") == [(4,)]


OUTCOMES = {"spend": "amount", "retained": "yes_no", "contacts": "count"}


def test_what_a_panel_says_of_its_rows(panel_of):
    frame = customers(700)
    frame.loc[::9, "spend_after"] = np.nan
    frame["customer"] = [f"c{n // 2}" for n in range(700)]
    frame["wave"] = np.resize(["first", "second"], 700)
    panel = panel_of(frame, OUTCOMES)
    there = in_engine(panel)
    assert (there.size, there.customers, there.waves) == (700, 350, ("first", "second"))
    assert (there.weighted, panel.weighted) == (False, False)
    pd.testing.assert_frame_equal(there.describe().tidy(), panel.describe().tidy(), rtol=1e-9)
    mine, theirs = panel.tidy(), there.tidy()
    theirs = theirs.sort_values(["wave", "group"], ignore_index=True)
    pd.testing.assert_frame_equal(theirs, mine, check_dtype=False)
    back = there.brought_into_memory().frame
    pd.testing.assert_series_equal(back["spend_after"], panel.frame["spend_after"])
    assert list(back["group"]) == list(panel.frame["group"])


def test_an_outcome_known_for_nobody_is_described(panel_of):
    panel = panel_of(customers(300).assign(contacts_after=np.nan), OUTCOMES)
    pd.testing.assert_frame_equal(in_engine(panel).describe().tidy(), panel.describe().tidy())


def test_more_rows_than_memory_takes_are_not_fetched(panel_of):
    there = in_engine(panel_of(customers(300), OUTCOMES))
    many = replace(there, rows=replace(there.rows, sizes=(2_000_001,)))
    with pytest.raises(TooManyRowsError, match="2,000,001 rows"):
        _ = many.frame


def test_two_panels_of_the_same_tables_stand_side_by_side():
    tables = cx.read_tables(cx.load_study(cx.demo_study()))
    expected = [
        mean.estimate
        for mean in compare_groups(cx.build_panel(tables, "2026Q1", fits="rows"), "spend").means
    ]
    first = cx.build_panel(tables, "2026Q1", fits="engine")
    cx.build_panel(tables, "2026Q2", fits="engine")
    found = [mean.estimate for mean in compare_groups(first, "spend").means]
    assert found == pytest.approx(expected, rel=1e-9)
