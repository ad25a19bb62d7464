"""From masked comments to themes: topics of each language, joined by subject, and their figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ScarceDataError
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from ..study.voice import LANGUAGES
from .afterwards import Outcomes
from .comments import FEWEST, Comments
from .quotes import quotes_of, words_of_several
from .shares import by_wave, share_of, trend
from .stems import Stems, fold, stems_of
from .subjects import SUBJECTS
from .theme import Theme
from .topics import Topic, topics_of
from .worth import corrected, effects, money_at_stake

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers
    from ..study.declared import Study

IN_TITLE = 3
MOST_WORDS = 8


@dataclass(frozen=True)
class Language:
    """The comments of one language.

    Attributes
    ----------
    rows
        Which of the comments they are.
    stems, topics
        Of these alone.
    """

    code: str
    rows: Integers
    stems: Stems
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class Group:
    """Topics of one subject, or one topic of none.

    Attributes
    ----------
    flags, loads
        By comment: whether it is counted under any of them, and how much it is along them.
    topics
        They themselves.
    """

    name: str
    flags: Flags
    loads: Floats
    topics: tuple[Topic, ...]

    @property
    def title(self) -> str:
        """The subject in English, or its words and their language."""
        if self.name in SUBJECTS:
            return SUBJECTS[self.name][0]
        one = self.topics[0]
        return f"{', '.join(one.words[:IN_TITLE])} ({LANGUAGES[one.language]})"

    @property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """By language: the most typical words of its topics, the first of each, the second ..."""
        languages = dict.fromkeys(topic.language for topic in self.topics)
        return {code: self._words(code) for code in languages}

    def _words(self, language: str) -> tuple[str, ...]:
        each = [topic.words for topic in self.topics if topic.language == language]
        in_turn = [word for words in zip_longest(*each) for word in words if word]
        return tuple(dict.fromkeys(in_turn))[:MOST_WORDS]


def read_languages(comments: Comments, spoken: Sequence[str], study: Study) -> tuple[Language, ...]:
    """Return each language that has 100 comments, the most frequent first, with its topics.

    Raises
    ------
    ScarceDataError
        None has.
    """
    codes, counts = np.unique(spoken, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    made = tuple(
        _language(comments, str(codes[at]), np.flatnonzero(np.asarray(spoken) == codes[at]), study)
        for at in order
        if counts[at] >= FEWEST
    )
    if not made:
        raise ScarceDataError(
            f"no language has {FEWEST} comments",
            "themes are found in one language at a time",
            "Pool more time, or name the languages: [voice] languages = [...]",
        )
    return made


def _language(comments: Comments, code: str, rows: Integers, study: Study) -> Language:
    who = np.unique(comments.customers[comments.place][rows], return_inverse=True)[1]
    of = np.unique(comments.units[comments.place][rows], return_inverse=True)[1]
    texts = [comments.texts[row] for row in rows]
    stems = stems_of(texts, who, code, study.voice.stop_words)
    number = study.voice.themes or None
    critical = ~(comments.column("good")[rows] == 1)
    topics = topics_of(stems, of, critical, code, number=number, seed=study.seed)
    return Language(code, rows, stems, topics)


def groups_of(comments: Comments, languages: Sequence[Language]) -> tuple[Group, ...]:
    """Return the topics, those of one subject together, of at least 30 customers each."""
    size = len(comments.texts)
    found: dict[str, list[tuple[Language, Topic]]] = {}
    for language in languages:
        for topic in language.topics:
            own = "_".join((language.code, *map(_slug, topic.words[:2])))
            found.setdefault(topic.subject or own, []).append((language, topic))
    made = []
    for name, topics in found.items():
        flags, loads = np.zeros(size, dtype=bool), np.zeros(size)
        for language, topic in topics:
            flags[language.rows] |= topic.has
            loads[language.rows] = np.maximum(loads[language.rows], topic.loads)
        made.append(Group(name, flags, loads, tuple(topic for _, topic in topics)))
    who = comments.customers[comments.place]
    shown = [one for one in made if len(np.unique(who[one.flags])) >= MINIMUM_GROUP]
    return tuple(sorted(shown, key=lambda one: (-int(one.flags.sum()), one.name)))


def _spoken(group: Group) -> frozenset[str]:
    return frozenset(fold(word.split()[-1]) for words in group.words.values() for word in words)


def _slug(word: str) -> str:
    return re.sub(r"\W+", "_", fold(word)).strip("_")


def make_themes(
    comments: Comments,
    study: Study,
    spoken: Sequence[str],
    groups: Sequence[Group],
    kept: Flags,
    after: Outcomes,
) -> tuple[Theme, ...]:
    """Return the themes with their figures.

    Parameters
    ----------
    kept
        By comment: whether it may enter effects; those that report the outcome may not.
    after
        By outcome: what came after each comment, and what was before.
    """
    if not groups:
        return ()
    flags = np.column_stack([group.flags for group in groups])
    blank = [_blank(f"voice.{g.name}.score_effect", "scale points", g.title) for g in groups]
    values = comments.column("score")
    score = _effects(comments, spoken, flags, kept, values, None, blank, rare=False)
    later: list[Estimate] = []
    for name, (values, before) in after.items():
        unit = study.outcome(name).unit
        blank = [_blank(f"voice.{g.name}.outcome.{name}", unit, g.title, name) for g in groups]
        later += _effects(comments, spoken, flags, kept, values, before, blank)
    score, later = corrected(score), list(corrected(later))
    usual = _usual(comments, study)
    return tuple(
        _theme(comments, study, group, score[k], later[k :: len(groups)], usual)
        for k, group in enumerate(groups)
    )


def _blank(name: str, unit: str, term: str, outcome: str = "") -> Estimate:
    return Estimate(name, None, None, None, None, unit, 0, "", term=term, outcome=outcome)


def _effects(
    comments: Comments,
    spoken: Sequence[str],
    flags: Flags,
    kept: Flags,
    values: Floats,
    before: Floats | None,
    blank: Sequence[Estimate],
    *,
    rare: bool = True,
) -> tuple[Estimate, ...]:
    waves = comments.answers["wave"].to_numpy()[comments.place]
    beside = [_dummies(np.asarray(spoken)), _dummies(waves)]
    held = ""
    if before is not None:
        beside.append(before[:, None])
        held = ", and the same before the answer"
    return effects(
        np.where(kept, values, np.nan),
        flags,
        np.column_stack(beside),
        comments.column("weight"),
        comments.units[comments.place],
        blank,
        held,
        rare=rare,
    )


def _dummies(values: np.ndarray[tuple[int, ...], np.dtype[np.object_]]) -> Floats:
    """Return a column for each value but the most frequent."""
    codes, counts = np.unique(values.astype(str), return_counts=True)
    others = np.delete(codes, counts.argmax())
    return np.asarray(values.astype(str)[:, None] == others[None, :], dtype=float)


def _usual(comments: Comments, study: Study) -> frozenset[str]:
    if not study.voice.quotes:
        return frozenset()
    return words_of_several(comments.texts, comments.customers[comments.place])


def _theme(
    comments: Comments,
    study: Study,
    group: Group,
    score: Estimate,
    later: Sequence[Estimate],
    usual: frozenset[str],
) -> Theme:
    weights, units = comments.column("weight"), comments.units[comments.place]
    name = f"voice.{group.name}"
    share = share_of(
        group.flags, weights, units, f"{name}.share", "share of comments",
        "comments of the theme over comments", group.title,
    )  # fmt: skip
    waves = [str(one) for one in comments.answers["wave"].to_numpy()[comments.place]]
    order = comments.waves
    blank = _blank(f"{name}.trend", "share of comments a wave", group.title)
    people = len(np.unique(comments.customers[comments.place]))
    outcomes = {one.outcome: one for one in later}
    stakes = {
        key: money_at_stake(share, one, people, study.currency)
        for key, one in outcomes.items()
        if study.currency and one.unit.startswith(study.currency)
    }
    return Theme(
        group.name,
        group.title,
        group.words,
        min(topic.agreement for topic in group.topics),
        int(group.flags.sum()),
        share,
        trend(group.flags, weights, units, waves, order, blank),
        by_wave(group.flags, weights, units, waves, order, f"{name}.share"),
        score,
        outcomes,
        stakes,
        quotes_of(comments.texts, group.flags, group.loads, _spoken(group), usual) if usual else (),
    )
