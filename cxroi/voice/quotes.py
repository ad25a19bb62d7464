"""Quotes: comments to show, where the study asks for them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

import numpy as np

from .masking import MARK
from .stems import FEWEST_CUSTOMERS, fold

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

LENGTHS = (20, 240)
MOST = 3
_WORD = re.compile(r"\w+")


def words_of_several(texts: Sequence[str], customers: Integers) -> frozenset[str]:
    """Return the words that at least 5 customers use: none of them tells who wrote it."""
    users: dict[str, set[int]] = {}
    for text, customer in zip(texts, customers, strict=True):
        for word in _said(text):
            who = users.setdefault(word, set())
            if len(who) < FEWEST_CUSTOMERS:
                who.add(int(customer))
    return frozenset(word for word, who in users.items() if len(who) >= FEWEST_CUSTOMERS)


def quotes_of(
    texts: Sequence[str], flags: Flags, loads: Floats, words: Set[str], usual: Set[str]
) -> tuple[str, ...]:
    """Return the most typical masked comments of a theme, each word of which others use too.

    Parameters
    ----------
    loads
        How typical each comment is.
    words
        Those of the theme: comments with most of them come first.
    usual
        As of `words_of_several`.
    """
    shown: list[str] = []
    places = [int(at) for at in np.flatnonzero(flags)]
    for at in sorted(places, key=lambda at: (-len(_said(texts[at]) & words), -loads[at])):
        text = " ".join(texts[at].split())
        if LENGTHS[0] <= len(text) <= LENGTHS[1] and text not in shown and _said(text) <= usual:
            shown.append(text)
        if len(shown) == MOST:
            break
    return tuple(shown)


def _said(text: str) -> set[str]:
    return {fold(word) for word in _WORD.findall(MARK.sub(" ", text))}
