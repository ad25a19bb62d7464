"""What ``[drivers]`` and ``[[levers]]`` may not say, though their keys and types are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import StudyError, nearest

if TYPE_CHECKING:
    from .declared import Study

DIRECTIONS = ("higher", "lower")


def asked_inputs(study: Study) -> tuple[str, ...]:
    """Return the inputs among which it is asked what moves the score, a lever's among them."""
    named = study.drivers.inputs or tuple(study.inputs)
    return tuple(dict.fromkeys((*named, *(lever.input for lever in study.levers))))


def known_inputs(study: Study) -> list[str]:
    """Return all that may be an input: declared ones, attributes, scores of the same row."""
    table = "responses" if study.dated else "customers"
    scores = [name for name, score in study.scores.items() if score.table == table]
    return [*study.inputs, *study.attributes, *scores]


def check_levers(study: Study) -> Iterator[StudyError]:
    """Yield inputs and attributes that there are not, and levers without anything to earn."""
    known = known_inputs(study)
    for name in study.inputs:
        if name in study.attributes or name in study.scores:
            yield StudyError(
                f"[inputs.{name}] has the name of an attribute or a score", fix="Name it otherwise"
            )
    for name, direction in study.drivers.better.items():
        if direction not in DIRECTIONS:
            fix = nearest(direction, DIRECTIONS)
            yield StudyError(f"[drivers] better says {name} = {direction!r}", fix=fix)
    yield from _in_two_groups(study)
    named = [("[drivers]", name) for name in (*study.drivers.inputs, *study.drivers.better)]
    named += [(f"[[levers]] {lever.name!r}", lever.input) for lever in study.levers]
    for where, name in named:
        if name not in known:
            yield StudyError(f"{where} names the input {name!r}", fix=_nearest(name, known))
    reached = [(lever.name, name) for lever in study.levers for name in lever.reaches]
    for where, name in reached:
        if name not in study.attributes:
            fix = _nearest(name, list(study.attributes))
            yield StudyError(f"[[levers]] {where!r} reaches names {name!r}", "an attribute", fix)


def _in_two_groups(study: Study) -> Iterator[StudyError]:
    groups = study.drivers.groups
    for name in dict.fromkeys(n for names in groups.values() for n in names):
        of = [group for group, names in groups.items() if name in names]
        if len(of) > 1:
            yield StudyError(
                f"[drivers] groups has {name!r} in {' and in '.join(map(repr, of))}",
                "an input belongs to one group",
                "Leave it in one of them",
            )


def _nearest(name: str, known: list[str]) -> str:
    return nearest(name, known) if known else "Declare it as [inputs.NAME], or as an attribute"
