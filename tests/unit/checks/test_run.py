"""The checks run together: refusals kept, names stable, results written whole."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from panels import SCENARIO, customers, make_panel, make_study

import cxroi as cx
from cxroi.analysis import Analysis, analyse
from cxroi.checks import run as module
from cxroi.checks.result import FAILED, NOT_POSSIBLE, PASSED, Check
from cxroi.checks.run import OUTCOME_CHECKS, Checks, run_checks
from cxroi.errors import CxroiError, ModelError, ParameterError
from cxroi.respondents.nonresponse import Nonresponse
from cxroi.results.estimate import Estimate

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
NAMES = (*OUTCOME_CHECKS, "nonresponse")


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Return a flat study with a scenario; contacts are too rare to say anything about."""
    frame = customers(700, seed=2)
    frame["contacts_after"] = (np.arange(len(frame)) % 300 == 0).astype(float)
    study = make_study(
        tmp_path_factory.mktemp("flat"), KINDS, controls=("tenure", "region"), scenario=SCENARIO
    )
    return analyse(make_panel(study, frame))


@pytest.fixture(scope="module")
def checked(flat):
    return run_checks(flat)


def made_up_weights(panel, rate=0.4, seed=3):
    """Make up response weights: those who did not answer were short of tenure."""
    rng = np.random.default_rng(seed)
    weights = np.exp(
        -0.5 * panel.frame["attr_tenure"].to_numpy() + rng.normal(0, 0.1, len(panel.frame))
    )
    share = Estimate("nonresponse.response_rate", rate, 0.35, 0.45, 0.02, "share", 1750, "made up")
    return Nonresponse(
        invited=1750, answered=700, response_rate=share, balance=pd.DataFrame({"control": ["x"]}),
        weights=weights, score_weights=weights, rows=None, unmatched=0, trimmed=0, cap=9.0,
        model=None, method="made up", notes=(), weighed=len(weights), effective=float(len(weights)),
    )  # fmt: skip


def test_every_outcome_gets_every_check_once(flat, checked):
    pairs = [(check.name, check.outcome) for check in checked.checks]
    assert len(pairs) == len(set(pairs))
    expected = {(name, outcome) for name in NAMES for outcome in KINDS}
    assert set(pairs) == expected | {("regression_to_mean", "score")}
    for outcome in KINDS:
        assert [check.name for check in checked.about(outcome)] == list(NAMES)
    assert [check.outcome for check in checked.of("power")] == list(KINDS)


def test_what_is_refused_is_kept_with_its_reason(flat, checked):
    assert "too rare to tell" in str(flat.refusals["contacts"])
    for check in checked.about("contacts"):
        if check.name not in ("leakage", "overlap"):
            assert check.verdict == NOT_POSSIBLE
    for name in ("confounding", "sensitivity", "power"):
        (check,) = (c for c in checked.about("contacts") if c.name == name)
        assert check.sentence == str(flat.refusals["contacts"])
        assert check.entry.estimate is None
        assert check.entry.note == f"not possible: {flat.refusals['contacts']}"
    for check in checked.of("nonresponse"):
        assert (check.verdict, check.sentence) == (
            NOT_POSSIBLE,
            str(checked.refusals["nonresponse"]),
        )
    assert (checked.nonresponse, checked.moves, checked.response_weighted) == (None, None, ())
    assert set(checked.refusals) == {"nonresponse", "moves"}


def test_names_are_unique_and_follow_the_check(checked):
    names = [estimate.name for estimate in checked.estimates]
    assert len(names) == len(set(names))
    assert names[0] == "rating"
    of_checks = [f"check.{check.name}.{check.outcome}" for check in checked.checks]
    assert names[1 : 1 + len(of_checks)] == of_checks
    # Verdicts that the checks do not let stand take the place of those of the analysis.
    changed = [v for v in checked.verdicts if v not in checked.grounds.verdicts]
    assert names[1 + len(of_checks) :] == [v.estimate.name for v in changed]


def test_a_row_a_check_holds_what_the_check_says(checked):
    table = checked.tidy()
    assert len(table) == len(checked.checks)
    row = table[(table["check"] == "power") & (table["outcome"] == "spend")].iloc[0]
    (check,) = (c for c in checked.of("power") if c.outcome == "spend")
    assert row["estimate"] == check.estimate.estimate
    assert (row["verdict"], row["sentence"]) == (check.verdict, check.sentence)


def test_one_refusal_does_not_stop_the_others(flat, checked, monkeypatch):
    def refuse(analysis, outcome):
        if outcome == "spend":
            raise ModelError("the moon is full", "it is not", "Wait")
        return Check("power", outcome, PASSED, "It is.")

    monkeypatch.setattr(module, "OUTCOME_CHECKS", {**OUTCOME_CHECKS, "power": refuse})
    again = run_checks(flat)
    assert [(c.name, c.outcome) for c in again.checks] == [
        (c.name, c.outcome) for c in checked.checks
    ]
    spend, retained, _ = again.of("power")
    assert (spend.verdict, spend.sentence) == (
        NOT_POSSIBLE,
        "the moon is full; it is not. Wait.",
    )
    assert spend.entry.name == "check.power.spend"
    assert (retained.verdict, retained.entry.note) == (PASSED, "passed: It is.")
    rest = [c for c in again.checks if c.name != "power"]
    assert rest == [c for c in checked.checks if c.name != "power"]


@pytest.mark.parametrize(
    "fault",
    [OverflowError, ZeroDivisionError, FloatingPointError, np.linalg.LinAlgError],
)
def test_arithmetic_that_fails_is_not_possible_and_stops_no_other(flat, monkeypatch, fault):
    def fails(analysis, outcome):
        if outcome == "spend":
            raise fault("math range error")
        return Check("power", outcome, PASSED, "It is.")

    monkeypatch.setattr(module, "OUTCOME_CHECKS", {"power": fails})
    spend, retained, _ = run_checks(flat).of("power")
    assert spend.verdict == NOT_POSSIBLE
    assert f"the check power of spend leaves the range of numbers ({fault.__name__})" in (
        spend.sentence
    )
    assert retained.verdict == PASSED


def test_arithmetic_that_fails_in_response_weights_is_a_reason(flat, monkeypatch):
    def fails(panel):
        raise OverflowError("math range error")

    monkeypatch.setattr(module, "weigh_responses", fails)
    checks = run_checks(flat)
    assert "response weights leaves the range" in str(checks.refusals["nonresponse"])
    assert {check.verdict for check in checks.of("nonresponse")} == {NOT_POSSIBLE}


def test_a_fault_of_the_program_is_not_taken_for_a_refusal(flat, monkeypatch):
    def broken(analysis, outcome):
        raise KeyError(outcome)

    monkeypatch.setattr(module, "OUTCOME_CHECKS", {"leakage": broken})
    with pytest.raises(KeyError, match="spend"):
        run_checks(flat)


def test_the_score_itself_may_be_all_that_is_refused(flat, monkeypatch):
    def drifts(analysis, outcome):
        return Check("regression_to_mean", outcome, FAILED, "Scores drift.")

    monkeypatch.setattr(module, "regression_to_mean_check", drifts)
    monkeypatch.setattr(module, "OUTCOME_CHECKS", {})
    (check,) = run_checks(flat).of("regression_to_mean")
    assert (check.outcome, check.verdict) == ("score", FAILED)


@pytest.fixture
def weighed(flat, monkeypatch):
    known = made_up_weights(flat.panel)
    monkeypatch.setattr(module, "weigh_responses", lambda panel: known)
    return known, run_checks(flat)


def test_response_weighted_figures_have_the_names_they_have_without(flat, weighed):
    _, checks = weighed
    plain = {estimate.name for estimate in flat.estimates}
    names = [estimate.name for estimate in checks.response_weighted]
    assert len(names) == len(set(names))
    assert all(name.endswith(".response_weighted") for name in names)
    stems = {name.removesuffix(".response_weighted") for name in names}
    assert stems <= plain
    assert {
        "score.nps",
        "mean.spend.promoter",
        "contrast.spend.doubly_robust",
        "roi.ratio",
    } <= stems
    assert not any("contacts" in name for name in names)
    assert {e.name for e in checks.estimates} >= {*names, "nonresponse.response_rate"}


def test_response_weighted_means_are_weighted_means(flat, weighed):
    known, checks = weighed
    found = {estimate.name: estimate for estimate in checks.response_weighted}
    frame = flat.panel.frame
    for group in ("passive", "promoter"):
        inside = (frame["group"] == group).to_numpy()
        mean = np.average(frame["spend_after"][inside], weights=known.weights[inside])
        name = f"mean.spend.{group}.response_weighted"
        assert found[name].estimate == pytest.approx(mean, rel=1e-12)
    share = np.average(frame["group"] == "promoter", weights=known.weights)
    share -= np.average(frame["group"] == "detractor", weights=known.weights)
    assert found["score.nps.response_weighted"].estimate == pytest.approx(100 * share, rel=1e-12)


def test_nonresponse_is_checked_where_there_is_a_gap_to_check(flat, weighed):
    _, checks = weighed
    spend, retained, contacts = checks.of("nonresponse")
    found = {estimate.name: estimate for estimate in checks.response_weighted}
    for check in (spend, retained):
        name = f"contrast.{check.outcome}.doubly_robust"
        change = (
            found[f"{name}.response_weighted"].estimate
            - flat.regressions[check.outcome].contrast.estimate
        )
        assert check.estimate.estimate == pytest.approx(change, rel=1e-9)
    assert (contacts.verdict, contacts.sentence) == (NOT_POSSIBLE, str(flat.refusals["contacts"]))


def test_results_hold_every_figure_once_as_strict_json(flat, weighed, tmp_path):
    _, checks = weighed
    path = tmp_path / "results.json"
    cx.write_results(flat, path, also=checks.estimates)
    content = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    names = [entry["name"] for entry in content["results"]]
    assert len(names) == len(set(names))
    assert names == list(dict.fromkeys(e.name for e in (*flat.estimates, *checks.estimates)))
    entries = {entry["name"]: entry for entry in content["results"]}
    (check,) = (c for c in checks.of("leakage") if c.outcome == "spend")
    assert entries["check.leakage.spend"]["estimate"] == check.estimate.estimate
    assert entries["check.leakage.spend"]["note"] == f"{check.verdict}: {check.sentence}"
    refused = entries["check.power.contacts"]
    assert (refused["estimate"], refused["n"], refused["method"]) == (None, 0, "none")


def test_an_analysis_without_any_gap_is_checked_all_the_same(flat):
    reason = ModelError("nothing was found", "something is")
    empty = replace(
        flat, comparisons={}, regressions={}, within={}, verdicts=(), roi=None,
        refusals=dict.fromkeys(KINDS, reason), missing={},
    )  # fmt: skip
    assert isinstance(empty, Analysis)
    checks = run_checks(empty)
    assert isinstance(checks, Checks)
    assert len(checks.checks) == len(NAMES) * len(KINDS) + 1
    for check in (*checks.of("power"), *checks.of("sensitivity"), *checks.of("confounding")):
        assert (check.verdict, check.sentence) == (NOT_POSSIBLE, str(reason))
    assert isinstance(checks.refusals["moves"], CxroiError)


def test_some_checks_alone(flat):
    found = run_checks(flat, "power", "regression_to_mean")
    assert {check.name for check in found.checks} == {"power", "regression_to_mean"}
    with pytest.raises(ParameterError, match="Did you mean 'placebo'"):
        run_checks(flat, "placeboo")
