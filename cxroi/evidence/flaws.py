"""Whether an offer was as random as it is said to be: a pilot that was not is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..moments import influence
from .randomised import difference

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

# A chance at which a random assignment looks broken: rare enough for many pilots, many quarters
# (Fabijan et al., KDD 2019, on sample ratio mismatch: 0.0005).
BROKEN = 0.0005
ODD = 0.05


@dataclass(frozen=True)
class Flaw:
    """One look at how a pilot was made.

    Attributes
    ----------
    name
        ``ratio``, ``balance``, ``attrition``, ``mixed`` or ``accounts``.
    p_value
        Chance of as much where the offer is random.
    said
        What was found, in a sentence.
    """

    name: str
    p_value: float
    said: str

    @property
    def broken(self) -> bool:
        """Whether it bars the pilot."""
        return self.p_value < BROKEN

    @property
    def odd(self) -> bool:
        """Whether a reader must know it."""
        return self.p_value < ODD


def sample_ratio(offered: Flags, share: float, units: Integers | None = None) -> Flaw:
    """Hold the share offered against that of the design (sample ratio mismatch)."""
    from scipy.stats import binomtest

    one_each = offered
    if units is not None:
        first = np.unique(units, return_index=True)[1]
        one_each = offered[first]
    k, n = int(one_each.sum()), len(one_each)
    what = "customers" if units is None else "units of assignment"
    said = f"{k:,} of {n:,} {what} were offered ({k / n:.1%}), by design {share:.1%}"
    return Flaw("ratio", float(binomtest(k, n, share).pvalue), said)


def balance(
    baselines: Floats, names: tuple[str, ...], offered: Flags, units: Integers | None = None
) -> Flaw:
    """Hold the arms against one another before the offer, all baselines at once (Hotelling)."""
    from scipy.stats import f as f_distribution

    found = [difference(column, offered, None, units) for column in baselines.T]
    values = np.array([one.value for one in found])
    joint = influence.covariance([one.influence for one in found], units)
    scale = np.sqrt(np.diag(joint))
    kept = scale > 0
    if not kept.any():
        return Flaw("balance", 1.0, "nothing that was known before differs")
    z = values[kept] / scale[kept]
    correlation = joint[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
    rank = int(np.linalg.matrix_rank(correlation, tol=1e-8))
    statistic = float(z @ np.linalg.pinv(correlation, rcond=1e-8) @ z)
    dof = max(found[0].units - rank - 1, 1)
    p_value = float(f_distribution.sf(statistic / rank, rank, dof))
    widest = names[int(np.flatnonzero(kept)[np.argmax(np.abs(z))])]
    return Flaw("balance", p_value, f"before the offer the two arms differ most in {widest}")


def attrition(there: Flags, offered: Flags, what: str, units: Integers | None = None) -> Flaw:
    """Hold the shares of whom something is known against one another."""
    if there.all() or not there.any():
        return Flaw("attrition", 1.0, f"{what} in both arms alike")
    found = difference(there.astype(float), offered, None, units)
    share = found.held_out
    said = f"{what}: {share + found.value:.1%} of those offered, {share:.1%} of those held out"
    return Flaw("attrition", found.p_value, said)


def mixed(offered: Flags, units: Integers) -> Iterator[Flaw]:
    """Yield a flaw where a unit of assignment holds both arms."""
    shares = np.bincount(units, weights=offered) / np.bincount(units)
    both = int(((shares > 0) & (shares < 1)).sum())
    if both:
        said = f"{both:,} of {len(shares):,} units of assignment hold both arms"
        yield Flaw("mixed", 0.0, said)


def whole_accounts(offered: Flags, accounts: Integers, share: float) -> Iterator[Flaw]:
    """Yield a flaw where customers are said to be assigned, and every account lies in one arm.

    Its errors would then be those of many more customers than were assigned by chance.
    """
    sizes = np.bincount(accounts)
    shares = np.bincount(accounts, weights=offered) / np.maximum(sizes, 1)
    several = sizes > 1
    if several.any() and np.isin(shares[several], (0.0, 1.0)).all():
        chance = np.prod(share ** sizes[several] + (1 - share) ** sizes[several])
        said = f"all {several.sum():,} accounts of several customers lie whole in one arm"
        yield Flaw("accounts", float(chance), said)
