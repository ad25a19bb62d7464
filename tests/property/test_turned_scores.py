"""A scale that runs the other way says the same of the same customers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_studies import company, flat_study, panels_of, refilled

from cxroi.grid.asking import worth_asking
from cxroi.grid.grid import score_grid

SIZE = 240


def panels(better):
    scores = {"csat": {"kind": "csat"}, "ces": {"kind": "ces", "better": better}}
    outcomes = {"spend": {"kind": "amount", "baseline": "before"}, "stays": {"kind": "yes_no"}}
    return panels_of(flat_study(scores, outcomes), company(np.random.default_rng(1), SIZE))


@pytest.fixture(scope="module")
def both():
    return panels("higher"), panels("lower")


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), effect=st.floats(0.0, 1.5))
def test_effort_counted_either_way_is_mirrored(both, seed, effect):
    """7 for very easy, or 7 for much effort: gaps and gains stay, slopes change their sign."""
    frame = company(np.random.default_rng(seed), SIZE, effect)
    easy = refilled(both[0], frame)
    effort = refilled(both[1], frame.assign(ces=8 - frame["ces"]))
    one, other = score_grid(easy), score_grid(effort)
    for outcome in ("spend", "stays"):
        mine, turned = one["ces", outcome], other["ces", outcome]
        for figure in ("raw", "contrast", "standardised"):
            assert values(getattr(mine, figure)) == pytest.approx(
                values(getattr(turned, figure)), rel=1e-6, abs=1e-9
            )
        for figure in ("trend", "correlation"):
            value, low, high = values(getattr(turned, figure))
            assert values(getattr(mine, figure)) == pytest.approx(
                (-value, -high, -low), rel=1e-6, abs=1e-9
            )
        kinds = {cell.verdict.kind if cell.verdict else None for cell in (mine, turned)}
        assert len(kinds) == 1
    asked, asked_too = worth_asking(easy), worth_asking(effort)
    assert asked.contests.keys() == asked_too.contests.keys()
    for outcome, contest in asked.contests.items():
        mirrored = asked_too.contests[outcome]
        assert (contest.kind, contest.unbeaten) == (mirrored.kind, mirrored.unbeaten)
        for e, turned in zip(contest.estimates, mirrored.estimates, strict=True):
            assert values(e) == pytest.approx(values(turned), rel=1e-6, abs=1e-9)


def values(estimate):
    if estimate is None:
        return (0.0, 0.0, 0.0)
    return estimate.estimate, estimate.conf_low, estimate.conf_high
