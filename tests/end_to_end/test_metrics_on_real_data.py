"""Metrics and journeys of real files against pandas alone: airport, marketplace, shop clicks.

What lies in `shared/data` beside the repository is read from there; the airport's files of 2017
and 2018 are shipped and always read.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.cli.main import main
from cxroi.journeys import cart_abandonment, contact_volume, find_paths, when_to_ask
from cxroi.metrics.changes import changes
from cxroi.metrics.compute import compute

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
SURVEYS, OLIST, SHOP = (SHARED / n for n in ("sfo_survey", "olist_sample", "retentioneering_ecom"))
DAY = pd.Timedelta(days=1)


def beside(folder):
    if not folder.is_dir():
        pytest.skip(f"../shared/data/{folder.name} is not here")
    return folder


def figures(found, *by):
    """Estimates by what tells them apart."""
    return {tuple(getattr(m, key) for key in by): m.estimate for m in found.measured}


# Ratings of the airport that were asked every year, under other names in other years.
ASKED = {
    "art": ("Q6A", "Q8A", "Q8A_ART", "Q7A_ART", "Q7ART"),
    "food": ("Q6B", "Q8B", "Q8B_FOOD", "Q7B_FOOD", "Q7FOOD"),
    "signs": ("Q6D", "Q8D", "Q8D_SIGNS", "Q7D_SIGNS", "Q7SIGN"),
    "airport": ("Q6N", "Q8N", "Q8N_WHOLE", "Q7O_WHOLE", "Q7ALL"),
}
BLANK = [0, 6, "Blank"]  # left blank; never used


def ratings(folder, years):
    """Put the ratings of all years into one long table: a row a passenger."""
    parts = []
    for year in years:
        rows = pd.read_csv(folder / f"{year}_SFO_Customer_Survey.csv", low_memory=False)
        rows.columns = rows.columns.str.strip().str.lstrip("*").str.upper()
        named = {names[min(year - 2010, 4)]: name for name, names in ASKED.items()}
        part = rows[[*named]].rename(columns=named).astype(str)
        part["weight"] = rows.get("WEIGHT", 1.0)  # 2011 and 2012 have none
        part["passenger"] = [f"{year}-{number}" for number in rows["RESPNUM"]]
        parts.append(part.assign(year=year))
    return pd.concat(parts, ignore_index=True)


def airport_study():
    scale = {"kind": "csat", "missing": BLANK}
    people = {"customer": "passenger", "wave": "year", "score": "airport", "weight": "weight"}
    return cx.load_study(
        {
            "study": {"name": "Airport ratings"},
            "tables": {"customers": people},
            "scale": scale | {"metric": "airport"},
            "scores": {name: scale for name in ASKED if name != "airport"},
        }
    )


@pytest.fixture(scope="module", params=["shipped", "every year"])
def airport(request):
    if request.param == "shipped":
        rows = ratings(ROOT / "data" / "sfo", (2017, 2018))
    else:
        rows = ratings(beside(SURVEYS), range(2010, 2019))
    tables = cx.read_tables(airport_study(), frames={"customers": rows}, every=True)
    return rows, compute(tables, ["csat", "csat_mean"], by="quarter")


def answered(rows, name):
    """The answers to a rating of those who rated the airport, with their weights."""
    on_scale = ["1", "2", "3", "4", "5"]
    given = rows[rows[name].isin(on_scale) & rows["airport"].isin(on_scale)]
    return given[["year", "weight"]].assign(x=given[name].astype(int))


def test_ratings_by_year_are_pandas_weighted_means_and_shares_of_4_and_5(airport):
    rows, found = airport
    seen = figures(found, "metric", "part", "quarter")
    for name in ASKED:
        for year, of in answered(rows, name).groupby("year"):
            share, mean = (seen[m, name, str(year)] for m in ("csat", "csat_mean"))
            assert share.n == mean.n == len(of)
            assert mean.estimate == pytest.approx(np.average(of["x"], weights=of["weight"]))
            assert share.estimate == pytest.approx(
                np.average(of["x"] >= 4, weights=of["weight"]), abs=1e-12
            )
            # Weighted mean of independent rows: the variance of a ratio of sums.
            w, apart = of["weight"], of["x"] - mean.estimate
            error = np.sqrt(((w * apart) ** 2).sum()) / w.sum()
            assert mean.conf_high - mean.conf_low == pytest.approx(2 * 1.96 * error, rel=2e-3)
    assert len(seen) == 2 * len(ASKED) * rows["year"].nunique()


def test_the_change_of_a_rating_is_that_of_the_last_two_years(airport):
    rows, found = airport
    change = changes(found)
    assert (change.before, change.after) == ("2017", "2018")
    moved = dict(zip(change.titles, change.estimates, strict=True))
    for name in ASKED:
        of = answered(rows, name)
        means = {
            year: np.average(one["x"], weights=one["weight"]) for year, one in of.groupby("year")
        }
        [found_of] = [e for title, e in moved.items() if title == f"Mean satisfaction: {name}"]
        assert found_of.estimate == pytest.approx(means[2018] - means[2017])
        assert found_of.conf_low < 0 < found_of.conf_high


def test_answers_off_the_scale_in_one_year_are_refused_by_name():
    rows = ratings(ROOT / "data" / "sfo", (2017, 2018))
    tens = rows["year"].eq(2017) & rows["food"].isin(["4", "5"])
    rows.loc[tens, "food"] = rows.loc[tens, "food"].map({"4": "8", "5": "10"})
    with pytest.raises(cx.errors.CxroiError, match=r"'food' .*holds 8 .*10 .*an answer is 1 to 5"):
        cx.read_tables(airport_study(), frames={"customers": rows}, every=True)


def test_the_command_shows_the_published_score_and_what_was_set_aside(capsys):
    assert main(["metrics", str(ROOT / "data" / "sfo" / "study.toml"), "--metric", "nps"]) == 0
    said = capsys.readouterr().out
    assert " 40.4 " in said  # weighted, of 2,746 answers: the facts published with the data
    assert "2,746" in said
    assert "Rows of customers set aside: 84, no answer (declared missing code)." in said


# The marketplace: reviews answer the delivery of an order.


@pytest.fixture(scope="module")
def market():
    folder = beside(OLIST)
    people = ["purchases.order_id", "people.customer_id"]
    days = {"from": "order_estimated_delivery_date", "to": "order_delivered_customer_date"}
    study = {
        "study": {"name": "Olist", "currency": "BRL", "complete_until": dt.date(2018, 8, 31)},
        "tables": {
            "people": {"path": f"{folder}/olist_customers_dataset.csv"},
            "purchases": {"path": f"{folder}/olist_orders_dataset.csv"},
            "responses": {
                "path": f"{folder}/olist_order_reviews_dataset.csv",
                "via": people,
                "customer": "customer_unique_id",
                "score": "review_score",
                "answered_at": "review_answer_timestamp",
                "derive": {"days_late": days},
            },
            "orders": {
                "path": f"{folder}/olist_order_payments_dataset.csv",
                "via": people,
                "customer": "customer_unique_id",
                "id": "order_id",
                "ordered_at": "order_purchase_timestamp",
                "amount": "payment_value",
            },
            "invitations": {
                "path": f"{folder}/olist_orders_dataset.csv",
                "via": ["people.customer_id"],
                "keep": {"order_status": ["delivered"]},
                "customer": "customer_unique_id",
                "invited_at": "order_delivered_customer_date",
                "event_at": "order_purchase_timestamp",
            },
        },
        "scale": {"kind": "csat"},
        "windows": {"baseline_days": 180, "outcome_days": 180},
        "metrics": {
            "days_late": {"table": "responses", "kind": "mean", "column": "days_late"},
        },
    }
    return cx.read_tables(cx.load_study(study), every=True)


@pytest.fixture(scope="module")
def dated():
    """Orders with their person and amount, reviews with theirs, by pandas alone."""
    folder = beside(OLIST)
    orders = pd.read_csv(folder / "olist_orders_dataset.csv", parse_dates=[3, 6, 7]).rename(
        columns={
            "order_purchase_timestamp": "bought",
            "order_delivered_customer_date": "delivered",
            "order_estimated_delivery_date": "promised",
        }
    )
    people = pd.read_csv(folder / "olist_customers_dataset.csv")
    orders = orders.merge(people, on="customer_id").rename(columns={"customer_unique_id": "who"})
    paid = pd.read_csv(folder / "olist_order_payments_dataset.csv")
    orders["amount"] = orders["order_id"].map(paid.groupby("order_id")["payment_value"].sum())
    reviews = pd.read_csv(folder / "olist_order_reviews_dataset.csv")
    reviews["answered"] = pd.to_datetime(reviews["review_answer_timestamp"])
    return orders, reviews.merge(orders, on="order_id")


END = pd.Timestamp("2018-09-01")


def test_reviews_delays_orders_and_repeat_purchase_are_those_of_pandas(market, dated):
    orders, reviews = dated
    names = ["csat_mean", "days_late", "purchase_amount", "repeat_purchase"]
    found = figures(compute(market, names), "metric")
    inside = reviews[reviews["answered"] < END]
    late = (inside["delivered"].dt.normalize() - inside["promised"]).dt.days.dropna()
    paid = orders[orders["amount"].notna() & (orders["bought"] < END)]
    first = paid.groupby("who")["bought"].transform("min")
    again = (paid["bought"] > first) & (paid["bought"] <= first + 90 * DAY)
    old = first + 90 * DAY <= END
    came = again[old].groupby(paid["who"]).any()
    for name, values in {
        "csat_mean": inside["review_score"],
        "days_late": late,
        "purchase_amount": paid["amount"],
        "repeat_purchase": came,
    }.items():
        assert found[(name,)].n == len(values)
        assert found[(name,)].estimate == pytest.approx(values.mean(), rel=1e-9)


def test_a_table_to_look_up_in_may_be_called_people(market, dated):
    """As a relation of the catalogue is, that of all customers."""
    orders, reviews = dated
    [found] = compute(market, ["purchase_frequency"]).measured
    paid = orders[orders["amount"].notna()]
    known = set(paid["who"]) | set(reviews["who"])
    years = (END - paid["bought"].min()) / (365.25 * DAY)
    expected = (paid["bought"] < END).sum() / len(known) / years
    assert found.estimate.n == len(known)
    assert found.estimate.estimate == pytest.approx(expected, rel=1e-3)


def in_order(dated):
    """Deliveries, answers and orders of each person in the order of time."""
    orders, reviews = dated
    delivered = orders[orders["order_status"].eq("delivered") & orders["delivered"].notna()]
    parts = (
        (delivered["who"], delivered["delivered"], "invitation", 0),
        (reviews["who"], reviews["answered"], "answer", 1),
        (orders["who"][orders["amount"].notna()], orders["bought"], "order", 2),
    )
    rows = [
        pd.DataFrame({"who": w, "at": at.loc[w.index]}).assign(s=s, k=k) for w, at, s, k in parts
    ]
    return pd.concat(rows).sort_values(["who", "at", "k"], kind="stable", ignore_index=True)


def test_every_figure_of_response_counts_the_same_invitations_and_answers(market, dated):
    """An answer is to the last delivery before it, within 30 days that are over."""
    steps = in_order(dated)
    steps = steps[steps["s"] != "order"]
    follows = steps.groupby("who")[["s", "at"]].shift(-1)
    asked = steps["s"].eq("invitation") & (steps["at"] + 30 * DAY <= END)
    replied = follows["s"].eq("answer") & (follows["at"] - steps["at"] <= 30 * DAY)
    expected = (int(asked.sum()), replied[asked].mean())
    rate = figures(compute(market, ["response_rate"]), "metric")[("response_rate",)]
    said = when_to_ask(market).tidy().iloc[0]
    assert (rate.n, rate.estimate) == pytest.approx(expected)
    assert (said["n"], said["estimate"]) == pytest.approx(expected)


def test_paths_of_customers_are_those_of_pandas(market, dated):
    steps = in_order(dated)
    apart = steps["at"].diff().gt(30 * DAY) | steps["who"].ne(steps["who"].shift())
    steps["journey"] = apart.cumsum()
    steps = steps[apart | steps["s"].ne(steps["s"].shift())]
    ways = steps.groupby("journey")["s"].agg(" > ".join)
    following = steps.groupby("journey")[["s", "at"]].shift(-1)
    pairs = steps["s"] + " > " + following["s"]
    found = find_paths(market)
    assert (found.journeys, found.steps) == (len(ways), len(steps))
    assert found.ways[0].path == ways.value_counts().index[0] == "order > invitation > answer"
    assert {w.path: w.n for w in found.ways}.items() <= ways.value_counts().to_dict().items()
    seen = {f"{t.origin} > {t.target}": t.n for t in found.transitions}
    assert seen == pairs.value_counts().to_dict()
    [first] = [t for t in found.transitions if (t.origin, t.target) == ("order", "invitation")]
    hours = (following["at"] - steps["at"])[pairs.eq("order > invitation")] / pd.Timedelta("1h")
    assert found.tidy().set_index(["from", "to"]).loc["order", "invitation"]["hours"] == (
        pytest.approx(hours.median(), abs=1e-3)
    )
    assert first.share.estimate == pytest.approx(
        pairs.eq("order > invitation").sum() / pairs.str.startswith("order >").sum()
    )


# Clicks in a shop: one file is read as events, page views and contacts.

CLICKED = pd.Timestamp("2024-06-30")
DONE = ["add_to_cart", "wishlist_add", "purchase"]  # not pages


@pytest.fixture(scope="module")
def clicks():
    return pd.read_csv(beside(SHOP) / "ecom.csv.gz", parse_dates=["timestamp"])


@pytest.fixture(scope="module")
def carts(clicks):
    """One cart a visit in which something was put into one, bought where it ends in a purchase."""
    first = clicks[clicks["event"] == "add_to_cart"].groupby(["user_id", "session_id"])
    bought = clicks[clicks["event"] == "purchase"].groupby("session_id")["timestamp"].max()
    made = first["timestamp"].min().rename("created").reset_index()
    return made.join(bought.rename("bought"), on="session_id")


@pytest.fixture(scope="module")
def shop(clicks, carts):
    last = clicks.groupby("user_id").tail(1)[["user_id", "timestamp", "user_lifecycle"]]
    who = {"customer": "user_id"}
    seen = who | {"viewed_at": "timestamp", "page": "event"}
    study = {
        "study": {"name": "Clicks", "complete_until": dt.date(2024, 6, 29)},
        "tables": {
            "responses": who | {"answered_at": "timestamp", "score": "user_lifecycle"},
            "events": who | {"happened_at": "timestamp", "event": "event"},
            "page_views": seen | {"drop": {"event": DONE}},
            "contacts": who | {"opened_at": "timestamp", "keep": {"event": ["support_chat"]}},
            "carts": who | {"created_at": "created", "bought_at": "bought"},
        },
        "scale": {
            "kind": "custom",
            "answers": {"new": 1, "returning": 2, "loyal": 3},
            "cuts": [2, 3],
            "labels": ["new", "returning", "loyal"],
        },
        "windows": {"baseline_days": 30, "outcome_days": 30},
    }
    frames = dict.fromkeys(("events", "page_views", "contacts"), clicks)
    frames |= {"responses": last, "carts": carts}
    return cx.read_tables(cx.load_study(study), frames=frames, every=True)


def test_visits_found_by_pauses_are_the_sessions_of_the_file(shop, clicks):
    """The study names no session: half an hour without a page ends one, as the file has it."""
    pages = clicks[~clicks["event"].isin(DONE) & (clicks["timestamp"] < CLICKED)]
    visits = pages.groupby("session_id")
    sizes, times = visits.size(), visits["timestamp"]
    names = ["pages_per_session", "bounce_rate", "session_length", "exit_rate"]
    found = figures(compute(shop, names), "metric", "part")
    assert found["pages_per_session", ""].n == len(sizes) == 3602
    assert found["pages_per_session", ""].estimate == pytest.approx(sizes.mean())
    assert found["bounce_rate", ""].estimate == pytest.approx((sizes == 1).mean())
    length = (times.max() - times.min()).dt.total_seconds()[sizes > 1]
    assert found["session_length", ""].estimate == pytest.approx(length.median())
    left = visits["event"].last().value_counts()
    saw = pages.groupby("event")["session_id"].nunique()
    exits = {part: e.estimate for (name, part), e in found.items() if name == "exit_rate"}
    assert exits == pytest.approx((left / saw).dropna().to_dict(), rel=1e-9)


def test_carts_bought_before_they_were_begun_are_told_of(shop, carts):
    """In some visits something is put into a cart after a purchase alone."""
    wrong = (carts["bought"] < carts["created"]).sum()
    [said] = [w for w in shop.ledger.warnings if "have a time in" in w]
    assert said.startswith(f"{wrong} rows, {100 * wrong / 470:.1f} % of carts")
    assert "'bought' before that in 'created'" in said


def test_carts_left_and_support_contacts_are_those_of_pandas(shop, clicks, carts):
    left = figures(compute(shop, ["cart_abandonment"]), "metric")[("cart_abandonment",)]
    assert (left.n, left.estimate) == (len(carts), pytest.approx(carts["bought"].isna().mean()))
    assert left.estimate == pytest.approx(1 - 470 / 1213)
    judged = cart_abandonment(shop).tidy().iloc[0]
    young = carts["bought"].isna() & (carts["created"] + DAY > CLICKED)
    assert (judged["n"], judged["estimate"]) == (
        len(carts) - young.sum(),
        pytest.approx(carts["bought"][~young].isna().mean()),
    )
    chats = clicks[clicks["event"] == "support_chat"]
    volume = figures(compute(shop, ["contact_volume"]), "metric")[("contact_volume",)]
    assert volume.n == len(chats) == 277
    weeks = chats.set_index("timestamp").resample("W-MON", label="left", closed="left").size()
    levels = contact_volume(shop).levels
    starts = [pd.Timestamp(e.term.removeprefix("from ")) for e in levels]
    assert len(levels) > 1
    for level, start, end in zip(levels, starts, [*starts[1:], CLICKED], strict=True):
        inside = weeks[(weeks.index >= start) & (weeks.index < end)][: level.n]
        assert level.estimate == pytest.approx(inside.mean())
