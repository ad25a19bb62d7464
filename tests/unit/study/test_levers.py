"""What may move a score, as the study file declares it."""

import datetime as dt

import pytest

from cxroi.errors import CxroiError
from cxroi.study.lever_rules import asked_inputs
from cxroi.study.levers import slug
from cxroi.study.loading import load_study
from cxroi.study.scenario import Range

TABLES = {
    "responses": {
        "customer": "id",
        "score": "nps",
        "answered_at": "at",
        "attributes": ["days_late", "plan"],
    },
    "orders": {"customer": "id", "ordered_at": "at", "amount": "eur"},
    "tickets": {
        "customer": "id",
        "opened_at": "opened",
        "first_response_at": "replied",
        "minutes": "took",
    },
}
WAIT = {"table": "tickets", "from": "opened_at", "to": "first_response_at", "unit": "hours"}
LEVER = {"name": "Reply within a day", "input": "wait", "at_most": 24, "cost_per_customer": 2}


def declared(happened=None, levers=(), **drivers):
    return load_study(
        {
            "study": {"name": "Shop", "currency": "EUR", "complete_until": dt.date(2026, 9, 30)},
            "tables": TABLES,
            "windows": {"baseline_days": 60, "outcome_days": 90},
            "inputs": {"wait": WAIT} if happened is None else happened,
            "drivers": drivers,
            "levers": list(levers),
        }
    )


def test_inputs_drivers_and_levers_are_read():
    study = declared(
        {"wait": WAIT, "calls": {"table": "tickets", "days": 30}},
        [{**LEVER, "reaches": {"plan": "gold"}, "causal_share": [0.2, 0.5, 0.8]}],
        inputs=["days_late"],
        groups={"service": ["wait", "calls"]},
        better={"wait": "lower"},
    )
    wait, calls = study.inputs["wait"], study.inputs["calls"]
    assert (wait.at, wait.begin, wait.end) == ("opened_at", "opened_at", "first_response_at")
    assert (wait.take, wait.days, wait.none, wait.unit) == ("mean", 60, None, "hours")
    assert (calls.at, calls.take, calls.days, calls.none) == ("opened_at", "count", 30, 0.0)
    assert study.drivers.inputs == ("days_late", "wait", "calls")
    assert (study.drivers.group_of("calls"), study.drivers.group_of("plan")) == ("service", "")
    [lever] = study.levers
    assert (lever.slug, lever.change) == ("reply_within_a_day", ("at_most", 24))
    assert (lever.reaches, lever.fixed_cost) == ({"plan": ("gold",)}, Range.of(0.0))
    assert lever.causal_share == Range(0.2, 0.5, 0.8)


def test_all_inputs_are_asked_and_those_of_levers_too():
    study = declared(levers=[{**LEVER, "input": "days_late"}])
    assert asked_inputs(study) == ("wait", "days_late")
    assert slug("Répondre – in 24 h!") == "répondre_in_24_h"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"wait": {**WAIT, "table": "ticket"}}, "table is 'ticket'.*'tickets'"),
        ({"wait": {**WAIT, "to": "replied"}}, "names 'replied'.*first_response_at"),
        ({"wait": {"table": "tickets", "from": "opened_at"}}, "made of from and to"),
        ({"wait": {**WAIT, "column": "minutes"}}, "made of from and to"),
        ({"wait": {**WAIT, "unit": "weeks"}}, "unit is 'weeks'"),
        ({"wait": {"table": "tickets", "take": "mean"}}, "takes the mean of no column"),
        ({"wait": {**WAIT, "take": "median"}}, "take is 'median'"),
        ({"wait": {**WAIT, "days": 0}}, "no days before"),
        ({"a wait": WAIT}, "a_wait"),
        ({"plan": WAIT}, "name of an attribute"),
    ],
)
def test_an_input_that_cannot_be_had_is_refused(inputs, said):
    with pytest.raises(CxroiError, match=f"(?s){said}"):
        declared(inputs)


@pytest.mark.parametrize(
    ("lever", "said"),
    [
        ({**LEVER, "input": "waits"}, "names the input 'waits'.*'wait'"),
        ({**LEVER, "by": -1}, "by and at_most"),
        ({k: v for k, v in LEVER.items() if k != "at_most"}, "no change"),
        ({k: v for k, v in LEVER.items() if k != "cost_per_customer"}, "costs nothing"),
        ({**LEVER, "reaches": {"plans": "gold"}}, "reaches names 'plans'.*'plan'"),
        ({**LEVER, "causal_share": 50}, "causal_share is 50.*0 to 1"),
        ({**LEVER, "cost_per_customer": -1}, "cost_per_customer is -1; it is 0 or more"),
        ({**LEVER, "cost": 3}, r"\[levers.1\] has an unknown key 'cost'"),
        ({**LEVER, "at_most": "a day"}, r"\[levers.1\] at_most"),
    ],
)
def test_a_lever_that_makes_no_sense_is_refused(lever, said):
    with pytest.raises(CxroiError, match=f"(?s){said}"):
        declared(levers=[lever])


def test_two_levers_have_two_names_and_drivers_have_directions():
    with pytest.raises(CxroiError, match="name of another"):
        declared(levers=[LEVER, {**LEVER, "name": "reply within  a day"}])
    with pytest.raises(CxroiError, match="groups has 'wait' in 'one' and in 'two'"):
        declared(groups={"one": ["wait"], "two": ["wait"]})
    with pytest.raises(CxroiError, match="wait = 'down'"):
        declared(better={"wait": "down"})
    with pytest.raises(CxroiError, match=r"Write \[\[levers\]\]"):
        load_study({"study": {"name": "x"}, "tables": {"customers": {}}, "levers": {"name": "x"}})
