"""The doubly robust contrast once more, by other means, for the tests.

Curves are natural cubic splines of scipy in place of truncated powers, the columns are whitened so
that the ridge is a plain one, the logit is solved by scipy, the regression as least squares with
rows of the ridge below those of the data.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import root
from scipy.special import expit

# Harrell, Regression Modeling Strategies, 2nd edition (2015), table 2.3.
SHARES = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975),
}


def curve(values, knots):
    """Every natural cubic spline over the knots that is one at a knot and zero at the others."""
    spline = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")
    inside = np.clip(values, knots[0], knots[-1])
    return spline(inside) + (values - inside)[:, None] * spline(inside, 1)


def bent(values, known, count, unit=None):
    """The columns of a curve of values, knots at quantiles of those known; a line of few values."""
    knots = np.unique(np.quantile(known, SHARES[count]))
    if unit is not None:
        knots = np.arcsinh(knots / unit)
    return values[:, None] if len(knots) < 3 else curve(values, knots)


@dataclass(frozen=True)
class Columns:
    """What the rows are adjusted for: names of attributes and baselines by kind.

    Curves have as many knots as the size of the groups allows, which the test says.
    """

    categories: tuple = ()
    quantities: tuple = ()
    amounts: tuple = ()
    counts: tuple = ()
    knots: int = 7
    waves: bool = False

    def of(self, frame):
        """Return the columns, whitened over the weighted rows, behind an intercept."""
        levels = [
            frame[f"attr_{name}"] == level
            for name in self.categories
            for level in frame[f"attr_{name}"].unique()
        ]
        found = [np.asarray(level, dtype=float)[:, None] for level in levels]
        sizes = frame["wave"].value_counts() if self.waves else {}
        large = [wave for wave, size in sizes.items() if size >= 30]
        found += [np.asarray(frame["wave"] == wave, dtype=float)[:, None] for wave in large]
        quantities = [frame[f"attr_{name}"] for name in self.quantities]
        counts = [frame[name] for name in self.counts]
        found += [_quantity(raw, self.knots) for raw in (*quantities, *counts)]
        found += [_amount(frame[name], self.knots) for name in self.amounts]
        found += [
            (np.asarray(level) * _filled(raw))[:, None] for level in levels for raw in quantities
        ]
        weights = frame.get("weight", np.ones(len(frame)))
        return whitened(np.column_stack(found), np.asarray(weights, dtype=float))


def _filled(raw):
    return raw.fillna(raw.mean()).to_numpy()


def _quantity(raw, count):
    return np.column_stack([bent(_filled(raw), raw.dropna(), count), raw.isna()])


def _amount(raw, count):
    unit = raw[raw != 0].abs().median()
    scaled = np.arcsinh(raw / unit)
    known, marks = raw.dropna(), [raw.isna()]
    if (known == 0).mean() > 0.01:
        known, marks = known[known != 0], [raw.isna(), raw == 0]
    return np.column_stack([bent(_filled(scaled), known, count, unit), *marks])


def whitened(matrix, weights):
    """The columns as others of the same span with mean 0, variance 1 and no correlation."""
    centred = matrix - np.average(matrix, axis=0, weights=weights)
    spread = centred.std(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    value, vector = np.linalg.eigh(np.atleast_2d(np.cov(centred.T, aweights=weights, ddof=0)))
    keep = value > 1e-9 * value.max()
    return np.column_stack([np.ones(len(matrix)), centred @ vector[:, keep] / np.sqrt(value[keep])])


@dataclass(frozen=True)
class ByHand:
    """The contrast, the influence of each row without and with HC3, who is near, log odds."""

    estimate: float
    plain: np.ndarray
    influence: np.ndarray
    near: np.ndarray
    linear: np.ndarray

    def std_error(self, clusters=None):
        units = np.arange(len(self.influence)) if clusters is None else clusters
        sums = np.bincount(units, weights=self.influence)
        count = (sums != 0).sum()
        return np.sqrt((sums**2).sum() * count / (count - 1))


def contrast(values, columns, weights, is_from, is_to, near=None, ridge_of=None):
    """The contrast among the `from` group; `near` is worked out where it is not given.

    The ridge is that of the weights `ridge_of`, by default those of the rows.

    Weights are scaled to mean one by the caller.
    """
    pair = weights * (is_from | is_to)
    # Weights have mean one over all groups; the ridge is one for answers of weight one.
    both = is_from | is_to
    ridge = np.eye(columns.shape[1]) * (weights if ridge_of is None else ridge_of)[both].mean()
    ridge[0, 0] = 0.0

    def gradient(params):
        return columns.T @ (pair * (is_to - expit(columns @ params))) - ridge @ params

    def hessian(params):
        p = expit(columns @ params)
        return -(columns.T * (pair * p * (1 - p))) @ columns - ridge

    solved = root(gradient, np.zeros(len(ridge)), jac=hessian, tol=1e-13)
    linear = columns @ solved.x
    if near is None:
        base = (weights * is_to).sum() / (weights * is_from).sum()
        near = np.exp(linear) >= base / 20
    q = weights * is_to * near * np.exp(-linear)
    over = weights * is_from * near
    over = over / over.sum()
    rows = np.vstack([columns * np.sqrt(q)[:, None], np.sqrt(ridge)])
    params = np.linalg.lstsq(rows, np.append(values * np.sqrt(q), np.zeros(len(ridge))))[0]
    fitted = columns @ params
    estimate = over @ (fitted - values)

    bread = np.linalg.inv(rows.T @ rows)
    lean = columns @ (bread @ (columns.T @ over))
    steer = columns.T @ (q * (values - fitted) * lean)
    chance = expit(linear)
    own = np.linalg.inv(-hessian(solved.x))
    moved = pair * (is_to - chance) * (columns @ (own @ steer))
    first, second = over * (fitted - values - estimate), q * (values - fitted) * lean
    leverage = q * ((columns @ bread) * columns).sum(axis=1)
    other = pair * chance * (1 - chance) * ((columns @ own) * columns).sum(axis=1)
    robust = first + second / (1 - leverage) - moved / (1 - other)
    return ByHand(estimate, first + second - moved, robust, near, linear)
