"""Topics: words that go together in the comments of one language, found twice or not at all.

The customers are parted at random into two halves. Non-negative matrix factorisation (Lee and
Seung, Nature 401 (1999), 788-791) of stems, weighted by tf-idf, finds topics in each; a topic is
kept where the other half has one of nearly the same words. Each comment is then read by the model
of the half that it is not in, so that no comment has a part in the topics it is counted under,
and no score in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .stems import Stems
from .subjects import subject_of

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

MOST = 24
GRID = (2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, MOST)
AGREES = 0.7  # cosine of the words of a topic in one half and in the other
REPRODUCED = 0.8  # share of the topics of a number that are to agree
A_TOPIC = 50  # comments in all for each topic that is looked for
HAS = 0.25  # length of a comment's part along a topic, of 1, from which it is counted under it
FREQUENT = 0.3  # a stem in more of the comments tells none of them apart
SHOWN = 6
LARGEST = 20_000  # comments of a half from which topics are learned


@dataclass(frozen=True)
class Topic:
    """Words that go together in comments of one language.

    Attributes
    ----------
    words
        Its most typical words, as most customers write them.
    subject
        A name of `SUBJECTS`, or empty.
    agreement
        Cosine of its words in one half of the customers and in the other.
    loads
        By comment of the language: length of its part along the topic, 0 to 1.
    """

    language: str
    words: tuple[str, ...]
    subject: str
    agreement: float
    loads: Floats

    @property
    def has(self) -> Flags:
        """Whether each comment is counted under the topic."""
        return self.loads >= HAS


def topics_of(
    stems: Stems, units: Integers, language: str, *, number: int | None = None, seed: int = 0
) -> tuple[Topic, ...]:
    """Return the topics that both halves of the customers show.

    Their number is the largest of 2 to 16, with 50 comments for each, of which at least nine in
    ten agree between the halves; those that do not are left out.

    Parameters
    ----------
    units
        The customer, or account, of each comment.
    number
        Of topics looked for; None: by that rule.
    """
    rng = np.random.default_rng(seed)
    few = np.asarray(stems.counts.mean(0)).ravel() <= FREQUENT
    weighted = _weighted(stems.counts[:, few])
    first = rng.permutation(np.arange(units.max() + 1) % 2).astype(bool)[units]
    halves = [np.flatnonzero(first), np.flatnonzero(~first)]
    learned = [rng.permutation(half)[:LARGEST] for half in halves]
    most = min(len(units) // A_TOPIC, MOST, *weighted.shape)
    numbers = [number] if number else [k for k in reversed(GRID) if k <= most]
    for k in numbers:
        models = [_fitted(weighted[rows], k, seed) for rows in learned]
        pairs = _matched(*models)
        agree = [pair for pair in pairs if pair[2] >= AGREES]
        if number or len(agree) >= REPRODUCED * k:
            kept = np.flatnonzero(few)
            return _read(stems, kept, language, weighted, halves, models, agree)
    return ()


def _weighted(counts: Any) -> Any:
    """Return tf-idf of stems that are there or not, each comment of length 1."""
    from sklearn.preprocessing import normalize

    idf = np.log(counts.shape[0] / np.maximum(np.asarray(counts.sum(0)).ravel(), 1))
    return normalize(counts.multiply(idf).tocsr())


def _fitted(rows: Any, k: int, seed: int) -> Any:
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(k, init="nndsvda", max_iter=300, tol=1e-4, random_state=seed)
    with warnings.catch_warnings():  # whether it can be relied on, the other half tells
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows)


def _words(model: Any) -> Floats:
    """Return the words of each topic as a vector of length 1."""
    lengths = np.linalg.norm(model.components_, axis=1, keepdims=True)
    return np.asarray(model.components_ / np.maximum(lengths, 1e-300))


def _matched(one: Any, other: Any) -> list[tuple[int, int, float]]:
    """Return the topics of two models that are most alike, one to one, and their cosine."""
    from scipy.optimize import linear_sum_assignment

    alike = _words(one) @ _words(other).T
    rows, columns = linear_sum_assignment(-alike)
    return [(int(a), int(b), float(alike[a, b])) for a, b in zip(rows, columns, strict=True)]


def _read(
    stems: Stems,
    kept: Integers,
    language: str,
    weighted: Any,
    halves: list[Integers],
    models: list[Any],
    agree: list[tuple[int, int, float]],
) -> tuple[Topic, ...]:
    """Read each half's comments by the model of the other."""
    parts = np.zeros((weighted.shape[0], len(agree)))
    for rows, model, own in ((halves[0], models[1], 1), (halves[1], models[0], 0)):
        lengths = np.linalg.norm(model.components_, axis=1)
        found = model.transform(weighted[rows]) * lengths
        parts[rows] = found[:, [pair[own] for pair in agree]]
    topics = []
    names = [stems.stems[at] for at in kept]
    for place, (a, b, alike) in enumerate(agree):
        weights = _words(models[0])[a] + _words(models[1])[b]
        best = [at for at in np.argsort(-weights)[:SHOWN] if weights[at] > 0]
        words = tuple(stems.words[kept[at]] for at in best)
        subject = subject_of(names, weights, language)
        topics.append(Topic(language, words, subject, alike, parts[:, place]))
    return tuple(topics)
