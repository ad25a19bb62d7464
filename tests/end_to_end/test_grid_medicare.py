"""Three ratings and complaints against leaving: every one goes with it, and none wins.

The figures are of pandas alone, on the contract-years with all four; the folder beside the
repository need not be there. A small table by hand stands for it otherwise.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.grid.contest import NO_WINNER

STARS = Path(__file__).parents[3] / "shared" / "data" / "medicare_stars" / "medicare_stars.csv"
RATINGS = ("plan_rating", "service_rating", "care_rating")
SCORES = (*RATINGS, "complaints_per_1000")


def study():
    bounds = {"kind": "custom", "minimum": 0, "maximum": 100, "quantiles": 3}
    scales = {n: bounds | {"better": "higher" if n in RATINGS else "lower"} for n in SCORES}
    left = {
        "column": "left_after",
        "kind": "rate",
        "percent": True,
        "better": "lower",
        "unit": "share of members",
        "baseline": "left_before",
    }
    people = {"customer": "contract", "wave": "star_year", "score": "plan_rating"}
    return cx.load_study(
        {
            "study": {"name": "Medicare star ratings"},
            "tables": {"customers": people},
            "scale": scales["plan_rating"] | {"metric": "plan_rating"},
            "scores": {name: scales[name] for name in SCORES[1:]},
            "outcomes": {"columns": {"left": left}},
        }
    )


def laid_out(stars):
    """Put who left before and after each survey beside its ratings, as data/medicare has it."""
    stars = stars.rename(columns={"contract_id": "contract", "left_percent": "left_before"})
    later = stars[["contract", "star_year", "left_before"]].rename(
        columns={"left_before": "left_after"}
    )
    later = later.assign(star_year=later["star_year"] - 2)
    rows = stars.merge(later, on=["contract", "star_year"])
    return rows[rows["star_year"] != 2021].dropna(subset=[*SCORES, "left_before", "left_after"])


@pytest.fixture(scope="module")
def stars():
    if not STARS.is_file():
        pytest.skip(f"no {STARS.name} in the folder shared/data beside this repository")
    rows = laid_out(pd.read_csv(STARS))
    return rows, cx.score_panels(study(), frames={"customers": rows})


def test_every_rating_goes_with_leaving_about_as_closely(stars):
    rows, panels = stars
    grid = cx.score_grid(panels)
    found = [grid[name, "left"].correlation.estimate for name in SCORES]
    assert found == pytest.approx([-0.35, -0.35, -0.34, 0.28], abs=0.01)
    within = [*SCORES, "left_after"]
    centred = rows[within] - rows.groupby("star_year")[within].transform("mean")
    expected = [centred[name].corr(centred["left_after"]) for name in SCORES]
    assert found == pytest.approx(expected, rel=1e-9)
    assert all(grid[name, "left"].towards_better > 0 for name in SCORES)


def test_no_rating_wins(stars):
    worth = cx.worth_asking(stars[1])
    assert (worth.rows, worth.customers) == (len(stars[0]), stars[0]["contract"].nunique())
    assert worth.contests["left"].kind == NO_WINNER
    assert not worth.winners
    assert "No score foretells any outcome better" in str(cx.sentences.worth_asking(worth))


def test_a_table_by_hand_is_correlated_as_it_was_made():
    """Leaving is the rating turned round, two years apart in level: the correlation is -1."""
    step = np.tile(np.arange(60), 2)
    year = np.repeat([2014, 2015], 60)
    rows = pd.DataFrame(
        {
            "contract": [f"H{n:03}" for n in step],
            "star_year": year,
            "plan_rating": 20.0 + step + 10 * (year == 2015),
            "service_rating": 20.0 + (step * 7) % 60,
            "care_rating": 20.0 + (step * 11) % 60,
            "complaints_per_1000": 40.0 - step / 2,
            "left_before": (step * 13) % 40 + 1.0,
            "left_after": 80.0 - step + 5 * (year == 2015),
        }
    )
    grid = cx.score_grid(cx.score_panels(study(), frames={"customers": rows}))
    assert grid["plan_rating", "left"].correlation.estimate == pytest.approx(-1, abs=1e-12)
    assert grid.titles["plan_rating"] == "plan rating"
    assert grid["complaints_per_1000", "left"].correlation.estimate == pytest.approx(1, abs=1e-12)
    plain = np.corrcoef(rows["service_rating"][:60], rows["left_after"][:60])[0, 1]
    assert grid["service_rating", "left"].correlation.estimate == pytest.approx(plain)
