"""How tables join in a drafted study: by pairs of keys, by a table that knows both."""

import datetime as dt
import tomllib

import export_files as files
import pytest

import cxroi as cx
from cxroi.draft.drafting import draft_study
from cxroi.study.loading import load_study

DAYS = 90


def opened(folder, **exports):
    """Draft a study of files and read what it declares."""
    paths = [files.write(folder, f"{name}.csv", rows) for name, rows in exports.items()]
    made = draft_study(paths, folder=folder)
    (folder / "study.toml").write_text(made.text, encoding="utf-8")
    panel = cx.build_panel(cx.read_tables(load_study(folder / "study.toml")))
    return tomllib.loads(made.text), made, panel


def after(days):
    """Spend of the 80 orders after each of the 40 answers, by hand."""
    return sum(
        n + 6.5
        for n in range(80)
        if files.answered(n % 40)
        < files.ordered(n)
        <= files.answered(n % 40) + dt.timedelta(days=days)
    )


ORDERS = [["order_no", "customer_id", "ordered_at", "amount"]]
ORDERS += [[9000 + n, 100 + n % 40, files.ordered(n), n + 6.5] for n in range(80)]


@pytest.mark.parametrize("key", ["id", "customer_id", "Kundennummer"])
def test_customers_that_know_mail_and_number_join_a_survey_and_orders(key, tmp_path):
    people = [[key, "email", "plan"]]
    people += [[100 + n, files.mail(n), "pro" if n % 2 else "basic"] for n in range(40)]
    study, made, panel = opened(tmp_path, survey=files.delighted(), orders=ORDERS, customers=people)
    tables = study["tables"]
    step = "customers.customer_id" if key == "customer_id" else f"customer_id = customers.{key}"
    assert tables["orders"]["via"] == [step]
    assert tables["orders"]["customer"] == tables["customers"]["customer"] == "email"
    assert tables["customers"]["attributes"] == ["plan"]
    assert len(tables) == 3
    assert "holds 40 of the 40 customers who answered (100 %)" in made.text
    assert panel.frame["spend_after"].sum() == pytest.approx(
        after(study["windows"]["outcome_days"])
    )


def test_whoever_asked_is_looked_up_among_users(tmp_path):
    """Ratings and tickets of Zendesk know a number, orders a mail, users both."""
    users = [["id", "email", "role"]]
    users += [[n, files.mail(n), "end-user"] for n in range(40)]
    shop = [["Name", "Email", "Financial Status", "Currency", "Total", "Created at"]]
    shop += [
        [f"#{n}", files.mail(n % 40), "paid", "USD", n + 6.5, files.ordered(n)] for n in range(80)
    ]
    ratings = [["id", "requester_id", "assignee_id", "ticket_id", "score", "created_at"]]
    ratings += [
        [7000 + n, n, 1, 50 + n, "good" if n % 3 else "bad", files.answered(n)] for n in range(40)
    ]
    study, _, panel = opened(tmp_path, ratings=ratings, users=users, shop=shop)
    tables = study["tables"]
    assert tables["responses"]["customer"] == "requester_id"
    assert tables["orders"]["via"] == ["Email = customers.email"]
    assert tables["orders"]["customer"] == tables["customers"]["customer"] == "id"
    assert panel.ledger.rows("responses", "used") == 40
    assert panel.frame["spend_after"].sum() == pytest.approx(
        after(study["windows"]["outcome_days"])
    )


def test_seconds_beside_dates_are_declared_by_column(tmp_path):
    billing = [["id", "customer_id", "status", "current_period_end", "start_date", "canceled_at"]]
    begin = dt.datetime(2025, 1, 1, tzinfo=dt.UTC).timestamp()
    for n in range(40):
        ended = f"{files.answered(n) + dt.timedelta(days=20):%Y-%m-%d}" if n % 4 == 0 else ""
        billing.append([f"s{n}", f"C{n:03d}", "active", "", f"{begin + 86400 * n:.0f}", ended])
    survey = [["customer_id", "nps", "answered_at"]]
    survey += [[f"C{n:03d}", n % 11, f"{files.answered(n):%Y-%m-%d}"] for n in range(40)]
    study, _, panel = opened(tmp_path, survey=survey, billing=billing)
    assert study["tables"]["subscriptions"]["date_format"] == {"start_date": "epoch"}
    assert panel.ledger.rows("subscriptions", "used") == 40
