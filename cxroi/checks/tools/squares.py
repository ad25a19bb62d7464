"""Squares: a design with squares of its quantities added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...moments import influence
from ...moments.design import gram

if TYPE_CHECKING:
    from ...arrays import Vector
    from ...models.outcome_models import Setting
    from ...moments.design import Design

_DETERMINED = 1e-6
_CONSTANT = 1e-12  # of the variance of a square, whose mean is one


def with_squares(setting: Setting) -> Setting:
    """Add the square of every standardised quantity that the columns do not determine."""
    found = _squares(setting)
    if not found:
        return setting
    width = len(setting.names)
    wide = _beside(setting.design, found)
    products = gram(wide, wide.one)
    keep = list(range(width))
    for place in range(width, width + len(found)):
        cross, own = products[keep, place], products[place, place]
        explained = cross @ np.linalg.lstsq(products[np.ix_(keep, keep)], cross, rcond=1e-12)[0]
        if own - explained > _DETERMINED * own:
            keep.append(place)
    added = [found[place - width] for place in keep[width:]]
    return replace(setting, design=_beside(setting.design, added))


def _squares(setting: Setting) -> list[tuple[str, Vector]]:
    """Return the standardised squares that vary, by name."""
    places = [n for n, name in enumerate(setting.names) if name.endswith("per SD)")]
    columns = setting.design.columns
    squares = [columns[n] * columns[n] for n in places]
    if not squares:
        return []
    count = len(setting.sample.values)
    means = influence.sums(*squares) / count
    centred = [square - float(mean) for square, mean in zip(squares, means, strict=True)]
    spreads = np.sqrt(influence.sums(*(one * one for one in centred)) / count)
    return [
        (f"{setting.names[n]}, squared", one / float(spread))
        for n, one, spread in zip(places, centred, spreads, strict=True)
        if spread**2 > _CONSTANT
    ]


def _beside(design: Design, added: Sequence[tuple[str, Vector]]) -> Design:
    """Return a design with columns added at its end."""
    return design.beside([column for _, column in added], [name for name, _ in added])
