"""In which language a comment is written, of those that occur in a study."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..study.voice import LANGUAGES

if TYPE_CHECKING:
    from ..arrays import Floats

# Code -> the Snowball stemmer. Croatian, Bosnian and Serbian share one, and are one here.
STEMMERS = {
    **{"pt": "portuguese", "de": "german", "en": "english", "it": "italian", "ru": "russian"},
    **{"hr": "serbian", "ro": "romanian", "es": "spanish", "fr": "french", "nl": "dutch"},
    **{"sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "hu": "hungarian"},
    **{"pl": "polish", "cs": "czech", "tr": "turkish", "el": "greek", "ca": "catalan"},
}
_SAME = {"bs": "hr", "sr": "hr"}
_LONG = 30  # letters from which a comment tells its language by itself
_RARE, _FEW = 0.02, 20  # share and number of the comments under which a language does not occur
_ROUNDS = 3


def languages_of(texts: Sequence[str], languages: Collection[str] = ()) -> list[str]:
    """Return the language of each text, as a code such as ``pt``.

    A short comment hardly tells. So what each tells is weighed with how frequent the languages
    are in the study (Bayes' rule, the shares found by expectation maximisation), and languages of
    under 2 % of the longer comments, which are mistakes mostly, are not considered.

    Parameters
    ----------
    languages
        Those that occur; none: found.
    """
    if len(languages) == 1 or not texts:
        return list(languages) * len(texts)
    codes = sorted(languages or LANGUAGES)
    places: dict[str, int] = {}
    of = np.array([places.setdefault(text, len(places)) for text in texts])
    told = _told(list(places), codes)[of]
    if not languages:
        long = np.array([sum(map(str.isalpha, text)) >= _LONG for text in texts])
        counts = np.bincount((told[long] if long.any() else told).argmax(1), minlength=len(codes))
        least = max(min(_FEW, counts.max()), _RARE * counts.sum())
        kept = counts >= least
        codes, told = [c for c, k in zip(codes, kept, strict=True) if k], told[:, kept]
    shares = np.full(len(codes), 1 / len(codes))
    for _ in range(_ROUNDS):
        posterior = told * shares
        posterior /= np.maximum(posterior.sum(1, keepdims=True), 1e-300)
        shares = posterior.mean(0)
    return [codes[best] for best in (told * shares).argmax(1)]


def _told(texts: Sequence[str], codes: Sequence[str]) -> Floats:
    """Return what each text tells of each language, adding up to 1."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*codes, *(s for s, to in _SAME.items() if to in codes)])
    place = {code: at for at, code in enumerate(codes)}
    told = np.zeros((len(texts), len(codes)))
    for row, text in enumerate(texts):
        for code, share in identifier.rank(text.lower()):
            told[row, place[_SAME.get(code, code)]] += share
    return told
