"""A few companies of the worlds with every run; `coverage_study.py` has the large table."""

import coverage_study
import pandas as pd
import pytest
from coverage_study import claims, coverage, run

COMPANIES = 5
STRAIGHT = ("plain", "null", "rare_churn", "accounts")
BENT = ("skewed_baseline_null", "u_shape", "u_shape_null", "sine")


@pytest.fixture(scope="module")
def found():
    return run([*STRAIGHT, *BENT, "lasting_trait"], range(1, 1 + COMPANIES))


def held(found, worlds, rung):
    """Share of intervals that hold the truth, over worlds, outcomes and companies."""
    table = coverage(found[found["world"].isin(worlds)])
    of = table[table["rung"] == rung]
    return (of["held"] * of["companies"]).sum() / of["companies"].sum()


def test_straight_lines_are_found_and_raw_gaps_are_biased(found):
    assert held(found, STRAIGHT, "doubly_robust") > 0.89  # of 60 intervals
    assert held(found, STRAIGHT, "raw") < 0.8


def test_bent_worlds_are_found(found):
    assert held(found, BENT, "doubly_robust") > 0.89


def test_of_a_lasting_trait_only_change_within_customers_is_true(found):
    spend = coverage(found[found["world"] == "lasting_trait"]).query("outcome == 'spend'")
    shares = spend.set_index("rung")["held"]
    assert shares["within"] >= 4 / COMPANIES
    assert shares[["raw", "adjusted", "doubly_robust"]].max() == 0


def test_nothing_is_expected_to_pay_where_the_score_does_nothing(found):
    said = claims(found).set_index("world")
    assert said.loc["null", "true_roi"] == -1
    assert said.loc["null", "pays"] == 0
    assert said.loc["null", "useful"] <= 1 / COMPANIES


def test_a_run_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    path, made = tmp_path / "found.csv", []
    made_one = coverage_study.hold_one
    monkeypatch.setattr(coverage_study, "hold_one", lambda *job: made.append(job) or made_one(*job))
    first = run(["null"], range(1, 3), ("oracle",), path)
    both = run(["null"], range(1, 4), ("oracle",), path)
    assert made == [("null", seed, "oracle") for seed in (1, 2, 3)]
    assert len(both) == len(first) * 3 / 2
    pd.testing.assert_frame_equal(both[both["seed"] < 3], first, check_dtype=False)


def test_shares_are_those_counted_by_hand():
    """Three companies: one interval holds the truth of 1, one none and not zero, one refused."""
    rows = [
        coverage_study._row("spend", "adjusted", 1.0, 2.0, 1.0, 0.0, 4.0),
        coverage_study._row("spend", "adjusted", 1.0, 4.0, 1.0, 2.0, 6.0),
        coverage_study._row("spend", "refused", 1.0, note="ModelError"),
        *(coverage_study._row("roi", "said", 0.0, note=said) for said in ("pays", "open", "open")),
        coverage_study._row("spend", "verdict", note="useful"),
    ]
    seeds = (1, 2, 3, 1, 2, 3, 1)
    table = pd.DataFrame([{"world": "w", "seed": s, **r} for s, r in zip(seeds, rows, strict=True)])
    (row,) = coverage(table).query("outcome == 'spend'").to_dict("records")
    assert (row["held"], row["not_zero"], row["width"], row["refused"]) == (0.5, 0.5, 4.0, 1)
    assert row["bias"] == pytest.approx(2 / 2**0.5)  # mean error 2, deviation of 2 and 4
    (said,) = claims(table).to_dict("records")
    assert said["useful"] == 1
    assert [said[word] for word in ("pays", "open", "does not")] == pytest.approx([1 / 3, 2 / 3, 0])
