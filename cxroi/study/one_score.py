"""A study with several scores -> the study of one of them, which everything later knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import StudyError, nearest
from .parts import of_the_roi

if TYPE_CHECKING:
    from .declared import Source, Study
    from .scores import DeclaredScore


def score_names(study: Study) -> tuple[str, ...]:
    """Return the names of all scores of a study, that of ``[scale]`` first.

    Raises
    ------
    StudyError
        One of ``[scores]`` is called what ``[scale]`` is called.
    """
    own = study.scale.metric
    if own in study.scores:
        raise StudyError(
            f"[scores.{own}] has the name of the score of [scale]",
            "each score has a name of its own",
            "Rename it, or give [scale] another metric = ...",
        )
    return (own, *study.scores)


def with_score(study: Study, name: str) -> Study:
    """Return the study of one score: it stands in the place of ``[scale]``.

    Its pair is the best group against the one before it; of the score of ``[scale]`` the pair
    stays. A score of ``ratings`` has the dates of ``ratings``, so outcomes are counted from the
    day of that answer; who was invited to the other survey says nothing of it. There is no
    scenario, and no part is shown apart: what a move is worth is a question of the main score.

    Parameters
    ----------
    name
        Of ``[scores.NAME]``, or the metric of ``[scale]``.

    Returns
    -------
    Study
        With tables that only metrics and journeys read left out.

    Raises
    ------
    StudyError
        No such score (the nearest is offered); it has no dates where the study has; or what is
        held equal, or the part that is studied, hangs on a table that this score is not in.

    Examples
    --------
    >>> with_score(study, "csat").scale.labels  # doctest: +SKIP
    ('dissatisfied', 'neutral', 'satisfied')
    """
    known = score_names(study)
    if name not in known:
        raise StudyError(f"there is no score {name!r}", fix=nearest(name, known))
    plain = replace(study, scenario=None, scenarios={}, by=())
    if name == study.scale.metric:
        return of_the_roi(plain)
    score = study.scores[name]
    scale, sources = replace(score.scale, metric=name), _answers_of(study, score)
    one = replace(plain, scale=scale, sources=sources)
    return of_the_roi(replace(one, origin=scale.labels[-2], target=scale.labels[-1]))


def table_of(study: Study, name: str) -> str:
    """Return the table that a score is in, such as ``ratings``."""
    if name in study.scores:
        return study.scores[name].table
    return "responses" if study.dated else "customers"


def _answers_of(study: Study, score: DeclaredScore) -> dict[str, Source]:
    """Return the tables of the study with those answers that the score is in."""
    sources, base = dict(study.sources), "responses" if study.dated else "customers"
    if score.table != base and (score.table != "ratings" or not study.dated):
        needs = "responses or ratings, which have dates" if study.dated else "customers"
        raise StudyError(
            f"[scores.{score.name}] is of the table {score.table!r}",
            f"outcomes are set against scores of {needs}: they lie after the answer",
            "Put its column into such a table",
        )
    if score.table == "ratings":
        _refuse_lost(study, score.name)
        sources.pop("invitations", None)
        asked = sources.get("rating_invitations")
        sources |= {"invitations": replace(asked, name="invitations")} if asked else {}
    source = sources[score.table]
    columns = {**source.columns, "score": score.column}
    return sources | {base: replace(source, name=base, columns=columns)}


def _refuse_lost(study: Study, name: str) -> None:
    """Refuse a score of ratings where something of the other answers is needed."""
    for key in ("cluster", "weight"):
        if key in study.sources["responses"].columns:
            raise StudyError(
                f"[scores.{name}] is of ratings, and {key} is declared in [tables.responses]",
                "its errors would be those of independent answers, equally weighted",
                f"Declare {key} in [tables.customers], for the answers of both tables",
            )
    own = {*study.sources["ratings"].attributes, *study.sources["ratings"].derive}
    for key, needed in (("[controls] columns", study.controls), ("only of [study]", study.only)):
        lost = [n for n in needed if study.attributes.get(n) == "responses" and n not in own]
        if lost:
            raise StudyError(
                f"[scores.{name}] is of ratings, and {key} names {lost[0]!r} of responses",
                "what is held equal is known of every answer",
                f"Make {lost[0]!r} an attribute of customers, or take it out of {key}",
            )
