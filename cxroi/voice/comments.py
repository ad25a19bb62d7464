"""The comments of a study, masked, each with its score, customer, account and wave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import text
from ..errors import ScarceDataError, StudyError
from ..journeys.scores import score_named, value_of
from ..metrics.relations import scores, scores_of, unit_of
from ..panel.waves import ORIGIN, in_order
from ..reading.waves import wave_of
from .masking import mask

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Integers
    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

FEWEST = 100  # comments of a language in which themes can be found
_LETTERS = 2


@dataclass(frozen=True)
class Comments:
    """Answers to one score, and the masked comments of those that have one.

    Attributes
    ----------
    score
        The score that was asked beside them.
    answers
        One row an answer, with or without a comment: ``answer`` (its row in the table),
        ``customer``, ``moment``, ``wave``, ``weight``, ``score``, ``value`` (what it adds to the
        headline), ``good`` (1 best group, -1 worst), ``level`` (0 worst to 1 best).
    units, customers
        Codes of the account, or customer, of each answer, and of the customer.
    place
        Positions among `answers` of those with a comment.
    texts
        Their comments, masked.
    waves
        The waves of those, in order.
    """

    score: DeclaredScore
    answers: pd.DataFrame
    units: Integers
    customers: Integers
    place: Integers
    texts: tuple[str, ...]
    waves: tuple[str, ...]

    def column(self, name: str) -> Floats:
        """Return a column of the answers with a comment, as floats."""
        return np.asarray(self.answers[name].to_numpy(dtype=float)[self.place])


def read_comments(tables: Tables, score: str = "") -> Comments:
    """Return the answers to a score with their comments, which are masked at once.

    Parameters
    ----------
    score
        A score of the study; by default the first whose table has comments, that of ``[scale]``
        before the others.

    Raises
    ------
    StudyError
        No table of scores declares a comment, or there is no such score.
    ScarceDataError
        Fewer than 100 comments.
    """
    asked = _score(tables, score)
    frame = tables.engine.frame(answers_with_comments(tables, asked)).sort_values(
        "answer", kind="stable"
    )
    frame = frame.reset_index(drop=True)
    given = frame.pop("comment").fillna("").to_numpy(dtype=object)
    written = np.array([sum(map(str.isalpha, one)) >= _LETTERS for one in given], dtype=bool)
    place = np.flatnonzero(written)
    if len(place) < FEWEST:
        raise ScarceDataError(
            f"{len(place)} comments beside the score {asked.name!r}",
            f"nothing is said of fewer than {FEWEST}",
            "Pool more time",
        )
    return Comments(
        asked,
        frame.drop(columns=["unit", "day"]),
        _codes(frame["unit"]),
        _codes(frame["customer"]),
        place,
        tuple(mask(given[at]) for at in place),
        _in_order(frame.iloc[place]),
    )


def _in_order(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the waves by their mean dates, or by name where there are none."""
    days = frame.groupby("wave")["day"].mean()
    return in_order({str(wave): float(day) for wave, day in days.items()})


def _codes(column: pd.Series) -> Integers:
    return np.asarray(column.factorize()[0], dtype=np.int64)


def _score(tables: Tables, score: str) -> DeclaredScore:
    sources = tables.study.sources
    if score:
        asked = score_named(tables, score)
        if "comment" in sources[asked.table].columns:
            return asked
    else:
        with_them = [s for s in scores_of(tables.study) if "comment" in sources[s.table].columns]
        if with_them:
            return with_them[0]
    role = score_named(tables, score).table
    raise StudyError(
        f"[tables.{role}] has no comment",
        "the column in which customers wrote something",
        'Add comment = "name of the column" to [tables.responses] or [tables.ratings]',
    )


def answers_with_comments(tables: Tables, asked: DeclaredScore) -> str:
    """Return the SQL of the answers to a score with account, wave and comment."""
    study = tables.study
    dated = "answered_at" in study.sources[asked.table].columns
    named = "wave" in study.sources[asked.table].columns
    wave = wave_of(study, asked.table, "s.seen_at") if dated or named else "'all'"
    accounts = unit_of(tables)
    joined = f" LEFT JOIN ({accounts}) AS u ON u.customer = s.customer" if accounts else ""
    unit = "coalesce(u.unit, 'customer ' || s.customer)" if accounts else "s.customer"
    return (
        f"SELECT CAST(s.answer AS BIGINT) AS answer, s.customer AS customer, {unit} AS unit, "
        f"CAST(date_diff('day', TIMESTAMP '{ORIGIN}', s.seen_at) AS DOUBLE) AS day, "
        "s.seen_at AS moment, "
        f"CAST({wave if wave != 'wave' else 's.wave'} AS VARCHAR) AS wave, "
        "CAST(s.weight AS DOUBLE) AS weight, CAST(s.score AS DOUBLE) AS score, "
        f"CAST({value_of(asked.scale, 's.score')} AS DOUBLE) AS value, "
        "CAST(s.good AS DOUBLE) AS good, CAST(s.level AS DOUBLE) AS level, s.comment AS comment "
        f"FROM ({scores(tables)}) AS s{joined} WHERE s.name = {text(asked.name)}"
    )
