"""The tables of journeys against the company that they are of, and against one another."""

import tomllib

import duckdb
import numpy as np
import pandas as pd
import pytest

from cxroi.panel.building import build_panel
from cxroi.panel.funnel import funnel
from cxroi.reading.tables import read_tables
from cxroi.simulate.journey_files import TABLES, WIDER, file_of
from cxroi.simulate.simulate import simulate
from cxroi.study.journey_tables import COLUMNS_BESIDE, TABLES_BESIDE
from cxroi.study.loading import load_study

DAY = pd.Timedelta(days=1)
SAME = ("customers", "responses", "orders", "returns")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("company") / "with"
    simulate(made, 3_000, 2, journeys=True, file_format="parquet")
    return made


@pytest.fixture(scope="module")
def plain(folder):
    return simulate(folder.with_name("without"), 3_000, 2, file_format="parquet").parent


@pytest.fixture(scope="module")
def table(folder):
    held = {}

    def read(name):
        if name not in held:
            held[name] = duckdb.sql(f"SELECT * FROM '{folder / name}.parquet'").df()
        return held[name]

    return read


@pytest.fixture(scope="module")
def lives(table):
    """First start and last end of each customer."""
    held = table("subscriptions").groupby("customer_id", sort=False)
    until = pd.Timestamp("2027-01-01")
    ended = held["cancelled_at"].last(skipna=False).fillna(until)
    return pd.DataFrame({"began": held["started_at"].first(), "ended": ended}).reset_index()


def test_the_company_is_the_same_with_journeys_and_without(folder, plain):
    for name in SAME:
        assert (folder / f"{name}.parquet").read_bytes() == (plain / f"{name}.parquet").read_bytes()
    for name in ("contacts", "invitations"):
        old, new = (duckdb.sql(f"SELECT * FROM '{f / name}.parquet'").df() for f in (plain, folder))
        assert new[list(old)].equals(old)
    told = (plain / "study.toml").read_text()
    assert "ratings" not in told
    assert "journeys" not in (plain / "truth.json").read_text()


def test_who_changes_the_plan_goes_on_without_a_gap(plain, table):
    old = duckdb.sql(f"SELECT * FROM '{plain / 'subscriptions.parquet'}'").df()
    held = table("subscriptions").query("customer_id.str.startswith('C')")
    each = held.groupby("customer_id", sort=False)
    assert each["started_at"].first().tolist() == old["started_at"].tolist()
    ended = each["cancelled_at"].last(skipna=False).reset_index(drop=True)
    assert ended.equals(old["cancelled_at"].rename("cancelled_at"))
    changed = held[held["customer_id"].duplicated(keep="last")]
    after = held[held["customer_id"].duplicated()]
    assert (changed["cancelled_at"].to_numpy() == after["started_at"].to_numpy()).all()
    assert 0.02 < len(changed) / len(old) < 0.06
    rises = after["amount"].to_numpy() - changed["amount"].to_numpy()
    assert set(rises) == {-4.0, 10.0}
    assert changed["reason"].isna().all()


def test_only_who_left_has_a_reason_and_only_for_a_competitor_a_name(table):
    held = table("subscriptions")
    last = held[~held["customer_id"].duplicated(keep="last")]
    assert (last["reason"].notna() == last["cancelled_at"].notna()).all()
    assert (last["left_for"].notna() == (last["reason"] == "competitor")).all()
    assert (last["reason"].value_counts(normalize=True).round(1)["price"]) == 0.3


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("ratings", "answered_at"), ("events", "happened_at"), ("page_views", "viewed_at"),
        ("feature_use", "used_at"), ("campaigns", "sent_at"), ("mentions", "mentioned_at"),
        ("carts", "created_at"), ("carts", "bought_at"), ("calls", "called_at"),
        ("tickets", "opened_at"), ("tickets", "first_response_at"), ("tickets", "resolved_at"),
        ("tickets", "began_at"), ("tasks", "started_at"), ("tasks", "completed_at"),
        ("referrals", "referred_at"), ("expectations", "stated_at"),
        ("rating_invitations", "invited_at"),
    ],
)  # fmt: skip
def test_what_a_customer_does_lies_between_start_and_end(table, lives, name, at):
    events = table(name)[["customer_id", at]].dropna().merge(lives, how="left", on="customer_id")
    late = events[events["customer_id"].isin(late_answers(table))] if name == "ratings" else None
    if late is not None:
        events = events.drop(late.index)
    assert len(events) > 100
    assert events["began"].notna().all()
    assert (events[at] >= events["began"]).all()
    assert (events[at] < events["ended"]).all()


def late_answers(table):
    """Customers who answered the main survey after they had cancelled, as some do."""
    both = table("responses").merge(table("subscriptions"), on="customer_id")
    return set(both[both["cancelled_at"] <= both["answered_at"]]["customer_id"])


def test_each_contact_is_a_call_or_a_ticket(table):
    held = table("contacts")
    calls = table("calls").rename(columns={"called_at": "opened_at"}).assign(channel="phone")
    both = pd.concat([calls, table("tickets")])
    columns = ["customer_id", "opened_at", "channel"]
    kept, made = (frame[columns].sort_values(columns, ignore_index=True) for frame in (held, both))
    assert kept.equals(made)
    written = table("tickets").merge(held, on=["customer_id", "opened_at"])
    for name in ("reason", "complaint", "minutes"):
        assert (written[f"{name}_x"] == written[f"{name}_y"]).all()


def test_service_takes_its_steps_in_order(table):
    held = table("tickets")
    assert (held["began_at"] < held["opened_at"]).all()
    assert not (held["first_response_at"] <= held["opened_at"]).any()
    assert not (held["resolved_at"] <= held["first_response_at"]).any()
    assert ((held["resolved"] == 1) == held["resolved_at"].notna()).all()
    calls = table("calls")
    left = calls["abandoned"] == 1
    assert (calls["agent"].isna() == left).all()
    assert not calls.loc[left, ["resolved", "minutes"]].any(axis=None)
    both = pd.concat([held[["issue", "opened_at", "resolved", "customer_id"]],
                      calls.rename(columns={"called_at": "opened_at"})])  # fmt: skip
    both = both.sort_values(["issue", "opened_at"])
    assert both.groupby("issue")["customer_id"].nunique().max() == 1
    again = both["issue"].duplicated(keep="last")
    assert again.sum() > 50
    assert not both.loc[again, "resolved"].any()  # what is solved is not asked again


def test_bought_carts_are_orders(table):
    held = table("carts")
    bought = held[held["bought_at"].notna()]
    some = table("orders")[table("orders")["customer_id"].isin(bought["customer_id"])]
    columns = {"bought_at": "ordered_at", "value": "amount"}
    left, right = (
        frame[["customer_id", "ordered_at", "amount"]].sort_values(
            ["ordered_at", "customer_id"], ignore_index=True
        ) for frame in (bought.rename(columns=columns), some)
    )  # fmt: skip
    assert left.equals(right)
    assert (bought["created_at"] < bought["bought_at"]).all()
    assert (held["reason"].isna() == held["bought_at"].notna()).all()
    assert held["bought_at"].isna().mean() == pytest.approx(0.63, abs=0.01)  # A2's mean
    shares = held["reason"].value_counts(normalize=True)
    assert shares["shipping price"] == pytest.approx(0.40, abs=0.05)


def test_referrals_point_to_people_who_came_then(table, lives):
    held = table("referrals").merge(lives, left_on="referred", right_on="customer_id", how="left")
    customers = held["referred"].str.startswith("C")
    assert (held.loc[customers, "referred_at"] == held.loc[customers, "began"]).all()
    people = table("prospects").set_index("customer_id")
    others = held[~customers]
    assert (people.loc[others["referred"], "first_seen_at"].to_numpy()
            >= others["referred_at"].to_numpy()).all()  # fmt: skip
    assert min(customers.sum(), len(others)) > 50
    assert held["referred"].is_unique
    assert (held["customer_id_x"] != held["referred"]).all()


def test_prospects_are_recent_customers_or_people_unknown(table, lives):
    held = table("prospects").merge(lives, on="customer_id", how="left")
    assert held["customer_id"].is_unique
    assert not (held["became_customer_at"] <= held["first_seen_at"]).any()
    before = held["customer_id"].str.startswith("C")
    assert before.sum() > 20
    assert (held["began"].notna() == held["became_customer_at"].notna()).all()
    assert held["began"].equals(held["became_customer_at"].rename("began"))
    new = table("customers_new")["customer_id"]
    assert set(new) == set(held.loc[~before & held["began"].notna(), "customer_id"])


def test_newcomers_buy_while_they_are_customers(table, lives):
    orders = table("orders_new")
    numbers = pd.concat([table("orders"), orders])["order_id"].str[1:].astype(int)
    assert numbers.tolist() == list(range(1, len(numbers) + 1))
    held = orders.merge(lives, on="customer_id")
    assert (held["ordered_at"] >= held["began"]).all()
    assert (held["ordered_at"] < held["ended"]).all()
    first = (
        held.groupby("customer_id")
        .agg({"ordered_at": "min", "began": "min"})
        .reindex(table("customers_new")["customer_id"])
    )
    assert (first["ordered_at"] - first["began"] <= DAY / 24).all()
    assert set(table("customers_new")["segment"]) == set(table("customers")["segment"])


def test_the_roi_stands_on_the_same_answers_with_journeys_and_without(folder, plain):
    panels = [build_panel(read_tables(load_study(f / "study.toml"))) for f in (plain, folder)]
    steps = [[(step.name, step.count) for step in funnel(panel).steps] for panel in panels]
    assert steps[0] == steps[1]
    frames = [panel.frame.reset_index(drop=True) for panel in panels]
    assert frames[0].equals(frames[1][list(frames[0])])


def test_each_answer_comes_with_a_rating_and_the_others_with_an_invitation(table):
    rated, key = table("ratings"), ["customer_id", "answered_at"]
    answers = table("responses")[key].assign(main=True)
    both = rated.merge(answers, how="left", on=key)
    assert both["main"].sum() == len(answers)
    others = both[both["main"].isna()].sort_values("answered_at")
    asked = table("rating_invitations").sort_values("invited_at")
    found = pd.merge_asof(
        others, asked, by=["customer_id", "touchpoint"],
        left_on="answered_at", right_on="invited_at", tolerance=15 * DAY,
    )  # fmt: skip
    assert len(found) > 200
    assert found["invited_at"].notna().all()
    assert set(rated["csat"]) == set(range(1, 6))
    assert set(rated["ces"].dropna()) == set(range(1, 8))
    assert set(rated["trust"]) == set(range(1, 11))
    assert set(others["touchpoint"]) == {"support", "delivery"}
    assert (rated["agent"].notna() <= (rated["touchpoint"] == "support")).all()


def test_nothing_else_is_asked_in_the_month_before_the_main_survey(table):
    main = table("invitations").rename(columns={"invited_at": "main"})
    asked = table("rating_invitations")
    both = asked.merge(main[["customer_id", "main"]], on="customer_id")
    gap = both["main"] - both["invited_at"]
    assert not gap.between(pd.Timedelta(0), 30 * DAY).any()
    assert gap.between(31 * DAY, 60 * DAY).sum() > 100
    assert (asked["event_at"] < asked["invited_at"]).all()


def test_what_invitations_are_about_has_happened(table):
    asked = table("invitations")
    gap = asked["invited_at"] - asked["event_at"]
    assert gap.between(pd.Timedelta(0), 60 * DAY).all()
    for touchpoint, name, at in (
        ("purchase", "orders", "ordered_at"), ("support", "contacts", "opened_at"),
    ):  # fmt: skip
        some = asked[asked["touchpoint"] == touchpoint]
        events = table(name).rename(columns={at: "event_at"})[["customer_id", "event_at"]]
        assert len(some) > 100
        assert len(some.merge(events.drop_duplicates())) == len(some)


def test_web_activity_is_of_some_customers_and_all_who_joined_late(table):
    mailed = set(table("campaigns")["customer_id"])
    people = table("profiles").query("customer_id.str.startswith('C')")
    late = people[people["acquired_at"] >= "2025-10-01"]["customer_id"]
    assert len(late) > 50
    assert 0.06 < len(mailed - set(late)) / 3_000 < 0.08
    who = set(table("page_views")["customer_id"]) | set(table("events")["customer_id"])
    assert who <= mailed
    assert len(who) > 0.9 * len(mailed)
    used = set(table("feature_use")["customer_id"])
    new = [*late, *table("customers_new")["customer_id"]]
    assert len(used & set(new)) > 0.8 * len(new)
    pages = table("page_views").groupby("session")
    assert pages["customer_id"].nunique().max() == 1
    assert (pages["viewed_at"].max() - pages["viewed_at"].min()).max() < DAY
    assert table("page_views")["scroll"].between(0, 1).all()
    visitors = table("visits")["visitor_id"]
    known = visitors.str[1:].astype(int) <= 3_000
    assert 0.3 < known.mean() < 0.5
    sent = table("campaigns")
    assert (sent["clicks"] <= sent["opens"]).all()


def test_profiles_and_details_are_of_the_company(table, lives):
    people = table("profiles")
    everybody = pd.concat([table("customers"), table("customers_new")])
    assert people["customer_id"].tolist() == everybody["customer_id"].tolist()
    assert people["acquired_at"].tolist() == lives["began"].tolist()
    gone = lives["ended"] < "2027-01-01"
    assert ((people["stage"] == "former") == gone).all()
    details = table("order_details")
    orders = pd.concat([table("orders"), table("orders_new")])
    assert details["order_id"].tolist() == orders["order_id"].tolist()
    assert set(details["product"]) == set(table("products")["product"])
    spent = orders.groupby("customer_id")["amount"].sum()
    spent = spent.reindex(people["customer_id"]).fillna(0).to_numpy()
    since = lives["began"].clip(lower=pd.Timestamp("2025-10-01"))
    years = (lives["ended"] - since) / (365.25 * DAY)
    # a month at the least: what came in less is not taken for a year's
    assert (people["wallet"] + 1 >= spent / np.maximum(years, 30 / 365.25)).all()


def test_agents_are_staff(table):
    staff = set(table("staff")["staff"])
    for name, column in (("calls", "agent"), ("ratings", "agent"), ("staff_answers", "staff")):
        assert set(table(name)[column].dropna()) <= staff
    said = table("staff_answers").merge(table("staff"), on="staff")
    assert (said["team_x"] == said["team_y"]).all()


def test_the_study_declares_every_table_and_column_and_all_is_read(folder):
    declared = tomllib.loads((folder / "study.toml").read_text())["tables"]
    for name, (_, keys) in TABLES_BESIDE.items():
        wanted = {key for key, known in keys.items() if known.cells}
        # One pilot, whose customers were drawn one by one.
        assert wanted - ({"pilot", "unit"} if name == "offers" else set()) <= set(declared[name]), (
            name
        )
    for name, keys in COLUMNS_BESIDE.items():
        assert set(keys) <= set(declared[name]) or name == "responses"  # ratings have them
    tables = read_tables(load_study(folder / "study.toml"), every=True)
    assert {entry.action for entry in tables.ledger.entries} == {"read"}
    read = {entry.table: entry.rows for entry in tables.ledger.entries}
    assert set(TABLES_BESIDE) < set(read)
    scores = tables.study.scores
    assert scores["ces"].scale.better == "higher"
    assert scores["trust"].scale.maximum == 10
    assert len(scores) == 6


def test_same_seed_same_bytes(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate(tmp_path / name, 200, seed, journeys=True)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert {file_of(table, "csv") for table in TABLES} <= set(names)
    a, b, c = ([(tmp_path / k / name).read_bytes() for name in names] for k in "abc")
    assert a == b
    same = [name for name, x, y in zip(names, a, c, strict=True) if x == y]
    assert set(same) == {file_of(name, "csv") for name in ("products", "staff", "company_events")}


def test_csv_holds_what_parquet_holds_and_one_replaces_the_other(tmp_path):
    simulate(tmp_path / "x", 150, 1, journeys=True, file_format="parquet")
    simulate(tmp_path / "y", 150, 1, journeys=True)
    for name in TABLES:
        left, right = (
            duckdb.sql(f"SELECT * FROM '{tmp_path / path}'").fetchall()
            for path in (f"x/{name}.parquet", f"y/{file_of(name, 'csv')}")
        )
        assert left == right, name
    simulate(tmp_path / "y", 150, 1, force=True)
    assert not list((tmp_path / "y").glob("*.gz"))
    assert {f"{name}.csv" for name in WIDER} < {p.name for p in (tmp_path / "y").iterdir()}


def test_one_wave_is_enough(tmp_path):
    study = simulate(tmp_path / "x", 300, 1, waves=["2025Q2"], journeys=True, file_format="parquet")
    assert len(read_tables(load_study(study), every=True).ledger.entries) > 20
