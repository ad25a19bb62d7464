"""Every row of what the articles ask to measure is a metric, or a function elsewhere."""

import pytest

from cxroi.metrics import CATALOGUE

# Row -> names of the catalogue, or module:function.
ATTITUDE = {
    "NPS": "nps",
    "NPS with verbatims": "nps verbatims",
    "NPS 3.0": "earned_growth",
    "CSAT": "csat",
    "CSAT by cohort": "csat_mean score_by_product",
    "CES": "ces ces_easy",
    "QCI": "quality_index",
    "custom score": "custom_score",
    "employee satisfaction": "employee_nps employee_satisfaction",
    "survey response rate": "response_rate response_by_touchpoint response_by_delay",
}
BEHAVIOUR = {
    "engagement depth": "engagement_depth fully_engaged",
    "touchpoints per purchase": "touchpoints_per_purchase over_four_touchpoints",
    "task completion rate": "task_completion task_success",
    "first-week engagement": "first_week_engagement early_drop_off",
    "stickiness": "stickiness",
    "user activity rate": "user_activity_rate",
    "feature usage": "feature_usage",
    "social engagement": "social_engagement social_engagement_weighted",
    "pages per session": "pages_per_session",
    "time on page, session length": "time_on_page session_length",
    "page views": "page_views",
    "bounce rate": "bounce_rate",
    "click-through rate": "click_through_rate",
    "unique visitors": "unique_visitors new_visitors",
    "scroll depth": "scroll_depth",
    "exit rate per page": "exit_rate",
}
SERVICE = {
    "contact volume": (
        "contact_volume contact_volume_by_channel contact_volume_by_weekday contact_volume_by_hour "
        "agent_minutes"
    ),
    "first response time, resolution time": "first_response_time resolution_time",
    "time to solution": "time_to_solution solutions_offered rightly_identified",
    "call abandonment": "call_abandonment hold_time call_attempts calls_resolved",
    "cart abandonment": "cart_abandonment",
    "change in interactions": "scores_around_events cxroi.journeys:before_change",
    "journey map": "touchpoints_per_purchase cxroi.journeys:find_paths cxroi.journeys:when_to_ask",
}
OUTCOMES = {
    "sales": "sales",
    "purchase amount, purchase frequency": "purchase_amount purchase_frequency",
    "repeat purchase, loyalty": "repeat_purchase days_between_purchases",
    "retention": "retention repeat_purchase",
    "churn": "churn churn_without_purchase",
    "CLV": "clv acquisition_cost",
    "support calls and tickets, returns, complaints": (
        "calls_per_customer tickets_per_customer returns_per_customer complaints_per_customer "
        "contacts_per_customer"
    ),
}
READ_AGAIN = {
    "churn reasons": "churn_reasons revenue_lost_by_reason",
    "silent leavers": "silent_leavers",
    "complaint rate of the unhappy": "unhappy_who_complain",
    "CES around dated events": "scores_around_events",
    "cross-functional metrics": "cxroi.grid.grid:score_grid",
    "conversion": "conversion conversion_by_experience",
    "experience of prospects and former customers": "experience_of_prospects experience_of_former",
    "share of wallet, switching": "share_of_wallet switching",
    "new against additional revenue": (
        "new_and_additional_revenue recurring_revenue recurring_revenue_moves net_revenue_retention"
    ),
    "ROI of each initiative": "cxroi.value.scenarios:scenario_estimates",
    "expectation against performance": "expectation_gap",
    "consistency": "consistency consistency_of_phases consistency_of_staff score_by_channel",
    "score by product": "score_by_product",
    "misread scales": "misread_scales",
    "survey fatigue": "survey_fatigue response_by_length",
    "barriers at the cart": "cart_barriers",
    "mentions per customer": "mentions_per_customer",
    "observed effort": (
        "contacts_per_issue channels_per_issue transfers_per_issue minutes_per_issue"
    ),
    "onboarding effect": "onboarding_effect",
    "employee engagement after CX": "employee_nps_after",
    "word of mouth": (
        "referrals_per_customer referrals_by_group value_of_referred value_of_word_of_mouth"
    ),
    # of the method: what business measures are, costs, groups against one another
    "costs (self-service)": "minutes_per_customer cost_to_serve",
    "mean of the business measure per group": "spend_by_group premium_by_group",
}
ROWS = {**ATTITUDE, **BEHAVIOUR, **SERVICE, **OUTCOMES, **READ_AGAIN}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_articles_is_measured(row):
    for name in ROWS[row].split():
        module, _, function = name.partition(":")
        if function:
            package = pytest.importorskip(module)
            assert callable(getattr(package, function))
        else:
            assert name in CATALOGUE


def test_every_metric_stands_in_a_row():
    assert {name for names in ROWS.values() for name in names.split()} >= set(CATALOGUE)


def test_every_metric_says_which_article_asks_for_it():
    articles = {"A0", "A1", "A2", "A3", "A4"}
    for metric in CATALOGUE.values():
        assert metric.articles
        assert set(metric.articles) <= articles
        assert metric.band is None or metric.band.article in articles
