"""Draws of gaps and moves with their joint error, the same whatever else is drawn.

Gaps are drawn first, by their covariance over customers; then the moves of one lever after the
other, each given all before it (the conditional normal distribution). Further moves, such as those
of a set of levers, are drawn given all of these: what they share with none of them is drawn by
itself. So a set has the same draws in whichever company it is priced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from ..moments import influence
from ..moments.normal_draws import normal_draws

if TYPE_CHECKING:
    from ..arrays import Floats, Integers
    from ..study.declared import Study
    from .moves.net_moves import LeverMoves
    from .pair_worth import PairWorth


@dataclass(frozen=True, eq=False)
class JointDraws:
    """Errors of gaps and of some moves, drawn.

    Attributes
    ----------
    columns
        Influence of each row on each of them.
    errors
        Draws by columns: how far each is from its estimate.
    gaps
        How many of the columns, the first, are of means and gaps.
    """

    columns: tuple[Floats, ...]
    errors: Floats
    gaps: int
    clusters: Integers
    seed: int

    def moved(self, moves: LeverMoves) -> Floats:
        """Return draws of net moves by pairs of neighbours, given all that is drawn already."""
        return np.asarray(moves.net + self._errors(moves))

    def beside(self, moves: LeverMoves) -> JointDraws:
        """Return the same with further moves drawn."""
        errors = np.column_stack([self.errors, self._errors(moves)])
        return replace(self, columns=(*self.columns, *moves.influence.T), errors=errors)

    def _errors(self, moves: LeverMoves) -> Floats:
        count = len(self.columns)
        together = [*self.columns, *moves.influence.T]
        correlation, scale = _correlation(influence.covariance(together, self.clusters))
        shared, own = correlation[:count, count:], correlation[count:, count:]
        lean = np.linalg.pinv(correlation[:count, :count], rcond=1e-9, hermitian=True) @ shared
        names = "+".join(sorted(lever.slug for lever in moves.levers))
        rng = np.random.default_rng([self.seed, crc32(names.encode())])
        rest = normal_draws(own - shared.T @ lean, len(self.errors), rng)
        return np.asarray((self.errors / scale[:count] @ lean + rest) * scale[count:])


def draw_jointly(study: Study, worth: PairWorth, moves: Sequence[LeverMoves]) -> JointDraws:
    """Draw the means and gaps of all pairs, and the moves of some levers."""
    evidences = [basis.evidence for basis in worth.bases]
    columns = tuple(np.asarray(psi) for e in evidences for psi in e.influence)
    clusters = moves[0].clusters
    correlation, scale = _correlation(influence.covariance(columns, clusters))
    rng = np.random.default_rng([study.seed, crc32(b"levers")])
    errors = normal_draws(correlation, study.draws, rng) * scale
    drawn = JointDraws(columns, errors, len(columns), clusters, study.seed)
    for one in moves:
        drawn = drawn.beside(one)
    return drawn


def _correlation(covariance: Floats) -> tuple[Floats, Floats]:
    """Return correlations and errors; what is certain has an error of one and no correlation."""
    errors = np.sqrt(np.diag(covariance))
    scale = np.where(errors > 0, errors, 1.0)
    return covariance / np.outer(scale, scale), scale
