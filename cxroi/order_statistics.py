"""Medians and quantiles of columns, exact, without their rows: from counts of each value."""

from __future__ import annotations

import numpy as np

from .columns import Column, literal


def median(values: Column, weights: Column, members: Column) -> float:
    """Smallest value that half of the weight does not exceed; midway where it is met exactly.

    Parameters
    ----------
    members
        The rows that take part.
    """
    rows = values.rows.only(members)
    inner = {"v": Column(rows, values.sql), "w": Column(rows, weights.sql)}
    by_value = rows.text(["v", "sum(w) AS w"], inner) + " GROUP BY v"
    share = "sum(w) OVER (ORDER BY v) / sum(w) OVER ()"
    found = rows.ask(
        f"SELECT v, share FROM (SELECT v, {share} AS share FROM ({by_value}) AS t) AS u "
        f"WHERE share >= {literal(0.5 - 1e-12)} ORDER BY v LIMIT 2"
    )
    (first, share_at), *rest = found
    met = abs(float(share_at) - 0.5) < 1e-12 and rest
    return (float(first) + float(rest[0][0])) / 2 if met else float(first)


def quantile(values: Column, weights: Column | None, share: float) -> float:
    """Quantile of a column: between neighbours if unweighted, the value reached if weighted."""
    return _plain(values, share) if weights is None else _weighted(values, weights, share)


def _plain(values: Column, share: float) -> float:
    rows = values.rows
    last = rows.count - 1
    place = share * last
    low = int(np.floor(place))
    by_value = rows.text(["v", "count(*) AS w"], {"v": values}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) AS upto FROM ({by_value}) AS t"
    [(below, above)] = rows.ask(
        f"SELECT min(CASE WHEN upto > {low} THEN v END), "
        f"min(CASE WHEN upto > {min(low + 1, last)} THEN v END) FROM ({running}) AS u"
    )
    return float(below) + (float(above) - float(below)) * (place - low)


def _weighted(values: Column, weights: Column, share: float) -> float:
    rows = values.rows
    by_value = rows.text(["v", "sum(w) AS w"], {"v": values, "w": weights}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) / sum(w) OVER () AS share FROM ({by_value}) AS t"
    [(value,)] = rows.ask(
        f"SELECT min(v) FROM ({running}) AS u WHERE share >= {literal(share - 1e-12)}"
    )
    return float(value)
