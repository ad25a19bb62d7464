"""The same results from rows in memory and from sums in an engine, refusals included."""

import tempfile
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from panels import make_panel, make_study

from cxroi.effects.adjusted import regress_outcome
from cxroi.effects.groups import compare_groups, score
from cxroi.errors import CxroiError
from cxroi.results.estimate import Estimate
from cxroi.study.loading import load_study
from cxroi.value.roi import estimate_roi

OUTCOMES = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
CONTROLS = ("tenure", "region", "plan")
LEVELS = np.array(["north", "it's", 'a "b"', "Ü"], dtype=object)
EXTREMES = {
    0: lambda frame: frame.__setitem__("attr_region", "north"),
    1: lambda frame: frame.__setitem__("attr_tenure", frame["score"] * 2),
    2: lambda frame: frame.__setitem__(
        "retained_after", frame["retained_after"].mask(frame["attr_plan"] == 1, 1.0)
    ),
    3: lambda frame: frame.__setitem__("attr_plan", frame["attr_region"].eq("north") * 1.0),
    4: lambda frame: frame.__setitem__("score", frame["score"].clip(lower=7)),
    5: lambda frame: frame.__setitem__("contacts_after", 0.0),
}
# Of each way of fitting.
OF_EACH = ("method", "models", "fitted", "influence", "rungs", "robust", "setting")


@cache
def study(clustered):
    folder = Path(tempfile.mkdtemp())
    made = make_study(
        folder,
        OUTCOMES,
        controls=CONTROLS,
        categorical=("region", "plan"),
        scenario={},
    )
    if not clustered:
        return made
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('score = "score"', 'score = "score"\ncluster = "store"', 1))
    return load_study(path)


def random_panel(seed):
    """A few hundred answers with ties, gaps, rare levels, and now and then something extreme."""
    rng = np.random.default_rng(seed)
    n, answers = int(rng.integers(150, 600)), rng.choice([1, 1, 2])
    customer = np.arange(n) // answers
    tenure = np.round(rng.normal(size=n), rng.integers(1, 6))
    points = np.clip(np.round(7.5 + 1.8 * (0.6 * tenure + rng.normal(size=n))), 0, 10)
    step = np.searchsorted([7, 9], points, side="right")
    bought = rng.random(n) < rng.choice([0.1, 0.7, 1.0], p=[0.1, 0.6, 0.3])
    spend = bought * rng.gamma(2.0, np.exp(2 + 0.25 * step + 0.3 * tenure) / 2)
    frame = pd.DataFrame(
        {
            "customer": [f"c{number}" for number in customer],
            "cluster": [f"c{number}" for number in customer],
            "score": points,
            "spend_after": np.round(spend, 2) * rng.choice([1.0, 1e3, 1e-6]),
            "retained_after": (rng.random(n) < 1 / (1 + np.exp(0.7 - 0.4 * step))).astype(float),
            "contacts_after": rng.poisson(np.exp(0.2 - 0.3 * step)).astype(float),
            "attr_tenure": tenure * rng.choice([1.0, 1e9, 1e-9]),
            "attr_region": LEVELS[rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])],
            "attr_plan": rng.integers(0, 3, n).astype(float),
        }
    )
    for name in ("spend_after", "retained_after", "attr_tenure", "attr_region", "attr_plan"):
        if rng.random() < 0.3:
            frame.loc[rng.random(n) < rng.choice([0.02, 0.2]), name] = None
    if rng.random() < 0.4:
        frame["weight"] = rng.choice([0.5, 1.0, 3.0], n)
    clustered = rng.random() < 0.3
    if clustered:  # of whole customers, of uneven size
        frame["cluster"] = [f"s{store}" for store in customer // rng.choice([2, 3])]
    change = EXTREMES.get(rng.integers(0, 10), lambda frame: None)
    change(frame)
    return make_panel(study(clustered), frame)


def attempt(call, *arguments, **named):
    """What a call returns, or how it refuses."""
    try:
        return call(*arguments, **named)
    except CxroiError as refusal:
        return refusal


def parts(found):
    """What a result is made of, by name; None of what has no parts."""
    if isinstance(found, dict):
        return found.items()
    if isinstance(found, tuple | list):
        return enumerate(found)
    if isinstance(found, pd.DataFrame):
        return found.to_dict("list").items()
    if is_dataclass(found):
        compared = [field.name for field in fields(found) if field.compare]
        return [(name, getattr(found, name)) for name in compared if name not in OF_EACH]
    return None


def leaves(found, at="", size=0.0):
    """Every number, word and refusal in a result by its path, with the size of its estimate."""
    inner = parts(found)
    if inner is None:
        return {at: (found, size)}
    if isinstance(found, Estimate):
        size = abs(found.estimate or 0) + abs(found.std_error or 0)
    nested = [leaves(part, f"{at}.{name}", size) for name, part in inner]
    return {path: leaf for part in nested for path, leaf in part.items()}


def assert_same(one, other):
    """Compare results part by part: numbers to 1e-7 of their size, words to the letter."""
    mine, theirs = leaves(one), leaves(other)
    assert list(mine) == list(theirs)
    for at, (value, size) in mine.items():
        found = theirs[at][0]
        if isinstance(value, CxroiError):
            assert type(found) is type(value), (at, value, found)
            assert str(found) == str(value), at
        elif isinstance(value, float | int | np.number) and found is not None:
            close = pytest.approx(float(value), rel=1e-6, abs=1e-7 * size + 1e-10, nan_ok=True)
            assert float(found) == close, at
        else:
            assert found == value, (at, value, found)


def everything(panel):
    """Every result of a panel by name."""
    found = {"score": attempt(score, panel), "plain score": attempt(score, panel, weighted=False)}
    regressions = {}
    for name in OUTCOMES:
        found[f"{name} compared"] = attempt(compare_groups, panel, name)
        fitted = attempt(regress_outcome, panel, name)
        found[f"{name} regressed"] = fitted
        if isinstance(fitted, CxroiError):
            continue
        regressions[name] = fitted
    if regressions:
        found["roi"] = attempt(estimate_roi, panel, regressions)
    return found


# Of them all: even and uneven weights, clusters, a control that is the score, is constant or
# follows from another, an outcome that does not vary.
@pytest.mark.parametrize("seed", [1, 2, 3, 5, 6, 11, 14, 15])
def test_rows_in_memory_and_sums_in_an_engine_give_the_same(seed):
    panel = random_panel(seed)
    assert_same(everything(panel), everything(in_engine(panel, kept=seed % 2 == 0)))


def test_clusters_of_one_customer_each_are_customers():
    # Declared, but no more than the customers themselves, each with two answers.
    frame = random_panel(6).frame
    pairs = [f"c{row // 2}" for row in range(len(frame))]
    panel = make_panel(study(True), frame.assign(customer=pairs, cluster=pairs))
    assert panel.unit == "customer"
    assert_same(everything(panel), everything(in_engine(panel)))
