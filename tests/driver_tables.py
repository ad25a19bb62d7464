"""Tables of answers with inputs, made from frames, for the tests of drivers."""

import numpy as np
import pandas as pd

from cxroi.levers.driver_table import Driver, DriverTable
from cxroi.study.loading import load_study

# R's `swiss` (Mosteller and Tukey, Data Analysis and Regression (1977), 549-551): sums of products
# of 1, Agriculture, Examination, Education, Catholic, Infant.Mortality and Fertility, exactly.
SWISS_NAMES = ("agriculture", "examination", "education", "catholic", "infant_mortality")
_SWISS = """
47
2381 144347.22
775 33539.1 15707
516 19716.1 10973 9918
1933.76 115439.06 23120.68 18392.07 159569.841
937.3 47298.03 15333.6 10162.4 39544.745 19082.41
3296.7 171617.2 51399.6 32526 146750.771 66441.8 238416.91
"""


def swiss_sums():
    """Return the sums of products, the score last."""
    lower = [[float(v) for v in line.split()] for line in _SWISS.split("\n") if line]
    matrix = np.zeros((7, 7))
    for row, values in enumerate(lower):
        matrix[row, : len(values)] = matrix[: len(values), row] = values
    return matrix


def swiss_rows():
    """Return 47 rows, not those of R, that have exactly these sums."""
    sums = swiss_sums()
    means = sums[0, 1:] / 47
    left = sums[1:, 1:] - 47 * np.outer(means, means)
    drawn = np.random.default_rng(0).normal(size=(47, 6))
    even, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    return means + even @ np.linalg.cholesky(left).T


def study_of(kind="nps", ratings=(), **scale):
    """Return a study whose score is of a kind, with ratings of 1 to 5 in the same answers."""
    return load_study(
        {
            "study": {"name": "Drivers"},
            "tables": {"customers": {"customer": "id", "score": "score", "wave": "wave"}},
            "scale": {"kind": kind, **scale},
            "scores": {name: {"kind": "csat"} for name in ratings},
            "outcomes": {"columns": {"stays": {"column": "stays", "kind": "yes_no"}}},
        }
    )


def table_of(score, inputs, study=None, *, better=(), groups=(), **own):
    """Return a table; inputs are numbers or texts by name, `own` other columns of the frame."""
    study = study or study_of()
    n = len(score)
    given = {"cluster": np.arange(n), "wave": "2026Q1", "weight": 1.0} | own
    frame = pd.DataFrame({"answer": np.arange(n), "customer": "c", "score": score, **given})
    frame["group"] = np.digitize(frame["score"], study.scale.cuts)
    if study.scale.better == "lower":
        frame["group"] = len(study.scale.cuts) - frame["group"]
    drivers = []
    for name, values in inputs.items():
        frame[f"x_{name}"] = values
        number = frame[f"x_{name}"].dtype.kind in "fiu"
        title = name.replace("_", " ").capitalize()
        way, group = dict(better).get(name, ""), dict(groups).get(name, "")
        drivers.append(Driver(name, title, "days" * number, way, number, group, "a column"))
    return DriverTable(study, frame, tuple(drivers), {})


def company(seed=1, n=600, effects=(0.9, -0.5, 0.0), missing=0.0):
    """Return scores and inputs: the first raises the score, the second lowers it, the rest nothing.

    Customers answer about twice; what they have in common moves scores and inputs, apart.
    """
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, n // 2, n)
    x = rng.normal(size=(n, len(effects))) + 0.5 * rng.normal(size=(n // 2, len(effects)))[cluster]
    own = rng.normal(size=n // 2)[cluster] * 0.5
    score = np.clip(np.round(7.5 + x @ effects + own + rng.normal(size=n)), 0, 10)
    names = ("help", "days_late", *(f"noise_{k}" for k in range(len(effects) - 2)))
    inputs = dict(zip(names, x.T.copy(), strict=True))
    if missing:
        inputs["days_late"][rng.random(n) < missing] = np.nan
    return score, inputs, {"cluster": cluster, "weight": rng.uniform(0.5, 1.5, n)}
