from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from panels import customers

from cxroi.errors import ModelError
from cxroi.models.controls import build_controls
from cxroi.models.sample import take_sample


@pytest.fixture
def controls_of(panel_of):
    def make(columns, *, before=None, categorical=(), n=200):
        frame = customers(n)[["score", "spend_after"]]
        frame = frame.assign(**{f"attr_{name}": values for name, values in columns.items()})
        frame = frame.assign(**{f"{k}_before": v for k, v in (before or {}).items()})
        panel = panel_of(
            frame, {"spend": "amount"}, controls=tuple(columns), categorical=categorical
        )
        return build_controls(panel, take_sample(panel, "spend"))

    return make


def column(controls, name):
    return controls.matrix.columns[controls.names.index(name)]


def test_quantities_have_mean_zero_and_deviation_one(controls_of):
    made = column(controls_of({"age": np.arange(200) ** 2}), "age (per SD)")
    assert (made.mean(), made.std()) == pytest.approx((0, 1))


def test_missing_quantities_take_the_mean_and_are_marked(controls_of):
    age = np.arange(200.0)
    age[:40] = np.nan
    made = controls_of({"age": age})
    assert column(made, "age (per SD)")[:40] == pytest.approx(0, abs=1e-12)
    assert column(made, "age = (missing)").sum() == 40
    assert "40 missing values" in made.notes[0]


def test_categories_are_held_against_the_most_frequent(controls_of):
    made = controls_of({"region": ["north"] * 90 + ["south"] * 60 + ["west"] * 50})
    assert made.names == ("region = south", "region = west")
    assert made.matrix.matrix.sum(axis=0).tolist() == [60, 50]


def test_codes_declared_categorical_become_dummies(controls_of):
    made = controls_of({"plan": np.repeat([1.0, 2.0], 100)}, categorical=("plan",))
    assert made.names in {("plan = 1",), ("plan = 2",)}


def test_rare_levels_are_merged(controls_of):
    made = controls_of({"region": ["north"] * 100 + ["south"] * 70 + ["e"] * 20 + ["w"] * 10})
    assert made.names == ("region = (other)", "region = south")
    assert column(made, "region = (other)").sum() == 30
    assert "2 levels under 30 rows" in made.notes[0]


def test_baselines_enter_as_arcsinh(controls_of):
    spent = np.concatenate([np.zeros(100), np.geomspace(1, 1e6, 99), [-5.0]])
    made = column(controls_of({}, before={"contacts": spent}), "contacts before (arcsinh, per SD)")
    # log(x + sqrt(x^2 + 1)), standardised
    written_out = np.log(spent + np.sqrt(spent**2 + 1))
    assert np.corrcoef(made, written_out)[0, 1] == pytest.approx(1)


def test_an_amount_is_taken_in_hundredths_of_its_median(controls_of):
    spent = np.concatenate([np.zeros(100), np.full(99, 250.0), [-5.0]])
    made = column(controls_of({}, before={"spend": spent}), "spend before (arcsinh, per SD)")
    written_out = np.log(spent / 2.5 + np.sqrt((spent / 2.5) ** 2 + 1))
    assert np.corrcoef(made, written_out)[0, 1] == pytest.approx(1)
    dearer = controls_of({}, before={"spend": 1000 * spent})
    assert column(dearer, "spend before (arcsinh, per SD)") == pytest.approx(made)


def test_a_baseline_that_tells_nothing_is_left_out_with_a_note(controls_of):
    spent = np.arange(200.0)
    made = controls_of({}, before={"spend": spent, "orders": 0 * spent, "returns": spent})
    assert made.names == ("spend before (arcsinh, per SD)",)
    assert "the same for everybody" in made.notes[0]
    assert "other controls determine it" in made.notes[1]


def test_controls_missing_for_the_same_customers_are_marked_once(controls_of):
    # Customers who are absent from the customers table lack all their attributes.
    age, tenure = np.arange(200.0), np.sqrt(np.arange(200.0))
    region = pd.Series(["north", "south"] * 100, dtype=object)
    for values in (age, tenure, region):
        values[:40] = np.nan if values is not region else None
    made = controls_of({"age": age, "tenure": tenure, "region": region})
    assert sum("(missing)" in name for name in made.names) == 1
    matrix = made.matrix.matrix
    assert np.linalg.matrix_rank(matrix - matrix.mean(axis=0)) == len(made.names)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"age": [3.0] * 200}, "'age' is the same for every"),
        ({"age": [np.nan] * 200}, "'age' is the same for every"),
        ({"region": ["north"] * 200}, "'region' is the same for every"),
        ({"id": [f"{i}" for i in range(200)]}, "'id' has 200 different values"),
        ({"a": np.arange(200.0), "b": 3 - 2 * np.arange(200.0)}, "'b .* is determined by 'a "),
        (
            {"a": np.arange(200.0), "b": np.arange(200.0) ** 2, "c": np.arange(200.0) ** 2 + 7},
            r"'c \(per SD\)' is determined by 'b \(per SD\)';",
        ),
        ({"a": ["n", "s"] * 100, "b": ["N", "S"] * 100}, "'b = .*' is determined by 'a = "),
    ],
)
def test_controls_that_cannot_be_held_equal_are_refused(controls_of, columns, words):
    with pytest.raises(ModelError, match=words):
        controls_of(columns)


def test_groups_come_first(controls_of):
    made = controls_of({"age": np.arange(200.0)})
    sample = SimpleNamespace(labels=("a", "b", "c"), groups=np.arange(200) % 3)
    design = made.with_groups(sample, ("a", "c"))
    assert design.names == ("intercept", "group = a", "group = c", "age (per SD)")
    assert design.matrix[:3, :3].tolist() == [[1, 1, 0], [1, 0, 0], [1, 0, 1]]


def test_an_attribute_that_ends_like_a_baseline_is_no_baseline(panel_of):
    frame = customers(200).rename(columns={"attr_tenure": "attr_spend_before"})
    panel = panel_of(frame, {"contacts": "count"}, controls=["spend_before"])
    names = build_controls(panel, take_sample(panel, "contacts")).names
    assert names == ("spend_before (per SD)",)
