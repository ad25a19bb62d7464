"""Items: answers to several questions that are about one thing, one row a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...engine.quoting import text
from ...errors import ModelError, ParameterError, ScarceDataError, nearest
from ...metrics.relations import scores, scores_of
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ...arrays import Floats
    from ...reading.tables import Tables


@dataclass(frozen=True)
class Items:
    """Covariances of several items, and the answers behind them where they are known.

    Attributes
    ----------
    names
        Of the items, two at least.
    covariance
        Items by items, with divisor n - 1.
    n
        Customers who answered all of them.
    answers, counts
        Each combination of answers, and the customers who gave it; None where only the
        covariances are known.
    """

    names: tuple[str, ...]
    covariance: Floats
    n: int
    answers: Floats | None = field(default=None, repr=False)
    counts: Floats | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _refuse(self.names, self.covariance, self.n)


def items_of(names: Sequence[str], answers: Floats, counts: Floats | None = None) -> Items:
    """Return the items of answers in memory.

    Parameters
    ----------
    answers
        Customers, or combinations of answers, by items; none blank.
    counts
        Customers of each row; left out: one.

    Raises
    ------
    ScarceDataError
        Fewer than 30 customers.
    ModelError
        Fewer than two items, one that never varies, or one that runs against the others.
    """
    counts = np.ones(len(answers)) if counts is None else counts
    n = counts.sum()
    centred = answers - counts @ answers / n if n else answers
    covariance = (counts * centred.T) @ centred / max(n - 1, 1)
    return Items(tuple(names), covariance, int(n), answers, counts)


def items_in(tables: Tables, names: Sequence[str] = ()) -> Items:
    """Return scores as items: of each customer the last answer that has all of them.

    Each is the place of the answer on its own scale, 0 at worst and 100 at best, whichever way
    the scale runs.

    Parameters
    ----------
    tables
        Read with ``every=True``.
    names
        Of the scores; all of ``[scores]`` when empty.

    Raises
    ------
    ParameterError
        A score that the study does not declare.
    """
    known = [score.name for score in scores_of(tables.study)]
    names = tuple(names) or tuple(tables.study.scores)
    for name in names:
        if name not in known:
            raise ParameterError(f"there is no score {name!r}", fix=nearest(name, known))
    columns = [f"x{i}" for i in range(len(names))]
    levels = ", ".join(
        f"100 * max(CASE WHEN name = {text(name)} THEN level END) AS {column}"
        for name, column in zip(names, columns, strict=True)
    )
    whole = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    listed = ", ".join(columns)
    found = tables.engine.fetch(f"""
        SELECT {listed}, count(*) AS n FROM (
            SELECT {listed},
                   row_number() OVER (
                       PARTITION BY customer ORDER BY seen_at DESC, answer DESC) AS place
            FROM (SELECT customer, seen_at, home, answer, {levels} FROM ({scores(tables)}) AS s
                  GROUP BY customer, seen_at, home, answer) AS a
            WHERE {whole}
        ) AS w WHERE place = 1 GROUP BY {listed} ORDER BY {listed}""")
    table = np.array(found, dtype=float).reshape(-1, len(columns) + 1)
    return items_of(names, table[:, :-1], table[:, -1])


def _refuse(names: tuple[str, ...], covariance: Floats, n: int) -> None:
    if len(names) < 2:
        raise ModelError(
            f"{len(names)} item", "a composite score has two items or more", "Name more of them"
        )
    if n < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{n} customers answered all of {', '.join(names)}",
            f"at least {MINIMUM_GROUP} are needed",
            "Pool more waves, or leave out an item that few answer",
        )
    flat = [name for name, v in zip(names, np.diag(covariance), strict=True) if not v > 1e-12]
    if flat:
        raise ModelError(
            f"all answers to {', '.join(flat)} are the same",
            "an item that never varies tells nothing of customers",
            "Leave it out",
        )
    rest = covariance.sum(axis=1) - np.diag(covariance)
    against = [name for name, r in zip(names, rest, strict=True) if r < 0]
    if against:
        raise ModelError(
            f"{', '.join(against)} runs against the other items",
            "items of one score all grow with what it measures",
            "Turn its scale round (better = ...), or leave it out",
        )
