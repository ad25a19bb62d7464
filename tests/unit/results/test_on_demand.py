"""Parts of a result that are made when they are first asked for, once."""

from dataclasses import dataclass, field, replace

import pytest

from cxroi.results.on_demand import FITTED, LATER, again, findings, later, on_demand


@on_demand
@dataclass(frozen=True)
class Result:
    name: str
    model: list = field(compare=False, metadata=FITTED)
    table: list = field(metadata=LATER)


@pytest.fixture
def made():
    return []


def counting(made, what):
    return later(lambda: made.append(what) or [what])


def test_a_part_is_made_when_it_is_read_and_once(made):
    result = Result("a", counting(made, "model"), counting(made, "table"))
    assert made == []
    assert result.model is result.model
    assert result.table == ["table"]
    assert made == ["model", "table"]


def test_a_part_may_be_given_as_it_is():
    assert Result("a", [1], [2]) == Result("a", [3], [2])
    assert Result("a", [1], [2]) != Result("a", [1], [3])
    assert replace(Result("a", [1], [2]), name="b") == Result("b", [1], [2])


def test_what_is_fitted_is_no_finding():
    assert list(findings(Result("a", [1], [2]))) == ["name", "table"]


def test_what_is_fitted_is_made_anew_and_findings_stay(made):
    read = Result("a", later(lambda: pytest.fail("it was not read")), [2])
    whole = again(read, lambda: made.append(1) or Result("b", ["fitted"], ["other"]))
    assert (whole.name, whole.table, made) == ("a", [2], [])
    assert whole.model == ["fitted"]
    assert whole.model == ["fitted"]
    assert made == [1]
