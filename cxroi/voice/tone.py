"""Tone: how good a comment sounds, learned from the scores that the study itself gives.

No lexicon: ridge regression of the score on words, pairs of words and pieces of words (tf-idf).
The tone of a comment comes from a model that was fitted to other customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..moments.influence import std_error
from ..results.estimate import CONF_LEVEL, Estimate

if TYPE_CHECKING:
    from ..arrays import Floats, Integers

FOLDS = 5
PENALTY = 1.0  # ridge, on rows of length 1
FEWEST = 3  # comments with a word
PIECES = (2, 4)
_WORD = r"(?u)[^\W\d_]+|[!?]+"


def tone_of(
    texts: Sequence[str], scores: Floats, weights: Floats, units: Integers, seed: int = 0
) -> Floats:
    """Return the score that each comment sounds like, by models fitted to other customers.

    Parameters
    ----------
    texts
        Masked comments.
    scores
        The score beside each.
    units
        The customer, or account, of each: those of one are in one fold.
    """
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(units.max() + 1) % FOLDS)[units]
    rows = _features(texts)
    tone = np.empty(len(scores))
    for k in range(FOLDS):
        here = fold == k
        if here.any():
            model = Ridge(PENALTY, solver="sparse_cg", tol=1e-3)
            model.fit(rows[~here], scores[~here], sample_weight=weights[~here])
            tone[here] = model.predict(rows[here])
    return tone


def _features(texts: Sequence[str]) -> Any:
    """Return tf-idf of words, pairs of words and pieces of words; they know of no score.

    Pieces lie within words, so they are counted once for each different word.
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    words = CountVectorizer(token_pattern=_WORD, ngram_range=(1, 2), dtype=np.float32)
    single = CountVectorizer(token_pattern=_WORD, dtype=np.float32)
    each = single.fit_transform(texts)
    pieces = CountVectorizer(analyzer="char_wb", ngram_range=PIECES, dtype=np.float32)
    of_words = pieces.fit_transform(single.get_feature_names_out())
    counts = [_frequent(one) for one in (words.fit_transform(texts), each @ of_words)]
    weigh = TfidfTransformer(sublinear_tf=True)
    made = [weigh.fit_transform(one) for one in counts if one.shape[1]]
    nothing = sparse.csr_matrix((len(texts), 1), dtype=np.float32)
    return sparse.hstack([*made, nothing], format="csr", dtype=np.float32)


def _frequent(counts: Any) -> Any:
    return counts[
        :, np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= FEWEST)
    ]


def agreement(
    tone: Floats, scores: Floats, weights: Floats, units: Integers, unit: str = "correlation"
) -> Estimate:
    """Return the correlation of tone and score, of comments that the models had not seen."""
    from scipy.special import ndtri

    share = weights / weights.sum()
    u, v = ((x - share @ x) / np.sqrt(share @ (x - share @ x) ** 2) for x in (tone, scores))
    r = float(share @ (u * v))
    moved = share * (u * v - r * (u**2 + v**2) / 2)
    error = std_error(moved, units)
    # Fisher's transformation keeps the interval within -1 and 1.
    half = float(ndtri(0.5 + CONF_LEVEL / 2)) * error / max(1 - r**2, 1e-12)
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return Estimate(
        name="voice.tone.correlation",
        estimate=r,
        conf_low=float(np.tanh(z - half)),
        conf_high=float(np.tanh(z + half)),
        std_error=error,
        unit=unit,
        n=len(tone),
        method="correlation of the score with what a comment sounds like to a ridge regression on "
        f"words and pieces of words that was fitted to other customers ({FOLDS} folds), Fisher's "
        "interval, errors by customer, or account where declared",
        term="tone and score",
    )
