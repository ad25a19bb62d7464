"""Squares: cross-products of a design, and the design with squares of its quantities added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...moments import influence
from ...moments.design import Design

if TYPE_CHECKING:
    from ...arrays import Floats, Vector
    from ...models.outcome_models import Setting

_DETERMINED = 1e-6
_CONSTANT = 1e-12  # of the variance of a square, whose mean is one


def weighted_gram(design: Any, weights: Vector) -> Floats:
    """Return the weighted cross-products of the columns of a design, in memory or in an engine."""
    if isinstance(design, Design):
        return design.gram(weights)
    return np.asarray(design.T @ (design * weights[:, None]))


def with_squares(setting: Setting) -> Setting:
    """Add the square of every standardised quantity that the columns do not determine."""
    found = _squares(setting)
    if not found:
        return setting
    width = len(setting.names)
    wide = _beside(setting.design, found)
    gram = weighted_gram(wide, 0.0 * setting.sample.weights + 1.0)
    keep = list(range(width))
    for place in range(width, width + len(found)):
        cross, own = gram[keep, place], gram[place, place]
        explained = cross @ np.linalg.lstsq(gram[np.ix_(keep, keep)], cross, rcond=1e-12)[0]
        if own - explained > _DETERMINED * own:
            keep.append(place)
    added = [found[place - width] for place in keep[width:]]
    names = [*setting.names, *(name for name, _ in added)]
    return replace(setting, design=_beside(setting.design, added), names=names)


def _squares(setting: Setting) -> list[tuple[str, Vector]]:
    """Return the standardised squares that vary, by name."""
    places = [n for n, name in enumerate(setting.names) if name.endswith("per SD)")]
    squares = [column * column for column in (_column(setting.design, n) for n in places)]
    if not squares:
        return []
    count = len(setting.sample.values)
    means = influence.sums(*squares) / count
    apart = [square - float(mean) for square, mean in zip(squares, means, strict=True)]
    spreads = np.sqrt(influence.sums(*(one * one for one in apart)) / count)
    return [
        (f"{setting.names[n]}, squared", one / float(spread))
        for n, one, spread in zip(places, apart, spreads, strict=True)
        if spread**2 > _CONSTANT
    ]


def _column(design: Any, position: int) -> Vector:
    """Return one column of a design."""
    if not isinstance(design, Design):
        return design[:, position]
    return design.continuous[design.places.index(position) - design.discrete.shape[1]]


def _beside(design: Any, added: Sequence[tuple[str, Vector]]) -> Any:
    """Return a design with columns added at its end."""
    columns = [column for _, column in added]
    if not isinstance(design, Design):
        return np.column_stack([design, *columns])
    end = len(design.names)
    return replace(
        design,
        names=(*design.names, *(name for name, _ in added)),
        continuous=(*design.continuous, *columns),
        places=(*design.places, *range(end, end + len(added))),
    )
