"""Claims on companies in which each is planted, its contrary, or nothing."""

from dataclasses import replace
from types import MappingProxyType

import claims_company
import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.claims import CLAIMS, examine_claims
from cxroi.claims.evidence import Evidence
from cxroi.claims.examining import lacks
from cxroi.claims.like_with_like import panel_of
from cxroi.claims.rule import CANNOT_TELL, DOES_NOT, HOLDS, NOT_FOR_ONE
from cxroi.cli.main import main
from cxroi.errors import ParameterError
from cxroi.runs.codec import read, write

NO_TABLE_TELLS = {name for name, claim in CLAIMS.items() if claim.find is None}
OF_NUMBERS = ("few_complain", "treatment_is_most")
NEAR = (
    *("winning_against_keeping", "selling_to_existing", "selling_to_prospects"),
    "existing_against_prospects",
)
OF_DIRECTION = (
    *("experience_and_repeat", "satisfaction_and_revenue", "less_effort_and_loyalty"),
    *("unhappy_return_more", "unhappy_open_more_tickets", "engaged_stay_longer"),
    *("engaged_buy_more", "old_customers_cost_less", "staff_and_service"),
)


def tables_of(*frames, **planted):
    study = cx.load_study(claims_company.study_of())
    given = frames[0] if frames else claims_company.frames_of(**planted)
    tables, left_out = cx.read_for_metrics(study, frames=given)
    assert left_out == {}
    return tables


def found(names=(), **planted):
    return examine_claims(tables_of(**planted), names)


@pytest.fixture(scope="module")
def planted_tables():
    return tables_of()


@pytest.fixture(scope="module")
def planted(planted_tables):
    return examine_claims(planted_tables)


@pytest.fixture(scope="module")
def contrary():
    return found(
        [*OF_NUMBERS, *OF_DIRECTION], effect=-1.0, complain=0.4, convert=0.5, cost=3.0, staff=0.2
    )


@pytest.fixture(scope="module")
def nothing():
    names = [name for name in CLAIMS if name != "lost_in_five_years"]
    return found(names, effect=0.0, seed=2, n=800)


@pytest.mark.parametrize("name", [*OF_NUMBERS, *OF_DIRECTION, "calls_against_carts"])
def test_what_is_planted_holds(planted, name):
    assert planted.of(name).verdict == HOLDS, planted.of(name)


@pytest.mark.parametrize("name", [*OF_NUMBERS, *OF_DIRECTION])
def test_what_is_contrary_does_not_hold(contrary, name):
    assert contrary.of(name).verdict == DOES_NOT, contrary.of(name)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("best_spend_more", 1.4),
        ("treatment_is_most", 0.70),
        ("lost_in_five_years", 0.475),
        ("winning_against_keeping", 16.0),
        ("selling_to_prospects", 0.12),
        ("few_complain", 1 / 26),
        ("unhappy_open_more_tickets", 2.71828**0.9 - 1),
        ("unhappy_return_more", 2.71828**0.9 - 1),
    ],
)
def test_intervals_hold_the_planted_numbers(planted, name, truth):
    estimate = planted.of(name).estimate
    assert estimate.conf_low < truth < estimate.conf_high
    assert estimate.n > 0
    assert estimate.method


def test_where_nothing_is_planted_no_direction_holds(nothing):
    held = [one.name for one in nothing.held if one.verdict == HOLDS]
    assert not {*OF_DIRECTION, "unhappy_complain_more", "calls_against_carts"} & set(held)
    assert nothing.of("best_spend_more").verdict == DOES_NOT
    assert nothing.of("effort_against_satisfaction").verdict == CANNOT_TELL


def test_tickets_are_compared_as_they_are_where_contacts_are_no_outcome(planted_tables):
    name, study = "unhappy_open_more_tickets", planted_tables.study
    without = tuple(outcome for outcome in study.outcomes if outcome.name != "contacts")
    tables = replace(planted_tables, study=replace(study, outcomes=without))
    one = examine_claims(tables, [name]).of(name)
    assert one.verdict == HOLDS
    assert one.estimate.conf_low < 2.71828**0.9 - 1 < one.estimate.conf_high
    assert one.why == "nothing held equal"


def test_another_score_counts_where_it_was_asked_by_then():
    frames = claims_company.frames_of(300)
    late = np.arange(300) % 3 == 0
    at = frames["ratings"]["at"]
    frames["ratings"]["at"] = at.mask(late, at + pd.Timedelta("1D")).where(
        late, at - pd.Timedelta("80D")
    )
    evidence = Evidence(tables_of(frames))
    study = evidence.study
    panel = panel_of(evidence, "ces")
    early = frames["ratings"][~late].set_index("id")["ces"]
    found = panel.frame.set_index(panel.frame["customer"].astype(str))
    assert set(found.index) == {*early.index} & {*evidence.panel.frame["customer"]}
    assert found["score"].to_dict() == early.loc[found.index].to_dict()
    # of seven, 1 to 4 and 5 to 7 are hard and easy, or as the scale has them
    cuts, labels = study.scores["ces"].scale.cuts, study.scores["ces"].scale.labels
    assert (found["group"][found["score"] >= cuts[-1]] == labels[-1]).all()
    assert (found["group"][found["score"] < cuts[0]] == labels[0]).all()
    assert panel.study.origin == labels[0]


def test_what_no_company_can_tell_says_so(planted):
    assert {one.name for one in planted.examined if one.estimate is None} - {
        "unhappy_complain_more"
    } == NO_TABLE_TELLS
    assert planted.of("nps_and_growth").verdict == NOT_FOR_ONE
    assert "compares companies" in planted.of("nps_and_growth").why
    assert planted.of("personal_offers").verdict.startswith("needs: a record of who")


def test_estimates_carry_their_verdict(planted):
    one = next(e for e in planted.estimates if e.name == "claim.few_complain")
    assert one.note.startswith("holds")
    row = planted.tidy().set_index("claim").loc["few_complain"]
    assert (row["verdict"], row["number"]) == ("holds", "1 in 26, 3.8 %")


@pytest.mark.parametrize("name", NEAR)
def test_what_is_near_to_a_claim_stands_beside_it_without_a_verdict(planted, name):
    """Nobody recorded offers, or what is spent on keeping: neither is judged, nor corrected for."""
    one = planted.of(name)
    assert one.verdict.startswith("needs: ")
    assert one.estimate.note.startswith(one.verdict)
    assert "not the same thing" in one.why
    assert (one.alone, one.p_value) == ("", None)
    assert one not in planted.held
    assert one.estimate in planted.estimates


def test_two_answers_at_one_time_are_two():
    """Each of two answers of a customer at one time has the tickets that followed, once."""
    frames, name = claims_company.frames_of(200), "unhappy_open_more_tickets"
    answers = frames["responses"]
    second = answers.assign(nps=answers["nps"].map({10: 9, 8: 7, 4: 3}))
    found = []
    for given in (answers, pd.concat([answers, second[second["nps"] == 3]])):
        tables = tables_of({**frames, "responses": given})
        tables = replace(tables, study=replace(tables.study, outcomes=()))
        found.append(examine_claims(tables, [name]).of(name).estimate)
    once, twice = found
    assert twice.n == once.n + (answers["nps"] == 4).sum()
    assert twice.estimate == pytest.approx(once.estimate)


def test_the_parts_of_one_answer_go_together():
    """Of two answers at one time neither lends the other its parts."""
    names = ["treatment_is_most", "effort_against_satisfaction"]
    frames = claims_company.frames_of(200)
    ratings = frames["ratings"]
    before = examine_claims(tables_of(frames), names)
    whole = before.of("treatment_is_most")
    other = ratings.assign(csat=ratings["csat"].clip(lower=3), quality_staff=np.nan)
    frames["ratings"] = pd.concat([ratings, other], ignore_index=True)
    after = examine_claims(tables_of(frames), names)
    effort = [one.of("effort_against_satisfaction").estimate for one in (before, after)]
    assert effort[1].n == 2 * effort[0].n  # each answer has both, and no other's
    found = after.of("treatment_is_most")
    assert found.estimate.n == whole.estimate.n == 200
    assert found.estimate.estimate == pytest.approx(whole.estimate.estimate)


def short(tables, days):
    """Return the tables as if they were complete for so many days."""
    until = (claims_company.START + pd.Timedelta(days=days - 1)).date()
    return replace(tables, study=replace(tables.study, complete_until=until))


def test_buying_again_needs_90_days_after_the_middle(planted_tables):
    name = "selling_to_existing"
    refused = examine_claims(short(planted_tables, 178), [name]).of(name)
    assert refused.estimate is None
    assert "the data cover 178 days; needs 180" in refused.why
    assert examine_claims(short(planted_tables, 182), [name]).of(name).estimate


def test_the_time_of_a_claim_begins_when_all_that_it_counts_is_known(planted_tables):
    study = replace(planted_tables.study, complete_from=None)
    evidence = Evidence(replace(planted_tables, study=study))
    relation = planted_tables.relation("page_views")
    [(first,)] = planted_tables.engine.fetch(f"SELECT min(viewed_at) FROM {relation}")
    [(order,)] = planted_tables.engine.fetch(
        f"SELECT min(ordered_at) FROM {planted_tables.relation('orders')}"
    )
    both = evidence.period({"orders": ("ordered_at",), "page_views": ()})
    assert both.start == max(first, order)
    assert evidence.period({"orders": ("ordered_at",)}).start == order


def test_complaints_by_contacts_count_too():
    frames = claims_company.frames_of(400)
    tickets = tables_of(frames)
    declared = claims_company.study_of()
    complained = frames.pop("tickets")
    frames["contacts"] = complained
    declared["tables"] = {k: v for k, v in declared["tables"].items() if k != "tickets"}
    declared["tables"]["contacts"] = {**claims_company.TABLES["tickets"]}
    contacts, _ = cx.read_for_metrics(cx.load_study(declared), frames=frames)
    one, other = (
        examine_claims(tables, ["few_complain"]).of("few_complain").estimate
        for tables in (tickets, contacts)
    )
    assert (other.estimate, other.n) == (one.estimate, one.n)


def test_a_run_keeps_them(planted):
    assert read(write(planted), None) == planted


def test_retention_against_costs_by_hand(planted):
    """Constant loss of 47.5 % in five years, margin 50 %, discount 10 %: by arithmetic."""
    low, high = (
        planted.of("retention_against_costs").estimate.conf_low,
        planted.of("retention_against_costs").estimate.conf_high,
    )
    kept = 0.525 ** (1 / 5)
    assert low < 0.02 * kept / (1.1 - 1.02 * kept) < high


@pytest.mark.parametrize("table", ["tickets", "ratings", "subscriptions", "orders"])
def test_a_table_that_is_not_there_costs_its_claims_alone(table):
    study = cx.load_study(claims_company.study_of())
    kept = {name: source for name, source in study.sources.items() if name != table}
    scores = {name: score for name, score in study.scores.items() if score.table in kept}
    part = replace(study, sources=MappingProxyType(kept), scores=scores)
    told = {name: lacks(claim, part) for name, claim in CLAIMS.items() if claim.find}
    assert not any(lacks(claim, study) for claim in CLAIMS.values())
    words = {
        "tickets": {"few_complain": "opened_at, complaint of [tables.contacts] or"},
        "ratings": {"treatment_is_most": "a score of kind csat ([scores.csat])"},
        "subscriptions": {"lost_in_five_years": "[tables.subscriptions] with started_at"},
        "orders": {"engaged_buy_more": "[tables.orders] with ordered_at, amount"},
    }
    for name, said in words[table].items():
        assert told[name].startswith(said)
    assert told["winning_against_keeping"] == "" or table == "subscriptions"


def test_either_of_two_tables_is_enough():
    study = cx.load_study(claims_company.study_of())
    claim = CLAIMS["engaged_buy_more"]
    only = {name: study.sources[name] for name in ("customers", "responses", "orders")}
    bare = replace(study, sources=MappingProxyType(only), scores={})
    assert (
        lacks(claim, bare)
        == "either [tables.events] or [tables.page_views] or [tables.feature_use]"
    )


STUDY = """
[study]
name = "Shop"
currency = "EUR"
complete_from = 2025-01-01
complete_until = 2026-04-05
[tables.responses]
path = "responses.csv"
customer = "id"
answered_at = "at"
score = "nps"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[tables.calls]
path = "calls.csv"
customer = "id"
called_at = "at"
abandoned = "abandoned"
[outcomes]
names = ["spend", "repeat_purchase"]
[scale]
kind = "nps"
[windows]
outcome_days = 90
baseline_days = 60
"""


def test_the_command_on_answers_and_orders_alone(tmp_path, capsys):
    """And a table of calls that cannot be read: no table costs more than its own claims."""
    for name, frame in claims_company.frames_of(300).items():
        if name in ("responses", "orders"):
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "calls.csv").write_text("id,at\nC00001,2025-03-01\n")
    (tmp_path / "study.toml").write_text(STUDY)
    assert main(["claims", str(tmp_path / "study.toml")]) == 0
    said = capsys.readouterr().out
    assert "Of 26 claims" in said
    assert "and 3 are not for one company to tell" in said
    assert said.count("needs: ") == 21
    assert "needs: [tables.calls] with called_at, abandoned" in said
    assert "calls could not be read" in said.lower()
    assert "nan" not in said.lower()


def test_a_misspelt_claim_is_named(planted):
    for asked in (planted.only, lambda names: examine_claims(None, names)):
        with pytest.raises(ParameterError, match="lost_in_five_years"):
            asked(["lost_in_five_year"])


def test_a_claim_shown_alone_has_the_verdict_that_it_has_among_all(planted):
    [one] = planted.only(["few_complain"]).examined
    assert one == planted.of("few_complain")
    assert planted.only([]) == planted


def test_every_claim_says_where_it_is_from():
    for claim in CLAIMS.values():
        assert claim.articles
        assert claim.rests_on
        assert bool(claim.find) == bool(claim.measured)
        assert bool(claim.said) == (not claim.untold)
