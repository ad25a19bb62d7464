"""Figures of journeys as a reader sees them: each cell worked out by hand."""

import pandas as pd

from cxroi.journeys.every import Figures
from cxroi.presentation import journeys as shown


def row(**more):
    return {
        "term": "x",
        "contrast": "",
        "estimate": 0.5,
        "conf_low": 0.25,
        "conf_high": 0.75,
        "unit": "contacts per customer in 30 days",
        "n": 40,
        "p_value": float("nan"),
    } | more


def figure(*rows):
    return shown.figure(Figures({"x": pd.DataFrame(rows)}, {}), "x").frame


def test_differences_units_and_the_smallest_p_are_in_words():
    found = figure(
        row(contrast="fell - stayed", p_value=0.001),
        row(contrast="fell - stayed", p_value=0.0012),
        row(term="effort, until solved, median", unit="hours per issue"),
    )
    assert found["of"].tolist() == ["fell, less stayed", "fell, less stayed", ""]
    assert found["chance"].tolist() == ["p ≤ 0.001", "p = 0.0012", ""]
    assert found["unit"].tolist()[1:] == ["contacts per customer in 30 days", "hours per issue"]
    assert found["figure"].tolist()[2] == "time until solved, median"


def test_a_test_has_no_unit_and_volume_says_what_is_left_out():
    found = figure(row(), row(term="alike before", estimate=None, conf_low=None, p_value=0.56))
    assert found["unit"].tolist() == ["contacts per customer in 30 days", ""]
    volume = shown.figure(Figures({"contact_volume": pd.DataFrame([row()])}, {}), "contact_volume")
    assert "Changes in the first 13 weeks of the data" in repr(volume)


def test_events_have_units_and_what_beyond_chance_needs():
    step = row(placebo_low=-0.2, placebo_high=0.2, p_value=0.01)
    tables = {
        "company_events": pd.DataFrame([step | {"unit": "NPS points"}]),
        "company_events_csat": pd.DataFrame([step | {"unit": "% satisfied"}]),
        "company_events_quality_staff": pd.DataFrame([step | {"unit": "scale points"}]),
    }
    found = shown.events(Figures(tables, {}))
    assert found.frame["score"].tolist() == ["main score", "CSAT", "quality staff"]
    assert found.frame["unit"].tolist() == ["NPS points", "% satisfied", "scale points"]
    assert "“Beyond chance” needs both" in repr(found)
    assert "“Beyond chance” needs both" in found._repr_html_()


def test_the_share_of_a_path_is_no_rate():
    step = {"from": "cart", "to": "order", "group": "", "n": 62, "hours": 0.5}
    table = pd.DataFrame([step | {"share": 0.62, "share_low": 0.6, "share_high": 0.64}])
    found = shown.paths(Figures({"paths": table}, {}))
    assert found.frame["share of those followed by any further step"].tolist() == ["62.0 %"]
    assert "neither a response rate nor a conversion rate" in found._repr_html_()
