"""Findings written as JSON are read as the same values, to the last bit, of the same types."""

import json

import numpy as np
import pandas as pd
import pytest
from alike import same
from hypothesis import given
from hypothesis import strategies as st

from cxroi.errors import CxroiError, DataError, ModelError, Problems, RareEventError
from cxroi.reading.ledger import Ledger
from cxroi.results.estimate import Estimate
from cxroi.runs.codec import read, write


def there_and_back(value):
    text = write(value)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return read(text, None)


floats = st.floats(width=64)
leaves = st.none() | st.booleans() | st.integers() | floats | st.text()
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@given(values)
def test_values_come_back(value):
    assert same(value, there_and_back(value))


@given(st.lists(floats))
def test_arrays_come_back(numbers):
    array = np.array(numbers)
    back = there_and_back(array)
    finite = np.isfinite(array)
    assert back.dtype == array.dtype
    assert back[finite].tobytes() == array[finite].tobytes()
    assert np.array_equal(back, array, equal_nan=True)


@given(st.lists(st.tuples(floats, st.integers(-(2**63), 2**63 - 1), st.none() | st.text())))
def test_frames_come_back(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    frame = frame.astype({"a": "float64", "b": "int64", "c": "object"})
    assert same(frame, there_and_back(frame))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"x": pd.Categorical(["b", "a", None], ["b", "a"], ordered=True)}),
        pd.DataFrame({"x": ["a", None], "y": [True, False]}),
        pd.DataFrame([[1.0, float("nan")], [float("-inf"), 0.1]], [0.1, 0.3], [0.5, 0.7]),
        pd.DataFrame({"x": [1, 2]}, index=pd.Index(["r", "s"], name="row")),
        pd.DataFrame({"x": [None, 1, "a", 0.5, (1, 2)]}),
    ],
)
def test_types_and_names_of_frames_come_back(frame):
    assert same(frame, there_and_back(frame))


@pytest.mark.parametrize(
    "value",
    [
        np.int64(3),
        np.bool_(True),
        frozenset({"b", "a"}),
        np.array([[1, 2], [3, 4]]),
        ModelError("a", "b", "c"),
        RareEventError("found", "expected"),
        Problems([DataError("one"), ModelError("two", "b")]),
        Estimate("x", 0.1, float("nan"), float("inf"), None, "EUR", 3, "m", outcome="spend"),
        Ledger().add("responses", "read", 3, "rows of r.csv"),
    ],
)
def test_other_findings_come_back(value):
    assert same(value, there_and_back(value))


def test_a_refusal_of_another_kind_comes_back_as_a_refusal():
    class OwnError(CxroiError):
        pass

    back = there_and_back(OwnError("a", "b"))
    assert type(back) is CxroiError
    assert str(back) == str(OwnError("a", "b"))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", complex(1, 2)])
def test_what_is_no_finding_is_not_written(value):
    with pytest.raises(TypeError, match="no finding"):
        write(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"!": "Panel"}',
        '{"!": "os.system", "command": "true"}',
        '{"!": "error", "class": "difflib", "found": "", "expected": "", "fix": ""}',
    ],
)
def test_only_what_is_known_is_made(text):
    with pytest.raises(LookupError):
        read(text, None)
