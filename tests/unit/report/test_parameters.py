import nbformat
import pytest

from cxroi.cli.options import assignments
from cxroi.errors import ParameterError, Problems
from cxroi.report.parameters import Parameter, checked, declared, parse_cell
from cxroi.study.quarters import check_quarter

CELL = """
study: str = ""  # study file
quarter: str = ""  # calendar quarter
share: float = 0.5  # share read as causal, 0 to 1
months: int = 12  # horizon, months, 1 to 60
world: str = "causal"  # one of causal, null, reverse
shown: bool = True
names: list[str] = ["spend"]  # outcomes
steps: list[float] = [0.1, 0.2]  # shares moved, 0 to 1
code: str = "a=1 # not a comment"  # text with signs
"""


@pytest.fixture
def known():
    return parse_cell(CELL, "here")


def test_the_cell_is_read_without_running_it(known):
    assert known["share"] == Parameter(
        "share", "float", 0.5, "share read as causal, 0 to 1", 0.0, 1.0
    )
    assert known["world"].choices == ("causal", "null", "reverse")
    assert known["code"].default == "a=1 # not a comment"
    assert known["code"].help == "text with signs"
    assert known["steps"].default == [0.1, 0.2]
    assert (known["months"].low, known["months"].high) == (1, 60)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("share", "0.25", 0.25),
        ("share", "1", 1.0),
        ("share", "1e-3", 0.001),
        ("months", " 24 ", 24),
        ("code", "007", "007"),
        ("code", "1; import os", "1; import os"),
        ("shown", "False", False),
        ("names", "spend,orders", ["spend", "orders"]),
        ("steps", "0.1,0.9", [0.1, 0.9]),
        ("quarter", "2026Q3", "2026Q3"),
        ("quarter", "", ""),
        ("world", "null", "null"),
    ],
)
def test_a_text_becomes_a_value_of_the_declared_type(known, name, text, value):
    found = checked(known, {name: text})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("share", "half", "it must be a number"),
        ("share", "nan", "a finite number"),
        ("share", "inf", "a finite number"),
        ("share", float("nan"), "a finite number"),
        ("share", "1.01", "0 to 1"),
        ("share", "0x1", "a number"),
        ("share", True, "a number"),
        ("steps", "0.1,2", "0 to 1"),
        ("months", "12.5", "a whole number"),
        ("months", "0", "1 to 60"),
        ("months", True, "a whole number"),
        ("world", "casual", "Did you mean 'causal'?"),
        ("shown", "maybe", "true or false"),
        ("code", 7, "a text"),
        ("code", "\udc80", "UTF-8"),
        ("quarter", "banana", "such as 2026Q3"),
        ("quarter", "2026Q5", "such as 2026Q3"),
        ("quarter", "2026Q3\n", "such as 2026Q3"),
        ("quarter", "٢٠٢٦Q3", "such as 2026Q3"),
        ("study", "nowhere.toml", "an existing study file"),
        ("names", 3, "a list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(known, name, value, said):
    with pytest.raises(ParameterError, match="quarter" if name == "quarter" else name) as refusal:
        checked(known, {name: value})
    assert said in str(refusal.value)


def test_a_misspelt_name_is_offered_the_nearest(known):
    with pytest.raises(ParameterError, match=r"'quater'. Did you mean 'quarter'\?"):
        checked(known, {"quater": "2026Q3"})


def test_all_problems_are_told_at_once(known):
    with pytest.raises(Problems) as refusal:
        checked(known, {"quater": "2026Q3", "share": "7"})
    assert len(refusal.value.problems) == 2


SCENARIO = CELL + 'scenario: str = ""  # in place of [scenario]\n'


def test_values_of_the_scenario_become_one_text_that_the_study_is_checked_with():
    known = parse_cell(SCENARIO, "here")
    given = assignments(["scenario.cost_per_moved=5", "scenario.persistence=observed", "share=1"])
    expected = 'cost_per_moved = 5, persistence = "observed"'
    assert checked(known, given) == {"share": 1.0, "scenario": expected}
    assert checked(known, {"scenario": "cost_per_moved = 5"})["scenario"] == "cost_per_moved = 5"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"scenario.cost_per_move": "5"}, r"unknown key 'cost_per_move'. Did you mean"),
        ({"scenario.share_moved": "7"}, r"share_moved is 7.0; it is 0 to 1"),
        ({"scenario": "cost_per_moved = 5", "scenario.cost_per_moved": "6"}, "given twice"),
        ({"scenarios.cost_per_moved": "5"}, "unknown parameter"),
    ],
)
def test_values_that_the_scenario_may_not_have_are_refused_before_anything_runs(given, told):
    with pytest.raises(ParameterError, match=told):
        checked(parse_cell(SCENARIO, "here"), given)


@pytest.mark.parametrize("text", ["x=1;import os", "share"])
def test_only_name_and_value_are_taken(text, known):
    with pytest.raises(ParameterError):
        checked(known, assignments([text]))


@pytest.mark.parametrize("text", ["import os;x=1", "__import__('os')=1", "=1", "a.b=1", "a b=1"])
def test_a_name_that_is_code_is_refused(text):
    with pytest.raises(ParameterError):
        assignments([text])


def test_assignments_keep_the_value_as_it_is():
    assert assignments(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    with pytest.raises(ParameterError, match="given twice"):
        assignments(["a=1", "a=2"])


def test_an_existing_study_passes(known, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("")
    assert checked(known, {"study": str(path)}) == {"study": str(path)}


@pytest.mark.parametrize("quarter", ["2026Q3", "1999Q1", ""])
def test_quarters(quarter):
    assert check_quarter(quarter) == quarter


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x: float = 1/2", "is computed"),
        ("x: str = open('a').read()", "is computed"),
        ("x: dict = {}", "declared as dict"),
        ("x: int = 'a'", "declared as int"),
        ("x: int = 1.5", "the declared type"),
        ("%matplotlib inline\nx = 1", "not plain Python"),
    ],
)
def test_a_cell_that_needs_running_is_refused(source, said):
    with pytest.raises(ParameterError, match=said):
        parse_cell(source, "here")


def test_types_come_from_the_default_where_none_is_declared():
    known = parse_cell("a = 1\nb = 'x'\nc = 0.5  # 0 to 1\nimport os", "here")
    assert {name: p.type for name, p in known.items()} == {"a": "int", "b": "str", "c": "float"}


def test_only_the_tagged_cell_counts(tmp_path):
    notebook = nbformat.v4.new_notebook()
    tagged = nbformat.v4.new_code_cell("a: int = 1", metadata={"tags": ["parameters"]})
    notebook.cells = [nbformat.v4.new_code_cell("b = 2"), tagged]
    nbformat.write(notebook, tmp_path / "n.ipynb")
    assert list(declared(tmp_path / "n.ipynb")) == ["a"]


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', "\ufeff{", '{"cells": [1]}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(ParameterError, match="cannot be read as a notebook"):
        declared(path)
