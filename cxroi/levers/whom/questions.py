"""Yes-or-no questions about customers, and their answers, kept small.

A rule of whom to move is made of them: is a number at least so much, has a category this value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from ...models.controls import baselines
from ...moments.frame_rows import FrameRows
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats, Integers
    from ...study.declared import Study

# Cuts of a number, evenly among its values; levels of a category.
MOST_CUTS, MOST_LEVELS = 15, 20


@dataclass(frozen=True)
class Question:
    """Whether a number is at least so much, or a category has a value.

    Attributes
    ----------
    column
        Of a panel's frame, such as ``attr_segment`` or ``spend_before``.
    at
        The least number; None of a category. Who has no number is below it.
    level
        The value; empty of a number.
    """

    column: str
    at: float | None = None
    level: str = ""

    def yes(self, frame: pd.DataFrame) -> Flags:
        """Return of whom it is so."""
        rows = FrameRows(frame)
        if self.at is None:
            return rows.member(self.column, {self.level}) > 0
        return rows.values(self.column) >= self.at


def questions_of(frame: pd.DataFrame, study: Study) -> tuple[Question, ...]:
    """Return what may be asked of customers: the declared controls and what was before.

    Cuts are numbers of three digits, so that a rule as it is told is the rule.
    """
    rows, found = FrameRows(frame), []
    controls = [f"attr_{name}" for name in study.controls]
    for column in (*controls, *baselines(rows.names)):
        listed = column.removeprefix("attr_") in study.categorical
        if rows.is_number(column) and not listed:
            found += [Question(column, at=cut) for cut in _cuts(rows.values(column))]
            continue
        sizes = list(rows.levels(column).items())[:MOST_LEVELS]
        large = [level for level, size in sizes if size >= MINIMUM_GROUP]
        found += [
            Question(column, level=level) for level in large[: 1 if len(sizes) == 2 else None]
        ]
    return tuple(found)


def _cuts(values: Floats) -> list[float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return []
    shares = np.arange(1, MOST_CUTS + 1) / (MOST_CUTS + 1)
    cuts = {float(f"{cut:.3g}") for cut in np.quantile(known, shares, method="higher")}
    return sorted(cut for cut in cuts if known.min() < cut <= known.max())


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of customers to questions, those about one column together.

    Attributes
    ----------
    questions
        In the order of their columns.
    codes
        A vector a column: which pattern of answers a row has.
    patterns
        A table a column, its questions by the patterns: whether it is so.
    """

    questions: tuple[Question, ...]
    codes: tuple[Integers, ...] = field(repr=False)
    patterns: tuple[Flags, ...] = field(repr=False)

    def among(self, rows: Flags) -> Answers:
        """Return the answers of some rows."""
        return Answers(self.questions, tuple(one[rows] for one in self.codes), self.patterns)

    def yes(self, place: int) -> Flags:
        """Return of whom it is so, by the place of the question."""
        for codes, pattern in zip(self.codes, self.patterns, strict=True):
            if place < len(pattern):
                return np.asarray(pattern[place][codes])
            place -= len(pattern)
        raise IndexError(place)

    def both(self, weights: Floats) -> Floats:
        """Return the weight of the rows of which two questions are so: questions by questions."""
        blocks = [
            [self._both(one, other, weights) for other in range(len(self.codes))]
            for one in range(len(self.codes))
        ]
        return np.block(blocks)

    def _both(self, one: int, other: int, weights: Floats) -> Floats:
        first, second = self.patterns[one].astype(float), self.patterns[other].astype(float)
        shape = first.shape[1], second.shape[1]
        place = self.codes[one] * shape[1] + self.codes[other]
        counted = np.bincount(place, weights, shape[0] * shape[1]).reshape(shape)
        return np.asarray(first @ counted @ second.T)


def ask(frame: pd.DataFrame, questions: Sequence[Question]) -> Answers:
    """Return the answers of rows with the columns of a panel's frame."""
    codes, patterns = [], []
    for _, group in groupby(questions, key=lambda question: question.column):
        bits = np.zeros(len(frame), dtype=np.int64)
        own = list(group)
        for place, question in enumerate(own):
            bits |= question.yes(frame).astype(np.int64) << place
        found, code = np.unique(bits, return_inverse=True)
        codes.append(code)
        patterns.append(found[None, :] >> np.arange(len(own))[:, None] & 1 > 0)
    return Answers(tuple(questions), tuple(codes), tuple(patterns))
