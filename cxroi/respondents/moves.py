"""Moves: who changed group from one wave to the next, and what their outcomes did.

Everything here is association. A move is seen among customers who answered twice, part of it
is chance in the answer, and what changes along with a move need not have been caused by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import StudyError, nearest
from ..moments import influence
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.formats import spread, value_and_interval
from ..results.thresholds import MINIMUM_GROUP
from .pair_estimates import average, change, require_pairs
from .wave_pairs import Pairs, answers_before_last, wave_pairs

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
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
    followed = [one for one in study.outcomes if not _is_leaving(study, one)]
    transitions, waves, outcomes, (by_segment, notes), who = together_of(
        pairs,
        partial(_transitions, pairs),
        partial(_by_wave, pairs),
        partial(_all_followed, pairs, followed),
        partial(_by_segment, pairs, segment),
        partial(_who_counts, pairs),
    )
    moved = f"moves.{study.origin}.{study.target}"
    return Moves(
        waves=pairs.waves,
        pairs=len(pairs),
        transitions=transitions,
        by_wave=waves,
        share_moved_evidence=next(e for e in transitions if e.name == moved),
        outcomes=outcomes,
        segment=segment,
        by_segment=by_segment,
        notes=(*who, *notes),
    )


def together_of(pairs: Pairs, *makes: Callable[[], Any]) -> list[Any]:
    """Make several results of the same pairs together."""
    return pairs.source.together(makes)


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


def _transitions(pairs: Pairs, suffix: str = "") -> tuple[Estimate, ...]:
    codes = list(enumerate(pairs.panel.study.scale.labels))
    shares = [partial(_share, pairs, a, b, suffix) for a in codes for b in codes]
    return tuple(together_of(pairs, *shares))


def _share(
    pairs: Pairs, origin: tuple[int, str], destination: tuple[int, str], suffix: str
) -> Estimate:
    (at, label), (to, arrived_in) = origin, destination
    arrived = np.where(pairs.destination == to, 1.0, 0.0)
    name = f"moves.{label}.{arrived_in}{suffix}"
    share = average(pairs, arrived, pairs.origin == at, name, arrived_in)
    return replace(share, group=label)


def _by_wave(pairs: Pairs) -> tuple[Estimate, ...]:
    each = [partial(_transitions, pairs.ending(wave), f".{wave}") for wave in pairs.waves[1:]]
    return tuple(estimate for one in together_of(pairs, *each) for estimate in one)


def _all_followed(pairs: Pairs, outcomes: Sequence[Outcome]) -> tuple[Estimate, ...]:
    each = [partial(_followed, pairs, outcome) for outcome in outcomes]
    return tuple(estimate for one in together_of(pairs, *each) for estimate in one)


def _is_leaving(study: Study, outcome: Outcome) -> bool:
    """Whether an outcome is 1, or 0, after every first answer: a second one came."""
    return study.churn == "cancelled" and outcome.name in ("retained", "churned")


def _followed(pairs: Pairs, outcome: Outcome) -> list[Estimate]:
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
    gain, unit, makes = second - first, outcome.unit, []
    counts = influence.sums(*(1.0 * members for members in who.values()))
    for (term, members), count in zip(who.items(), counts, strict=True):
        if not count:
            continue
        name = f"moves.{outcome.name}.{term}"
        for when, figures in (("first", first), ("second", second)):
            named = f"{name}.{when}", term, unit
            makes.append(partial(_after, outcome, pairs, figures, members, *named))
        makes.append(partial(_gained, outcome, pairs, gain, [members], f"{term}.change"))
    both = [who["moved"], who["stayed"]]
    makes.append(partial(_gained, outcome, pairs, gain, both, "moved_minus_stayed"))
    return together_of(pairs, *makes)


def _after(
    outcome: Outcome, pairs: Pairs, values: Vector, members: Vector, name: str, term: str, unit: str
) -> Estimate:
    mean = average(pairs, values, members, name, term, unit)
    rung = name.removeprefix(f"moves.{outcome.name}.")
    return replace(mean, note=mean.note or CHANCE, outcome=outcome.name, rung=rung)


def _gained(
    outcome: Outcome, pairs: Pairs, gain: Vector, groups: list[Vector], rung: str
) -> Estimate:
    name = f"moves.{outcome.name}.{rung}"
    found = change(pairs, gain, groups, outcome.unit, name, CHANCE)
    return replace(found, outcome=outcome.name, rung=rung)


def _by_segment(pairs: Pairs, segment: str) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Split the moves out of the `from` group by the attribute's level at the first answer."""
    import pandas as pd

    if not segment:
        return None, ()
    source, column = pairs.source, f"attr_{segment}"
    known = [n.removeprefix("attr_") for n in source.names if n.startswith("attr_")]
    if segment not in known:
        raise StudyError(f"there is no attribute {segment!r}", fix=nearest(segment, known))
    levels = sorted(source.levels(column))
    there = pairs.origin == pairs.code(pairs.panel.study.origin)
    found = together_of(pairs, *(partial(_of_level, pairs, column, n, there) for n in levels))
    scarce = sum(0 < units < MINIMUM_GROUP for units, _ in found)
    table = pd.DataFrame(
        [
            (name, e.term, e.estimate, e.conf_low, e.conf_high, e.n)
            for name, (_, shares) in zip(levels, found, strict=True)
            for e in shares
        ],
        columns=["segment", "to", "share", "conf_low", "conf_high", "n"],
    )
    note = f"{segment}: {scarce} levels under {MINIMUM_GROUP} {pairs.unit}s are not shown."
    return table, (note,) if scarce else ()


def _of_level(
    pairs: Pairs, column: str, level: str, there: Vector
) -> tuple[int, Sequence[Estimate]]:
    """Return how many units of a level there are, and where they went where these are enough."""
    members = there & (pairs.source.member(column, [level]) == 1)
    units = pairs.units(members)
    if units < MINIMUM_GROUP:
        return units, ()
    makes = [
        partial(average, pairs, np.where(pairs.destination == to, 1.0, 0.0), members, "", label)
        for to, label in enumerate(pairs.panel.study.scale.labels)
    ]
    return units, together_of(pairs, *makes)


def _who_counts(pairs: Pairs) -> tuple[str, ...]:
    return tuple(_sentences(pairs))


def _sentences(pairs: Pairs) -> Iterator[str]:
    """Say how many answers have one in the next wave, and where windows overlap."""
    study, origin = pairs.panel.study, pairs.code(pairs.panel.study.origin)
    again, asked = int((pairs.origin == origin).sum()), answers_before_last(pairs, origin)
    yield (
        f"Moves are those of customers who answered twice: {again:,} of the {asked:,} "
        f"answers in '{study.origin}' before the last wave have an answer one wave later. The "
        "others may have moved differently."
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
