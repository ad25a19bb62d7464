"""The rating: every line of its table, and what it leaves of verdicts."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from panels import SCENARIO, by_group, customers, make_panel, make_study

from cxroi.analysis import analyse
from cxroi.checks.rating import MEANS, NONE, bounded, rate
from cxroi.checks.result import FAILED, NOT_POSSIBLE, PASSED, WARNING, Check
from cxroi.checks.run import OUTCOME_CHECKS, run_checks
from cxroi.checks.tools.grounds import Doubt, Grounds, grounds_of, money_outcomes
from cxroi.effects.verdicts import NOT_IDENTIFIED, USEFUL, Verdict
from cxroi.presentation.sentences import answer
from cxroi.reading.ledger import Ledger
from cxroi.results.estimate import Estimate

NAMES = (*OUTCOME_CHECKS, "nonresponse")
MONEY = ("spend", "contacts")


def grounds(*doubts, agreeing=(), verdicts=(), unasked=()):
    return Grounds(MONEY, doubts, agreeing, verdicts, unasked)


def checks(**verdicts):
    """Every check of two outcomes, passed but where ``<check>__<outcome>`` says otherwise."""
    found = [
        Check(name, outcome, verdicts.get(f"{name}__{outcome}", PASSED), "Found.")
        for name in NAMES
        for outcome in (*MONEY, "orders")
    ]
    score = verdicts.get("regression_to_mean__score", PASSED)
    return [*found, Check("regression_to_mean", "score", score, "Found.")]


def level(found, of=None, **others):
    return rate(found, of or grounds(), MONEY, **others).level


def test_observed_scores_start_at_moderate():
    rating = rate(checks(), grounds(), MONEY)
    assert rating.level == "moderate"
    assert "observed, not assigned" in rating.sentence
    assert rating.counts == {FAILED: 0, WARNING: 0, PASSED: 17, NOT_POSSIBLE: 0}


def test_high_takes_a_change_within_customers_and_no_warning():
    agrees = grounds(agreeing=("spend",))
    assert level(checks(), agrees) == "high"
    assert level(checks(), grounds(agreeing=("contacts",))) == "moderate"  # not the first
    assert level(checks(sensitivity__contacts=WARNING), agrees) == "moderate"
    assert level(checks(power__contacts=WARNING), agrees) == "high"
    no_placebo = checks(placebo__spend=NOT_POSSIBLE, placebo__contacts=NOT_POSSIBLE)
    assert level(no_placebo, agrees) == "moderate"


@pytest.mark.parametrize("name", [n for n in MEANS if n not in ("leakage", "overlap")])
def test_a_failed_check_takes_one_level_however_many_outcomes(name):
    outcomes = ("score",) if name == "regression_to_mean" else MONEY
    found = checks(**{f"{name}__{outcome}": FAILED for outcome in outcomes})
    assert level(found) == "low"
    assert level(found, grounds(Doubt("no dates"))) == "none"


@pytest.mark.parametrize("name", ["leakage", "overlap"])
def test_leakage_and_overlap_withdraw(name):
    rating = rate(checks(**{f"{name}__contacts": FAILED}), grounds(), MONEY)
    assert (rating.level, rating.withdrawn) == (NONE, ("contacts",))
    assert "contacts" in rating.reasons[0]
    assert "withdrawn" in rating.reasons[0]


def test_two_checks_take_two_levels_and_none_is_the_lowest():
    found = checks(placebo__spend=FAILED, backtest__contacts=FAILED, sensitivity__spend=FAILED)
    rating = rate(found, grounds(), MONEY)
    assert rating.level == "none"
    assert len(rating.reasons) == 3
    assert rating.withdrawn == ()
    assert "the gap is not shown to be an effect" in rating.sentence


def test_what_carries_no_money_lowers_nothing_and_power_is_in_the_interval():
    assert level(checks(leakage__orders=FAILED, placebo__orders=FAILED)) == "moderate"
    assert level(checks(power__spend=FAILED)) == "moderate"


def test_the_score_counts_where_customers_are_moved():
    found = checks(regression_to_mean__score=FAILED)
    assert level(found) == "low"
    assert level(found, moves=False) == "moderate"


def test_doubts_count_once_each_for_the_outcomes_they_are_about():
    doubt = Doubt("no {} before", 1, ("spend", "contacts"))
    rating = rate(checks(), grounds(doubt), MONEY)
    assert (rating.level, rating.reasons) == ("low", ("no spend and contacts before",))
    assert level(checks(), grounds(Doubt("no {} before", 1, ("orders",)))) == "moderate"
    assert level(checks(), grounds(Doubt("half is lost", 2))) == "none"
    assert level(checks(), grounds(unasked=("placebo",))) == "low"


def verdict(kind, outcome="spend", contrast=True):
    gap = Estimate("contrast", 12.0, 3.0, 21.0, 4.0, "EUR", 900, "test") if contrast else None
    return Verdict("nps", outcome, kind, gap, 5.0, True, 9.0, 0.01, 2, "p = 0.01")


def test_verdicts_are_bounded_by_the_rating_of_their_own_outcome():
    verdicts = (verdict(USEFUL), verdict(USEFUL, "contacts"), verdict(USEFUL, "orders"))
    found = checks(placebo__spend=FAILED, overlap__contacts=FAILED)
    spend, contacts, orders = bounded(found, grounds(verdicts=verdicts))
    assert spend.kind == "not shown to be useful"
    assert "p = 0.01; but the evidence is rated low: the groups differed" in spend.reason
    assert contacts.kind == "withdrawn"
    assert contacts.contrast == verdicts[1].contrast
    assert orders == verdicts[2]


@pytest.mark.parametrize("kind", ["no difference found", "too little data"])
def test_a_leak_withdraws_every_verdict_that_has_a_gap(kind):
    found = checks(leakage__spend=FAILED)
    (left,) = bounded(found, grounds(verdicts=(verdict(kind),)))
    assert left.kind == "withdrawn"
    refused = verdict(NOT_IDENTIFIED, contrast=False)
    assert list(bounded(found, grounds(verdicts=(refused,)))) == [refused]
    low = checks(placebo__spend=FAILED)
    assert list(bounded(low, grounds(verdicts=(verdict(kind),)))) == [verdict(kind)]


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    kinds = {"spend": "amount", "contacts": "count"}
    folder = tmp_path_factory.mktemp("flat")
    study = make_study(folder, kinds, controls=("tenure",), scenario=SCENARIO)
    return analyse(make_panel(study, customers(700, seed=2)))


def reasons(analysis):
    return {doubt.reason: doubt.levels for doubt in grounds_of(analysis).doubts}


def with_ledger(analysis, *entries):
    ledger = Ledger()
    for table, action, rows, reason in entries:
        ledger = ledger.add(table, action, rows, reason)
    return replace(analysis, panel=replace(analysis.panel, ledger=ledger))


def test_a_flat_study_has_no_dates_and_no_baseline(flat):
    found = run_checks(flat)
    assert found.grounds.money == ("spend",)  # a contact costs nothing
    assert set(reasons(flat)) == {
        "the outcomes have no dates, so whether they came after the answers is not known",
        "no {} before the answers is known that could be held equal",
    }
    assert found.rating.level == "none"
    assert found.rating.entry.note.startswith("none: the outcomes have no dates")
    assert found.estimates[0] == found.rating.entry


def test_retention_needs_no_baseline_as_who_answers_had_not_left(tmp_path):
    study = make_study(tmp_path, {"retained": "yes_no"}, controls=("tenure",))
    found = run_checks(analyse(make_panel(study, customers(700, seed=2))), "power")
    assert [doubt.outcomes for doubt in found.grounds.doubts] == [()]  # dates alone


def test_a_baseline_that_all_share_is_none(flat):
    def without(values):
        panel = flat.panel.with_frame(flat.panel.frame.assign(spend_before=values))
        analysis = replace(flat, panel=panel)
        (doubt,) = [d for d in grounds_of(analysis).doubts if d.outcomes]
        return doubt.outcomes

    n = flat.panel.size
    assert without(np.arange(n) * 1.0) == ("contacts",)
    assert without(np.zeros(n)) == ("spend", "contacts")
    assert without(np.full(n, np.nan)) == ("spend", "contacts")


@pytest.mark.parametrize(
    ("aside", "reason", "levels"),
    [
        (100, "score is not a number", 0),
        (101, "score is not a number", 1),
        (501, "by a customer who is not in the customers table", 2),
        (700, "outside 2026Q1", 0),
        (700, "no answer", 0),
        (500, "immature: its outcome window of 90 days ends after 2026-12-31", 0),
        (501, "immature: its outcome window of 90 days ends after 2026-12-31", 1),
    ],
)
def test_rows_lost_lower_by_their_share(flat, aside, reason, levels):
    entries = [("orders", "read", 1_000, "rows"), ("orders", "set aside", aside, reason)]
    found = reasons(with_ledger(flat, *entries))
    lost = {r: n for r, n in found.items() if "rows of orders" in r}
    assert sum(lost.values()) == levels


def test_rows_of_nobody_lower(flat):
    found = "are of customers who are not in [tables.customers]"
    entries = [("orders", "read", 1_000, "rows"), ("orders", "warning", 101, f"101 {found}")]
    assert "10.1 % of the rows of orders match no customer" in reasons(with_ledger(flat, *entries))


def test_an_outcome_that_is_not_known_for_many_lowers(tmp_path):
    frame = customers(700, seed=2)
    study = make_study(tmp_path, {"spend": "amount"}, controls=("tenure",))
    doubt = Doubt("for over 10.0 % of the answers {} is not known", 1, ("spend",))
    # A third are in neither group of the pair: known all the same.
    assert doubt not in grounds_of(analyse(make_panel(study, frame))).doubts
    frame.loc[:99, "spend_after"] = np.nan  # a seventh
    assert doubt in grounds_of(analyse(make_panel(study, frame))).doubts


def test_money_is_carried_by_what_costs_or_earns():
    def of(names, scenario, **others):
        outcomes = tuple(SimpleNamespace(name=name) for name in names)
        plain = {"dated": True, "churn": "cancelled", "outcomes": outcomes, "scenario": scenario}
        return money_outcomes(SimpleNamespace(**(plain | others)))

    def costs(contact, back):
        high = {"cost_per_contact": contact, "cost_per_return": back}
        return SimpleNamespace(ranges={k: SimpleNamespace(high=v) for k, v in high.items()})

    names = ("orders", "spend", "retained", "churned", "contacts", "returns")
    assert of(names, costs(1, 1)) == ("spend", "retained", "contacts", "returns")
    assert of(names, costs(0, 1)) == ("spend", "retained", "returns")
    assert of(names, costs(0, 0), churn="no_purchase") == ("spend",)
    assert of(("spend", "churned"), costs(0, 0), dated=False) == ("spend", "churned")
    assert of(names, None) == ("orders", "spend", "retained", "contacts", "returns")


def test_an_outcome_made_from_the_score_has_no_verdict(tmp_path):
    frame = by_group("spend", passive=[7.0, 8.0] * 60, promoter=[9.0, 10.0] * 60)
    frame["score"] = frame["spend_after"]
    study = make_study(tmp_path, {"spend": "amount"})
    analysis = analyse(make_panel(study, pd.concat([frame, frame.assign(score=3.0)[:40]])))
    assert analysis.verdicts[0].kind == USEFUL
    found = run_checks(analysis)
    assert found.verdicts[0].kind == "withdrawn"
    entry = next(e for e in found.estimates if e.name == "verdict.nps.spend")
    assert entry.note.startswith("withdrawn: ")
    assert entry.estimate == analysis.verdicts[0].contrast.estimate  # the figures stay


def test_a_control_that_gives_the_outcome_away_takes_a_tight_null_away(tmp_path):
    """Complaints of nearly all who leave: with them held equal nothing is left of any gap."""
    rng = np.random.default_rng(4)
    n = 3_000
    left = (rng.random(n) < 0.2) * 1.0
    frame = pd.DataFrame({"score": rng.choice([3.0, 8.0, 9.0], n), "retained_after": 1 - left})
    frame["attr_complained"] = np.where(rng.random(n) < 0.01, 1 - left, left)
    study = make_study(tmp_path, {"retained": "yes_no"}, controls=("complained",))
    analysis = analyse(make_panel(study, frame))
    assert analysis.verdicts[0].kind == "no difference found"
    found = run_checks(analysis, "leakage")
    assert found.rating.withdrawn == ("retained",)
    assert found.verdicts[0].kind == "withdrawn"
    said = str(answer(analysis, found))
    assert "No verdict stands on retained." in said
    assert "do not differ" not in said
