"""Attributes of a frame and of rows in an engine: the same answers, and those of pandas."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import engine_of, in_engine
from panels import customers

from cxroi.errors import ModelError
from cxroi.models.controls import build_controls
from cxroi.models.sample import take_sample
from cxroi.moments.design import gram, project
from cxroi.moments.frame_rows import FrameRows
from cxroi.moments.order_statistics import median_above_zero
from cxroi.moments.rows import worded
from cxroi.panel.rows import make_rows
from cxroi.study.scales import make_scale

RNG = np.random.default_rng(11)
N = 600
LEVELS = np.array(["north", "it's", 'a "b"', "Ü; --", "", " north", "North", None], dtype=object)
FRAME = pd.DataFrame(
    {
        "score": RNG.integers(0, 11, N).astype(float),
        "attr_Région 'x'": LEVELS[RNG.integers(0, 8, N)],
        "attr_loyal": np.array([True, False, None], dtype=object)[RNG.integers(0, 3, N)],
        "attr_code": np.array([1.0, 2.5, np.nan])[RNG.integers(0, 3, N)],
        "attr_many": [f"postcode {n:04}" for n in RNG.integers(0, 5000, N)],
        "attr_Tenure": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(size=N)),
        "attr_whole": RNG.integers(-5, 5, N),
        "response": np.arange(N),
    }
)
CATEGORIES = ["attr_Région 'x'", "attr_loyal", "attr_code"]
SCALE = make_scale({"kind": "nps"})


@pytest.fixture(scope="module", params=[CATEGORIES, []], ids=["in cells", "beyond cells"])
def source(request):
    rows = make_rows(
        engine_of(FRAME), "joined", scale=SCALE, cuts=SCALE.cuts, categories=request.param
    )
    assert set(rows.cells) == {"grp", *request.param}
    return rows


def of_rows(source, member):
    """Make a column of what is one number a cell."""
    return source.of_cells(member) if isinstance(member, np.ndarray) else member


def test_kinds_of_columns(source):
    frame = FrameRows(FRAME)
    assert source.count == frame.count == N
    assert set(FRAME) <= set(source.names)
    for name in FRAME:
        assert source.is_number(name) == frame.is_number(name), name


@pytest.mark.parametrize("name", [*CATEGORIES, "attr_many"])
def test_levels_and_members(source, name):
    counts = FRAME[name].map(worded, na_action="ignore").fillna("(missing)").value_counts()
    found = source.levels(name)
    assert found == counts.to_dict() == FrameRows(FRAME).levels(name)
    assert list(found) == list(FrameRows(FRAME).levels(name))  # ties by name
    scores = FRAME["score"].to_numpy()
    for chosen in [[level] for level in list(found)[:8]] + [list(found)[:3], [], ["nowhere"]]:
        member = of_rows(source, source.member(name, chosen))
        expected = FrameRows(FRAME).member(name, chosen)
        column = source.values("score") * member
        assert column.sum() == pytest.approx(scores @ expected, abs=1e-9)


def test_numbers_and_where_they_are_missing(source):
    tenure = FRAME["attr_Tenure"].to_numpy()
    values, missing = source.number("attr_Tenure")
    assert values.sum() == pytest.approx(np.nansum(tenure))
    assert missing.sum() == np.isnan(tenure).sum()
    assert source.number("attr_whole")[1] is None
    assert source.number("attr_whole")[0].sum() == FRAME["attr_whole"].sum()


def test_medians_above_zero(source):
    whole = FRAME["attr_whole"].to_numpy()
    values = source.number("attr_whole")[0]
    assert median_above_zero(values) == np.median(whole[whole > 0])
    assert np.isnan(median_above_zero(values * 0.0))


def test_names_written_alike_are_one_level_also_where_nothing_is_known():
    frame = FRAME.assign(attr_kind=["(missing)", None, "a"] * (N // 3))
    for categories in (["attr_kind"], []):
        source = make_rows(
            engine_of(frame), "joined", scale=SCALE, cuts=SCALE.cuts, categories=categories
        )
        assert source.levels("attr_kind") == {"(missing)": 2 * N // 3, "a": N // 3}
        member = of_rows(source, source.member("attr_kind", ["(missing)"]))
        assert (member * 1.0).sum() == 2 * N // 3


@pytest.mark.parametrize("codes", [[1234561.0, 1234562.0], [0.1234567, 0.1234568]])
def test_codes_of_many_digits_stay_apart(codes):
    frame = FRAME.assign(attr_code=np.tile(codes, N // 2))
    assert len(FrameRows(frame).levels("attr_code")) == 2


CONTROLS = {
    "controls": ("tenure", "Région Ü", "plan"),
    "categorical": ("Région Ü", "plan"),
}


def frame_of_customers(n=900):
    rng = np.random.default_rng(4)
    frame = customers(n).rename(columns={"attr_region": "attr_Région Ü"})
    frame.loc[rng.random(n) < 0.1, "attr_tenure"] = np.nan
    frame.loc[rng.random(n) < 0.1, "attr_Région Ü"] = None
    # Two levels under 30 rows are merged; a baseline is missing here and there.
    frame["attr_plan"] = rng.choice(["basic", "it's", "x", "y"], n, p=[0.6, 0.37, 0.015, 0.015])
    frame["spend_before"] = np.where(rng.random(n) < 0.1, np.nan, rng.normal(40, 60, n))
    return frame


@pytest.mark.parametrize("categories", [None, ()], ids=["in cells", "beyond cells"])
@pytest.mark.parametrize("outcome", ["spend", "retained"])
def test_controls_are_the_same_columns(panel_of, categories, outcome):
    panel = panel_of(frame_of_customers(), {"spend": "amount", "retained": "yes_no"}, **CONTROLS)
    there = in_engine(panel, categories)
    sample, other = take_sample(panel, outcome), take_sample(there, outcome)
    one, two = build_controls(panel, sample), build_controls(there, other)
    assert (one.names, one.notes) == (two.names, two.notes)
    assert any("merged as (other)" in note for note in one.notes)
    expected = one.matrix.matrix
    products = gram(two.matrix, other.rows.one)
    np.testing.assert_allclose(products, expected.T @ expected, rtol=1e-9, atol=1e-8)
    cross = project(two.matrix, other.values)
    np.testing.assert_allclose(cross, sample.values @ expected, rtol=1e-9, atol=1e-8)


REFUSED = {
    "constant": lambda f: f.assign(attr_plan="all"),
    "of too many levels": lambda f: f.assign(attr_plan=[f"p{n}" for n in range(len(f))]),
    "the score": lambda f: f.assign(attr_tenure=f["score"] * 1e9 + 7),
    "repeated": lambda f: f.assign(attr_plan=f["attr_Région Ü"].fillna("none")),
    "never known": lambda f: f.assign(attr_tenure=np.full(len(f), np.nan)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_controls_are_refused_in_the_same_words(panel_of, case):
    frame = REFUSED[case](frame_of_customers())
    panel = panel_of(frame, {"spend": "amount"}, **CONTROLS)
    said = []
    for one in (panel, in_engine(panel)):
        with pytest.raises(ModelError) as caught:
            build_controls(one, take_sample(one, "spend"))
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_a_category_of_thousands_of_levels_in_the_engine():
    frame = FRAME.loc[np.tile(np.arange(N), 20)].reset_index(drop=True)
    frame["attr_many"] = [f"it's {n % 4000}" for n in range(len(frame))]
    source = make_rows(
        engine_of(frame), "joined", scale=SCALE, cuts=SCALE.cuts, categories=["attr_many"]
    )
    levels = source.levels("attr_many")
    assert len(levels) == 4000
    assert set(levels.values()) == {3}
    half = [f"it's {n}" for n in range(2000)]
    assert (of_rows(source, source.member("attr_many", half)) * 1.0).sum() == 6000
