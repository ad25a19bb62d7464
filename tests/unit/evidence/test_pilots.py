"""Pilots of a dated study, against pandas: windows, arms, refusals, what was earned."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import CxroiError
from cxroi.evidence.pilots import estimate_pilots
from cxroi.evidence.returns import with_pilots
from cxroi.reading.tables import read_tables

DAY = pd.Timedelta(days=1)
N, START = 1_200, pd.Timestamp("2026-04-01 09:00")
SCENARIO = {
    **{"from": "passive", "to": "promoter", "share_moved": 0.1, "cost_per_moved": 5},
    **{"gross_margin": 0.5, "causal_share": [0.3, 0.5, 0.8], "horizon_months": 3},
}
PILOT = {"name": "Call back", "pilot": "calls", "cost_per_offered": 2, "fixed_cost": 100}


@pytest.fixture(scope="module")
def frames():
    """A company whose promoters spend 60 more; the offer moves 40 % of passives."""
    rng = np.random.default_rng(7)
    who = np.array([f"c{i:04}" for i in range(N)])
    arm = rng.permutation(np.repeat([True, False], N // 2))
    before = rng.choice([5, 8, 9], N, p=[0.2, 0.5, 0.3])
    rises = (before == 8) & (rng.random(N) < 0.1 + 0.4 * arm)
    after = np.where(rises, 10, before)
    early, late = START - 30 * DAY, START + 20 * DAY
    seen = rng.random(N) < 0.8
    answers = pd.concat(
        [
            pd.DataFrame({"id": who, "nps": before, "at": early}),
            pd.DataFrame({"id": who[seen], "nps": after[seen], "at": late}),
        ]
    )
    spends = 100 + 60 * (after >= 9) + rng.normal(size=N) * 30
    orders = pd.concat(
        [
            pd.DataFrame({"id": who, "at": START + 30 * DAY, "eur": spends.round(2)}),
            pd.DataFrame({"id": who, "at": START - 5 * DAY, "eur": rng.random(N).round(2) + 50}),
            pd.DataFrame({"id": who[:1], "at": pd.Timestamp("2026-12-30"), "eur": 1.0}),
        ]
    )
    offers = pd.DataFrame({"id": who, "at": START, "arm": np.where(arm, "yes", "no")})
    offers["pilot"], offers["team"] = "calls", [f"t{i % 60}" for i in range(N)]
    return {"responses": answers, "orders": orders, "offers": offers}


def declared(pilots=(PILOT,), unit=False):
    columns = {"customer": "id", "offered_at": "at", "offered": "arm", "pilot": "pilot"}
    return cx.load_study(
        {
            "study": {
                **{"name": "Shop", "currency": "EUR", "complete_until": dt.date(2026, 12, 31)},
            },
            "tables": {
                "responses": {"customer": "id", "score": "nps", "answered_at": "at"},
                "orders": {"customer": "id", "ordered_at": "at", "amount": "eur"},
                "offers": {**columns, **({"unit": "team"} if unit else {})},
            },
            "windows": {"baseline_days": 60, "outcome_days": 90},
            "outcomes": {"names": ["spend"]},
            "scenario": SCENARIO,
            "pilots": list(pilots),
        }
    )


def estimated(study, frames):
    return estimate_pilots(read_tables(study, frames=frames, every=True))


@pytest.fixture(scope="module")
def found(frames):
    [one] = estimated(declared(), frames)
    return one


def spent_after(frames):
    orders = frames["orders"]
    inside = (orders["at"] > START) & (orders["at"] <= START + 90 * DAY)
    return orders[inside].groupby("id")["eur"].sum().loc[frames["offers"]["id"]].to_numpy()


def test_outcomes_are_those_after_the_offer(frames, found):
    arm = (frames["offers"]["arm"] == "yes").to_numpy()
    spent = spent_after(frames)
    raw = spent[arm].mean() - spent[~arm].mean()
    spend = found.differences["spend"]
    assert abs(spend.value - raw) < spend.std_error  # adjusted for what was before
    assert spend.held_out == pytest.approx(spent[~arm].mean(), abs=3)
    assert (found.offered, found.held_out) == (600, 600)
    assert {flaw.name: flaw.broken for flaw in found.flaws} == {
        **{"ratio": False, "attrition": False, "balance": False}
    }


def test_scores_are_the_last_before_and_the_first_after(frames, found):
    answers = frames["responses"].sort_values("at")
    late = answers[answers["at"] > START].set_index("id")["nps"]
    arm = frames["offers"].set_index("id")["arm"].loc[late.index] == "yes"
    raw = late[arm].mean() - late[~arm].mean()
    assert found.differences["score"].n == len(late)
    assert abs(found.differences["score"].value - raw) < 3 * found.differences["score"].std_error
    # 40 % of the passives, who are half of all.
    assert found.differences["moved"].low < 0.4 * 0.5 < found.differences["moved"].high


def test_being_moved_is_worth_what_it_is(found):
    ratio, region = found.moved["spend"]
    assert region.bounded
    assert region.holds(60)
    assert found.of_origin
    assert found.earned.moved == pytest.approx(0.4, abs=0.1)
    assert found.earned.money == pytest.approx(0.5 * 60 * 0.4, abs=4)
    by_name = {e.name: e for e in found.estimates}
    moved = by_name["pilot.call_back.spend.moved"]
    assert (moved.estimate, moved.conf_low) == (ratio, region.parts[0][0])
    assert by_name["pilot.call_back.spend.offered"].unit == "EUR per customer in 90 days"


def test_quantile_groups_are_cut_as_the_answers_are(frames, found):
    study = declared()
    thirds = replace(study.scale, quantiles=3, cuts=())
    [one] = estimated(replace(study, scale=thirds), frames)
    # Answers are 5, 8, 9 and 10: thirds begin at 8 and 9, which tells the same groups.
    assert one.differences["moved"].value == pytest.approx(found.differences["moved"].value)
    assert one.earned.moved == pytest.approx(found.earned.moved)


def test_what_the_pilot_earned_is_margin_over_cost(found):
    by_name = {e.name: e for e in found.estimates}
    cost = 600 * 2 + 100
    value = 600 * 0.5 * found.differences["spend"].value
    net = by_name["pilot.call_back.net_value"]
    assert net.estimate == pytest.approx(value - cost)
    assert by_name["pilot.call_back.roi"].estimate == pytest.approx(value / cost - 1)
    half = 600 * 0.5 * found.differences["spend"].std_error * 1.645
    assert (net.conf_low, net.conf_high) == pytest.approx(
        (net.estimate - half, net.estimate + half), abs=0.1 * half
    )


def test_the_causal_share_comes_from_the_pilot(frames, found):
    study = declared()
    roi = cx.analyse(cx.build_panel(read_tables(study, frames=frames))).roi
    evidenced = with_pilots(roi, [found])
    gap = roi.basis.evidence.central()["spend_gap"]
    # Each moved customer spends 60 more, whatever the gap says.
    assert evidenced.share.low < 60 / gap < evidenced.share.high
    assert evidenced.roi.scenario.causal_share.central == evidenced.share.mean
    names = [e.name for e in evidenced.estimates]
    assert names == [
        *("evidence.causal_share", "evidence.roi.ratio", "evidence.roi.net_value"),
        "evidence.roi.probability_positive",
    ]
    assert with_pilots(roi, [replace(found, earned=None)]) is None


def test_a_pilot_that_was_not_made_by_chance_is_refused(frames):
    offers = frames["offers"]
    lost = offers.drop(offers.index[offers["arm"] == "no"][:200])
    [found] = estimated(declared(), {**frames, "offers": lost})
    assert "600 of 1,000 customers were offered" in str(found.refused)
    assert found.estimates == ()
    best = frames["responses"].drop_duplicates("id").set_index("id")["nps"].loc[offers["id"]] == 9
    chosen = offers.assign(arm=np.where(best, "yes", offers["arm"]))
    [found] = estimated(declared([{**PILOT, "share_offered": 0.65}]), {**frames, "offers": chosen})
    assert "differ most in the score" in str(found.refused)


def test_units_of_assignment_count_and_may_not_be_mixed(frames):
    [mixed] = estimated(declared(unit=True), frames)
    assert "hold both arms" in str(mixed.refused)
    teams = frames["offers"]["team"].str[1:].astype(int)
    by_team = frames["offers"].assign(arm=np.where(teams % 2 == 0, "yes", "no"))
    [found] = estimated(declared(unit=True), {**frames, "offers": by_team})
    assert found.refused is None
    assert found.differences["spend"].units == 60
    assert "by unit of assignment" in found.estimates[0].method


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda o: o.assign(pilot="other"), "no row of the pilot"),
        (lambda o: pd.concat([o, o.assign(arm="yes")]), "in both arms"),
        (lambda o: o.head(40), "at least 30 of each"),
        (lambda o: o.assign(at=pd.Timestamp("2026-12-20")), "no offer is left.*wait for the rest"),
    ],
)
def test_what_cannot_be_a_pilot_says_why(frames, changed, said):
    [found] = estimated(declared(), {**frames, "offers": changed(frames["offers"])})
    assert isinstance(found.refused, CxroiError)
    assert re.search(said, str(found.refused))


def test_offers_that_cannot_be_read_say_why(frames):
    given = {**frames, "offers": frames["offers"].assign(arm="perhaps")}
    tables, unread = cx.read_for_metrics(declared(), frames=given)
    [found] = cx.estimate_pilots(tables, unread)
    assert "[tables.offers] cannot be read: column 'arm'" in str(found.refused)


@pytest.mark.parametrize(
    ("pilot", "said"),
    [
        ({**PILOT, "share_offered": 1}, "share_offered is 1"),
        ({**PILOT, "cost_per_offered": -1}, "0 or more"),
        ({**PILOT, "name": ""}, "no name"),
        ({**PILOT, "share": 0.5}, "unknown key 'share'"),
    ],
)
def test_a_pilot_that_makes_no_sense_is_refused(pilot, said):
    with pytest.raises(CxroiError, match=said):
        declared([pilot])


def test_accounts_that_were_assigned_are_no_customers(frames):
    """Where a study declares accounts and the pilot no unit."""
    study, people = declared(), frames["offers"][["id", "team"]]
    source = replace(
        study.sources["offers"], name="customers", columns={"customer": "id", "cluster": "team"}
    )
    study = replace(study, sources={**study.sources, "customers": source})
    arm = np.where(people["team"].str[1:].astype(int) % 2 == 0, "yes", "no")
    by_account = frames | {"offers": frames["offers"].assign(arm=arm)}
    [one] = estimated(study, by_account | {"customers": people})
    assert "accounts were assigned, and not customers: all 60 accounts" in str(one.refused)
    assert "Declare unit" in str(one.refused)
    [each] = estimated(study, frames | {"customers": people})
    assert each.refused is None
    assert "accounts" not in {flaw.name for flaw in each.flaws}


@pytest.mark.parametrize(
    "second", [{"name": "Again"}, {"name": "Again", "pilot": "calls"}], ids=["all rows", "the same"]
)
def test_rows_of_two_pilots_are_refused(second):
    for both in ([PILOT, second], [second, PILOT]):
        with pytest.raises(CxroiError, match=r"has rows of .* that another pilot has"):
            declared(both)
    assert len(declared([PILOT, {"name": "Again", "pilot": "letters"}]).pilots) == 2


def test_a_pilot_needs_offers():
    with pytest.raises(CxroiError, match=r"needs \[tables.offers\]"):
        cx.load_study(
            {
                "study": {"name": "x"},
                "tables": {"customers": {"customer": "id", "score": "nps"}},
                "outcomes": {"columns": {"spend": {"column": "eur", "kind": "amount"}}},
                "pilots": [{"name": "A"}],
            }
        )


def test_whoever_was_offered_is_paid_for(frames):
    late = frames["offers"].copy()
    late.loc[late.index[::4], "at"] = pd.Timestamp("2026-12-20")
    [found] = estimated(declared(), {**frames, "offers": late})
    offered = int((late["arm"] == "yes").sum())
    assert found.paid == offered > found.offered
    by_name = {e.name: e for e in found.estimates}
    net = by_name["pilot.call_back.net_value"]
    value = found.offered * 0.5 * found.differences["spend"].value
    assert net.estimate == pytest.approx(value - (100 + 2 * offered))
    assert f"of {offered - found.offered:,} customers" in net.note
