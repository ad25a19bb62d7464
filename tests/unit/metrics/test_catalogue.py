"""Every metric of the catalogue on six customers, worked out by hand."""

import pytest
from metric_company import declaration, frames

import cxroi as cx
from cxroi.metrics import CATALOGUE
from cxroi.metrics.compute import compute
from cxroi.reading.tables import read_tables

MONTHS = 365 / (365.25 / 12)
HALF = MONTHS / 2
ENDS = (365 - 30) / (365.25 / 12)  # of December it is not known yet who resumes
PER_90 = 90 / 365 / 6  # of one event, over the six who were customers in the year
PER_YEAR = 365.25 / 365 / 6
ALL = {
    "nps": {"NPS": 100 * (3 - 2) / 6},
    "csat": {"CSAT": 2 / 4},
    "csat_mean": {"CSAT": (5 + 2 + 4 + 1) / 4},
    "ces": {"CES": (7 + 2 + 6 + 7) / 4},
    "ces_easy": {"CES": 3 / 4},
    "custom_score": {"fit": 50},
    # A 5 and 7, B 2 and 2, C 4 and 6, D 1 and 7; and the fits 40 and 60
    "quality_index": (100 + (25 + 100 / 6) / 2 + (75 + 500 / 6) / 2 + 50 + 40 + 60) / 6,
    "score_by_product": {"Lamp": (100 + 100 + 25 + 100 / 6) / 4, "Pan": (75 + 500 / 6) / 2},
    "score_by_channel": {
        "web": (100 + 100 + 75 + 500 / 6) / 4,
        "phone": (25 + 100 / 6 + 0 + 100) / 4,
    },
    # 1 - (1 - eta squared) (n - 1) / (n - k), with eta squared 0.9 and 4 / 17, 0 and 9 / 17, and of
    # three with staff 4 / 7 and 3 / 7
    "consistency": {"CSAT": 1 - 0.1 * 3 / 2, "CES": 0},
    "consistency_of_phases": {"CSAT": 0, "CES": 1 - 8 / 17 * 3 / 2},
    "consistency_of_staff": {"CSAT": 1 - 3 / 7 * 2, "CES": 0},
    "scores_around_events": {
        "csat, outage of 2026-05-15": (75 + 0) / 2 - (100 + 25) / 2,
        "ces, outage of 2026-05-15": (500 / 6 + 100) / 2 - (100 + 100 / 6) / 2,
        "nps, outage of 2026-05-15": 100 - 30,
    },
    "experience_of_prospects": 100 * (2 - 1) / 4,
    "experience_of_former": -100,  # D alone; E answered before leaving
    "expectation_gap": {"delivery": -1, "product": 2},
    "verbatims": 1 / 6,
    "misread_scales": 1 / 6,  # D's 1 of 5 and 7 of 7; four ratings and two answers with a fit
    "response_rate": 3 / 6,  # A's third is not over; B's first was followed by a second
    "response_by_touchpoint": {"purchase": 2 / 3, "support": 1 / 2},
    "response_by_delay": {
        "2 one to three days": 1 / 2,  # invitations have no time of the day
        "3 three to seven days": 1,
        "5 more than 30 days": 0,
    },
    "survey_fatigue": {"first": 1 / 3, "second": 1, "third or later": 0},
    "response_by_length": {"1 to 3": 1, "4 to 10": 1 / 3, "more than 10": 1},
    "employee_nps": 100 * (2 - 1) / 3,
    "employee_satisfaction": {"North": 6, "South": 10},
    "employee_nps_after": {"customers scored above the mean": 0, "customers did not": 100},
    "engagement_depth": (5 + 6 + 5) / MONTHS / 6,
    "fully_engaged": 1 / (6 * 12),  # A in July
    "touchpoints_per_purchase": (2 + 5 + 1) / 7,  # A's first is too early to know
    "over_four_touchpoints": 1 / 7,
    "task_completion": 1 / 3,
    "task_success": 3 / 4,
    "first_week_engagement": (2 + 0) / 2,  # C and F began in the year
    "early_drop_off": 1 / 2,
    "onboarding_effect": {"guide": 2, "video": 0},
    "stickiness": (2 + 1 + 1) / (31 + 31 + 28),
    "user_activity_rate": 3 / (12 + 12 + 11 + 8 + 9 + 3),
    "feature_usage": {"reports": 1, "export": 1 / 2, "share": 1 / 2},
    "mentions_per_customer": 3 * PER_90,
    "social_engagement": (20 + 5) / 1500,
    "social_engagement_weighted": (10 + 3 * 10 + 4 + 3 * 1) / 1500,
    "pages_per_session": 2,
    "session_length": (360 + 1200) / 2,
    "time_on_page": {"home": 10, "product": 60, "contact": 35},
    "page_views": 6 / MONTHS,
    "bounce_rate": 1 / 3,
    "click_through_rate": 50 / 200,
    "unique_visitors": (2 + 1 + 1) / 12,
    "new_visitors": 2 / 3,
    "scroll_depth": 3.0 / 5,
    "exit_rate": {"home": 1 / 3, "shop": 0, "help": 1},
    "contact_volume": 4 / MONTHS,
    "contact_volume_by_channel": {"phone": 3 / MONTHS, "email": 1 / MONTHS},
    "contact_volume_by_weekday": {
        f"{k} {day}": 1 / MONTHS
        for k, day in ((1, "Monday"), (2, "Tuesday"), (4, "Thursday"), (5, "Friday"))
    },
    "contact_volume_by_hour": {"09 h": 1 / MONTHS, "10 h": 2 / MONTHS, "11 h": 1 / MONTHS},
    "agent_minutes": (6 + 10 + 2) / 3,
    "first_response_time": 2,
    "resolution_time": (24 + 12) / 2,
    "time_to_solution": (26 + 16) / 2,
    "solutions_offered": 1.5,
    "rightly_identified": 1 / 2,
    "call_abandonment": 1 / 4,
    "hold_time": (30 + 60) / 2,
    "calls_resolved": 2 / 3,
    "call_attempts": 4 / 3,
    "contacts_per_issue": (3 + 1 + 1) / 3,
    "channels_per_issue": (2 + 1 + 1) / 3,
    "transfers_per_issue": 1 / 2,  # of I2, a call alone, none are known
    "minutes_per_issue": (10 + 2 + 3) / 3,
    "cart_abandonment": 4 / 6,
    "cart_barriers": {"shipping": 2 / 3, "payment": 1 / 3},
    "contacts_per_customer": 4 * PER_90,
    "minutes_per_customer": 50 * PER_90,
    "cost_to_serve": 4 * 8 * PER_90,
    "tickets_per_customer": 3 * PER_90,
    "calls_per_customer": 4 * PER_90,
    "returns_per_customer": PER_90,
    "complaints_per_customer": 2 * PER_90,
    "unhappy_who_complain": 1 / 2,  # C; D complained too long before
    "silent_leavers": 1 / 2,  # E
    "sales": 230 / MONTHS,
    "purchase_amount": 235 / 8,
    "purchase_frequency": 8 * PER_YEAR,
    "repeat_purchase": 1 / 5,
    "days_between_purchases": 153,  # of 50, 153 and 228
    "share_of_wallet": (100 + 75) * 365.25 / 365 / (1000 + 500),
    "recurring_revenue": 100 + 80 + 40 + 10,
    "recurring_revenue_moves": {"new": 50, "expansion": 30, "contraction": 0, "churned": -50},
    "net_revenue_retention": (100 + 80) / (100 + 50 + 30 + 20),
    # Reichheld: 100 become 130; 85 from those before, 25 earned and 20 bought of the 45 new
    "earned_growth": 0.85 + 0.25 - 1,
    "new_and_additional_revenue": {
        "new customers": 45 / HALF,
        "growth of those before": (85 - 100) / HALF,
    },
    "retention": 2 / 4,
    "churn": 2 / 4,
    "churn_without_purchase": 1 / 3,  # D
    "churn_reasons": {"price": 1 / 2, "service": 1 / 2},  # B only changed the plan
    "revenue_lost_by_reason": {"price": 30 / ENDS, "service": 20 / ENDS},
    "switching": 1 / 2,
    "clv": (230 / 8) * 8 / 2,
    "acquisition_cost": 400 / 2,
    "conversion": 2 / 5,
    "conversion_by_experience": {"best group": 1 / 2, "between": 0, "worst group": 0},
    "referrals_per_customer": 3 * PER_YEAR,
    "referrals_by_group": {"best group": 1 / 3, "between": 0, "worst group": 0},
    "value_of_word_of_mouth": {"best group": 12.5 / 3, "between": 0, "worst group": 0},
    "value_of_referred": (25 + 0) / 2,
    "spend_by_group": {"best group": 105 / 3, "between": 0, "worst group": 25 / 2},
    "premium_by_group": {
        "best group": 35 / (130 / 6) - 1,
        "between": -1,
        "worst group": 12.5 / (130 / 6) - 1,
    },
}


@pytest.fixture(scope="module")
def tables():
    return read_tables(cx.load_study(declaration()), frames=frames(), every=True)


@pytest.fixture(scope="module")
def found(tables):
    return compute(tables)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_metric_is_what_it_is_by_hand(found, name):
    wanted = ALL[name] if isinstance(ALL[name], dict) else {"": ALL[name]}
    seen = {one.part: one.estimate for one in found.of(name)}
    assert {part: e.estimate for part, e in seen.items()} == pytest.approx(wanted, abs=1e-12)
    for e in seen.values():
        assert e.n >= 1
        assert e.method.startswith(CATALOGUE[name].formula)
        if e.conf_low is not None:
            assert e.conf_low <= e.estimate <= e.conf_high


def test_what_is_behind_a_part_is_its_own_rows(found):
    n = {(m.metric, m.part): m.estimate.n for m in found.measured}
    for part, answers in {"best group": 3, "between": 1, "worst group": 2}.items():
        assert n["premium_by_group", part] == n["value_of_word_of_mouth", part] == answers


def test_nothing_of_the_catalogue_is_missing_where_every_table_is_declared(found):
    assert found.missing == {}
    assert set(ALL) == set(CATALOGUE)
