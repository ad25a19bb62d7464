"""Stems of the comments of one language: the words by which themes are told apart.

Stop words, mere praise and words of every purchase are left out, and a negation is joined to the
word that it denies: "não chegou" and "chegou" are two stems. Accents, which many leave out, are
too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .languages import STEMMERS
from .masking import MARK
from .words import GENERAL, KEPT, NEGATIONS, PRAISE

if TYPE_CHECKING:
    from ..arrays import Integers

FEWEST_CUSTOMERS = 5  # a word of fewer could be a name or a number, and is never used
NOT = "≠"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[.!?;,]")
_REACH = 3  # words after a negation among which it finds the one that it denies


@dataclass(frozen=True)
class Stems:
    """The stems of the comments of one language.

    Attributes
    ----------
    counts
        Comments by stems, sparse: 1 where the comment has the stem.
    words
        By stem, its most frequent full word.
    stems
        The stems themselves.
    """

    counts: Any
    words: tuple[str, ...]
    stems: tuple[str, ...]


def stems_of(
    texts: Sequence[str], customers: Integers, language: str, more_stop_words: Collection[str] = ()
) -> Stems:
    """Return the stems that at least 5 customers use.

    Parameters
    ----------
    texts
        Masked comments, all of one language.
    customers
        The customer of each, coded.
    more_stop_words
        Words that tell nothing in this study, such as the company's name.
    """
    from scipy import sparse

    read = Reader(language, more_stop_words)
    place: dict[str, int] = {}
    forms: list[Counter[str]] = []
    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        for stem, form in dict(read(text)).items():
            at = place.setdefault(stem, len(place))
            if at == len(forms):
                forms.append(Counter())
            forms[at][form] += 1
            rows.append(row)
            columns.append(at)
    pairs = np.unique(np.asarray(columns, np.int64) * (len(texts) + 1) + customers[rows])
    users = np.bincount(pairs // (len(texts) + 1), minlength=len(place))
    kept = np.flatnonzero(users >= FEWEST_CUSTOMERS)
    ones = np.ones(len(rows), dtype=np.float32)
    counts = sparse.csr_matrix((ones, (rows, columns)), shape=(len(texts), len(place)))
    names = list(place)
    return Stems(
        counts[:, kept],
        tuple(forms[at].most_common(1)[0][0] for at in kept),
        tuple(names[at] for at in kept),
    )


class Reader:
    """Reads the stems of a comment, each with the word as it was written."""

    def __init__(self, language: str, more_stop_words: Collection[str] = ()) -> None:
        import snowballstemmer
        from stopwordsiso import stopwords

        stem = lru_cache(None)(snowballstemmer.stemmer(STEMMERS[language]).stemWord)
        self._stem = lru_cache(None)(lambda word: fold(stem(word)))
        self._negations = set(map(fold, NEGATIONS.get(language, "").split()))
        kept = set(map(fold, KEPT.get(language, "").split()))
        self._stop = (set(map(fold, stopwords(language))) - kept) | set(map(fold, more_stop_words))
        told = (PRAISE.get(language, ""), GENERAL.get(language, ""))
        self._tells_nothing = set(map(self._stem, " ".join(told).split()))

    def __call__(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each stem and its word; a word that is denied with its negation."""
        denied, left = "", 0
        for word in _WORD.findall(MARK.sub(" . ", text).lower().replace("’", "'")):
            plain = fold(word)
            if plain in self._negations or plain.endswith("n't"):
                denied, left = word, _REACH
            elif not word[0].isalpha():
                denied, left = "", 0
            elif plain in self._stop or len(plain) < 2:
                left -= 1
            else:
                stem = self._stem(word)
                if stem not in self._tells_nothing:
                    yes = not denied or left <= 0
                    yield (stem, word) if yes else (NOT + stem, f"{denied} {word}")
                denied, left = "", 0


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """Return a word in small letters without accents."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
