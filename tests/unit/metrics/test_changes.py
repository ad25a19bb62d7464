"""Changes are between the last two waves in time, whatever these are called."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import cxroi as cx
from cxroi.metrics.changes import changes
from cxroi.metrics.compute import compute

SATISFIED = {"W8": 50, "W9": 60, "W10": 90}  # of 100 customers, three months apart


def study(**more):
    answers = {"customer": "id", "answered_at": "day", "score": "csat", "wave": "wave"}
    declared = {
        "study": {"name": "Waves", "complete_until": dt.date(2025, 12, 31)},
        "tables": {"responses": answers},
        "scale": {"kind": "csat"},
        "metrics": {"answers": {"table": "responses", "kind": "per_customer"}},
        "windows": {"baseline_days": 0, "outcome_days": 60},
    }
    return cx.load_study(declared | more)


@pytest.fixture(scope="module")
def found():
    days = ("2025-01-10", "2025-04-10", "2025-07-10")
    rows = [
        {"id": f"c{n}", "wave": wave, "day": day, "csat": 5 if n < satisfied else 3}
        for (wave, satisfied), day in zip(SATISFIED.items(), days, strict=True)
        for n in range(100)
    ]
    tables = cx.read_tables(study(), frames={"responses": pd.DataFrame(rows)}, every=True)
    return compute(tables, ["csat"], by="quarter")


def test_waves_are_in_the_order_of_their_days_not_of_their_names(found):
    assert [m.quarter for m in found.measured] == ["W8", "W9", "W10"]
    shares = [m.estimate.estimate for m in found.measured]
    assert shares == [n / 100 for n in SATISFIED.values()]


def test_the_change_is_between_the_last_two(found):
    change = changes(found)
    assert (change.before, change.after) == ("W9", "W10")
    assert change.estimates[0].estimate == pytest.approx(0.3)


def test_a_report_of_a_wave_holds_that_wave_against_the_one_before(found):
    told = changes(found, "W9")
    assert (told.before, told.after) == ("W8", "W9")
    assert told.estimates[0].estimate == pytest.approx(0.1)
    assert changes(found, "W8") is None  # none comes before it
    assert changes(found, "W1") is None  # there is no such wave


def test_a_wave_with_few_answers_or_a_record_that_grows_is_not_compared(found):
    few = [replace(m, quarter="W11") for m in found.of("csat") if m.quarter == "W10"]
    growing = [replace(m, metric="earned_growth") for m in found.measured]
    more = replace(found, measured=(*found.measured, *few, *growing))
    change = changes(more)
    assert (change.before, change.after, len(change.estimates)) == ("W9", "W10", 1)


def test_waves_count_that_thirty_answered():
    rows = [
        {"id": f"c{n}", "wave": wave, "day": day, "csat": 5}
        for wave, day, size in (("a", "2025-01-10", 30), ("b", "2025-04-10", 29))
        for n in range(size)
    ]
    tables = cx.read_tables(study(), frames={"responses": pd.DataFrame(rows)}, every=True)
    assert compute(tables, ["csat"], by="quarter").waves == ("a",)


def test_a_reader_is_told_of_both_waves_in_points_and_not_of_few(found):
    said = cx.metric_tables.changed(changes(found)).sentences
    assert "from W9 to W10" in said[0]
    assert said[0].endswith("what is not complete, or was asked otherwise, is not covered.")
    assert "rose by 30.0 points (" in said[1]
    one = found.measured[0]
    lasting = replace(one.estimate, unit="share in 90 days", estimate=0.1, p_value=0.001)
    told = cx.metric_tables.changed(replace(changes(found), estimates=(lasting,)))
    assert "10.0 points in 90 days" in told.sentences[1]
    few = replace(
        one, metric="response_by_delay", part="1 within a day", estimate=replace(one.estimate, n=29)
    )
    kept = replace(few, metric="response_by_length", part="1 to 3", estimate=one.estimate)
    frame = cx.metric_tables.table(replace(found, measured=(few, kept))).frame
    assert list(frame["estimate"]) == ["–", "50.0"]
    assert list(frame["n"]) == [29, 100]
    assert [of.split(",")[0] for of in frame["of"]] == ["within a day", "1 to 3"]


def test_a_study_whose_metrics_alone_are_asked_for_needs_no_outcome_and_has_no_panel():
    rows = pd.DataFrame({"id": ["a"], "wave": ["W1"], "day": ["2025-01-10"], "csat": [5]})
    tables = cx.read_tables(study(), frames={"responses": rows})
    with pytest.raises(cx.errors.StudyError, match=r"no outcome; .* cxroi metrics needs none"):
        cx.build_panel(tables)
    with pytest.raises(cx.errors.StudyError, match="the study has no outcome"):
        study(metrics={})


def test_what_is_set_aside_is_told_beside_the_metrics():
    rows = pd.DataFrame({"id": ["a", "b"], "wave": "W1", "day": "2025-01-10", "csat": [5, None]})
    tables = cx.read_tables(study(), frames={"responses": rows}, every=True)
    said = cx.metric_tables.left_out(tables.ledger).sentences
    assert said[0] == "Rows of responses set aside: 1, no answer."


def test_a_wave_without_dates_holds_answers_alone():
    """When it was is not known, so nothing of another table can be told to be of it."""
    answers = {"who": ["a", "b", "c", "d"], "wave": [1, 1, 2, 2], "csat": [5, 3, 5, 5]}
    views = pd.DataFrame({"who": ["a", "a"], "at": ["2025-01-10", "2025-05-10"], "page": "home"})
    declared = {
        "study": {"name": "Years"},
        "tables": {
            "customers": {"customer": "who", "wave": "wave", "score": "csat"},
            "page_views": {"customer": "who", "viewed_at": "at", "page": "page"},
        },
        "scale": {"kind": "csat"},
    }
    frames = {"customers": pd.DataFrame(answers), "page_views": views}
    tables = cx.read_tables(cx.load_study(declared), frames=frames, every=True)
    found = compute(tables, ["csat", "pages_per_session"], by="quarter")
    assert {m.quarter: m.estimate.estimate for m in found.measured} == {"1": 0.5, "2": 1.0}
    assert {m.metric for m in found.measured} == {"csat"}
    assert "in the time that is looked at" in found.missing["pages_per_session"]
    assert len(compute(tables, ["pages_per_session"]).measured) == 1
