"""Customer value held to what was published of CDNOW, and of two groups of contracts.

The data of CDNOW are those that the package lifetimes brings, as Fader and Hardie made them
public: 2,357 customers who first bought in the first quarter of 1997.
"""

import datetime as dt
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.models.lifetime.beta_geometric import fit_mixing
from cxroi.models.lifetime.bg_nbd import fit_bg_nbd
from cxroi.models.lifetime.contracts import margin_multiple, retention_elasticity, survival
from cxroi.models.lifetime.gamma_gamma import fit_gamma_gamma
from cxroi.models.lifetime.histories import buying_histories

found = importlib.util.find_spec("lifetimes")
cdnow = pytest.mark.skipif(found is None, reason="needs the test extra")
FOLDER = Path(found.origin).parent / "datasets" if found else Path()


@pytest.fixture(scope="module")
def summary():
    frame = pd.read_csv(FOLDER / "cdnow_customers_summary_with_transactions.csv")
    return tuple(frame[name].to_numpy(float) for name in ("x", "t_x", "T", "zbar"))


@pytest.fixture(scope="module")
def buying(summary):
    x, t_x, age, _ = summary
    return fit_bg_nbd(x, t_x, age, np.ones(len(x)))


@pytest.fixture(scope="module")
def spending(summary):
    x, _, _, amount = summary
    return fit_gamma_gamma(x, amount, np.ones(len(x)))


@cdnow
def test_bg_nbd_of_cdnow(buying):
    # Fader, Hardie and Lee (2005): r .243, alpha 4.414, a .793, b 2.426, LL -9582.4;
    # to four digits as two packages reproduce it.
    assert buying.r == pytest.approx(0.2426, abs=5e-5)
    assert buying.alpha == pytest.approx(4.4135, abs=1e-4)
    assert buying.a == pytest.approx(0.7929, abs=5e-5)
    assert buying.b == pytest.approx(2.4258, abs=1e-4)
    assert buying.log_likelihood == pytest.approx(-9582.4, abs=0.05)


@cdnow
def test_errors_of_bg_nbd_of_cdnow(buying):
    # As lifetimes 0.11.3 prints them, from its own second derivatives.
    errors = np.sqrt(np.diag(buying.spread) / buying.n)
    errors = errors * [buying.r, buying.alpha, buying.a, buying.b]
    assert errors == pytest.approx([0.012557, 0.378221, 0.185719, 0.705345], rel=2e-3)


@cdnow
def test_gamma_gamma_of_cdnow(spending):
    assert (spending.n, spending.p) == (946, pytest.approx(6.2488, abs=5e-5))
    assert spending.q == pytest.approx(3.7446, abs=5e-5)
    assert spending.v == pytest.approx(15.4477, abs=1e-4)


@cdnow
def test_expectations_of_the_first_customer_of_cdnow(buying, spending):
    # Customer 0001, x = 2, t_x = 30.43, T = 38.86, mean 22.35: 1.226 purchases in the 39 weeks
    # that follow, of 24.66 each; 35.17 of anybody. As lifetimes 0.11.3 gives them.
    one = (np.array([value]) for value in (2.0, 30.43, 38.86))
    assert buying.purchases(*one, 39.0) == pytest.approx([1.226], abs=5e-4)
    assert spending.spend(np.array([2.0]), np.array([22.35])) == pytest.approx([24.66], abs=5e-3)
    assert spending.mean == pytest.approx(35.17, abs=5e-3)


@cdnow
def test_expectations_of_all_are_those_of_another_package(buying, spending, summary):
    lifetimes = pytest.importorskip("lifetimes")
    x, t_x, age, amount = summary
    model = lifetimes.BetaGeoFitter()
    model.params_ = pd.Series({k: getattr(buying, k) for k in ("r", "alpha", "a", "b")})
    theirs = model.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, age)
    assert buying.purchases(x, t_x, age, 39.0) == pytest.approx(np.asarray(theirs), rel=1e-9)
    alive = model.conditional_probability_alive(x, t_x, age)
    assert buying.active(x, t_x, age) == pytest.approx(np.asarray(alive), rel=1e-9)
    other = lifetimes.GammaGammaFitter()
    other.params_ = pd.Series({k: getattr(spending, k) for k in ("p", "q", "v")})
    assert spending.spend(x, amount) == pytest.approx(
        np.asarray(other.conditional_expected_average_profit(x, amount)), rel=1e-9
    )


@cdnow
def test_histories_of_the_orders_are_the_published_summary(summary):
    orders = pd.read_csv(
        FOLDER / "CDNOW_sample.txt",
        sep=r"\s+",
        names=["master", "id", "day", "cds", "amount"],
        dtype={"id": str, "day": str},
    )
    orders["day"] = pd.to_datetime(orders["day"])
    # The authors count eight discs that cost nothing; an order that comes to nothing is none here.
    orders.loc[orders["amount"] == 0, "amount"] = 1e-4
    declared = {
        "study": {"name": "CDNOW", "complete_until": dt.date(1998, 6, 30)},
        "tables": {
            "responses": {"customer": "id", "score": "nps", "answered_at": "day"},
            "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
        },
        "windows": {"baseline_days": 90, "outcome_days": 90},
    }
    frames = {"orders": orders, "responses": orders.drop_duplicates("id").assign(nps=9)}
    tables = cx.read_tables(cx.load_study(declared), frames=frames)
    histories = buying_histories(tables, dt.date(1997, 9, 30))
    made = np.column_stack([histories.x, histories.t_x / 7, histories.age / 7, histories.amount])
    made = np.repeat(made, histories.counts.astype(int), axis=0)
    published = np.column_stack(summary)
    assert len(made) == len(published) == 2357
    sorted_made, sorted_published = (
        table[np.lexsort((table[:, 3], *np.round(7 * table[:, 2:0:-1]).T, table[:, 0]))]
        for table in (made, published)
    )
    assert sorted_made == pytest.approx(sorted_published, abs=0.0051)  # printed to two digits


def test_contracts_are_forecast_as_published():
    # Fader and Hardie, Journal of Interactive Marketing 21 (2007): per cent who survive seven
    # years, fitted; years 8 to 12, which they forecast with alpha .704 and beta 1.182, and .668
    # and 3.806.
    seen = {
        (0.704, 1.182): [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1],
        (0.668, 3.806): [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1],
    }
    for (alpha, beta), percents in seen.items():
        there = 10.0 * np.array(percents)
        made = survival(fit_mixing(there[:-1], there[:-1] - there[1:]), 12)
        years = np.arange(1, 13)
        published = np.cumprod((beta + years - 1) / (alpha + beta + years - 1))
        assert made == pytest.approx(published, abs=0.0015)


def test_multiples_of_a_margin():
    # Gupta and Lehmann; Gupta, Lehmann and Stuart (2004): 1 % more retention is worth about 5 %.
    assert margin_multiple(0.9, 0.12) == pytest.approx(4.0909, abs=5e-5)
    assert margin_multiple(0.8, 0.12) == pytest.approx(2.5)
    assert retention_elasticity(0.9, 0.12) == pytest.approx(5, abs=0.1)
