"""Likert: words and faces of a rating scale, in the order that they say themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .words import plain

_STRONG = r"very|extremely|strongly|completely|totally|highly|much|sehr|aeusserst|voll|stark|tres"
_WORSE = (
    r"(dis|un)(satisf|like|happy|zufrieden|wahrscheinlich)|insatisf|disagree|difficult|hard\b|bad"
    r"|poor|terrible|awful|schlecht|schwierig|schwer\b|nicht|never|mauvais|worse"
)
_BETTER = (
    r"satisf|likely|agree|easy|good|happy|great|excellent|zufrieden|wahrscheinlich|stimme|einfach"
    r"|leicht|gut\b|bon\b|better|exactly|loved?"
)
_MIDDLE = r"neutral|neither|nor\b|weder|teils|average|okay|\bok\b|mittel|moyen|undecided|fair\b"
_NOT_AT_ALL = r"not_at_all|gar_nicht|ueberhaupt_nicht|pas_du_tout"
_NOT_VERY = r"(^|_)(not|nicht|pas)_"
_FACES = ("😡😠😞☹🙁😟", "😕😐😑", "🙂😀😃😄😊😍")
_TWO = {"good": 1, "bad": 0, "yes": 1, "no": 0, "ja": 1, "nein": 0, "up": 1, "down": 0}
_THUMBS = {"👍": 1, "👎": 0}
_EDGES = {"excellent": 2, "terrible": -2, "awful": -2, "poor": -1}
_NONE = re.compile(
    r"(un)?offered|no_(answer|reply|response)|dont_know|don_t_know|not_applicable|prefer_not.*"
    r"|keine_(angabe|antwort)|weiss_nicht|skipped|not_sure"
)


def no_answer(word: str) -> bool:
    """Whether a word says that there is no answer.

    Examples
    --------
    >>> no_answer("offered"), no_answer("Keine Angabe"), no_answer("Good")
    (True, True, False)
    """
    return bool(_NONE.fullmatch(plain(word)))


def in_order(words: Iterable[str]) -> dict[str, int]:
    """Return the number of each answer, better ones higher; empty where the words do not tell.

    Examples
    --------
    >>> in_order(["good", "bad"])
    {'good': 1, 'bad': 0}
    >>> in_order(["Neutral", "Very unhappy", "Happy", "Unhappy", "Very happy"])
    {'Neutral': 3, 'Very unhappy': 1, 'Happy': 4, 'Unhappy': 2, 'Very happy': 5}
    >>> in_order(["red", "green"])
    {}
    """
    said = list(words)
    two = {word: _of_two(word) for word in said}
    if len(set(two.values()) - {None}) == len(said) == 2:
        return {word: number for word, number in two.items() if number is not None}
    degrees = {word: degree for word in said if (degree := _degree(word)) is not None}
    places = sorted(set(degrees.values()))
    if len(places) < len(said) or len(said) < 3 or min(places) >= 0 or max(places) <= 0:
        return {}
    if len(said) in (3, 5) and min(places) == -max(places):
        return {word: places.index(degree) + 1 for word, degree in degrees.items()}
    even = len(said) == 4 and 0 not in places
    return {word: places.index(degree) + 1 for word, degree in degrees.items()} if even else {}


def _of_two(word: str) -> int | None:
    bare = re.sub(r"thumbs?|[^\w👍👎]|_", "", word.strip().casefold())
    return _TWO.get(bare, _THUMBS.get(bare[:1]))


def _degree(answer: str) -> int | None:
    """Return -2 to 2 for an answer, from the worst to the best; None where it does not tell."""
    face = next((n for n, faces in enumerate(_FACES, -1) if answer.strip()[:1] in faces), None)
    if face is not None and not re.search(r"\w", answer):
        return face
    word = plain(answer)
    if word in _EDGES:
        return _EDGES[word]
    strong = 2 if re.search(_STRONG, word) else 1
    if re.search(_MIDDLE, word):
        return 0
    if re.search(_NOT_AT_ALL, word):
        return -2
    if re.search(_NOT_VERY, word):
        return -1
    if re.search(_WORSE, word):
        return -strong
    return strong if re.search(_BETTER, word) else None
