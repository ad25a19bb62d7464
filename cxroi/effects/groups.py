"""Outcomes per group: means, gaps to a reference, effect sizes, tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.sample import Sample, student, take_sample
from ..moments import influence
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.thresholds import MINIMUM_GROUP
from .gaps import (
    SMALLEST_CELL,
    effect_size,
    gap,
    group_mean,
    group_median,
    relative_gap,
    share_above_zero,
)
from .group_tests import omnibus, pairwise

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..panel.panel import Panel


@dataclass(frozen=True, repr=False)
class Comparison(TidyMixin):
    """One outcome compared between the groups of a score.

    Attributes
    ----------
    means
        One estimate a group, worst group first, in the outcome's unit.
    medians, shares_above_zero
        One figure a group, survey-weighted like the means; None under 5 responses.
    gaps
        Each other group minus the reference, in the outcome's unit.
    relative_gaps
        The same as a share of the reference's mean.
    effect_sizes
        Hedges' g for amounts and counts, Cohen's h for shares.
    pairwise
        Every pair with p values adjusted by Holm (1979) and, for amounts and counts that are
        neither weighted nor clustered, by Games and Howell (1976).
    omnibus
        Whether any group differs: one row with statistic, p value, method.
    notes
        What was suppressed, and why.
    """

    outcome: str
    reference: str
    weighted: bool
    means: tuple[Estimate, ...]
    medians: tuple[float | None, ...]
    shares_above_zero: tuple[float | None, ...]
    gaps: tuple[Estimate, ...]
    relative_gaps: tuple[Estimate, ...]
    effect_sizes: tuple[Estimate, ...]
    pairwise: pd.DataFrame
    omnibus: Estimate
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return the means and the gaps, one row each."""
        return tidy_table([*self.means, *self.gaps, *self.relative_gaps, *self.effect_sizes])

    def groups(self) -> pd.DataFrame:
        """Return one row a group: n, mean with interval, median, share above zero."""
        import pandas as pd

        rows = zip(self.means, self.medians, self.shares_above_zero, strict=True)
        return pd.DataFrame(
            [
                {
                    "group": mean.term,
                    "n": mean.n,
                    "mean": mean.estimate,
                    "conf_low": mean.conf_low,
                    "conf_high": mean.conf_high,
                    "median": median,
                    "share_above_zero": share,
                }
                for mean, median, share in rows
            ]
        )


def score(panel: Panel, *, weighted: bool | None = None) -> tuple[Estimate, ...]:
    """Return the headline score and the share of each group, from every valid answer.

    NPS is the share of answers of 9 and 10 minus that of 0 to 6, in points; CSAT, and a scale of
    two answers, the share of the best group in per cent; of other scales, and of CSAT in quantile
    groups, it is the mean answer. Named ``score.<metric>`` and ``share.<group>``.
    """
    scale, answers = panel.study.scale, panel.answers(weighted)
    dof, interval = None, "normal interval from customers' influence values"
    if panel.unit == "cluster":
        effective = influence.effective_units(answers.weights, answers.clusters)
        dof, interval = effective - 1, f"{student(effective)} from influence values"
    values = answers.values
    if scale.kind == "nps":  # of whatever groups: 9 and 10 less 0 to 6
        values = np.where(values >= 9, 100.0, 0.0) - np.where(values < 7, 100.0, 0.0)
    elif scale.score_unit.startswith("%"):
        values = np.where(answers.groups == len(scale.labels) - 1, 100.0, 0.0)
    how = "weighted, " if answers.weighted else ""

    def estimate(name: str, term: str, values: Vector, unit: str) -> Estimate:
        value, psi = influence.mean(values, answers.weights)
        error = influence.std_error(psi, answers.clusters)
        method = f"{how}mean over answers, {interval}"
        if unit.startswith("share"):
            low, high = influence.logit_interval(value, error, CONF_LEVEL, dof)
            method = method.replace("normal", "logit").replace("Student", "logit Student")
        else:
            low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
        return Estimate(name, value, low, high, error, unit, len(answers.values), method, term=term)

    shares = [
        estimate(
            f"share.{label}",
            label,
            np.where(answers.groups == position, 1.0, 0.0),
            "share of answers",
        )
        for position, label in enumerate(scale.labels)
    ]
    headline = estimate(f"score.{scale.metric}", scale.metric, values, scale.score_unit)
    return (headline, *shares)


def compare_groups(
    panel: Panel, outcome: str, *, reference: str = "", weighted: bool | None = None
) -> Comparison:
    """Compare one outcome between the groups of the score.

    Parameters
    ----------
    reference
        Group that the others are held against; by default the one moved from.
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is constant or known for nobody.
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    reference = reference or panel.study.origin
    notes = tuple(_small_groups(sample))
    large = [label for label in sample.labels if sample.units(label) >= MINIMUM_GROUP]
    others = [label for label in large if label != reference] if reference in large else []
    of_each = group_mean, group_median, share_above_zero
    of_pair = gap, relative_gap, effect_size
    tasks: list[Callable[[], Any]] = [
        partial(pairwise, sample, large),
        partial(omnibus, sample, large),
        *(partial(make, sample, label) for make in of_each for label in sample.labels),
        *(partial(make, sample, reference, label) for make in of_pair for label in others),
    ]
    pairs, any_differs, *made = sample.rows.together(tasks)
    rest = iter(made)
    means, medians, shares = (tuple(next(rest) for _ in sample.labels) for _ in of_each)
    gaps, relative, sizes = (tuple(next(rest) for _ in others) for _ in of_pair)
    return Comparison(
        outcome=outcome,
        reference=reference,
        weighted=sample.weighted,
        means=means,
        medians=medians,
        shares_above_zero=shares,
        gaps=gaps,
        relative_gaps=relative,
        effect_sizes=sizes,
        pairwise=pairs,
        omnibus=any_differs,
        notes=notes,
    )


def _small_groups(sample: Sample) -> Iterator[str]:
    for label in sample.labels:
        size, units = sample.size(label), sample.units(label)
        if units < MINIMUM_GROUP:
            of = f" of {units} customers or clusters" if SMALLEST_CELL <= size > units else ""
            yield (
                f"Group '{label}' has {size if size >= SMALLEST_CELL else f'under {SMALLEST_CELL}'}"
                f" responses{of}; its gaps are not shown (at least {MINIMUM_GROUP} are needed)."
            )
