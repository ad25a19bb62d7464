"""Refusals of models that statsmodels, or a fit from sums, would let pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..moments.order_statistics import extremes
from ..moments.rows import MISSING
from .controls import OTHER

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Vector

# On the scale of dummies and standardised columns, a log odds or log ratio beyond this is a
# coefficient on its way to infinity: e^15 is 3.3 million.
LARGEST_LOG_RATIO = 15.0
# Beyond these a chance is one to the last digit, and has no variance.
LARGEST_LOG_ODDS = 36.7
# Of columns of one length. Its square, about 10^10, is what rounding grows by: six digits are left.
LARGEST_CONDITION = 1e5


def refuse_collinear(gram: Floats, names: list[str], outcome: str) -> None:
    """Refuse columns of which one is empty or (nearly) a combination of others.

    Parameters
    ----------
    gram
        Cross-products of the columns.

    Raises
    ------
    ModelError
        It names the columns.
    """
    norms = np.sqrt(np.diag(gram))
    if np.any(norms == 0):
        empty = names[int(np.argmin(norms))]
        raise ModelError(
            f"'{empty}' has no row with {outcome!r}",
            "every column needs rows that it is about",
            "Pool more waves, or group the levels",
        )
    _, squared, rotation = np.linalg.svd(gram / np.outer(norms, norms))
    if squared[-1] * LARGEST_CONDITION**2 < squared[0]:
        involved = [names[i] for i in np.flatnonzero(np.abs(rotation[-1]) > 0.1)]
        _refuse_missing_with_group(involved)
        raise ModelError(
            f"columns are collinear in the model of {outcome!r}: {', '.join(involved)}",
            "no column may be a combination of others, or so nearly one that the fit is "
            f"ill-conditioned (condition number over {LARGEST_CONDITION:,.0f})",
            "Leave one of them out of [controls] columns",
        )


def _refuse_missing_with_group(involved: list[str]) -> None:
    """Refuse a control that is missing for whole groups, and known for the others."""
    marks = [name for name in involved if name.endswith(f" = {MISSING}")]
    if len(marks) == 1 and all(n in ("intercept", *marks) or _is_group(n) for n in involved):
        control = marks[0].removesuffix(f" = {MISSING}")
        raise ModelError(
            f"control {control!r} is missing for one group and known for the others",
            "what is held equal between groups is known in both",
            f"Fill in {control!r}, or leave it out of [controls] columns",
        )


def _is_group(name: str) -> bool:
    return name.startswith("group = ")


def refuse_one_answer(
    counted: Floats, summed: Floats, zero_one: Flags, names: list[str], outcome: str
) -> None:
    """Refuse a dummy whose rows all have the same answer: its log odds are infinite.

    Parameters
    ----------
    counted, summed
        Sum of each column, and of its products with the answers.
    zero_one
        Which columns hold nothing but zeros and ones.

    Raises
    ------
    ModelError
        It names the dummy.
    """
    for position in np.flatnonzero(zero_one):
        size, yes = counted[position], summed[position]
        if position and size and yes in (0, size):
            name = names[position]
            raise ModelError(
                f"'{name}' separates {outcome!r}: all its {size:.0f} rows are {yes / size:g}",
                "a logit needs both answers in each category",
                _advice(*name.split(" = ", 1)),
            )


def _advice(control: str, level: str = "") -> str:
    """Say what can be done about a level in which all have one answer."""
    if control == "group":
        return f"Nothing need be done: that is how those in {level!r} are"
    if level == MISSING:
        return f"Fill in {control!r} where it is missing, or leave it out of [controls]"
    if level == OTHER:
        return f"Give the rare levels of {control!r} to a common one in the file, if that is true"
    return f"Group the levels of {control!r}, or leave it out of [controls]"


def refuse_separation(
    values: Vector, linear: Vector, columns: Mapping[str, Vector], outcome: str
) -> None:
    """Refuse a logit whose linear predictor lies higher for every yes than for any no.

    Raises
    ------
    ModelError
        It names the columns that do so alone.
    """
    if _split(linear, values):
        raise separated(values, columns, outcome)


def separated(values: Vector, columns: Mapping[str, Vector], outcome: str) -> ModelError:
    """Name the columns that split the answers at one value, or say that several do together."""
    alone = [n for n, c in columns.items() if _split(c, values) or _split(-1.0 * c, values)]
    return ModelError(
        f"{', '.join(alone) or 'a combination of columns'} separates {outcome!r} perfectly",
        "a control must not determine the outcome",
        "Check for leakage: is it the outcome under another name, or measured after it?",
    )


def _split(column: Vector, values: Vector) -> bool:
    return extremes(column, values == 1)[0] > extremes(column, values != 1)[1]


def refuse_runaway(params: Floats, names: list[str], outcome: str) -> None:
    """Refuse a coefficient on its way to infinity.

    Raises
    ------
    ModelError
        It names the columns.
    """
    beyond = [n for n, p in zip(names, params, strict=True) if abs(p) > LARGEST_LOG_RATIO]
    if beyond:
        raise ModelError(
            f"{', '.join(beyond)} (nearly) determines {outcome!r}",
            f"a log ratio stays within {LARGEST_LOG_RATIO:g}",
            "Check the column for leakage (is it measured after the response?), or for a few "
            "extreme values",
        )


def without_errors(family: str, names: list[str], outcome: str) -> ModelError:
    """Return the refusal of a fit that has no errors."""
    return ModelError(
        f"the {family} model of {outcome!r} has no errors: {', '.join(names[1:])} (nearly) "
        "determine it",
        "an estimate without an error means nothing",
        "Check the controls for leakage: is one measured after the response?",
    )


def unfitted(family: str, outcome: str) -> ModelError:
    """Return the refusal of a fit that did not converge."""
    return ModelError(
        f"the {family} model of {outcome!r} did not converge",
        "its estimates would mean nothing",
        "Use fewer controls, pool more waves, or check the outcome for leakage",
    )
