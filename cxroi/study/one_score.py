"""A study with several scores -> the study of one of them, which everything later knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ..errors import StudyError, nearest
from .table_schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .declared import Source, Study
    from .scales import Scale

# The tables that answers, outcomes, controls and who was asked are made of.
MADE_OF = (
    *("customers", "responses", "orders", "contacts", "returns", "subscriptions"),
    "invitations",
)


class DeclaredScore(Protocol):
    """A score of ``[scores.NAME]``: its scale, its column and the table that holds it."""

    @property
    def scale(self) -> Scale:
        """How its answers fall into groups."""
        ...

    @property
    def column(self) -> str:
        """Its column."""
        ...

    @property
    def table(self) -> str:
        """``ratings``, ``responses`` or ``customers``."""
        ...


def score_names(study: Study) -> tuple[str, ...]:
    """Return the names of all scores of a study, that of ``[scale]`` first.

    Raises
    ------
    StudyError
        One of ``[scores]`` is called what ``[scale]`` is called.
    """
    own, others = study.scale.metric, declared_scores(study)
    if own in others:
        raise StudyError(
            f"[scores.{own}] has the name of the score of [scale]",
            "each score has a name of its own",
            "Rename it, or give [scale] another metric = ...",
        )
    return (own, *others)


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
        return replace(plain, sources=_without_others(study))
    score = declared_scores(study)[name]
    scale = replace(score.scale, metric=name)
    sources = _answers_of(study, name, score)
    return replace(
        plain, scale=scale, sources=sources, origin=scale.labels[-2], target=scale.labels[-1]
    )


def table_of(study: Study, name: str) -> str:
    """Return the table that a score is in, such as ``ratings``."""
    score = declared_scores(study).get(name)
    return score.table if score else "responses" if study.dated else "customers"


def declared_scores(study: Study) -> Mapping[str, DeclaredScore]:
    """Return the scores beside that of ``[scale]``, by name."""
    found: Mapping[str, DeclaredScore] = getattr(study, "scores", {})
    return found


def _answers_of(study: Study, name: str, score: DeclaredScore) -> dict[str, Source]:
    """Return the tables of the study with those answers that the score is in."""
    sources, base = _without_others(study), "responses" if study.dated else "customers"
    if score.table == base:
        return sources | {base: _asking(study.sources[base], base, score.column)}
    if score.table != "ratings" or not study.dated:
        needs = "responses or ratings, which have dates" if study.dated else "customers"
        raise StudyError(
            f"[scores.{name}] is of the table {score.table!r}",
            f"outcomes are set against scores of {needs}: they lie after the answer",
            "Put its column into such a table",
        )
    _refuse_lost(study, name)
    sources.pop("invitations", None)
    return sources | {base: _asking(study.sources["ratings"], base, score.column)}


def _asking(source: Source, role: str, column: str) -> Source:
    """Return a table of answers as that of one score."""
    kept = {key: own for key, own in source.columns.items() if key in (*ROLES[role], "customer")}
    return replace(source, name=role, columns={**kept, "score": column})


def _without_others(study: Study) -> dict[str, Source]:
    """Leave out the roles that outcomes and answers are not made of, unless looked up in."""
    made_of = [study.sources[n] for n in MADE_OF if n in study.sources]
    stays = {*MADE_OF, *(name for source in made_of for name in source.lookups)}
    return {n: one for n, one in study.sources.items() if n in stays or n not in ROLES}


def _refuse_lost(study: Study, name: str) -> None:
    """Refuse a score of ratings where attributes of the other answers are needed."""
    own = {*study.sources["ratings"].attributes, *study.sources["ratings"].derive}
    for key, needed in (("[controls] columns", study.controls), ("only of [study]", study.only)):
        lost = [n for n in needed if study.attributes.get(n) == "responses" and n not in own]
        if lost:
            raise StudyError(
                f"[scores.{name}] is of ratings, and {key} names {lost[0]!r} of responses",
                "what is held equal is known of every answer",
                f"Make {lost[0]!r} an attribute of customers, or take it out of {key}",
            )
