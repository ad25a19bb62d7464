"""Edges of time, waves, weights, accounts and parts, which a careless definition gets wrong."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest
from metric_company import ROWS, declaration, frames

import cxroi as cx
from cxroi.metrics import CATALOGUE
from cxroi.metrics.compute import compute
from cxroi.metrics.period import RENEWAL, Coverage
from cxroi.panel.steps import RENEWAL_DAYS
from cxroi.reading.tables import read_tables

NO_CUSTOMERS_OF_THEIRS = {
    "consistency",
    "consistency_of_phases",
    "consistency_of_staff",
    "employee_nps",
    "employee_satisfaction",
    "employee_nps_after",
    "social_engagement",
    "social_engagement_weighted",
    "unique_visitors",
    "new_visitors",
    "acquisition_cost",
}


def company(only, columns=None, study=None, **rows):
    """Read some tables of the company; `rows` in place of its own, `columns` declared beside."""
    declared = declaration(only, **(study or {}))
    for table, more in (columns or {}).items():
        declared["tables"][table] |= more
    given = frames(**{k: v for k, v in rows.items() if isinstance(v, str)})
    given |= {k: v for k, v in rows.items() if not isinstance(v, str)}
    return read_tables(
        cx.load_study(declared), frames={name: given[name] for name in only}, every=True
    )


def values(found, name):
    return {(m.part, m.group, m.quarter): m.estimate.estimate for m in found.of(name)}


@pytest.fixture(scope="module")
def whole():
    return company(tuple(ROWS))


def test_an_attribute_tells_customers_apart_and_nobody_else(whole):
    names = ["sales", "retention", "contacts_per_customer", "nps", *NO_CUSTOMERS_OF_THEIRS]
    found = compute(whole, names, by="segment")
    assert set(found.missing) == NO_CUSTOMERS_OF_THEIRS
    months = 365 / (365.25 / 12)
    # x: A, B and F; y: C, D and E
    assert values(found, "sales") == pytest.approx(
        {("", "x", ""): 175 / months, ("", "y", ""): 55 / months}
    )
    assert values(found, "retention") == {("", "x", ""): 1, ("", "y", ""): 0}
    assert values(found, "contacts_per_customer") == pytest.approx(
        {("", "x", ""): 90 / 365 / 3, ("", "y", ""): 3 * 90 / 365 / 3}
    )
    assert values(found, "nps") == pytest.approx(
        {("NPS", "x", ""): 200 / 3, ("NPS", "y", ""): -100 / 3}
    )
    names = {m.estimate.name for m in found.of("nps")}
    assert names == {"metric.nps.NPS.segment=x", "metric.nps.NPS.segment=y"}


def test_waves_are_each_of_their_own_rows_and_add_up(whole):
    names = ["sales", "churn", "earned_growth", "churn_without_purchase", "stickiness", "nps"]
    found = compute(whole, names, by="quarter")
    sales = values(found, "sales")
    days = {"2026Q1": 90, "2026Q2": 91, "2026Q3": 92}
    sums = [sales["", "", q] * n / (365.25 / 12) for q, n in days.items() if ("", "", q) in sales]
    assert sum(sums) == pytest.approx(20 + 30 + 40 + 10 + 25 + 20 + 55)
    # D's end on 1 August and E's on 1 September are of the third; B only changed the plan
    lost = values(found, "churn")
    assert lost == pytest.approx(
        {("", "", "2026Q1"): 0, ("", "", "2026Q2"): 0, ("", "", "2026Q3"): 2 / 5}
    )
    # No year before is covered; what precedes the third is, and nobody bought in it.
    assert values(found, "earned_growth") == {("", "", "2026Q3"): None}
    assert found.of("earned_growth")[0].estimate.unit == "share in 92 days"
    assert values(found, "stickiness") == {
        ("", "", "2026Q1"): 3 / (31 + 28),
        ("", "", "2026Q3"): 1 / 31,
    }


def test_a_wave_without_rows_is_missing_and_not_nought(whole):
    found = compute(whole, ["sales", "retention"], quarter="2031Q1")
    assert found.measured == ()
    assert "rows in the time" in found.missing["sales"]


def test_a_wave_is_held_against_that_of_a_year_before_where_it_is_covered():
    orders = "A,2025-05-01,100\nA,2026-01-01,7\nA,2026-05-01,130"
    tables = company(
        ("responses", "orders", "referrals"),
        orders=orders,
        study={"complete_from": dt.date(2025, 1, 1)},
    )
    found = compute(tables, ["earned_growth", "new_and_additional_revenue"], quarter="2026Q2")
    assert values(found, "earned_growth") == {("", "", "2026Q2"): pytest.approx(0.3)}
    two_years = compute(tables, ["earned_growth"])
    assert values(two_years, "earned_growth") == {("", "", ""): pytest.approx(0.37)}


def test_a_subscription_that_resumes_is_kept_and_one_that_ends_with_others_is_one_loss():
    subscriptions = """
        A,2025-01-10,2026-03-01,10,moved,
        A,2026-03-31,,10,,
        B,2025-01-10,2026-03-01,10,price,
        B,2026-04-02,,10,,
        C,2025-01-10,2026-03-01,10,price,
        C,2025-01-10,2026-03-01,15,price,Rival
        D,2025-01-10,2026-03-01,10,price,
        D,2025-06-10,,10,,"""
    tables = company(("responses", "subscriptions"), subscriptions=subscriptions)
    found = compute(tables, ["churn_reasons", "revenue_lost_by_reason", "retention"])
    assert RENEWAL.days == RENEWAL_DAYS  # of the panel, which stands above
    [lost] = found.of("churn_reasons")
    assert (lost.part, lost.estimate.n) == ("price", 2)  # B after 32 days, and C
    months = (365 - 30) / (365.25 / 12)
    assert values(found, "revenue_lost_by_reason") == {
        ("price", "", ""): pytest.approx((10 + 25) / months)
    }
    assert values(found, "retention") == {("", "", ""): 3 / 4}


def test_an_end_that_is_soon_continued_is_no_loss_and_the_latest_ends_are_not_known_yet():
    subscriptions = """
        A,2025-01-10,2026-03-20,10,moved,
        A,2026-04-10,,10,,
        B,2025-01-10,2026-03-20,10,price,
        C,2025-01-10,2025-12-20,10,price,
        C,2026-01-10,,10,,
        D,2025-01-10,2026-12-20,10,late,"""
    orders = "A,2026-02-01,90\nB,2026-02-01,60"
    tables = company(
        ("responses", "subscriptions", "orders"), subscriptions=subscriptions, orders=orders
    )
    first = compute(tables, ["churn", "retention", "clv"], quarter="2026Q1")
    assert values(first, "churn")["", "", "2026Q1"] == 1 / 4  # B
    assert values(first, "retention")["", "", "2026Q1"] == 3 / 4
    assert values(first, "clv")["", "", "2026Q1"] == pytest.approx(150)  # all orders, one loss
    assert {m.part for m in compute(tables, ["churn_reasons"]).measured} == {"price"}


def test_what_is_planned_does_not_say_until_when_the_rest_is_known():
    day = dt.datetime
    first, second = day(2026, 1, 1), dt.timedelta(seconds=1)
    ends = {
        "subscriptions": day(2031, 1, 1),
        "company_events": day(2030, 1, 1),
        "orders": day(2026, 11, 20),
        "contacts": day(2026, 6, 15),
        "invitations": day(2026, 9, 30),
        "responses": day(2026, 5, 1),
    }
    covered = Coverage({role: (first, last) for role, last in ends.items()})
    study = SimpleNamespace(complete_until=None)
    assert covered.until(study, {"subscriptions"}) == ends["orders"] + second
    assert covered.until(study, {"orders", "contacts"}) == ends["contacts"] + second
    # Orders after an answer are known when answers have ended, but not whether one is to come.
    assert covered.until(study, {"orders", "responses"}) == ends["orders"] + second
    assert covered.until(study, {"invitations", "responses"}) == ends["responses"] + second


def test_tables_of_different_years_have_nothing_in_common_and_the_rest_is_still_measured():
    frames = {
        "customers": pd.DataFrame({"who": ["a", "b"], "wave": 1, "csat": [5, 3]}),
        "carts": pd.DataFrame({"who": ["a"], "at": ["2024-03-01"], "bought": [None]}),
        "orders": pd.DataFrame({"who": ["a"] * 2, "at": ["2026-03-01", "2026-05-01"], "eur": 7}),
    }
    declared = {
        "study": {"name": "Years"},
        "tables": {
            "customers": {"customer": "who", "wave": "wave", "score": "csat"},
            "carts": {"customer": "who", "created_at": "at", "bought_at": "bought"},
            "orders": {"customer": "who", "ordered_at": "at", "amount": "eur"},
        },
        "scale": {"kind": "csat"},
    }
    tables = cx.read_tables(cx.load_study(declared), frames=frames, every=True)
    found = compute(tables, ["csat", "purchase_amount", "touchpoints_per_purchase"])
    assert {m.metric for m in found.measured} == {"csat", "purchase_amount"}
    assert "rows in the time" in found.missing["touchpoints_per_purchase"]


def test_a_prospect_who_buys_late_has_not_bought_and_the_latest_are_not_known_yet():
    prospects = """
        P1,2026-01-05,2026-02-01,9
        P2,2026-01-05,2026-06-01,9
        P3,2026-12-01,2026-12-02,9"""
    tables = company(("responses", "prospects", "orders"), prospects=prospects)
    found = compute(tables, ["conversion", "conversion_by_experience", "experience_of_prospects"])
    assert values(found, "conversion") == {("", "", ""): 1 / 2}
    assert values(found, "conversion_by_experience") == {("best group", "", ""): 1 / 2}
    assert found.of("experience_of_prospects")[0].estimate.n == 3


def test_what_is_good_of_effort_is_said_where_low_is_good_alone():
    for better, said in (("lower", "1 to 2 of 5"), ("higher", "")):
        declared = declaration(("responses", "ratings", "orders"))
        declared["scores"]["ces"]["better"] = better
        given = {name: frame for name, frame in frames().items() if name in declared["tables"]}
        tables = read_tables(cx.load_study(declared), frames=given, every=True)
        [ces] = compute(tables, ["ces"]).measured
        assert ces.good[:11] == said
        assert bool(ces.estimate.note) == bool(said)


def test_a_delay_is_from_the_times_where_both_have_one():
    tables = company(
        ("responses", "invitations"),
        invitations="A,2026-01-31 10:00,2026-01-31 09:00,purchase,3",
    )
    found = compute(tables, ["response_by_delay"])
    assert values(found, "response_by_delay") == {("1 within a day", "", ""): 1}


def test_of_hours_that_touch_two_days_a_share_of_the_days_is_one():
    tables = company(
        ("responses", "events"),
        events="A,2026-01-05 20:00,click\nA,2026-01-06 04:00,click",
        study={"complete_from": None, "complete_until": dt.date(2026, 1, 6)},
    )
    assert values(compute(tables, ["stickiness"]), "stickiness") == {("", "", ""): 1}


def test_without_a_customers_table_rates_are_over_who_came_by_the_end():
    tables = company(("responses", "orders", "contacts"))
    [found] = compute(tables, ["contacts_per_customer"], quarter="2026Q1").measured
    assert found.estimate.n == 3  # A and B, and D's order of February; C, E came later


def test_questionnaires_of_one_moment_are_told_apart():
    ratings = "A,2026-05-01,web,Lamp,S1,buying,5,7\nA,2026-05-01,web,Pan,S1,buying,1,1"
    tables = company(("customers", "orders", "responses", "ratings"), ratings=ratings)
    found = compute(tables, ["misread_scales", "quality_index"])
    assert values(found, "misread_scales") == {("", "", ""): 0}
    assert values(found, "quality_index") == {("", "", ""): pytest.approx((100 + 0 + 40 + 60) / 4)}


def test_silence_before_contacts_were_known_is_not_silence():
    subscriptions = "A,2025-01-10,2026-05-01,10,,\nB,2025-01-10,2026-12-01,10,,"
    contacts = "B,2026-04-01 10:00,phone,1,no\nB,2026-11-30 10:00,phone,1,no"
    tables = company(
        ("responses", "subscriptions", "contacts"), subscriptions=subscriptions, contacts=contacts
    )
    [found] = compute(tables, ["silent_leavers"]).measured
    assert (found.estimate.estimate, found.estimate.n) == (0, 1)


def test_without_complete_from_a_rate_begins_with_the_first_row_that_it_counts():
    tables = company(("responses", "orders", "contacts"), study={"complete_from": None})
    found = compute(tables, ["sales", "contact_volume"])
    begin = pd.Timestamp("2026-01-10")
    months = (pd.Timestamp("2027-01-01") - begin).days / (365.25 / 12)
    assert values(found, "sales") == {("", "", ""): pytest.approx(230 / months)}
    begin = pd.Timestamp("2026-01-15 10:00")
    months = (pd.Timestamp("2027-01-01") - begin) / pd.Timedelta("1D") / (365.25 / 12)
    assert values(found, "contact_volume") == {("", "", ""): pytest.approx(4 / months)}


def test_events_of_the_company_do_not_say_from_when_scores_are_known():
    only = ("responses", "ratings", "orders", "company_events")
    [ces] = [
        m
        for m in compute(company(only, study={"complete_from": None})).of("scores_around_events")
        if m.part.startswith("ces")
    ]
    assert ces.estimate.estimate == pytest.approx((500 / 6 + 100) / 2 - (100 + 100 / 6) / 2)


def test_answers_of_one_moment_are_each_an_answer():
    responses = "A,2026-02-01,9,,1\nA,2026-02-01,10,,2\nB,2026-02-01,0,,3"
    tables = company(("responses", "orders", "referrals"), responses=responses)
    found = compute(tables, ["spend_by_group", "referrals_by_group"])
    n = {(m.metric, m.part): m.estimate.n for m in found.measured}
    assert n["spend_by_group", "best group"] == n["referrals_by_group", "best group"] == 2
    assert values(found, "spend_by_group")["best group", "", ""] == 30  # once for each answer


def test_an_attribute_of_answers_is_that_of_the_answer_and_else_of_the_latest():
    responses = pd.DataFrame(
        {
            "id": ["A", "A", "B"],
            "answered_at": pd.to_datetime(["2026-02-01", "2026-03-01", "2026-02-01"]),
            "score": [10, 0, 10],
            "fit": [1, 2, 3],
            "comment": ["", "", ""],
            "via": ["web", "post", "web"],
        }
    )
    tables = company(
        ("responses", "orders"), {"responses": {"attributes": ["via"]}}, responses=responses
    )
    found = compute(tables, ["nps", "purchase_amount"], by="via")
    assert values(found, "nps") == {("NPS", "web", ""): 100, ("NPS", "post", ""): -100}
    seen = values(found, "purchase_amount")
    assert seen["", "post", ""] == pytest.approx((20 + 30 + 55) / 3)
    assert seen["", "web", ""] == pytest.approx((40 + 35) / 2)
    assert {group for _, group, _ in seen} == {"post", "web", "not known"}


def test_weights_of_customers_weigh_their_answers_and_accounts_are_the_units():
    customers = pd.DataFrame(
        {
            "id": list("ABC"),
            "weight": [3.0, 1.0, 1.0],
            "account": ["one", "one", None],
            "segment": ["x", "x", "y"],
            **{key: [None] * 3 for key in ("stage", "onboarding", "wallet")},
        }
    )
    responses = "A,2026-02-01,10,,1\nB,2026-02-01,0,,2\nC,2026-02-01,8,,3"
    declared = declaration(("customers", "responses", "orders"))
    declared["tables"]["customers"] = {
        "customer": "id",
        "weight": "weight",
        "cluster": "account",
        "attributes": ["segment"],
    }
    given = {n: f for n, f in frames(responses=responses).items() if n in declared["tables"]}
    tables = read_tables(
        cx.load_study(declared),
        frames={**given, "customers": customers},
        every=True,
    )
    [found] = compute(tables, ["nps"]).measured
    assert found.estimate.estimate == pytest.approx(100 * (3 - 1) / 5)
    assert "accounts" in found.estimate.method


def test_prospects_and_customers_to_come_are_not_who_rates_are_over():
    customers = "A,active,,,x\nB,,,,x\nP,prospect,,,x\nD,former,,,x"
    tables = company(("customers", "responses", "contacts"), customers=customers)
    [found] = compute(tables, ["contacts_per_customer"]).measured
    assert found.estimate.n == 2


def test_names_of_parts_with_dots_stay_apart_and_blank_ones_are_said():
    views = """
        A,2026-07-20 10:00,a.html,s1,,1,
        B,2026-07-20 10:00,b%2Ehtml,s2,,1,
        C,2026-07-20 10:00,it's {x} "y",s3,,1,"""
    tables = company(("responses", "orders", "page_views"), page_views=views)
    found = compute(tables, ["exit_rate", "time_on_page"])
    assert {m.estimate.name for m in found.of("exit_rate")} == {
        "metric.exit_rate.a%2Ehtml",
        "metric.exit_rate.b%252Ehtml",
        'metric.exit_rate.it\'s {x} "y"',
    }
    assert values(found, "time_on_page") == {("page", "", ""): 1}


def test_of_many_parts_the_most_frequent_are_shown_and_the_rest_told_of():
    views = "\n".join(
        f"A,2026-07-{20 + k % 2} 10:00,page {k},s{k}x{j},,1,"
        for k in range(60)
        for j in range(1 + (k >= 10))
    )
    tables = company(("responses", "orders", "page_views"), page_views=views)
    found = compute(tables, ["exit_rate"]).measured
    assert {m.part for m in found} == {f"page {k}" for k in range(10, 60)}
    assert "of 60" in found[0].estimate.note


def test_hours_of_mere_dates_are_not_made_up():
    contacts = "A,2026-01-15,phone,5,no\nE,2026-01-20,email,10,no"
    tables = company(("responses", "contacts"), contacts=contacts)
    found = compute(tables, ["contact_volume_by_hour", "contact_volume_by_weekday"])
    assert "time of day" in found.missing["contact_volume_by_hour"]
    assert len(found.measured) == 2


def test_a_main_score_that_is_no_nps_is_not_read_as_one():
    declared = declaration(("responses", "prospects", "orders"))
    declared["scale"] = {"kind": "csat"}
    declared["scenario"] |= {"from": "neutral", "to": "satisfied"}
    given = frames(
        responses="A,2026-02-01,5,,1\nB,2026-02-01,3,,2\nC,2026-02-01,1,,3",
        prospects="P1,2026-01-05,2026-02-01,5\nP2,2026-03-01,,4\nP3,2026-03-02,,1",
    )
    tables = read_tables(
        cx.load_study(declared),
        frames={name: given[name] for name in ("responses", "prospects", "orders")},
        every=True,
    )
    found = compute(tables, ["nps", "csat", "experience_of_prospects"])
    assert set(found.missing) == {"nps"}
    assert values(found, "csat") == {("CSAT", "", ""): pytest.approx(1 / 3)}
    assert values(found, "experience_of_prospects") == {("", "", ""): pytest.approx(100 / 3)}


FLAT = {
    "study": {"name": "Flat"},
    "tables": {"customers": {"customer": "id", "score": "score", "wave": "wave"}},
    "scores": {"fit": {"kind": "csat", "table": "customers"}},
    "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    "windows": {"outcome_days": 90},
}


def test_a_flat_study_without_dates_has_its_scores_by_its_own_waves():
    frame = pd.DataFrame(
        {
            "id": list("ABCDEF"),
            "score": [10, 9, 7, 0, 10, 3],
            "wave": ["old"] * 4 + ["new"] * 2,
            "fit": [5, 4, 1, 1, 2, 3],
            "spend": [1, 2, 3, 4, 5, 6],
        }
    )
    tables = read_tables(cx.load_study(FLAT), frames={"customers": frame}, every=True)
    found = compute(tables, by="quarter")
    assert values(found, "nps") == {("NPS", "", "old"): 25, ("NPS", "", "new"): 0}
    assert values(compute(tables), "nps") == {("NPS", "", ""): pytest.approx(100 / 6)}
    assert set(CATALOGUE) - set(found.missing) >= {"nps", "csat", "csat_mean"}
    assert "[tables.orders]" in found.missing["sales"]


def test_answers_of_own_waves_are_of_the_wave_that_they_say_whenever_they_came():
    responses = pd.DataFrame(
        {
            "id": list("ABC"),
            "answered_at": pd.to_datetime(["2026-02-01", "2026-01-15", "2026-03-01"]),
            "score": [10, 0, 10],
            "comment": [""] * 3,
            "fit": [1, 2, 3],
            "round": ["I", "II", "II"],
        }
    )
    tables = company(("responses", "orders"), {"responses": {"wave": "round"}}, responses=responses)
    found = compute(tables, ["nps", "purchase_amount"], by="quarter")
    assert values(found, "nps") == {("NPS", "", "I"): 100, ("NPS", "", "II"): 0}
    # Of I there is a moment alone, in which nobody ordered; from 15 January to 1 March three did.
    assert values(found, "purchase_amount") == {("", "", "II"): pytest.approx((30 + 40 + 10) / 3)}


def test_a_name_or_an_attribute_that_there_is_not_is_answered_with_the_nearest(whole):
    with pytest.raises(cx.CxroiError, match="retention"):
        compute(whole, ["retentoin"])
    with pytest.raises(cx.CxroiError, match="segment"):
        compute(whole, ["nps"], by="segmnt")
