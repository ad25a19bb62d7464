"""Designs of rows in an engine, from numbers a cell and columns of the rows."""

import numpy as np

from cxroi.moments.column_design import ColumnDesign


def column_design(rows, names, discrete, continuous, places):
    """Return a design; `places`: where each discrete and then each continuous column stands."""
    columns = dict(zip(places, [*np.asarray(discrete).T, *continuous], strict=True))
    return ColumnDesign.of(rows, [columns[n] for n in range(len(names))], names, len(discrete))
