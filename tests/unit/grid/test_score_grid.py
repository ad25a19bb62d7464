"""Every score against every outcome: the figures of a cell, the correction, what is refused."""

import numpy as np
import pytest
from scored_studies import company, flat_study, panels_of, refilled
from statsmodels.stats.multitest import multipletests

import cxroi as cx
from cxroi.effects.adjusted import regress_outcome
from cxroi.effects.trend import score_trend
from cxroi.effects.verdicts import TOO_LITTLE, USEFUL
from cxroi.grid.grid import score_grid
from cxroi.runs import codec


@pytest.fixture(scope="module")
def frame():
    return company(np.random.default_rng(4), 400, effect=1.0, noises=(1.5, 0.3, 3.0))


@pytest.fixture(scope="module")
def panels(frame):
    return panels_of(flat_study(), frame)


@pytest.fixture(scope="module")
def grid(panels):
    return score_grid(panels)


def test_there_is_a_cell_for_every_score_and_outcome(grid):
    scores, outcomes = ("nps", "csat", "ces"), ("spend", "stays", "calls")
    assert list(grid.cells) == [(score, outcome) for score in scores for outcome in outcomes]
    assert grid.titles == {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
    table = grid.tidy()
    assert table["metric"].tolist() == [score for score in scores for _ in outcomes]
    assert table["contrast"].tolist()[3:6] == ["satisfied - neutral"] * 3


def test_figures_are_those_of_numpy(grid, frame):
    cell = grid["csat", "calls"]
    best, before = frame["csat"] >= 4, frame["csat"] == 3  # top two, and the group before
    raw = frame["calls"][best].mean() - frame["calls"][before].mean()
    assert cell.raw.estimate == pytest.approx(raw, rel=1e-12)
    deviation = frame["calls"].std(ddof=0)
    assert cell.standardised.estimate == pytest.approx(cell.contrast.estimate / deviation)
    assert cell.standardised.conf_low == pytest.approx(cell.contrast.conf_low / deviation)
    assert cell.towards_better == -cell.standardised.estimate  # fewer calls are better
    related = np.corrcoef(frame["csat"], frame["calls"])[0, 1]
    assert cell.correlation.estimate == pytest.approx(related, rel=1e-12)
    assert cell.correlation.conf_low < related < cell.correlation.conf_high < 0


def test_a_cell_says_what_the_analysis_of_that_score_alone_says(grid, panels):
    panel = panels.panels["ces"]
    alone, trend = regress_outcome(panel, "spend"), score_trend(panel, "spend")
    cell = grid["ces", "spend"]
    assert (cell.raw, cell.contrast) == (alone.raw, alone.contrast)
    assert cell.trend == trend.slopes["adjusted"]


def test_p_values_are_corrected_within_a_cell_and_then_over_the_grid(frame):
    kinds = {"stays": {"kind": "yes_no"}, "calls": {"kind": "count", "better": "lower"}}
    panels = panels_of(flat_study({"csat": {"kind": "csat"}}, kinds), frame)
    grid, within, tests = score_grid(panels), [], 0
    for score, outcome in grid.cells:
        of_groups = regress_outcome(panels.panels[score], outcome).contrasts
        p_values = [one.p_value for one in of_groups]
        tests += len(p_values)
        own = [one.contrast == grid[score, outcome].contrast.contrast for one in of_groups]
        within.append(multipletests(p_values, method="holm")[1][own.index(True)])
    over = multipletests(within, method="fdr_bh")[1]
    shown = [cell.verdict.p_adjusted for cell in grid.cells.values()]
    assert shown == pytest.approx(list(over), rel=1e-9)
    assert grid.tests == tests == 8  # two other groups in each of four cells


def test_every_figure_has_a_name_and_says_how_it_was_made(grid):
    names = [e.name for e in grid.estimates]
    last = ("raw", "doubly_robust", "standardised", "trend", "correlation", "verdict")
    assert names[:6] == [f"grid.nps.spend.{one}" for one in last]
    assert len(set(names)) == len(names) == 54
    assert all(e.method and e.n and e.unit for e in grid.estimates)
    verdict = grid["csat", "spend"].estimates[-1]
    assert verdict.note.startswith(f"{USEFUL}: ")
    assert "Benjamini-Hochberg over the grid, 18 tests" in verdict.method


def test_a_score_or_an_outcome_that_is_refused_keeps_its_reason_and_stops_no_other(panels, frame):
    broken = frame.assign(ces=99.0, stays=(np.arange(len(frame)) < 3).astype(int))
    grid = score_grid(panels_of(flat_study(), broken))
    assert "99" in str(grid["ces", "spend"].refusal)
    assert "under [scores.ces]" in str(grid["ces", "spend"].refusal)
    assert grid["ces", "spend"].verdict is None
    assert grid["ces", "spend"].row["verdict"] == "refused"
    assert "too rare" in str(grid["csat", "stays"].refusal)
    assert grid["csat", "stays"].verdict.kind == TOO_LITTLE
    assert grid["csat", "stays"].towards_better is None
    assert grid["csat", "stays"].correlation.estimate is not None
    assert grid["csat", "spend"].verdict.kind == USEFUL
    refused = [e for e in grid.estimates if e.name == "grid.ces.calls.verdict"]
    assert [(e.estimate, e.method) for e in refused] == [(None, "refused")]


def test_the_grid_is_kept_and_read_as_it_was(grid):
    again = codec.read(codec.write(grid), grid.study)
    assert again == grid
    assert again.tidy().equals(grid.tidy())


def test_rows_in_an_engine_give_the_same_figures(frame):
    study = flat_study({"csat": {"kind": "csat"}}, {"stays": {"kind": "yes_no"}})
    there = cx.score_panels(study, frames={"customers": frame}, fits="engine")
    assert not there.panels["csat"].in_memory
    for e, same in zip(
        score_grid(panels_of(study, frame)).estimates, score_grid(there).estimates, strict=True
    ):
        figures = [(one.estimate, one.conf_low, one.conf_high, one.p_value) for one in (e, same)]
        assert figures[0] == pytest.approx(figures[1], rel=1e-8, abs=1e-10)


def test_refilled_panels_are_those_of_the_other_company(panels, frame):
    """What the simulations of `tests/recovery` rest on."""
    other = company(np.random.default_rng(5), 400, effect=0.5)
    read, filled = panels_of(flat_study(), other), refilled(panels, other)
    for score in read.names:
        mine, theirs = filled.panels[score].frame, read.panels[score].frame
        assert mine["group"].tolist() == theirs["group"].tolist()
        assert (
            score_trend(filled.panels[score], "spend").slopes["adjusted"]
            == (score_trend(read.panels[score], "spend").slopes["adjusted"])
        )
