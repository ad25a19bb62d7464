"""The funnel: every step is what is left of the one before, and what pandas counts by itself."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.panel.funnel import LOST_AT, funnel
from cxroi.panel.overview import overview
from cxroi.panel.reasons import reasons
from cxroi.reading.ledger import NO_ID, TOTAL_ROW
from cxroi.runs import codec

DATA = Path(__file__).parents[3] / "data"
BOTH = pytest.mark.parametrize("fits", ["rows", "engine"])
FIRST, UNTIL, DAYS = dt.date(2025, 12, 10), dt.date(2026, 7, 10), 30
ROLES = {
    "responses": {"customer": "id", "score": "nps", "answered_at": "at"},
    "invitations": {"customer": "id", "invited_at": "at"},
    "customers": {"customer": "id"},
    "orders": {"customer": "id", "ordered_at": "at", "amount": "amount"},
    "subscriptions": {"customer": "id", "started_at": "began", "cancelled_at": "ended"},
}
SCENARIO = {
    "from": "passive",
    "to": "promoter",
    "share_moved": [0.05, 0.1, 0.3],
    "cost_per_moved": 5.0,
    "gross_margin": 0.3,
    "causal_share": 0.5,
}


def panel_of(frames, fits="rows", quarter="", scenario=SCENARIO, **head):
    churn = "cancelled" if "subscriptions" in frames else "no_purchase"
    document = {
        "study": {"name": "Funnel", "complete_until": UNTIL, "complete_from": FIRST} | head,
        "tables": {name: ROLES[name] for name in frames},
        "windows": {"baseline_days": DAYS, "outcome_days": DAYS},
        "churn": {"definition": churn},
    }
    if scenario:
        document["scenario"] = scenario
    tables = cx.read_tables(cx.load_study(document), frames=frames)
    return cx.build_panel(tables, quarter, fits=fits)


def panel_in(path):
    return cx.build_panel(cx.read_tables(cx.load_study(DATA / path)))


def some_days(rng, n):
    """Moments of the first half of 2026 in which no two fall together."""
    return pd.Timestamp("2026-01-01") + pd.to_timedelta(
        rng.choice(181 * 24 * 60, n, replace=False), unit="min"
    )


def company(seed, n=150):
    """A small company: 30 % of ids unmatched, a total row, blanks, twice in a quarter, too late.

    Invitations lie shortly before some answers, long before others, and before none.
    """
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{i:03}" for i in range(n)])
    known, subscribed = rng.permutation(ids)[: round(0.7 * n)], rng.permutation(ids)[: n - 15]
    at = some_days(rng, 3 * n)
    answers = pd.DataFrame(
        {"id": rng.choice(ids, 3 * n), "nps": rng.integers(0, 11, 3 * n).astype(float), "at": at}
    )
    answers.loc[rng.choice(3 * n, 9, replace=False), "id"] = None
    answers.loc[rng.choice(3 * n, 12, replace=False), "nps"] = None
    invited = answers[rng.random(3 * n) < 0.6][["id", "at"]].dropna()
    ago = pd.to_timedelta(rng.integers(0, 45 * 24 * 60, len(invited)), unit="min")
    invited = invited.assign(at=invited["at"] - ago)
    silent = pd.DataFrame({"id": rng.choice(ids, n), "at": some_days(rng, n)})
    began = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(-900, 60, n - 15), unit="D")
    stays = pd.to_timedelta(rng.integers(100, 1500, n - 15), unit="D")
    ended = pd.Series(began + stays).where(rng.random(n - 15) < 0.3)
    bought = pd.DataFrame({"id": rng.choice(ids, 2 * n), "at": some_days(rng, 2 * n)})
    total = pd.DataFrame({"id": ["Total"], "nps": [7.0], "at": [at[0]]})
    return {
        "responses": pd.concat([answers, total], ignore_index=True),
        "invitations": pd.concat([invited, silent], ignore_index=True),
        "customers": pd.DataFrame({"id": known}),
        "orders": bought.assign(amount=5.0),
        "subscriptions": pd.DataFrame({"id": subscribed, "began": began, "ended": ended}),
    }


def quarter_of(moments):
    return moments.dt.year.astype(str) + "Q" + moments.dt.quarter.astype(str)


def by_pandas(frames, quarter="", days=DAYS, first=FIRST, until=UNTIL):
    """Count the steps from the frames alone."""
    window = pd.Timedelta(days=days)
    read = frames["responses"]
    valid = read[read["id"].notna() & (read["id"] != "Total") & read["nps"].notna()]
    valid = valid.assign(wave=quarter_of(valid["at"]))
    valid = valid[valid["wave"] == quarter] if quarter else valid
    answered = valid.sort_values("at").drop_duplicates(["id", "wave"], keep="last")
    asked = frames["invitations"].assign(wave=quarter_of(frames["invitations"]["at"]))
    last = pd.merge_asof(
        answered[["id", "at"]], asked.sort_values("at"), on="at", by="id", tolerance=window
    ).dropna()
    replied = set(zip(last["id"], last["wave"], strict=True))
    mine = asked[asked["wave"] == quarter] if quarter else asked
    invited = set(zip(mine["id"], mine["wave"], strict=True))
    held = frames["subscriptions"].set_index("id")
    known = answered["id"].isin(frames["customers"]["id"])
    matched = answered[known & answered["id"].isin(held.index)]
    late = matched["at"].dt.normalize() + window > pd.Timestamp(until)
    mature = matched[~late]
    own = held.loc[mature["id"]].set_axis(mature.index)
    early = mature["at"] - window < pd.Timestamp(first)
    there = (own["began"] <= mature["at"]) & ~(own["ended"] <= mature["at"])
    used = mature[~early & there]
    latest = used.drop_duplicates("id", keep="last")["nps"].between(7, 8).sum()
    counts = {
        "invited": len(invited),
        "answered": len(answered),
        "matched": len(matched),
        "mature": len(mature),
        "used": len(used),
        "group": int(used["nps"].between(7, 8).sum()),
        "customers": int(latest),
        "to_be_moved": round(latest * 0.1),
    }
    return len(read), len(invited - replied), counts


def reconciles(found):
    """Hold every step against the one before it, and the rows against the answers."""
    assert found.steps[0].begins
    for before, step in zip(found.steps, found.steps[1:], strict=False):
        assert step.begins or step.count == before.count - step.lost
        assert all(count for count, _ in step.losses)
    if found.rows is not None:
        assert found["answered"].count == found.rows - sum(n for n, _ in found.set_aside)
    return True


@BOTH
@pytest.mark.parametrize(("seed", "quarter"), [(1, ""), (3, "2026Q2")])
def test_counts_reconcile_and_are_those_of_pandas(seed, quarter, fits):
    frames = company(seed)
    panel = panel_of(frames, fits, quarter)
    found = funnel(panel)
    rows, silent, counts = by_pandas(frames, quarter)
    assert reconciles(found)
    assert found.rows == rows
    assert {step.name: step.count for step in found.steps} == counts
    when = f" in {quarter}" if quarter else ""
    assert found["answered"].losses == (
        (silent, f"no answer{when}"),
        (
            counts["invited"] - silent - counts["answered"],
            f"answers without an invitation of their own{when}, added",
        ),
    )
    assert {(9, NO_ID), (1, TOTAL_ROW)} <= set(found.set_aside)
    # About three answers in ten are of customers whom the customers table does not know.
    lost = dict(reversed(loss) for loss in found["matched"].losses)
    assert 0.2 < lost["customer not in the customers table"] / counts["answered"] < 0.4
    assert found["customers"].unit == found["to_be_moved"].unit == "customers"
    assert panel.size == counts["used"]
    assert panel.origin_customers == counts["customers"]


def test_the_demo_is_what_pandas_counts():
    names = {"customer_id": "id", "score": "nps", "started_at": "began", "cancelled_at": "ended"}
    names |= {"answered_at": "at", "invited_at": "at"}
    frames = {}
    for table, suffix in (
        ("responses", "csv"), ("invitations", "csv.gz"), ("customers", "csv"),
        ("subscriptions", "csv.gz"),
    ):  # fmt: skip
        frame = pd.read_csv(DATA / "demo" / f"{table}.{suffix}").rename(columns=names)
        dates = {
            name: pd.to_datetime(frame[name]) for name in ("at", "began", "ended") if name in frame
        }
        frames[table] = frame.assign(**dates)
    plans = frames["subscriptions"].groupby("id", as_index=False)  # a change of plan is no end
    ends = plans["ended"].agg(lambda dates: dates.iloc[-1])
    frames["subscriptions"] = plans["began"].min().assign(ended=ends["ended"])
    panel = panel_in("demo/study.toml")
    found = funnel(panel)
    assert reconciles(found)
    rows, silent, counts = by_pandas(frames, "", 90, "2025-10-01", "2026-12-31")
    assert {step.name: step.count for step in found.steps} == counts
    assert counts == {
        "invited": 16_468, "answered": 4_560, "matched": 4_560, "mature": 4_535, "used": 4_530,
        "group": 1_575, "customers": 1_220, "to_be_moved": 122,
    }  # fmt: skip
    assert (found.rows, found["answered"].losses) == (rows, ((silent, "no answer"),))
    # The same number wherever it is told again.
    [passive] = [e for e in cx.compare_groups(panel, "spend").means if e.group == "passive"]
    assert (passive.n, cx.score(panel)[0].n) == (counts["group"], counts["matched"])


def test_flat_files_begin_at_the_answers_and_say_why():
    """Counted by hand in the airport's file of 2017; Medicare's has several years a contract."""
    found = funnel(panel_in("sfo/study.toml"))
    assert reconciles(found)
    sfo = pd.read_csv(DATA / "sfo" / "2017_SFO_Customer_Survey.csv", low_memory=False)
    scores = pd.to_numeric(sfo["NETPRO"], errors="coerce")
    valid = scores[scores.between(0, 10)]
    assert [step.name for step in found.steps] == ["answered", "used", "group", "customers"]
    assert (found.rows, found["used"].count) == (len(sfo), len(valid))
    assert found["group"].count == found["customers"].count == valid.between(7, 8).sum()
    assert [note.split(":")[0] for note in found.notes] == [
        "How many were asked is not known",
        "Answers are counted as given, whatever their survey weight.",
        "No [scenario] says how many are to be moved.",
    ]
    medicare = funnel(
        cx.build_panel(cx.read_tables(cx.load_study(DATA / "medicare" / "study.toml")))
    )
    assert reconciles(medicare)
    years = pd.read_csv(DATA / "medicare" / "contracts.csv")
    latest = years.sort_values("star_year").drop_duplicates("contract", keep="last")
    middle = [frame["plan_rating"].between(85, 87).sum() for frame in (years, latest)]
    names = ("used", "group", "customers")
    assert [medicare[name].count for name in names] == [len(years), *middle]


def shop(**more):
    """Ten customers answer in March, one of them twice; three are in no other table."""
    ids = [f"C{i}" for i in range(10)]
    answers = pd.DataFrame({"id": [*ids, "C9"], "nps": [8.0] * 6 + [10.0] * 5})
    answers["at"] = pd.Timestamp("2026-03-02 09:00") + pd.to_timedelta(range(11), unit="h")
    orders = pd.DataFrame({"id": ids[3:] * 5, "amount": 5.0})
    orders["at"] = pd.Timestamp("2026-02-01 10:00") + pd.to_timedelta(range(0, 140, 4), unit="D")
    return {"responses": answers, "orders": orders, **more}


def asked(ids, at="2026-03-01 08:00:00"):
    return pd.DataFrame({"id": ids, "at": at})


@BOTH
def test_unmatched_answers_that_are_used_are_not_called_lost(fits):
    found = funnel(panel_of(shop(), fits))
    assert found.bars == (
        ("Answered", 10, ""),
        ("Mature", 10, ""),
        ("Used", 10, ""),
        ("In 'passive'", 6, "−4 in 'promoter'"),
        ("Customers in 'passive'", 6, ""),
        ("To be moved (plan)", 1, "−5 not planned"),  # a tenth of six, to the nearest customer
    )
    assert found.rows == 11
    assert "Answers of customers who occur in no other table: 3." in found.notes[1]


@BOTH
def test_who_answered_unasked_is_added_and_shares_stay_under_one(fits):
    """Asked: C0 to C3, of whom all answer, and X, who does not; the other six answer unasked."""
    frames = shop(invitations=asked(["C0", "C1", "C2", "C3", "X", "X"]))
    panel = panel_of(frames, fits)
    found = funnel(panel)
    assert found.bars[:2] == (
        ("Invited", 5, ""),
        ("Answered", 10, "−1 no answer; +6 answers without an invitation of their own, added"),
    )
    assert reconciles(found)
    assert found.estimates[2].note.startswith("5 more: −1 no answer; +6 answers")
    assert panel.coverage.share_answered == 4 / 5  # and not 10 / 5
    known = panel_of(shop(customers=pd.DataFrame({"id": [f"C{i}" for i in range(3, 12)]})), fits)
    assert known.coverage.share_answered == 7 / 9  # and not 10 / 9
    assert funnel(known)["matched"].losses == ((3, "customer not in the customers table"),)


def test_a_reason_that_no_step_knows_would_be_found():
    study = panel_of(company(1)).study
    worded = [sql.split("THEN '")[1] for sql in reasons(study)]
    assert len(worded) == len(LOST_AT)
    assert all(word.startswith(begin) for word, begin in zip(worded, LOST_AT, strict=True))


@pytest.mark.parametrize(
    ("invitations", "quarter", "why"),
    [
        (None, "", "the study has no table of invitations"),
        (asked(["C1"]).drop(columns="at"), "", "the invitations have no dates"),
        (asked(["C1"], "2026-01-01 08:00:00"), "2026Q2", "no invitation is known to be of 2026Q2"),
    ],
)
def test_it_is_said_why_the_invited_are_not_known(invitations, quarter, why, monkeypatch):
    frames = shop() if invitations is None else shop(invitations=invitations)
    if quarter:
        frames["responses"]["at"] += pd.Timedelta(days=60)
    if invitations is not None and "at" not in invitations:
        monkeypatch.setitem(ROLES, "invitations", {"customer": "id"})
    found = funnel(panel_of(frames, quarter=quarter))
    assert (found.steps[0].name, found.steps[0].count) == ("answered", 10)
    assert found.notes[0] == f"How many were asked is not known: {why}."


def test_a_declared_number_of_customers_begins_anew():
    panel = panel_of(shop(), scenario=SCENARIO | {"from_customers": 2_005})
    found = funnel(panel)
    assert reconciles(found)
    assert [(s.name, s.count, s.begins) for s in found.steps[-3:]] == [
        ("customers", 6, False), ("offered", 2_005, True), ("to_be_moved", 200, False),
    ]  # fmt: skip


def test_of_rows_chosen_later_nothing_is_told_of_what_came_before():
    panel = panel_of(shop())
    found = funnel(panel.with_frame(panel.frame.iloc[2:]))
    assert found.rows is None
    assert [(s.name, s.count) for s in found.steps[:3]] == [
        ("used", 8), ("group", 4), ("customers", 4),
    ]  # fmt: skip
    assert reconciles(found)
    assert "rows were chosen" in found.notes[0]


def test_a_kept_overview_has_it_and_results_json_its_counts():
    frames = company(2)
    panel, (rows, _, counts) = panel_of(frames), by_pandas(frames)
    told = overview(panel)
    found = codec.read(codec.write(told), panel.study).funnel
    assert found == told.funnel
    entries = {e.name: e for e in found.estimates}
    assert list(entries) == ["funnel.rows", *(f"funnel.{step.name}" for step in found.steps)]
    answered, read = entries["funnel.answered"], entries["funnel.rows"]
    assert (answered.estimate, answered.unit) == (counts["answered"], "answers")
    assert "no answer" in answered.note
    aside = f"{rows - counts['answered']} set aside: "
    assert (read.estimate, read.unit, read.note[: len(aside)]) == (rows, "rows", aside)
    assert entries["funnel.to_be_moved"].unit == "customers"
    table = cx.tables.funnel(told).frame
    assert table["count"].tolist() == [*counts.values()]
    lost = counts["answered"] - counts["matched"]
    assert table.loc[2, ["step", "lost"]].tolist() == ["Matched", lost]
    assert str(cx.responses.uncounted(told)) == "Every step is counted."


@BOTH
def test_rows_of_nobody_and_without_an_answer_are_set_aside_before_the_answers(fits):
    """Of eight rows of a flat file: two are of nobody, one a total, one no answer; by hand."""
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", None, None, "Total"],
            "nps": [7.0, 8.0, 10.0, 3.0, None, 8.0, 9.0, 45.0],
            "spend": 1.0,
        }
    )
    document = {
        "study": {"name": "Flat"},
        "tables": {"customers": {"customer": "id", "score": "nps"}},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    tables = cx.read_tables(cx.load_study(document), frames={"customers": frame})
    found = funnel(cx.build_panel(tables, fits=fits))
    assert found.rows == 8
    assert sorted(found.set_aside) == sorted([(1, "no answer"), (1, TOTAL_ROW), (2, NO_ID)])
    assert [(step.name, step.count) for step in found.steps] == [
        ("answered", 4), ("used", 4), ("group", 2), ("customers", 2),
    ]  # fmt: skip
    assert reconciles(found)
