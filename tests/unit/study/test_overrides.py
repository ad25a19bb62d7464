"""What is given in place of the study file: as if it stood there."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import make_study

from cxroi.errors import StudyError
from cxroi.study.declared import Change
from cxroi.study.loading import load_study
from cxroi.study.overrides import parsed, parsed_table, written
from cxroi.study.scenario import make_scenario

RANGES = {
    "share_moved": [0.05, 0.1, 0.2],
    "causal_share": "{none = 0.2, low = 0.3, likely = 0.5, high = 0.8}",
    "persistence": "observed",
    "from_customers": 900,
}


@pytest.fixture
def study_of(tmp_path):
    def make(more="", scenario=RANGES):
        return make_study(tmp_path, {"spend": "amount"}, scenario=scenario, more=more)

    return make


def test_a_changed_scenario_is_that_of_a_file_that_says_so(study_of):
    edited = study_of(scenario={**RANGES, "cost_per_moved": 5, "share_moved": [0.1, 0.2, 0.3]})
    path = study_of().path
    changed = load_study(path, scenario={"cost_per_moved": 5, "share_moved": (0.1, 0.2, 0.3)})
    assert changed.scenario == edited.scenario
    assert changed.changes == (
        Change("scenario.cost_per_moved", 10.0, 5),
        Change("scenario.share_moved", [0.05, 0.1, 0.2], [0.1, 0.2, 0.3]),
    )
    assert load_study(path, scenario={"cost_per_moved": 10}) == study_of()


def test_a_scenario_is_declared_as_it_was(study_of):
    study = study_of()
    again = make_scenario(study.scenario.declared(), study.scale.labels)
    assert again == study.scenario
    assert study.scenario.declared()["persistence"] == "observed"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"cost_per_move": 5}, r"\[scenario\] has an unknown key .* Did you mean 'cost_per_moved'"),
        ({"share_moved": 2}, r"share_moved is 2.0; it is 0 to 1"),
        ({"gross_margin": "a third"}, "gross_margin is 'a third'"),
        ({"from_customers": 0}, "from_customers is 0"),
        ({"causal_share": {"likely": 1}}, "causal_share is"),
    ],
)
def test_values_are_checked_as_those_of_the_file(study_of, values, told):
    with pytest.raises(StudyError, match=told):
        load_study(study_of().path, scenario=values)


def test_named_scenarios_are_the_plan_with_some_keys_changed(study_of):
    named = study_of(
        '[scenarios.cheap]\ntitle = "Half"\ncost_per_moved = 5\n'
        "[scenarios.long-term]\nhorizon_months = 36\nshare_moved = 0.1\n"
    ).scenarios
    assert [(n.name, n.title, n.changes) for n in named.values()] == [
        ("cheap", "Half", ("cost_per_moved",)),
        ("long-term", "long term", ("horizon_months", "share_moved")),
    ]
    assert named["cheap"].scenario == study_of(scenario={**RANGES, "cost_per_moved": 5}).scenario
    long = study_of(scenario={**RANGES, "horizon_months": 36, "share_moved": 0.1}).scenario
    assert named["long-term"].scenario == long


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[scenarios.a]\ncost_per_move = 5", r"scenarios.a\] has an unknown key.*'cost_per_moved'"),
        ("[scenarios.a]\nshare_moved = 20", r"\[scenarios.a\] share_moved is 20.0; .* 0.2 for 20"),
        ("[scenarios.a]\ncost_per_moved = 0", r"\[scenarios.a\] costs nothing"),
        ('[scenarios.a]\nto = "detractor"', "unknown key 'to'"),
        ('[scenarios."a.b"]\ntitle = "x"', "letters, digits"),
        ("[scenarios]\na = 5", "scenarios.a is 5"),
    ],
)
def test_named_scenarios_that_cannot_be_are_refused(study_of, text, told):
    with pytest.raises(StudyError, match=told):
        study_of(text)


def test_named_scenarios_need_one_to_change(study_of):
    with pytest.raises(StudyError, match=r"changes a .scenario. that is not there"):
        study_of("[scenarios.a]\ncost_per_moved = 5", scenario=None)


scalars = st.integers(-999, 999) | st.floats(-1e9, 1e9) | st.booleans() | st.text(max_size=5)
names = st.text("ab_-é \"'.=", min_size=1, max_size=4)


@settings(deadline=None)
@given(st.dictionaries(names, scalars | st.lists(scalars, max_size=3), max_size=3))
def test_a_table_is_read_as_it_was_written(table):
    assert parsed_table(written(table), "scenario") == table


def test_what_is_no_toml_is_a_text_or_refused():
    assert [parsed(text) for text in ("0.1", "observed", "[1, 2]", "", "1 = 2")] == [
        *(0.1, "observed", [1, 2], "", "1 = 2"),
    ]
    with pytest.raises(StudyError, match="cannot be read"):
        parsed_table("cost_per_moved 5", "scenario")
    assert tomllib.loads(f"x = {{{written({'a': {'b': [1]}})}}}") == {"x": {"a": {"b": [1]}}}
