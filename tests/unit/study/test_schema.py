"""The schema of the study file: what editors and readers get of it refuses what loading refuses."""

import copy
import datetime as dt
import importlib.util
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cxroi.errors import CxroiError
from cxroi.study.json_schema import json_schema
from cxroi.study.keys import FLAG, NO_LIMIT, RANGE, WHOLE
from cxroi.study.loading import load_study
from cxroi.study.named_sections import NAMED_SCENARIO, OUTCOME_COLUMN
from cxroi.study.reference import reference
from cxroi.study.schema import SECTIONS
from cxroi.study.shape import check
from cxroi.study.table_schema import LOOKUP, TABLES

ROOT = Path(__file__).parents[3]
VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
FLAT = """
[study]
name = "Flat"
[tables.customers]
path = "c.csv"
customer = "id"
score = "nps"
[outcomes.columns.spend]
column = "spend"
kind = "amount"
[windows]
outcome_days = 90
[scenario]
from = "passive"
to = "promoter"
share_moved = [0.05, 0.1, 0.2]
cost_per_moved = 10.0
gross_margin = 0.4
causal_share = 0.5
"""
# Every section by its place in a document.
PLACES = {
    **{(name,): section for name, section in SECTIONS.items()},
    **{("tables", name): table for name, table in TABLES.items()},
    ("tables", "people"): LOOKUP,
    ("outcomes", "columns", "spend"): OUTCOME_COLUMN,
    ("scenarios", "cheap"): NAMED_SCENARIO,
}
KEYS = {(*place, key): known for place, part in PLACES.items() for key, known in part.keys.items()}
# Of the tables one that stands by itself, for keys that all of them have.
ALONE = {path: k for path, k in KEYS.items() if path[0] != "tables" or path[1] == "customers"}
CHOSEN = {path: key for path, key in ALONE.items() if key.choices}
BOUNDED = {path: key for path, key in ALONE.items() if key.bounds}


def as_json(value):
    """A document as an editor sees it: dates are texts."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def places_refused(document):
    """Where the JSON Schema refuses a document, each misspelt key by its section."""
    return {tuple(error.absolute_path) for error in VALIDATOR.iter_errors(as_json(document))}


def with_value(path, value):
    document = copy.deepcopy(tomllib.loads(FLAT))
    section = document
    for part in path[:-1]:
        section = section.setdefault(part, {})
    section[path[-1]] = value
    return document


def without(*path):
    document = copy.deepcopy(tomllib.loads(FLAT))
    section = document
    for part in path[:-1]:
        section = section[part]
    del section[path[-1]]
    return document


def told(document):
    with pytest.raises(CxroiError) as caught:
        load_study(document)
    problems = getattr(caught.value, "problems", (caught.value,))
    return [str(problem) for problem in problems]


def _constant(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.STUDY


def _studies():
    tests = ROOT / "tests" / "end_to_end"
    return {
        "demo": (ROOT / "data/demo/study.toml").read_text(encoding="utf-8"),
        "sfo 2017": (ROOT / "data/sfo/study.toml").read_text(encoding="utf-8"),
        "sfo 2018": (ROOT / "data/sfo/study_2018.toml").read_text(encoding="utf-8"),
        "flat": FLAT,
        "olist": _constant(tests / "test_olist.py").format(data="data"),
        "shop": _constant(tests / "test_shop.py").format(until="2026-06-30"),
        "subscriptions": _constant(tests / "test_subscriptions.py"),
    }


STUDIES = _studies()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(json_schema())


def test_the_reference_in_the_readme_is_the_one_that_is_generated():
    readme = (ROOT / "cxroi/study/README.md").read_text(encoding="utf-8")
    begin, end = "<!-- cxroi schema --markdown -->\n\n", "\n<!-- end -->"
    assert readme.split(begin)[1].split(end)[0] == reference(), (
        "the keys have changed: put what `cxroi schema --markdown` prints between the markers"
    )


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_every_key_is_described_wherever_it_is_read(path):
    part = json_schema()
    for name in path:
        part = (
            part["properties"][name] if name in part["properties"] else part["additionalProperties"]
        )
        part = {"properties": {}, **part}
    assert part["description"] == KEYS[path].meaning != ""
    assert f"| `{path[-1]}` | " in reference()


@pytest.mark.parametrize("name", STUDIES)
def test_study_files_that_load_are_valid(name):
    document = tomllib.loads(STUDIES[name])
    load_study(document)
    assert places_refused(document) == set()


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_wrong_type_is_refused_where_loading_refuses_it(path):
    wrong = "yes" if KEYS[path].type is FLAG else True
    document = with_value(path, wrong)
    (problem,) = check(document)
    assert str(problem).startswith(f"[{'.'.join(path[:-1])}] {path[-1]} is ")
    assert str(problem) in told(document)
    assert path in places_refused(document)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_a_misspelt_key_is_refused_where_loading_refuses_it(place):
    key = next(iter(PLACES[place].keys))
    document = with_value((*place, f"{key}z"), "x")
    (problem,) = check(document)
    assert str(problem).startswith(f"[{'.'.join(place)}] has an unknown key '{key}z'")
    assert str(problem) in told(document)
    (error,) = [
        e for e in VALIDATOR.iter_errors(as_json(document)) if e.validator == "additionalProperties"
    ]
    assert (tuple(error.absolute_path), f"{key}z" in error.message) == (place, True)


def test_a_misspelt_section_is_refused():
    document = with_value(("windos", "outcome_days"), 90)
    assert "Did you mean 'windows'" in told(document)[0]
    assert places_refused(document) == {()}


@pytest.mark.parametrize("path", CHOSEN, ids=".".join)
def test_a_word_that_is_none_of_those_it_takes_is_refused_by_both(path):
    document = with_value(path, "nonsense")
    assert any(path[-1] in line and "'" in line for line in told(document))
    assert path in places_refused(document)


@pytest.mark.parametrize("path", BOUNDED, ids=".".join)
def test_a_number_out_of_its_bounds_is_refused_by_both(path):
    key = BOUNDED[path]
    low, high = key.bounds
    step = 1 if key.type is WHOLE else 0.0005
    for outside in (low - step, high + step):
        if outside == NO_LIMIT:
            continue
        values = [outside, [outside, outside, outside]] if key.type is RANGE else [outside]
        for value in values:
            document = with_value(path, value)
            assert path[-1] in told(document)[0]
            assert {refused[: len(path)] for refused in places_refused(document)} == {path}
    middle = low + 1 if high == NO_LIMIT else (low + high) / 2
    inside = with_value(path, int(middle) if key.type is WHOLE else middle)
    load_study(inside)
    assert places_refused(inside) == set()


@pytest.mark.parametrize(
    "path",
    [
        ("study", "name"),
        ("tables", "customers", "customer"),
        ("tables", "customers", "score"),
        ("outcomes", "columns", "spend", "column"),
        ("outcomes", "columns", "spend", "kind"),
        ("scenario", "share_moved"),
        ("scenario", "causal_share"),
    ],
    ids=".".join,
)
def test_what_is_needed_is_missed_by_both(path):
    document = without(*path)
    assert any(path[-1] in line for line in told(document))
    assert path[:-1] in places_refused(document)


def test_what_a_dated_study_needs_is_missed_by_both():
    document = tomllib.loads(STUDIES["demo"])
    del document["study"]["complete_until"], document["windows"]["baseline_days"]
    assert {line.split(" has no ")[1].split(";")[0].split(".")[0] for line in told(document)} == {
        "complete_until",
        "baseline_days",
    }
    assert places_refused(document) == {("study",), ("windows",)}


def test_a_study_without_a_table_of_answers_is_refused_by_both():
    document = with_value(("tables", "people", "path"), "c.csv")
    del document["tables"]["customers"]
    with pytest.raises(CxroiError, match="neither a responses nor a customers"):
        load_study(document)
    assert places_refused(document) == {("tables",)}


def test_a_range_has_three_numbers():
    for value in ([0.1, 0.2], [0.1, 0.2, 0.3, 0.4], ["a", "b", "c"]):
        path = ("scenario", "share_moved")
        document = with_value(path, value)
        assert "share_moved is" in told(document)[0]
        assert {refused[: len(path)] for refused in places_refused(document)} == {path}


@pytest.mark.parametrize(
    ("key", "value", "valid"),
    [
        ("persistence", "observed", True),
        ("persistence", "seen", False),
        ("persistence", [0.2, 0.4, 0.6], True),
        ("causal_share", {"none": 0.3, "low": 0.2, "likely": 0.5, "high": 0.8}, True),
        ("causal_share", {"none": 0.3, "low": 0.2, "likely": 0.5}, False),
        ("causal_share", {"nil": 0.3, "low": 0.2, "likely": 0.5, "high": 0.8}, False),
        ("causal_share", {"low": 0.2, "likely": 0.5, "high": "much"}, False),
        ("causal_share", "observed", False),
    ],
)
def test_words_and_tables_beside_a_range_are_told_alike_by_both(key, value, valid):
    document = with_value(("scenario", key), value)
    assert (places_refused(document) == set()) is valid
    if valid:
        load_study(document)
    else:
        assert key in told(document)[0]
