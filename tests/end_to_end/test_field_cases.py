"""Cases from the field: what each went wrong over, with values worked out by pandas and numpy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ordinary_cases import of_study

import cxroi as cx
from cxroi.errors import StudyError

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


def found(case, fits="rows", study="study.toml"):
    """Analyse a case from the field, or skip where it is not there."""
    if not (CASES / case / study).exists():
        pytest.skip(f"the field case {case} is not here")
    return of_study(cx.load_study(CASES / case / study), fits)


def data(case, name="customers.csv", score="score"):
    frame = pd.read_csv(CASES / case / name)
    group = pd.cut(frame[score], [-1, 6, 8, 10], labels=["detractor", "passive", "promoter"])
    return frame.assign(group=group.astype(str))


def gap_of(frame, values):
    means = values.groupby(frame["group"]).mean()
    return means["promoter"] - means["passive"]


def least_squares(frame, values, *controls):
    """The difference of promoters from passives at equal controls, by numpy."""
    groups = [(frame["group"] == g) * 1.0 for g in ("detractor", "promoter")]
    design = np.column_stack([np.ones(len(frame)), *groups, *controls])
    return np.linalg.lstsq(design, values, rcond=None)[0][2]


def test_one_outlier_is_named_and_costs_no_other_outcome():
    analysis, checks, _ = found("one_outlier")
    said = str(analysis.refusals["spend"])
    assert "a value is 500,000, while 99 % are up to" in said
    assert "Check that value" in said
    assert "fewer controls" not in said
    assert analysis.roi is None
    frame = data("one_outlier")
    stay = (frame["stay"] == "Y") * 1.0
    assert analysis.regressions["retained"].raw.estimate == pytest.approx(gap_of(frame, stay))
    assert not [check for check in checks.checks if check.verdict == "failed"]


def test_one_price_is_no_reason_to_lose_spend():
    analysis, _, _ = found("single_price")
    frame = data("single_price")
    assert set(frame["spend"]) == {0.0, 9.99}
    regression = analysis.regressions["spend"]
    # One price: the gap in spend is the price times the gap in the share who buy.
    bought = (frame["spend"] > 0) * 1.0
    assert regression.raw.estimate == pytest.approx(9.99 * gap_of(frame, bought))
    assert 0 < regression.contrast.estimate < 2 * regression.raw.estimate
    assert analysis.roi is not None


def test_a_rare_level_that_never_churns_costs_no_retention():
    analysis, _, _ = found("rare_level_never_churns")
    regression = analysis.regressions["retained"]
    assert any("merged as (other): 'MT'." in note for note in regression.notes)
    without, _, _ = found("one_outlier")  # the same customers, country left out
    held = without.regressions["retained"].contrast
    assert regression.contrast.estimate == pytest.approx(held.estimate, abs=held.std_error / 4)
    assert "roi.ratio" in {e.name for e in analysis.roi.estimates}  # beyond the first window


def test_a_third_group_that_never_buys_leaves_the_pair_alone():
    analysis, _, _ = found("group_never_buys")
    frame = data("group_never_buys")
    assert frame.loc[frame["group"] == "detractor", "spend"].sum() == 0
    regression = analysis.regressions["spend"]
    assert regression.raw.estimate == pytest.approx(gap_of(frame, frame["spend"]))
    assert abs(regression.contrast.estimate - regression.raw.estimate) < 5
    [note] = [note for note in regression.notes if "No model describes" in note]
    assert "'detractor'" in note
    assert "[controls]" not in note


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_missing_mark_that_separates_costs_no_outcome(fits):
    analysis, _, _ = found("missing_flag_separates", fits)
    frame = data("missing_flag_separates", "d.csv", "nps")
    missing = frame["nights"].isna()
    assert missing.sum() == 35
    nights = frame["nights"].fillna(frame["nights"].mean())
    regression = analysis.regressions["spend"]
    by_hand = least_squares(frame, frame["spend"], nights, missing * 1.0)
    assert regression.adjusted.estimate == pytest.approx(by_hand)
    assert abs(regression.contrast.estimate - by_hand) < regression.adjusted.std_error
    assert "winsorised" in {e.term for e in regression.beside}
    [note] = [note for note in regression.notes if "separates" in note]
    assert "Fill in 'nights' where it is missing" in note


@pytest.mark.parametrize(
    "case", ["gamma_log_explodes_on_long_tailed_control", "overflow_in_confounding_check"]
)
@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_long_tailed_control_makes_no_wild_number(case, fits):
    analysis, checks, _ = found(case, fits)
    frame = data(case, "d.csv", "nps")
    regression = analysis.regressions["spend"]
    by_hand = least_squares(frame, frame["spend"], frame["nights"])
    assert abs(by_hand) < 2  # the true gap is zero
    assert regression.adjusted.estimate == pytest.approx(by_hand)
    assert abs(regression.contrast.estimate - by_hand) < 5
    assert all(abs(e.estimate) < 20 for e in regression.beside)
    assert any("predicted a mean of" in e.method for e in regression.beside)
    # Half the margin of at most 12 a customer, against a cost of 1.
    assert -4 < analysis.roi.estimates[0].estimate < 2
    assert len([check for check in checks.checks if check.name == "confounding"]) == 1


def test_a_leaking_control_takes_the_verdict_away():
    _, checks, answer = found("leaking_control_makes_tight_null")
    frame = pd.read_csv(CASES / "leaking_control_makes_tight_null" / "d.csv")
    assert (frame["complained"] == frame["exited"]).mean() > 0.99
    assert "verdict withdrawn" in answer
    assert "do not differ usefully" not in answer
    [leak] = [c for c in checks.checks if (c.name, c.outcome) == ("leakage", "retained")]
    assert leak.verdict == "failed"
    assert "'complained'" in leak.sentence
    without, _, _ = found("leaking_control_makes_tight_null", study="study_without.toml")
    whole = without.regressions["retained"].contrast
    assert whole.conf_low == pytest.approx(-0.033, abs=0.002)
    assert whole.conf_high == pytest.approx(0.023, abs=0.002)


def test_churned_in_a_flat_study_is_retained_mirrored():
    case = "churned_in_flat_study_enters_no_roi"
    churned, retained = (
        found(case, study=name)[0] for name in ("study.toml", "study_retained.toml")
    )
    assert churned.roi.estimates[0].estimate == pytest.approx(2.353, abs=0.001)
    for one, other in zip(churned.roi.estimates, retained.roi.estimates, strict=True):
        assert one.estimate == pytest.approx(other.estimate, nan_ok=True), one.name


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_baseline_before_the_first_order_is_not_known(fits):
    case = "empty_baseline_read_as_zero"
    analysis, checks, answer = found(case, fits)
    orders, responses = (pd.read_csv(CASES / case / f"{n}.csv") for n in ("orders", "responses"))
    assert orders["day"].min() == "2025-01-16"
    assert responses["at"].max() < "2025-01-16"
    [warning] = analysis.panel.ledger.warnings
    assert warning.startswith(
        "The first of orders is of 2025-01-16: the baseline of 3,000 of 3,000"
    )
    assert "not known (not zero)" in warning
    assert analysis.panel.frame["spend_before"].isna().all()
    assert "no spend before the answers is known" in answer
    assert any("it is known for nobody" in n for n in analysis.regressions["spend"].notes)
    [placebo] = [c for c in checks.checks if c.name == "placebo" and c.outcome == "spend"]
    assert placebo.verdict == "not possible"
    assert "not known for any of them" in placebo.sentence


def test_the_score_is_no_outcome():
    if not (CASES / "outcome_is_the_score").exists():
        pytest.skip("the field case outcome_is_the_score is not here")
    with pytest.raises(StudyError, match="'spend' is in column 'score', which is the score"):
        cx.load_study(CASES / "outcome_is_the_score" / "study.toml")
