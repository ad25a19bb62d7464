"""Survey design of a study: accounts as clusters, weights of customers; dated and flat."""

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

DATED = """
[study]
name = "Accounts"
currency = "EUR"
complete_until = 2026-12-31
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "at"
{responses}
[tables.customers]
path = "customers.csv"
customer = "id"
{customers}
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[windows]
baseline_days = 90
outcome_days = 90
"""
FLAT = """
[study]
name = "Accounts"
currency = "EUR"
[tables.customers]
path = "customers.csv"
customer = "id"
score = "nps"
cluster = "account"
[outcomes.columns.spend]
column = "spend"
kind = "amount"
"""
N = 360
ACCOUNT = 'cluster = "account"'


def people():
    """Customers 1 to 360; half in accounts 301 to 360, half in none."""
    rng = np.random.default_rng(1)
    account = np.concatenate([rng.permutation(N // 2) % 60 + 301, np.zeros(N // 2, dtype=int)])
    return pd.DataFrame(
        {
            "id": np.arange(1, N + 1),
            "account": pd.array([k or None for k in account], dtype="Int64"),
            "team": [f"t{k % 70}" for k in range(N)],
            "weight": rng.choice([1.0, 2.0, 5.0], N),
        }
    )


@pytest.fixture
def panel_of(tmp_path):
    def make(responses="", customers="", change=lambda answers: answers, study=DATED):
        rng, base = np.random.default_rng(2), people()
        base["nps"], base["spend"] = rng.choice([3, 7, 10], N), rng.gamma(2, 50, N).round(2)
        answers = pd.concat(
            [
                base[["id", "account", "team", "weight"]].assign(
                    at=at, nps=rng.choice([3, 7, 10], N)
                )
                for at in ("2026-03-01", "2026-06-15")
            ],
            ignore_index=True,
        )
        orders = pd.DataFrame(
            {
                "id": rng.integers(1, N + 1, 2_000),
                "at": pd.Timestamp("2025-12-05")
                + pd.to_timedelta(rng.integers(0, 390, 2_000), unit="D"),
                "amount": rng.gamma(2, 50, 2_000).round(2),
            }
        )
        base.to_csv(tmp_path / "customers.csv", index=False)
        change(answers).to_csv(tmp_path / "responses.csv", index=False)
        orders.to_csv(tmp_path / "orders.csv", index=False)
        path = tmp_path / "study.toml"
        path.write_text(study.format(responses=responses, customers=customers))
        return cx.build_panel(cx.read_tables(cx.load_study(path)))

    return make


def partition(keys):
    """Rows that share a key, whatever the keys are called."""
    return {frozenset(rows) for rows in keys.groupby(keys).groups.values()}


def declared(panel, column="account"):
    """Return the unit of each row as the customers' file says, a blank one standing alone."""
    base = people().astype({"id": str}).set_index("id")[column]
    customer = panel.frame["customer"].astype(str)
    unit = base.reindex(customer).astype(object).to_numpy()
    alone = pd.isna(unit)
    return pd.Series(np.where(alone, "alone " + customer, "in " + unit.astype(str)))


@pytest.mark.parametrize("place", ["responses", "customers"])
def test_accounts_of_a_dated_study_are_its_clusters(panel_of, place):
    panel = panel_of(**{place: ACCOUNT})
    assert panel.frame["cluster"].nunique() == 60 + N // 2
    assert partition(panel.frame["cluster"]) == partition(declared(panel))
    plain = panel_of()
    assert plain.frame["cluster"].nunique() == N
    found, alone = (cx.regress_outcome(p, "spend").adjusted for p in (panel, plain))
    assert "declared cluster" in found.method
    assert "errors clustered by customer" in alone.method
    assert found.estimate == pytest.approx(alone.estimate)
    assert found.std_error != pytest.approx(alone.std_error, rel=1e-6)


def test_clusters_of_answers_win_over_those_of_customers(panel_of):
    panel = panel_of('cluster = "team"', ACCOUNT)
    assert partition(panel.frame["cluster"]) == partition(declared(panel, "team"))


def test_an_account_named_as_a_customer_is_not_that_customer(panel_of):
    panel = panel_of(study=FLAT)
    assert partition(panel.frame["cluster"]) == partition(declared(panel))


def test_a_customer_in_two_accounts_is_refused_and_counted(panel_of):
    def move(answers):
        answers.loc[N + 5, "account"] = 61  # the second answer of one customer
        answers.loc[N + 9, "account"] = pd.NA
        return answers

    with pytest.raises(cx.CxroiError, match=r"2 customers have answers in several clusters") as no:
        panel_of(ACCOUNT, change=move)
    assert "'account' of [tables.responses]" in str(no.value)
    assert len(panel_of(customers=ACCOUNT, change=move).frame) == 2 * N


def test_weights_of_customers_are_those_of_their_answers(panel_of):
    by_customer = panel_of(customers='weight = "weight"')
    by_answer = panel_of('weight = "weight"')
    weight = people().astype({"id": str}).set_index("id")["weight"]
    found = by_customer.frame.set_index(by_customer.frame["customer"].astype(str))["weight"]
    assert (found == weight.reindex(found.index)).all()
    pd.testing.assert_frame_equal(by_customer.frame, by_answer.frame)
    pd.testing.assert_frame_equal(by_customer.scores, by_answer.scores)
    a, b = (cx.regress_outcome(p, "spend").adjusted for p in (by_customer, panel_of()))
    assert a.estimate != pytest.approx(b.estimate, rel=1e-6)
    assert "survey-weighted" in a.method
