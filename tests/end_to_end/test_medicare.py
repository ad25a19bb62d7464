"""Medicare star ratings: a panel of contracts, whose figures were computed apart from `cxroi`."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import cxroi as cx

DATA = Path(__file__).parents[2] / "data" / "medicare"
SOURCE = Path(__file__).parents[3] / "shared" / "data" / "medicare_stars" / "medicare_stars.csv"

# Percentage points of members who leave a point of the rating, and their errors: by least squares
# with errors clustered by contract and means of years removed, as given with the data.
EXPECTED = {
    "raw": (-0.858, 0.082),
    "adjusted": (-0.219, 0.047),
    "within": (-0.047, 0.064),
    "placebo": (-1.076, 0.093),
}


@pytest.fixture(scope="module", params=["rows", "engine"])
def analysis(request):
    tables = cx.read_tables(cx.load_study(DATA / "study.toml"))
    return cx.analyse(cx.build_panel(tables, fits=request.param))


@pytest.fixture(scope="module")
def contracts():
    return pd.read_csv(DATA / "contracts.csv")


def test_the_panel_has_a_row_a_contract_and_survey(analysis):
    panel = analysis.panel
    assert (panel.size, panel.customers, len(panel.waves)) == (3_397, 603, 10)
    assert panel.waves == ("2010", *(str(year) for year in range(2012, 2021)))


def test_shares_that_leave_by_third_of_the_rating(analysis):
    found = {e.name: e.estimate for e in analysis.estimates}
    shares = [100 * found[f"mean.left.{label}"] for label in ("low", "middle", "high")]
    assert [round(share, 1) for share in shares] == [14.1, 10.5, 7.2]


@pytest.mark.parametrize("rung", EXPECTED)
def test_slopes_are_those_computed_apart_to_the_printed_digits(analysis, rung):
    slope, error = EXPECTED[rung]
    found = {e.name: e for e in analysis.estimates}[f"trend.left.{rung}"]
    assert round(100 * found.estimate, 3) == slope
    assert round(100 * found.std_error, 3) == error
    assert found.unit == "share of members per point of the score"
    assert "errors clustered by customer" in found.method


def test_contracts_against_themselves_by_dummies_for_all(analysis, contracts):
    """Least squares with a dummy for every contract and year: what lasts is held equal exactly."""
    years = pd.get_dummies(contracts["star_year"], drop_first=True)
    dummies = pd.concat([years, pd.get_dummies(contracts["contract"])], axis=1)
    exog = np.column_stack([contracts["plan_rating"], dummies]).astype(float)
    fit = sm.OLS(contracts["left_after"] / 100, exog).fit()
    found = analysis.trends["left"].slopes["two_way"]
    assert found.estimate == pytest.approx(fit.params.iloc[0], abs=1e-9)
    assert found.conf_low < 0 < found.conf_high


def test_the_trend_is_told_with_what_stands_against_it(analysis):
    [sentence] = cx.trends.trend_sentences(analysis)
    assert sentence.startswith(
        "Left goes with the whole rating: over all answers, each point better goes with 0.2 pp "
        "less, controls and baselines held equal (p < 0.0001)."
    )
    assert "The same customers from wave to wave do not show it" in sentence
    assert "at least as strongly: each point better goes with 1.1 pp less" in sentence


def test_the_file_is_what_the_script_makes_of_the_source(contracts):
    if not SOURCE.exists():
        pytest.skip("the table of star ratings, medicare_stars.csv, is not here")
    prepare = runpy.run_path(str(DATA / "prepare.py"))["prepare"]
    made = prepare(pd.read_csv(SOURCE)).reset_index(drop=True)
    pd.testing.assert_frame_equal(made, contracts, check_dtype=False)


def test_before_and_after_are_two_calendar_years_apart(contracts):
    """What is after the survey of one star year is before that of the year two later."""
    after = contracts.set_index(["contract", "star_year"])["left_after"]
    before = contracts.set_index(["contract", "star_year"])["left_before"]
    before.index = before.index.set_levels(before.index.levels[1] - 2, level=1)
    both = pd.concat([after, before], axis=1, join="inner")
    assert len(both) > 2_000
    assert (both["left_after"] == both["left_before"]).all()
