"""Who is offered something, by chance: the same list whoever makes it, in whatever order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags
    from ..panel.panel import Panel


def eligible(panel: Panel, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the customers whose latest answer is in the `from` group, with controls beside.

    Raises
    ------
    ParameterError
        What they are to be alike in is no control of the study.
    """
    for name in by:
        if name not in panel.study.controls:
            fix = nearest(name, panel.study.controls) if panel.study.controls else ""
            raise ParameterError(f"{name!r} is no control of the study", fix=fix)
    latest = panel.frame.drop_duplicates("customer", keep="last")
    own = latest[latest["group"].astype(str) == panel.study.origin]
    return own.rename(columns={f"attr_{name}": name for name in by})[["customer", *by]]


def assign(
    customers: pd.DataFrame, offered: int, held_out: int, *, seed: int, by: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Draw those offered and those held out, alike in what they are stratified by.

    Each customer's place is a hash of the seed and the customer's id: the list hangs on neither
    the order of rows nor a generator of random numbers, and can be checked by anybody.

    Parameters
    ----------
    customers
        One row each: ``customer``, and the columns of `by`.
    offered, held_out
        How many of each.
    seed
        Another one makes another list.
    by
        Columns within whose values both arms are drawn in the same shares.

    Returns
    -------
    DataFrame
        ``customer``, ``offered`` (yes or no) and the columns of `by`, in the order of customers.

    Raises
    ------
    ParameterError
        There are fewer customers than that, or one stands there twice.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"customer": ["a", "b", "c", "d"]})
    >>> assign(people, 2, 2, seed=1)["offered"].tolist()
    ['no', 'yes', 'yes', 'no']
    """
    if customers["customer"].duplicated().any():
        raise ParameterError("a customer stands in the list twice", "one row a customer")
    if min(offered, held_out) < 1 or offered + held_out > len(customers):
        raise ParameterError(
            f"{offered:,} and {held_out:,} are to be drawn of {len(customers):,} customers",
            "at least one of each, and no more than there are",
        )
    places = [_hash(seed, one) for one in customers["customer"]]
    listed = customers[["customer", *by]].assign(place=places)
    # Within a stratum the order is by chance: every n-th is of each stratum its share.
    listed = listed.sort_values([*by, "place"], ignore_index=True)
    chosen = listed[_evenly(len(listed), offered + held_out)]
    arms = np.where(_evenly(len(chosen), offered), "yes", "no")
    drawn = chosen.assign(offered=arms)[["customer", "offered", *by]]
    return drawn.sort_values("customer", ignore_index=True)


def _hash(seed: int, customer: object) -> str:
    return hashlib.sha256(f"{seed}|{customer}".encode()).hexdigest()


def _evenly(count: int, chosen: int) -> Flags:
    """Return so many of a list, at even distances."""
    ends = np.floor(np.arange(count + 1) * chosen / count)
    return np.asarray(np.diff(ends) > 0)
