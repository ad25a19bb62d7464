"""Balance: how far those who answered differ from the invited, before and after weighting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..models.controls import Controls, baseline_name, filled, quantity_name
from ..moments import influence

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..moments.rows import Rows


def balance(source: Rows, controls: Controls, answered: Vector, given: Vector) -> pd.DataFrame:
    """Hold the means of those who answered against those of the invited, column by column.

    Parameters
    ----------
    source
        One row an invited customer.
    controls
        The columns of the response model.
    answered, given
        Who answered, and the weights they are given; zero without an answer.

    Returns
    -------
    pandas.DataFrame
        ``control, mean_invited, mean_answered, mean_weighted`` in the column's own unit, and
        ``smd_before, smd_after``, the differences from the invited in their standard deviations.
    """
    import pandas as pd

    rows, chosen = [], np.where(answered, 1.0, 0.0)
    for label, values in _readable(source, controls):
        invited, spread = values.mean(), values.std()
        plain, weighted = (influence.mean(values, one)[0] for one in (chosen, given))
        rows.append(
            {
                "control": label,
                "mean_invited": invited,
                "mean_answered": plain,
                "mean_weighted": weighted,
                "smd_before": (plain - invited) / spread,
                "smd_after": (weighted - invited) / spread,
            }
        )
    return pd.DataFrame(rows)


def _readable(source: Rows, controls: Controls) -> Iterator[tuple[str, Vector]]:
    """Yield the columns of the response model in their own units, under plain names.

    Quantities as they are (missing ones at the mean), not per standard deviation; baselines as
    amounts and counts, not as their arcsinh.
    """
    plain = {}
    for column in source.names:
        if column.startswith("attr_"):
            name = column.removeprefix("attr_")
            plain[quantity_name(name)] = (name, column)
        elif column.endswith("_before"):
            plain[baseline_name(column)] = (column.replace("_", " "), column)
    for name, own in zip(controls.names, controls.matrix.columns, strict=True):
        if name in plain:
            label, column = plain[name]
            yield label, filled(*source.number(column), source.count)[0]
        else:
            yield name, 1.0 * own
