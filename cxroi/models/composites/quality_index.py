"""QCI: one number from many elements of the experience, weighted by what matters.

Weights are declared, or estimated: those that, none below zero, predict an outcome best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError, ParameterError, ScarceDataError, StudyError, nearest
from ...results.display import TidyMixin
from ...results.estimate import CONF_LEVEL, Estimate, tidy_table
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Floats

DIRECTIONS = ("higher", "lower")
FOLDS = 5
BLOCKS = 200
DRAWS = 500
# Customers of a block by chance differ little from block to block; fewer leave too wide a t.
_LEAST_BLOCKS = 20
_TAIL = (1 - CONF_LEVEL) / 2


@dataclass(frozen=True, repr=False)
class Weights(TidyMixin):
    """Weights of the elements of an index.

    Attributes
    ----------
    names, shares
        The elements, and the share of the index that each makes; they sum to 1.
    estimates
        ``qci.weight.<element>`` with intervals and ``qci.r_squared`` (share of the outcome's
        variance that the elements predict among customers who were not used to weigh them);
        empty where the weights were declared.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
    estimates: tuple[Estimate, ...] = ()

    def index(self, answers: Floats) -> Floats:
        """Return the index of each customer, in the unit of the elements.

        Of elements that a customer did not meet with, the weight goes to the others in
        proportion; of a customer who met with none that has a weight the index is not known.

        Parameters
        ----------
        answers
            Customers by elements, on one scale for all; NaN where blank.
        """
        known = ~np.isnan(answers)
        weighed = known @ np.array(self.shares)
        summed = np.where(known, answers, 0.0) @ np.array(self.shares)
        return np.where(weighed > 0, summed / np.where(weighed > 0, weighed, 1.0), np.nan)

    def tidy(self) -> pd.DataFrame:
        """Return one row an element."""
        if self.estimates:
            return tidy_table(self.estimates)
        import pandas as pd

        return pd.DataFrame({"term": self.names, "estimate": self.shares})


def declared_weights(names: Sequence[str], weights: Mapping[str, float]) -> Weights:
    """Return declared weights as shares; elements without one count as nothing.

    Raises
    ------
    StudyError
        A weight of no element, one below zero, or none above it.

    Examples
    --------
    >>> declared_weights(["product", "delivery"], {"product": 3, "delivery": 1}).shares
    (0.75, 0.25)
    """
    for name, weight in weights.items():
        if name not in names:
            raise StudyError(f"a weight is declared of {name!r}", fix=nearest(name, names))
        if not 0 <= weight < np.inf:
            raise StudyError(
                f"the weight of {name!r} is {weight:g}", "a weight is 0 or more", "Change it"
            )
    total = sum(weights.values())
    if not total > 0:
        raise StudyError("no weight is above 0", "an index weighs something", "Declare weights")
    return Weights(tuple(names), tuple(weights.get(name, 0) / total for name in names))


def block_sums(elements: Floats, outcome: Floats, *, seed: int = 0, blocks: int = BLOCKS) -> Floats:
    """Return cross-products of 1, the elements and the outcome, summed over blocks of customers.

    Parameters
    ----------
    elements
        Customers by elements, none blank.
    outcome
        Of each customer.
    seed
        By which customers are dealt to blocks; an engine does so by a hash of them.
    blocks
        How many; at most one a customer.

    Returns
    -------
    numpy.ndarray
        Blocks by (elements + 2) by (elements + 2).
    """
    n = len(outcome)
    rows = np.column_stack([np.ones(n), elements, outcome])
    blocks = max(min(blocks, n), 1)
    dealt = np.random.default_rng(seed).permutation(n) % blocks
    return np.array([rows[dealt == b].T @ rows[dealt == b] for b in range(blocks)])


def estimated_weights(
    names: Sequence[str],
    sums: Floats,
    *,
    outcome: str,
    better: str = "higher",
    seed: int = 0,
    draws: int = DRAWS,
    folds: int = FOLDS,
) -> Weights:
    """Return the weights, none below zero, that predict an outcome best.

    Least squares with no weight below zero (Lawson and Hanson, Solving Least Squares Problems
    (1974), chapter 23). How well they predict is told by customers of the folds that were not
    used; its interval, of the rules as they were fitted, from the blocks (Bayle et al.,
    Cross-validation Confidence Intervals for Test Error, NeurIPS 2020). Intervals of the weights
    from resamples of the blocks. They say what goes with the outcome, not what causes it.

    Parameters
    ----------
    sums
        Of `block_sums`, or the same taken in an engine.
    outcome
        What is predicted, in words.
    better
        ``lower`` where less of the outcome is better, as of churn: it is turned round.

    Raises
    ------
    ParameterError
        `better` is neither ``higher`` nor ``lower``.
    ScarceDataError
        Fewer than 30 customers or 20 blocks.
    ModelError
        No element goes with the outcome in the good direction, or nothing varies.
    """
    if better not in DIRECTIONS:
        raise ParameterError(f"better is {better!r}", fix=nearest(better, DIRECTIONS))
    sums = np.asarray(sums, dtype=float)
    n = round(float(sums[:, 0, 0].sum()))
    if n < MINIMUM_GROUP or len(sums) < _LEAST_BLOCKS:
        raise ScarceDataError(
            f"{n:,} customers in {len(sums)} blocks have all elements and {outcome}",
            f"at least {MINIMUM_GROUP} customers in {_LEAST_BLOCKS} blocks are needed",
            "Pool more waves, or declare weights",
        )
    if better == "lower":
        sign = np.ones(sums.shape[1])
        sign[-1] = -1
        sums = sums * np.outer(sign, sign)
    whole = sums.sum(axis=0)
    shares = _shares(whole)
    if shares is None:
        raise ModelError(
            f"no element goes with a better {outcome}",
            "weights are 0 or more, and one is above",
            "Declare weights, or check the direction of the outcome",
        )
    method = (
        f"least squares of {outcome}, no weight below zero, of {n:,} customers in {len(sums)} "
        "blocks; "
    )
    weights = _weight_estimates(names, shares, sums, n, method, seed, draws)
    fit = _out_of_sample(sums, n, method, folds)
    return Weights(tuple(names), tuple(float(s) for s in shares), (*weights, fit))


def _coefficients(products: Floats) -> Floats:
    """Return the intercept and the slopes, none below zero, from cross-products."""
    from scipy.optimize import nnls

    n, means = products[0, 0], products[0, 1:] / products[0, 0]
    centred = products[1:, 1:] - n * np.outer(means, means)
    gram, cross = centred[:-1, :-1], centred[:-1, -1]
    scale = np.sqrt(np.diag(gram))
    if not np.all(scale > 1e-9):
        raise ModelError(
            "an element never varies", "an element that never varies has no weight", "Leave it out"
        )
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    # What lies along directions without scatter is nothing but rounding.
    kept = values > 1e-10 * values[-1]
    root = (np.sqrt(values[kept]) * vectors[:, kept]).T
    aimed = (vectors[:, kept] / np.sqrt(values[kept])).T @ (cross / scale)
    slopes = nnls(root, aimed)[0] / scale
    return np.array([means[-1] - slopes @ means[:-1], *slopes])


def _shares(products: Floats) -> Floats | None:
    slopes = _coefficients(products)[1:]
    total = slopes.sum()
    return np.asarray(slopes / total) if total > 0 else None


def _weight_estimates(
    names: Sequence[str],
    shares: Floats,
    sums: Floats,
    n: int,
    method: str,
    seed: int,
    draws: int,
) -> list[Estimate]:
    rng = np.random.default_rng(seed)
    picked = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=draws)
    again = np.tensordot(picked.astype(float), sums, axes=1)
    drawn = np.array([s for s in map(_shares, again) if s is not None])
    low, high = np.quantile(drawn, [_TAIL, 1 - _TAIL], axis=0)
    errors = drawn.std(axis=0, ddof=1)
    return [
        Estimate(
            name=f"qci.weight.{name}",
            estimate=float(shares[i]),
            conf_low=float(low[i]),
            conf_high=float(high[i]),
            std_error=float(errors[i]),
            unit="share of the index",
            n=n,
            method=f"{method}percentile interval of {draws} resamples of the blocks",
            term=name,
        )
        for i, name in enumerate(names)
    ]


def _out_of_sample(sums: Floats, n: int, method: str, folds: int) -> Estimate:
    """Return the share of variance that is predicted of customers who were not used."""
    from scipy import stats

    missed, scattered = _errors(sums, folds)
    share = 1 - missed.sum() / scattered.sum()
    influence = (missed - (1 - share) * scattered) / scattered.sum()
    blocks = len(sums)
    error = float(np.sqrt(influence @ influence * blocks / (blocks - 1)))
    reach = float(stats.t.ppf(1 - _TAIL, blocks - 1)) * error
    return Estimate(
        name="qci.r_squared",
        estimate=float(share),
        conf_low=float(share - reach),
        conf_high=float(share + reach),
        std_error=error,
        unit="share of variance",
        n=n,
        method=(
            f"{method}predicted for each of {folds} folds from the others; interval of the rules "
            "as fitted, by blocks"
        ),
        note="" if share > reach else "Predicts no better than the mean, as far as is known.",
    )


def _errors(sums: Floats, folds: int) -> tuple[Floats, Floats]:
    """Return the squared errors of the rules and of the mean of the other folds, by block."""
    whole, fold_of = sums.sum(axis=0), np.arange(len(sums)) % folds
    missed, scattered = np.empty(len(sums)), np.empty(len(sums))
    for fold in range(folds):
        inside = fold_of == fold
        rest = whole - sums[inside].sum(axis=0)
        rule = np.array([*-_coefficients(rest), 1.0])
        mean = np.zeros(len(whole))
        mean[0], mean[-1] = -rest[0, -1] / rest[0, 0], 1.0
        missed[inside] = sums[inside] @ rule @ rule
        scattered[inside] = sums[inside] @ mean @ mean
    return missed, scattered
