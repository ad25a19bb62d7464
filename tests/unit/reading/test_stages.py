"""Stages of customers: prospects have no outcomes, and what they said counts in none."""

import pandas as pd
import pytest
from customer_files import entries, tables_of

import cxroi as cx
from cxroi.panel.funnel import funnel
from cxroi.reading.stages import PROSPECTS, TOO_EARLY

LONG_AGO, BEFORE, ANSWER, AFTER = "2020-05-01", "2026-02-20", "2026-03-02 12:00", "2026-03-20"
# Customer: stage, when they became one, their orders; and whether their answer counts.
PEOPLE = {
    "prospect": ("Prospect ", None, (), False),
    "prospect who bought": ("PROSPECT", None, (BEFORE,), False),
    "old": ("active", LONG_AGO, (), True),
    "since, with an order before": ("active", AFTER, (BEFORE,), False),
    "since": ("active", AFTER, (AFTER,), False),
    "bought before": ("Active", None, (BEFORE, AFTER), True),
    "bought after": ("active", None, (AFTER,), False),
    "never bought": ("active", None, (), False),
    "gone": ("former", LONG_AGO, (BEFORE,), True),
    "not known": (None, LONG_AGO, (), True),
}
STAGED = {"customers": {"stage": "stage", "acquired_at": "since"}}
ASKED = {"invitations": {"customer": "id", "invited_at": "day"}}


def frames_of(people=PEOPLE, at=ANSWER):
    ids = list(people)
    orders = [(name, at, 10.0) for name, (_, _, days, _) in people.items() for at in days]
    table = pd.DataFrame(
        [(name, stage, since) for name, (stage, since, *_) in people.items()],
        columns=["id", "stage", "since"],
    )
    return {
        "customers": table.assign(since=pd.to_datetime(table["since"])),
        "responses": pd.DataFrame({"id": [*ids, "stranger"], "nps": 9, "day": at}),
        "orders": pd.DataFrame(orders, columns=["id", "day", "amount"]),
        "invitations": pd.DataFrame({"id": ids, "day": "2026-03-01 12:00"}),
    }


def read(folder, frames, declared=STAGED, **parts):
    declared = {**declared, **ASKED}
    return tables_of(folder, frames, tables=declared, churn={"within_days": 20}, **parts)


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_prospects_and_answers_before_the_first_purchase_are_set_aside(fits, tmp_path):
    panel = cx.build_panel(read(tmp_path, frames_of()), fits=fits)
    kept = [name for name, (*_, counts) in PEOPLE.items() if counts]
    assert sorted(panel.frame["customer"]) == sorted(kept)
    assert len(panel.scores) == len(kept)  # their score is that of no customer
    aside = entries(panel, "set aside", "responses")
    assert aside.pop("by a customer who is not in the customers table") == 1
    assert aside == {PROSPECTS: 2, TOO_EARLY: 4}
    assert entries(panel, "set aside", "invitations") == {PROSPECTS: 2, TOO_EARLY: 4}
    assert entries(panel, "set aside", "customers") == {PROSPECTS: 2}
    assert not any(panel.ledger.unaccounted(role) for role in panel.study.sources)
    assert funnel(panel).set_aside == ((2, PROSPECTS), (4, TOO_EARLY))
    assert panel.coverage.customers == 8
    assert panel.coverage.invitations == 4
    warned = entries(panel, "warning", "responses")
    assert f"{TOO_EARLY}: 4 of 11 rows of [tables.responses] (36.4 %)" in " ".join(warned)
    said = "column 'stage' of [tables.customers] is blank in 1 row, 10 %, which count as customers"
    assert entries(panel, "warning", "customers")[said] == 1


def test_without_a_stage_nothing_changes(tmp_path):
    panel = cx.build_panel(read(tmp_path, frames_of(), {}))
    assert sorted(panel.frame["customer"]) == sorted(PEOPLE)
    # When they became customers is read beside a stage alone.
    tables = read(tmp_path, frames_of(), {"customers": {"acquired_at": "since"}})
    assert sorted(cx.build_panel(tables).frame["customer"]) == sorted(PEOPLE)


def test_later_orders_do_not_decide_who_is_left_out(tmp_path):
    """Who bought nothing before is left out, whether or not an order came after."""
    panel = cx.build_panel(read(tmp_path, frames_of(), {"customers": {"stage": "stage"}}))
    assert sorted(panel.frame["customer"]) == [
        "bought before",
        "gone",
        "since, with an order before",
    ]


def test_on_the_day_on_which_somebody_became_a_customer_they_are_one(tmp_path):
    people = {"same day": ("active", "2026-03-02", (BEFORE, AFTER), True)}
    frames = frames_of(people, at="2026-03-02")
    frames["customers"]["since"] += pd.Timedelta(hours=9)
    assert list(cx.build_panel(read(tmp_path, frames)).frame["customer"]) == ["same day"]
    frames["customers"]["since"] += pd.Timedelta(days=1)
    frames["responses"] = frames["responses"][:1]
    with pytest.raises(cx.CxroiError, match=r"every answer of \[tables.responses\] is of a prosp"):
        cx.build_panel(read(tmp_path, frames))


def test_a_part_of_the_answers_is_without_prospects_too(tmp_path):
    frames = frames_of()
    frames["customers"]["plan"] = ["pro", "basic"] * 5
    declared = {"customers": {**STAGED["customers"], "attributes": ["plan"]}}
    panel = cx.build_panel(read(tmp_path, frames, declared, study={"only": {"plan": "pro"}}))
    assert sorted(panel.frame["customer"]) == ["gone", "old"]
    whole = panel.again(read(tmp_path, frames, declared).study)
    assert len(whole.frame) == 4
    assert entries(whole, "set aside", "responses")[TOO_EARLY] == 4


def test_prospects_in_a_flat_study_are_left_out(tmp_path):
    frame = pd.DataFrame({"id": [f"C{i}" for i in range(40)], "nps": [6, 7, 9, 10] * 10})
    frame["spend"], frame["stage"] = 5.0, ["prospect", "active", "active", "former"] * 10
    study = {
        "study": {"name": "flat", "currency": "EUR"},
        "tables": {"customers": {"customer": "id", "score": "nps", "stage": "stage"}},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    panel = cx.build_panel(cx.read_tables(cx.load_study(study), frames={"customers": frame}))
    assert panel.size == 30
    assert entries(panel, "set aside") == {PROSPECTS: 10}
    assert not panel.ledger.unaccounted("customers")


@pytest.mark.parametrize(("word", "fix"), [("prospct", "'prospect'"), ("lead", "Valid: prospect")])
def test_other_words_are_refused(word, fix, tmp_path):
    people = {f"C{i}": (word if i < 5 else "active", LONG_AGO, (), True) for i in range(20)}
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, frames_of(people) | {"orders": frames_of()["orders"]})
    assert str(caught.value).startswith(
        "column 'stage' of [tables.customers] holds words that are no stage (5 rows, 25 %), "
        f"{word!r} (5 rows); a stage is prospect, active or former. "
    )
    assert fix in str(caught.value)


def test_prospects_stay_in_the_tables_of_metrics_and_leave_the_panel_of_these(tmp_path):
    frames = frames_of()
    frames["customers"]["plan"] = ["pro", "basic"] * 5
    declared = {"customers": {**STAGED["customers"], "attributes": ["plan"]}}
    study = read(tmp_path, frames, declared, study={"only": {"plan": "pro"}}).study
    tables, _ = cx.read_for_metrics(study, frames=frames)
    [(prospects,)] = tables.engine.fetch(
        f"SELECT count(*) FROM {tables.relation('customers')} WHERE stage = 'prospect'"
    )
    assert prospects == 1  # of two, the other on another plan
    panel = cx.build_panel(tables)
    assert sorted(panel.frame["customer"]) == ["gone", "old"]
    again = cx.build_panel(panel.tables.own_session())
    assert entries(again, "set aside", "responses") == entries(panel, "set aside", "responses")
