"""Themes of a study's comments: what customers write about, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..study.voice import LANGUAGES
from .afterwards import Outcomes, afterwards
from .comments import Comments, read_comments
from .extra import require_extra
from .finding import Group, Language, groups_of, make_themes, read_languages
from .languages import languages_of
from .misread import contradictions, without
from .reports import report_flags, tell_tale
from .shares import share_of
from .theme import Voice
from .tone import agreement, tone_of

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats
    from ..reading.tables import Tables
    from ..results.estimate import Estimate

CHURNED = "churned"


def find_themes(tables: Tables, *, score: str = "", outcomes: pd.DataFrame | None = None) -> Voice:
    """Find what customers write about, and what goes with it.

    Parameters
    ----------
    tables
        As read for metrics.
    score
        A score of the study; by default the first whose table has comments.
    outcomes
        What happened after an answer, such as ``panel.frame``: ``customer``, ``wave``,
        ``<outcome>_after`` and, where it is known, ``<outcome>_before``.

    Raises
    ------
    ParameterError
        The extra ``voice`` is not installed.
    StudyError
        No table of scores declares a comment, or there is no such score.
    ScarceDataError
        No language has 100 comments.
    ModelError
        `outcomes` has no customer or wave, or is of the answers of another table.

    Examples
    --------
    >>> tables, _ = cx.read_for_metrics(study)  # doctest: +SKIP
    >>> cx.find_themes(tables, outcomes=panel.frame).theme_frame  # doctest: +SKIP
    """
    require_extra()
    study = tables.study
    comments = read_comments(tables, score)
    after = afterwards(comments, outcomes, study)
    spoken = languages_of(comments.texts, study.voice.languages)
    languages = read_languages(comments, spoken, study)
    tone, agreed = _tone(comments, study.seed)
    contradicting, why = contradictions(tone, comments.column("good"), agreed)
    learned = _learned(comments, languages, after)
    reports = report_flags(comments.texts) | learned
    groups = groups_of(comments, languages)
    return Voice(
        comments.score.name,
        comments.score.table,
        make_themes(comments, study, spoken, groups, ~reports, after),
        agreed,
        _counts(spoken),
        _reports(comments, reports),
        _misread(comments, contradicting, why),
        _frame(comments, spoken, groups, tone, reports, contradicting),
        tuple(_notes(spoken, languages, int(learned.sum()))),
    )


def _tone(comments: Comments, seed: int) -> tuple[Floats, Estimate]:
    weights, score = comments.column("weight"), comments.column("score")
    units = np.unique(comments.units[comments.place], return_inverse=True)[1]
    tone = tone_of(comments.texts, score, weights, units, seed)
    scale = comments.score.scale
    agreed = agreement(tone, score, weights, units)
    tone = np.clip(tone, scale.minimum, scale.maximum)
    return tone, agreed


def _learned(comments: Comments, languages: Sequence[Language], after: Outcomes) -> Flags:
    """Return comments with a word after which nearly everybody was lost."""
    found = np.zeros(len(comments.texts), dtype=bool)
    if CHURNED in after:
        customers = comments.customers[comments.place]
        for one in languages:
            lost = after[CHURNED][0][one.rows]
            found[one.rows] |= tell_tale(one.stems, customers[one.rows], lost)[0]
    return found


def _counts(spoken: Sequence[str]) -> dict[str, int]:
    codes, counts = np.unique(spoken, return_counts=True)
    return {str(codes[at]): int(counts[at]) for at in np.argsort(-counts, kind="stable")}


def _reports(comments: Comments, reports: Flags) -> Estimate:
    return share_of(
        reports,
        comments.column("weight"),
        comments.units[comments.place],
        "voice.reports.share",
        "share of comments",
        "comments that say that their customer has left or cancelled, over comments",
        "report the outcome itself",
    )


def _misread(comments: Comments, contradicting: Flags, why: str) -> tuple[Estimate, ...]:
    found = without(comments, contradicting)
    if not why:
        return found
    nothing = {"estimate": None, "conf_low": None, "conf_high": None, "std_error": None}
    return (replace(found[0], **nothing, note=f"Not told: {why}."),)  # type: ignore[arg-type]


def _frame(
    comments: Comments,
    spoken: Sequence[str],
    groups: Sequence[Group],
    tone: Floats,
    reports: Flags,
    contradicting: Flags,
) -> pd.DataFrame:
    import pandas as pd

    columns = {
        "answer": comments.answers["answer"].to_numpy()[comments.place],
        "language": np.asarray(spoken, dtype=object),
        "tone": tone,
        "reports": reports,
        "misread": contradicting,
        **{f"x_{group.name}": group.flags.astype(float) for group in groups},
    }
    return pd.DataFrame(columns)


def _notes(spoken: Sequence[str], languages: Sequence[Language], learned: int) -> list[str]:
    notes = []
    read = {one.code for one in languages}
    if few := {c: n for c, n in _counts(spoken).items() if c not in read}:
        which = ", ".join(f"{LANGUAGES[code]} {n:,}" for code, n in few.items())
        notes.append(f"Too few comments of a language to find themes in: {which}.")
    for one in languages:
        if not one.topics:
            notes.append(
                f"{LANGUAGES[one.code]}: no theme was found in both halves of the customers."
            )
    if learned:
        notes.append(
            "Comments with a word after which nearly everybody was lost, which are in no "
            f"effect: {learned:,}."
        )
    return notes
