"""Moves: who changed group from one wave to the next, and what their outcomes did.

Everything here is association. A move is seen among customers who answered twice, part of it
is chance in the answer, and what changes along with a move need not have been caused by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StudyError, nearest
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.formats import spread, value_and_interval
from ..results.thresholds import MINIMUM_GROUP
from .pair_estimates import average, change, require_pairs
from .wave_pairs import Pairs, answers_before_last, wave_pairs

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..study.declared import Study
    from ..study.outcomes import Outcome

CHANCE = (
    "association, not effect: what came along with the move; part of a move is chance in the "
    "answer and falls back by itself (regression to the mean)"
)
STAYED_ON = (
    "Who answered a second time had not left by then: moves say nothing of staying or leaving."
)


@dataclass(frozen=True, repr=False)
class Moves(TidyMixin):
    """Moves between the groups of a score from wave to wave.

    Attributes
    ----------
    waves
        The waves looked at, in order.
    pairs
        Pairs of answers behind it: a customer with three answers in a row counts twice.
    transitions
        ``moves.<from>.<to>``: share of the customers of each group that was in each group one
        wave later, all pairs of waves together; in the order of the scale, worst first.
    by_wave
        The same for each pair of waves, ``moves.<from>.<to>.<second wave>``.
    share_moved_evidence
        Share of the study's `from` group that was in its `to` group one wave later, of itself:
        what `share_moved` of a scenario comes on top of.
    outcomes
        ``moves.<outcome>.<who>.first``, ``.second`` and ``.change``: mean outcome of `from`
        customers after the first answer, after the second, and the difference, for who ``moved``
        (to the `to` group), ``stayed`` or ``fell``; ``moves.<outcome>.moved_minus_stayed`` is
        the change of those who moved minus that of those who stayed. Not of leaving by
        cancellation: nobody had left between two answers.
    segment, by_segment
        The attribute asked for, and a row a level and destination, for the `from` group:
        columns ``segment``, ``to``, ``share``, ``conf_low``, ``conf_high``, ``n``.
    notes
        Who is counted, what was suppressed, and why.
    """

    waves: tuple[str, ...]
    pairs: int
    transitions: tuple[Estimate, ...]
    by_wave: tuple[Estimate, ...]
    share_moved_evidence: Estimate
    outcomes: tuple[Estimate, ...]
    segment: str
    by_segment: pd.DataFrame | None = field(compare=False)
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return the transitions and what outcomes did, one row each, under their full names."""
        estimates = (*self.transitions, *self.outcomes)
        return tidy_table(replace(e, term=e.name.removeprefix("moves.")) for e in estimates)


def count_moves(panel: Panel, segment: str = "") -> Moves:
    """Count moves between groups from wave to wave, and what the movers' outcomes did.

    A panel of one quarter is built anew with all waves, and the moves into that quarter are
    counted. Shares of one pair a customer have Wilson's interval (Wilson, Journal of the
    American Statistical Association 22 (1927), 209-212); with survey weights or several pairs a
    customer it is a logit interval from influence values summed per customer; with declared
    clusters, summed per cluster.

    Parameters
    ----------
    segment
        An attribute by which the moves out of the `from` group are split.

    Raises
    ------
    ModelError
        A single wave, answers without dates, or under 30 customers of the `from` group with
        answers in two consecutive waves.
    StudyError
        No such attribute.
    """
    pairs = wave_pairs(panel)
    if panel.quarter:
        pairs = pairs.ending(panel.quarter)
    study = panel.study
    require_pairs(pairs, study.origin)
    transitions = tuple(_transitions(pairs))
    moved = f"moves.{study.origin}.{study.target}"
    by_segment, notes = _by_segment(pairs, segment) if segment else (None, ())
    return Moves(
        waves=pairs.waves,
        pairs=len(pairs),
        transitions=transitions,
        by_wave=tuple(
            estimate
            for wave in pairs.waves[1:]
            for estimate in _transitions(pairs.ending(wave), f".{wave}")
        ),
        share_moved_evidence=next(e for e in transitions if e.name == moved),
        outcomes=tuple(
            estimate
            for outcome in study.outcomes
            if not _is_leaving(study, outcome)
            for estimate in _followed(pairs, outcome)
        ),
        segment=segment,
        by_segment=by_segment,
        notes=(*_who_counts(pairs), *notes),
    )


def moves_sentence(moves: Moves, study: Study) -> str:
    """Say how many move of themselves, and what the scenario assumes on top of it."""
    evidence = moves.share_moved_evidence
    back = next(e for e in moves.transitions if e.name == f"moves.{study.target}.{study.origin}")
    text = (
        f"From wave to wave ({moves.waves[0]} to {moves.waves[-1]}) "
        f"{value_and_interval(evidence, study.currency)} of customers in '{study.origin}' became "
        f"'{study.target}' without this programme"
    )
    if back.estimate is not None:
        share = value_and_interval(back, study.currency)
        text += f", and {share} of those in '{study.target}' became '{study.origin}'"
    if study.scenario:
        assumed = study.scenario.share_moved
        share = spread(assumed.low, assumed.likely, assumed.high)
        text += f"; the scenario assumes that {share} more move because of it"
    return f"{text}. Part of these moves is chance in the answers."


def _transitions(pairs: Pairs, suffix: str = "") -> Iterator[Estimate]:
    labels = pairs.panel.study.scale.labels
    for at, origin in enumerate(labels):
        for to, destination in enumerate(labels):
            name = f"moves.{origin}.{destination}{suffix}"
            arrived = np.where(pairs.destination == to, 1.0, 0.0)
            share = average(pairs, arrived, pairs.origin == at, name, destination)
            yield replace(share, group=origin)


def _is_leaving(study: Study, outcome: Outcome) -> bool:
    """Whether an outcome is 1, or 0, after every first answer: a second one came."""
    return study.churn == "cancelled" and outcome.name in ("retained", "churned")


def _followed(pairs: Pairs, outcome: Outcome) -> Iterator[Estimate]:
    """Follow an outcome from the first answer to the second, by where `from` customers went."""
    study = pairs.panel.study
    (first, known), (second, known_again) = (
        pairs.outcome(outcome.name, when) for when in ("first", "second")
    )
    origin, target = pairs.code(study.origin), pairs.code(study.target)
    there = (pairs.origin == origin) & known & known_again
    to = pairs.destination
    who = {
        "moved": there & (to == target),
        "stayed": there & (to == origin),
        "fell": there & (to < origin) & (to != target),
    }
    for term, members in who.items():
        if not members.sum():
            continue
        name = f"moves.{outcome.name}.{term}"
        for when, figures in (("first", first), ("second", second)):
            mean = average(pairs, figures, members, f"{name}.{when}", term, outcome.unit)
            rung = f"{term}.{when}"
            yield replace(mean, note=mean.note or CHANCE, outcome=outcome.name, rung=rung)
        gain = change(pairs, second - first, [members], outcome.unit, f"{name}.change", CHANCE)
        yield replace(gain, outcome=outcome.name, rung=f"{term}.change")
    name, both = f"moves.{outcome.name}.moved_minus_stayed", [who["moved"], who["stayed"]]
    gain = change(pairs, second - first, both, outcome.unit, name, CHANCE)
    yield replace(gain, outcome=outcome.name, rung="moved_minus_stayed")


def _by_segment(pairs: Pairs, segment: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Split the moves out of the `from` group by the attribute's level at the first answer."""
    import pandas as pd

    study, source, column = pairs.panel.study, pairs.source, f"attr_{segment}"
    known = [n.removeprefix("attr_") for n in source.names if n.startswith("attr_")]
    if segment not in known:
        raise StudyError(f"there is no attribute {segment!r}", fix=nearest(segment, known))
    there = pairs.origin == pairs.code(study.origin)
    rows, scarce = [], 0
    for name in sorted(source.levels(column)):
        members = there & (source.member(column, [name]) == 1)
        units = pairs.units(members)
        scarce += 0 < units < MINIMUM_GROUP
        if units < MINIMUM_GROUP:
            continue
        for to, label in enumerate(study.scale.labels):
            arrived = np.where(pairs.destination == to, 1.0, 0.0)
            rows.append((name, label, average(pairs, arrived, members, "", label)))
    table = pd.DataFrame(
        [(name, to, e.estimate, e.conf_low, e.conf_high, e.n) for name, to, e in rows],
        columns=["segment", "to", "share", "conf_low", "conf_high", "n"],
    )
    note = f"{segment}: {scarce} levels under {MINIMUM_GROUP} {pairs.unit}s are not shown."
    return table, (note,) if scarce else ()


def _who_counts(pairs: Pairs) -> Iterator[str]:
    """Say how many answers have one in the next wave, and where windows overlap."""
    study, origin = pairs.panel.study, pairs.code(pairs.panel.study.origin)
    again, asked = int((pairs.origin == origin).sum()), answers_before_last(pairs, origin)
    yield (
        f"Moves are those of customers who answered twice: {again:,} of {asked:,} "
        f"answers in '{study.origin}' have an answer one wave later. The others may have moved "
        "differently."
    )
    if any(_is_leaving(study, outcome) for outcome in study.outcomes):
        yield STAYED_ON
    between = pairs.median_days()
    if between < study.outcome_days:
        yield (
            f"Half of the second answers came within {between:.0f} days of the first, and outcomes "
            f"are counted over {study.outcome_days} days: the two windows overlap, which draws "
            "changes towards zero."
        )
