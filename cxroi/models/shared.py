"""Shared fits: each distinct model of rows in memory is fitted once and then held.

The same model stands behind several figures: the logit of any spend is that of a repeat purchase,
and all outcomes that are known of the same rows have one propensity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..moments.array_design import ArrayDesign
from .fit import Fit, fit_glm, fit_parts

if TYPE_CHECKING:
    from ..arrays import Vector
    from ..moments.design import Design
    from .sample import Sample


def fit_once(
    sample: Sample,
    family: str,
    parts: Mapping[str, Vector],
    design: Design,
    outcome: str,
    rows: Vector | None = None,
) -> dict[str, Fit]:
    """Fit the same model to several values of a sample's rows, those not fitted before.

    Of rows in an engine the answers of the engine are kept instead; see `EngineRows.known`.

    Parameters
    ----------
    outcome
        What a refusal names.
    rows
        The rows that take part; all by default.

    Raises
    ------
    ModelError
        As `fit_glm`.
    """
    weights, clusters = sample.weights, sample.clusters
    if not isinstance(design, ArrayDesign):
        return fit_parts(family, parts, design, weights, clusters, outcome, rows)
    rest = digest(design.matrix, weights, clusters, rows)
    size = design.matrix.nbytes + len(design) * 8
    found = {}
    for part, values in parts.items():
        inside = values if rows is None else np.where(rows, values, 0.0)
        found[part] = sample.fits.get(
            (family, design.names, rest, digest(inside)),
            lambda values=values: fit_glm(  # type: ignore[misc]
                family, values, design, weights, clusters, outcome=outcome, rows=rows
            ),
            lambda _: size,
        )
    return found


def digest(*arrays: Vector | None) -> bytes:
    """Return what names the contents of arrays."""
    found = hashlib.blake2b(digest_size=20)
    for array in arrays:
        held = np.ascontiguousarray([] if array is None else array)
        found.update(f"{held.dtype}{held.shape}".encode())
        found.update(held.data)
    return found.digest()
