"""Cases from the field: who is one customer, which column joins which, who can be lost."""

from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


def panel(case):
    if not (CASES / case / "study.toml").exists():
        pytest.skip(f"the field case {case} is not here")
    return cx.build_panel(cx.read_tables(cx.load_study(CASES / case / "study.toml")))


def means(panel, outcome):
    found = panel.frame.groupby("group", observed=True)[f"{outcome}_after"].mean()
    return [found[group] for group in ("detractor", "passive", "promoter")]


def refused(case):
    with pytest.raises(cx.CxroiError) as caught:
        panel(case)
    return str(caught.value)


def test_one_address_written_twice_costs_nobody_their_orders():
    spend = means(panel("email_case_one_twice"), "spend")
    assert [round(mean) for mean in spend] == [36, 63, 87]


def test_a_guest_account_is_named():
    [warning] = [w for w in panel("guest_id_shared").ledger.warnings if w.startswith("The id")]
    assert "'guest' has 51 answers and 301 orders" in warning


def test_rows_under_new_ids_are_counted():
    assert panel("same_rows_under_new_ids").ledger.warnings[0].startswith("300 of 3,300 rows")


def test_set_aside_is_not_read_as_zero():
    found = panel("outcomes_read_as_zero_but_set_aside").ledger
    assert "30 of 300" in found.warnings[0]
    assert "set aside" in found.warnings[0]
    assert not [w for w in found.warnings if "zero" in w]
    assert found.rows("responses", "set aside") == 30


def test_tickets_are_not_joined_by_their_own_number(tmp_path):
    case = "via_joins_own_id"
    assert "the own id of [tables.contacts]" in refused(case)
    text = (CASES / case / "study.toml").read_text()
    for name in ("responses", "tickets", "users"):
        text = text.replace(f'"{name}.csv"', f'"{CASES / case / name}.csv"')
    text = text.replace('["users.id"]', '["requester_id = users.id"]')
    (tmp_path / "study.toml").write_text(text)
    built = cx.build_panel(cx.read_tables(cx.load_study(tmp_path / "study.toml")))
    # All 1,500 tickets are of detractors, and in their windows.
    detractors = (built.frame["group"] == "detractor").sum()
    assert means(built, "contacts") == pytest.approx([1500 / detractors, 0, 0])


def test_who_never_bought_has_not_churned():
    case = "never_bought_counts_as_churned"
    found = means(panel(case), "churned")
    asked = pd.read_csv(CASES / case / "responses.csv", parse_dates=["answered_at"])
    bought = pd.read_csv(CASES / case / "orders.csv", parse_dates=["ordered_at"])
    both = asked.merge(bought, on="customer_id", how="left")
    days = (both["ordered_at"] - both["answered_at"]) / pd.Timedelta(days=1)
    by_answer = both.assign(
        before=days.between(-90, 0, inclusive="left"), after=days.between(0, 90, inclusive="right")
    ).groupby(["response_id", "score"])[["before", "after"]]
    at_risk = by_answer.any().query("before").reset_index()
    group = pd.cut(at_risk["score"], [-1, 6, 8, 10])
    assert found == pytest.approx(list(1 - at_risk.groupby(group, observed=True)["after"].mean()))


def test_a_table_of_current_customers_is_refused():
    said = refused("customers_table_only_current")
    assert "141 of the 141 customers who answered and are not in [tables.customers]" in said
    assert "does it list only current customers?" in said


def test_subscriptions_that_end_before_they_begin_are_refused():
    assert "(100 rows, 11.1 %)" in refused("subscription_ends_before_it_begins")


def test_complete_from_months_before_the_first_order_is_refused():
    said = refused("complete_from_months_before_first_order")
    assert "the first order is of 2026-02-20, but complete_from is 2025-10-01" in said
    assert "600 of 600 answers" in said
