"""Ordinary flaws of data, neighbours of the cases from the field.

Of each: nothing ends by accident, no number leaves the data, other outcomes stay as they are, and
what was refused has its reason.
"""

import numpy as np
import pytest
from ordinary_cases import OUTCOMES, analysed, customers

from cxroi.errors import DataError, StudyError

PEOPLE = customers()
PASSIVE, PROMOTER = PEOPLE["score"].between(7, 8), PEOPLE["score"] >= 9
DETRACTOR = PEOPLE["score"] < 7
NAMES = ("spend", "contacts", "used", "retained")


def put(column, value, where=3):
    """The customers with another value in one place of a column."""
    values = PEOPLE[column].astype(float).copy()
    values[where] = value
    return PEOPLE.assign(**{column: values})


def gap(frame, column):
    return frame.loc[PROMOTER, column].mean() - frame.loc[PASSIVE, column].mean()


def contrasts(analysis):
    return {name: r.contrast.estimate for name, r in analysis.regressions.items()}


def check(checks, name, outcome):
    [one] = [c for c in checks.checks if (c.name, c.outcome) == (name, outcome)]
    return one


def holds(analysis, frame):
    """Whether each raw gap is that of the frame, and no adjusted one leaves what is plausible."""
    columns = {"retained": "stay"}
    for name, regression in analysis.regressions.items():
        column = columns.get(name, name)
        assert regression.raw.estimate == pytest.approx(gap(frame, column)), name
        spread = frame[column].std()
        for e in (regression.adjusted, regression.contrast, *regression.beside):
            assert abs(e.estimate - regression.raw.estimate) < spread, (name, e.term)
            assert e.std_error < spread, (name, e.term)
    if analysis.roi is not None:
        assert abs(analysis.roi.estimates[0].estimate) < 10
    for name, refusal in analysis.refusals.items():
        assert len(str(refusal)) > 40, name


@pytest.fixture(scope="module")
def sound():
    analysis, _, _ = analysed(PEOPLE)
    return contrasts(analysis)


FITS = pytest.mark.parametrize("fits", ["rows", "engine"])
# An engine takes long to plan many columns; what differs there is tested in tests/property.
IN_MEMORY = pytest.mark.parametrize("fits", ["rows"])


@FITS
def test_one_outlier_among_counts_refuses_counts_alone(sound, fits):
    frame = put("contacts", 50_000)
    analysis, checks, _ = analysed(frame, fits)
    holds(analysis, frame)
    assert "a value is 50,000" in str(analysis.refusals["contacts"])
    others = {name: value for name, value in sound.items() if name != "contacts"}
    assert contrasts(analysis) == pytest.approx(others)
    if checks:  # of an engine they take long
        assert check(checks, "power", "contacts").verdict == "not possible"


@IN_MEMORY
@pytest.mark.parametrize("column", ["tenure", "spend0", "contacts0"])
def test_one_outlier_among_what_is_held_equal_moves_nothing_far(sound, column, fits):
    frame = put(column, 5e6)
    analysis, _, _ = analysed(frame, fits)
    holds(analysis, frame)
    assert set(analysis.regressions) == {*NAMES}
    for name, value in contrasts(analysis).items():
        error = analysis.regressions[name].contrast.std_error
        assert abs(value - sound[name]) < 3 * error, name


@pytest.mark.parametrize(
    "extra", [{"weight": "w"}, {"cluster": "account"}], ids=["weights", "clusters"]
)
def test_an_outlier_with_weights_or_clusters_is_named(extra):
    rng = np.random.default_rng(1)
    frame = put("spend", 5e5).assign(w=rng.gamma(1.0, 1.0, 900), account=PEOPLE["id"] // 10)
    analysis, _, _ = analysed(frame, **extra)
    assert "a value is 500,000" in str(analysis.refusals["spend"])
    assert set(analysis.regressions) == {*NAMES} - {"spend"}
    assert analysis.roi is None


@IN_MEMORY
def test_one_price_in_one_group_alone(fits):
    frame = PEOPLE.assign(spend=np.where(PROMOTER & (PEOPLE.spend > 0), 9.99, PEOPLE.spend))
    analysis, _, _ = analysed(frame, fits)
    holds(analysis, frame)
    # A promoter cannot spend more than the price: the gap is at most that less the passives' mean.
    highest = 9.99 - frame.loc[PASSIVE, "spend"].mean()
    assert analysis.regressions["spend"].contrast.estimate < highest


@pytest.mark.parametrize("group", [DETRACTOR, PROMOTER], ids=["detractors", "promoters"])
def test_all_of_one_group_buy(sound, group):
    frame = PEOPLE.assign(spend=np.where(group, PEOPLE.spend + 1, PEOPLE.spend))
    analysis, _, _ = analysed(frame)
    holds(analysis, frame)
    # One more for each promoter is one more of the gap; what detractors have is no part of it.
    more = float(group is PROMOTER)
    assert contrasts(analysis)["spend"] == pytest.approx(sound["spend"] + more, abs=1e-6)


NONE_OF = [("spend", 0.0), ("contacts", 0), ("used", 0.0), ("stay", 0), ("stay", 1)]


@pytest.mark.parametrize(("column", "value"), NONE_OF)
@pytest.mark.parametrize("group", [PASSIVE, PROMOTER], ids=["passives", "promoters"])
def test_a_group_of_the_pair_with_one_value_refuses_that_outcome_alone(sound, column, value, group):
    frame = PEOPLE.assign(**{column: np.where(group, value, PEOPLE[column])})
    analysis, checks, answer = analysed(frame)
    name = {"stay": "retained"}.get(column, column)
    assert "too rare to tell" in str(analysis.refusals[name])
    others = {one: v for one, v in sound.items() if one != name}
    assert contrasts(analysis) == pytest.approx(others)
    assert check(checks, "leakage", name).verdict == "failed"
    assert "expected to pay" not in answer
    holds(analysis, frame)


@pytest.mark.parametrize("column", ["spend", "contacts", "used"])
def test_a_third_group_with_nothing_leaves_the_pair_alone(sound, column):
    frame = PEOPLE.assign(**{column: np.where(DETRACTOR, 0, PEOPLE[column])})
    analysis, _, _ = analysed(frame)
    assert contrasts(analysis) == pytest.approx(sound)
    holds(analysis, frame)


def test_a_level_that_only_one_group_has(sound):
    only = PROMOTER & (PEOPLE["id"] % 5 == 0)
    frame = PEOPLE.assign(region=np.where(only, "vip", PEOPLE["region"]))
    analysis, _, _ = analysed(frame)
    holds(analysis, frame)
    for name, value in contrasts(analysis).items():
        assert abs(value - sound[name]) < 2 * analysis.regressions[name].contrast.std_error


def test_rare_levels_are_named_up_to_five():
    names = np.array(["MT", "CY", "LU", "IS", "LI", "AD", "SM"])
    frame = PEOPLE.assign(
        region=np.where(PEOPLE["id"] < 70, names[PEOPLE["id"] % 7], PEOPLE["region"])
    )
    analysis, _, _ = analysed(frame)
    [note] = [n for n in analysis.regressions["spend"].notes if "merged" in n]
    assert note == (
        "region: 7 levels under 30 rows merged as (other): 'AD', 'CY', 'IS', 'LI', 'LU' and 2 more."
    )


@IN_MEMORY
@pytest.mark.parametrize("group", [PASSIVE, PROMOTER], ids=["passives", "promoters"])
def test_a_control_missing_for_one_group_is_named(group, fits):
    analysis, _, _ = analysed(PEOPLE.assign(tenure=PEOPLE.tenure.where(~group)), fits)
    for name in NAMES:
        said = str(analysis.refusals[name])
        assert said.startswith("control 'tenure' is missing for one group and known for the others")
    assert analysis.roi is None


def test_a_leak_through_a_missing_mark_withdraws_retention():
    frame = PEOPLE.assign(tenure=PEOPLE.tenure.where(PEOPLE.stay == 1))
    _, checks, answer = analysed(frame)
    leak = check(checks, "leakage", "retained")
    assert leak.verdict == "failed"
    assert "'tenure = (missing)'" in leak.sentence
    assert "expected to pay" not in answer
    assert "retained away (verdict withdrawn)" in answer


def test_churned_beside_retained_counts_once():
    churned = {"column": "left", "kind": "yes_no", "yes": [1], "no": [0], "better": "lower"}
    twice = {**OUTCOMES, "churned": churned}
    both, _, _ = analysed(PEOPLE.assign(left=1 - PEOPLE.stay), outcomes=twice)
    one, _, _ = analysed(PEOPLE)
    for here, there in zip(both.roi.estimates, one.roi.estimates, strict=True):
        assert here.estimate == pytest.approx(there.estimate, nan_ok=True), here.name


def test_an_outcome_made_from_the_score_is_withdrawn():
    with pytest.raises(DataError, match="is the score 'score' in another column"):
        analysed(PEOPLE.assign(spend=11.0 - PEOPLE.score))
    nearly = 11.0 - PEOPLE.score + 0.01 * (PEOPLE.id % 2)
    _, checks, answer = analysed(PEOPLE.assign(spend=nearly))
    leak = check(checks, "leakage", "spend")
    assert leak.verdict == "failed"
    assert "made from it" in leak.sentence
    assert "spend away (verdict withdrawn)" in answer


def test_the_score_is_neither_outcome_nor_baseline_nor_control():
    spend = OUTCOMES["spend"]
    for change, said in (
        ({"column": "score"}, "which is the score"),
        ({"baseline": "score"}, "the score"),
    ):
        with pytest.raises(StudyError, match=said):
            analysed(PEOPLE, outcomes={"spend": {**spend, **change}})
    with pytest.raises(DataError, match="a control, is the score 'score' in another column"):
        analysed(PEOPLE.assign(tenure=PEOPLE.score * 1.0))
    analysis, _, _ = analysed(PEOPLE.assign(tenure=PEOPLE.score + 1e-5 * (PEOPLE.id % 2)))
    assert "(nearly) the score itself" in str(analysis.refusals["spend"])


def test_amounts_all_below_zero_are_compared_as_they_are(sound):
    frame = PEOPLE.assign(spend=-PEOPLE.spend - 1)
    analysis, _, _ = analysed(frame)
    holds(analysis, frame)
    assert contrasts(analysis)["spend"] == pytest.approx(-sound["spend"])


@IN_MEMORY
@pytest.mark.parametrize("value", [5.0, np.nan], ids=["constant", "empty"])
def test_a_baseline_that_says_nothing_is_left_out(value, fits):
    analysis, checks, answer = analysed(PEOPLE.assign(spend0=value), fits)
    plain = {name: dict(one) for name, one in OUTCOMES.items()}
    del plain["spend"]["baseline"]
    without, _, _ = analysed(PEOPLE, fits, outcomes=plain)
    assert contrasts(analysis) == pytest.approx(contrasts(without))
    if checks:
        assert "no spend before the answers is known" in answer
        assert check(checks, "placebo", "spend").verdict == "not possible"


def test_a_baseline_with_one_value_above_zero():
    frame = PEOPLE.assign(spend0=np.where(PEOPLE.id == 4, 7.0, 0.0))
    analysis, _, _ = analysed(frame)
    holds(analysis, frame)
    assert set(analysis.regressions) == {*NAMES}


def test_a_baseline_that_is_the_outcome_is_a_leak():
    analysis, checks, answer = analysed(PEOPLE.assign(spend0=PEOPLE.spend))
    assert check(checks, "leakage", "spend").verdict == "failed"
    assert "expected to pay" not in answer
    assert abs(analysis.regressions["spend"].contrast.estimate) < 1


@pytest.mark.parametrize("value", [np.nan, 3.0], ids=["empty", "constant"])
def test_a_control_that_does_not_vary_is_named(value):
    analysis, _, _ = analysed(PEOPLE.assign(tenure=value))
    assert "'tenure' is the same for every response" in str(analysis.refusals["spend"])


def test_a_control_with_two_values_is_a_yes_or_no(sound):
    frame = PEOPLE.assign(tenure=np.where(PEOPLE.tenure > 20, 1.0, 2.0))
    analysis, _, _ = analysed(frame)
    holds(analysis, frame)
    coded, _, _ = analysed(frame.assign(tenure=10 * frame.tenure))  # any two values
    assert contrasts(analysis) == pytest.approx(contrasts(coded))


def test_an_empty_outcome_costs_no_other(sound):
    analysis, _, _ = analysed(PEOPLE.assign(contacts=np.nan))
    assert "known for no response" in str(analysis.refusals["contacts"])
    assert contrasts(analysis) == pytest.approx({n: v for n, v in sound.items() if n != "contacts"})


@pytest.mark.parametrize("column", ["spend", "spend0", "contacts", "tenure"])
@pytest.mark.parametrize("value", [1e300, -1e300, np.inf])
def test_numbers_that_no_amount_can_be_are_named(column, value):
    with pytest.raises(DataError, match=f"'{column}' .* holds (infinite numbers|numbers beyond)"):
        analysed(put(column, value))


def test_huge_counts_are_as_many_times_the_small_ones(sound):
    analysis, _, _ = analysed(PEOPLE.assign(contacts=PEOPLE.contacts * 10.0**12))
    assert contrasts(analysis)["contacts"] == pytest.approx(1e12 * sound["contacts"], rel=1e-6)


def test_one_heavy_weight_is_named():
    analysis, _, _ = analysed(PEOPLE.assign(w=np.where(PEOPLE.id == 4, 1e6, 1.0)), weight="w")
    assert "so unevenly weighted" in str(analysis.refusals["spend"])
    assert analysis.roi is None
