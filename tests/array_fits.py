"""Fits to arrays, as the tests of models call them: a matrix and the names of its columns."""

from types import SimpleNamespace

import numpy as np

from cxroi.models import fit
from cxroi.moments.array_design import ArrayDesign


def fit_glm(family, values, design, names, weights, clusters, **more):
    """Fit; `influence` is an array, rows by coefficients."""
    laid_out = design if hasattr(design, "names") else ArrayDesign(tuple(names), design)
    made = fit.fit_glm(family, values, laid_out, weights, clusters, **more)
    if laid_out is design:
        return made
    influence = np.column_stack([made.influence @ one for one in np.eye(len(names))])
    return SimpleNamespace(
        results=made.results,
        params=made.params,
        influence=influence,
        mean=lambda matrix: made.mean(ArrayDesign(tuple(names), matrix)),
        slope=lambda matrix: made.slope(ArrayDesign(tuple(names), matrix)),
    )
