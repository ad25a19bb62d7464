"""Topics: words that go together in the comments of one language, found twice or not at all.

The customers are parted at random into two halves. In each, non-negative matrix factorisation (Lee
and Seung, Nature 401 (1999), 788-791) of stems, weighted by tf-idf, finds topics: where there are
many comments, of those beside scores of the best group and of the others apart, so that praise
does not drown what is wrong. A topic is kept where the other half has one of nearly the same words.
Each comment is then read by the models of the half that it is not in: neither its words nor its
score had a part in the topics that it is counted under.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .stems import Stems
from .subjects import subject_of

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

MOST = 20
GRID = (2, 3, 4, 5, 6, 8, 10, 12, 16, MOST)
AGREES = 0.7  # cosine of the words of a topic in one half and in the other
REPRODUCED = 0.6  # share of the topics of a number that are to agree
A_SIDE = 1_000  # comments of the rarer side, from which both are learned apart
A_TOPIC = 25  # comments for each topic that is looked for
HAS = 0.25  # length of a comment's part along a topic, of 1, from which it is counted under it
FREQUENT = 0.3  # a stem in more of the comments tells none of them apart
SHOWN = 6
LARGEST = 10_000  # comments of a half from which topics are learned


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
    weights
        By stem: its weight, in all of length 1.
    loads
        By comment of the language: length of its part along the topic, 0 to 1.
    """

    language: str
    words: tuple[str, ...]
    subject: str
    agreement: float
    weights: Floats
    loads: Floats

    @property
    def has(self) -> Flags:
        """Whether each comment is counted under the topic."""
        return self.loads >= HAS


def topics_of(
    stems: Stems,
    units: Integers,
    critical: Flags,
    language: str,
    *,
    number: int | None = None,
    seed: int = 0,
) -> tuple[Topic, ...]:
    """Return the topics that both halves of the customers show.

    Of 2 to 20, with 50 comments for each, that number is looked for of which most agree between
    the halves, where at least six in ten do; those that do not are left out.

    Parameters
    ----------
    units
        The customer, or account, of each comment.
    critical
        Whether a comment stands beside a score that is not of the best group.
    number
        Of topics looked for on either side; None: by that rule.
    """
    rng = np.random.default_rng(seed)
    few = np.flatnonzero(np.asarray(stems.counts.mean(0)).ravel() <= FREQUENT)
    rows = _weighted(stems.counts[:, few])
    first = rng.permutation(np.arange(units.max() + 1) % 2).astype(bool)[units]
    found: list[Topic] = []
    for side in _sides(critical):
        here = [np.flatnonzero(side & half) for half in (first, ~first)]
        halves = [rng.permutation(places)[:LARGEST] for places in here]
        k_most = min(int(side.sum()) // A_TOPIC, MOST, len(few) // 2, *map(len, halves))
        numbers = [number] if number and number <= k_most else [k for k in GRID if k <= k_most]
        models, agree = _best([rows[half] for half in halves], numbers, seed)
        for a, b, alike in agree:
            loads = np.zeros(len(units))
            weights = np.zeros(len(stems.stems))
            weights[few] = _length_one(_words(models[0])[a] + _words(models[1])[b])
            found.append(Topic(language, (), "", alike, weights, loads))
        if agree:
            _read(rows, first, models, agree, found[-len(agree) :])
    return tuple(_named(one, stems, language) for one in _joined(found))


def _sides(critical: Flags) -> tuple[Flags, ...]:
    """Return both sides, where each has comments enough to learn from; else all together."""
    many = min(critical.sum(), (~critical).sum()) >= A_SIDE
    return (critical, ~critical) if many else (np.ones(len(critical), dtype=bool),)


def _weighted(counts: Any) -> Any:
    """Return tf-idf of stems that are there or not, each comment of length 1."""
    from sklearn.preprocessing import normalize

    idf = np.log(counts.shape[0] / np.maximum(np.asarray(counts.sum(0)).ravel(), 1))
    return normalize(counts.multiply(idf).tocsr())


def _best(
    halves: Sequence[Any], numbers: Sequence[int], seed: int
) -> tuple[list[Any], list[tuple[int, int, float]]]:
    """Return the models of which most topics agree, and which these are."""
    best: tuple[list[Any], list[tuple[int, int, float]]] = ([], [])
    for k in numbers:
        models = [_fitted(rows, k, seed) for rows in halves]
        agree = [pair for pair in _matched(*models) if pair[2] >= AGREES]
        if len(agree) >= REPRODUCED * k and len(agree) > len(best[1]):
            best = (models, agree)
    return best


def _fitted(rows: Any, k: int, seed: int) -> Any:
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(k, init="nndsvda", max_iter=200, tol=1e-3, random_state=seed)
    with warnings.catch_warnings():  # whether it can be relied on, the other half tells
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # fewer different comments than topics
        model.fit(rows)
    model.components_ = np.nan_to_num(model.components_, posinf=0.0)
    return model


def _words(model: Any) -> Floats:
    """Return the words of each topic as a vector of length 1."""
    return np.array([_length_one(row) for row in model.components_])


def _length_one(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-300))


def _matched(one: Any, other: Any) -> list[tuple[int, int, float]]:
    """Return the topics of two models that are most alike, one to one, and their cosine."""
    from scipy.optimize import linear_sum_assignment

    alike = _words(one) @ _words(other).T
    rows, columns = linear_sum_assignment(-alike)
    return [(int(a), int(b), float(alike[a, b])) for a, b in zip(rows, columns, strict=True)]


def _read(
    rows: Any,
    first: Flags,
    models: Sequence[Any],
    agree: Sequence[tuple[int, int, float]],
    topics: Sequence[Topic],
) -> None:
    """Enter the loads of each half's comments as the kept topics of the other read them."""
    from sklearn.decomposition import non_negative_factorization

    own = [pair[1] for pair in agree], [pair[0] for pair in agree]
    for half, model, places in ((first, models[1], own[0]), (~first, models[0], own[1])):
        words = _words(model)[places].astype(rows.dtype)
        parts = non_negative_factorization(
            rows[half], H=words, update_H=False, n_components=len(words), max_iter=200, tol=1e-3
        )[0]
        for topic, part in zip(topics, parts.T, strict=True):
            topic.loads[half] = part


def _joined(topics: Sequence[Topic]) -> list[Topic]:
    """Return topics of which none has nearly the words of another: such a pair is one."""
    kept: list[Topic] = []
    for topic in topics:
        alike = [place for place, one in enumerate(kept) if one.weights @ topic.weights >= AGREES]
        if alike:
            one = kept[alike[0]]
            both = np.maximum(one.loads, topic.loads)
            kept[alike[0]] = replace(
                one, loads=both, weights=_length_one(one.weights + topic.weights)
            )
        else:
            kept.append(topic)
    return kept


def _named(topic: Topic, stems: Stems, language: str) -> Topic:
    best = [at for at in np.argsort(-topic.weights)[:SHOWN] if topic.weights[at] > 0]
    words = tuple(stems.words[at] for at in best)
    return replace(topic, words=words, subject=subject_of(stems.stems, topic.weights, language))
