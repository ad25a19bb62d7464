"""Fits to arrays, as the tests of models call them: a matrix and the names of its columns."""

from dataclasses import dataclass

import numpy as np

from cxroi.models import fit
from cxroi.moments.array_design import ArrayDesign


@dataclass(frozen=True)
class ArrayFit:
    """A fit whose designs are matrices; `influence` is an array, rows by coefficients."""

    made: fit.Fit
    names: tuple[str, ...]

    @property
    def results(self):
        return self.made.results

    @property
    def params(self):
        return self.made.params

    @property
    def influence(self):
        return np.column_stack([self.made.influence @ one for one in np.eye(len(self.names))])

    def mean(self, matrix):
        return self.made.mean(ArrayDesign(self.names, matrix))

    def slope(self, matrix):
        return self.made.slope(ArrayDesign(self.names, matrix))


def fit_glm(family, values, design, names, weights, clusters, **more):
    """Fit to a matrix with names for its columns, or to a design that has its own."""
    if hasattr(design, "names"):
        return fit.fit_glm(family, values, design, weights, clusters, **more)
    names = tuple(names)
    made = fit.fit_glm(family, values, ArrayDesign(names, design), weights, clusters, **more)
    return ArrayFit(made, names)
