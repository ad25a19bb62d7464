"""All figures at once: what is missing is said, and every statement can be said to Spark."""

import pytest
from journey_nulls import company
from journey_tables import stand

from cxroi.engine.spark_dialect import parsed
from cxroi.errors import StudyError
from cxroi.journeys import find_journeys
from cxroi.study.declared import Source


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    frames = company(0)
    tables = stand(tmp_path_factory.mktemp("every"), frames)
    tables.study.sources["customers"] = Source(
        "customers", {"customer": "customer"}, attributes=("segment",)
    )
    return tables, find_journeys(tables, by="segment")


def test_what_the_tables_allow_is_found_and_the_rest_says_what_is_missing(found):
    _, journeys = found
    assert {"paths", "when_to_ask", "contact_volume", "company_events", "since_last_wave"} <= set(
        journeys.found
    )
    missing = journeys.missing
    assert missing["service_times"].startswith("the study has no [tables.tickets]")
    assert missing["contact_volume_by_reason"].startswith("[tables.contacts] has no reason")
    assert missing["spend_after_a_fall"].startswith("the study has no [tables.orders]")
    assert len(journeys.tidy()) == len(journeys.found) + len(missing) == 16


def test_every_result_shows_itself(found):
    for one in found[1].found.values():
        assert len(one.tidy()) > 0
        assert repr(one).startswith(type(one).__name__)


def test_nothing_is_left_behind_in_the_engine(found):
    tables, _ = found
    names = tables.engine.fetch("SELECT table_name FROM duckdb_tables()")
    assert not [name for (name,) in names if name.startswith("journey_")]


def test_every_statement_can_be_said_to_spark(found):
    """Statements that ask the same of other parts or dates are translated once."""
    said = {sql[:200]: sql for sql in found[0].engine.said}
    assert len(said) > 30
    assert all(parsed(sql).sql("spark") for sql in said.values())


def test_an_unknown_score_is_refused(found):
    with pytest.raises(StudyError, match="no score 'ces'"):
        find_journeys(found[0], score="ces")
