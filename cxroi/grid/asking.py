"""Which score is worth asking: how much each adds to what is known of a customer without it.

For each outcome the scores are held against one another on the same customers: by how much each
foretells better than controls and baselines alone, out of sample (see `folds`). A score enters as
the number that was answered; beside it as its headline counts it (top two, promoters less
detractors), and together with the others. A score wins an outcome only where it is better than
each of the others; the p values of all pairs are adjusted by Holm, the winners' over the outcomes
by Benjamini and Hochberg. That no score wins is an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import numpy as np

from ..effects.verdicts import event_of
from ..errors import CxroiError, ModelError, ScarceDataError, attempt
from ..models.controls import lay_out
from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.multiplicity import benjamini_hochberg, holm
from ..results.thresholds import FEWEST_EVENTS, MINIMUM_GROUP
from .contest import NO_WINNER, NONE_HELPS, WINNER, Contest, WorthAsking
from .folds import FOLDS, METHOD, Losses, cross_validated
from .joint import Joint, join_scores

if TYPE_CHECKING:
    from ..arrays import Floats, Integers
    from ..moments.frame_rows import FrameRows
    from ..study.declared import Study
    from .panels import ScorePanels

UNIT = "share of the variance foretold"
NOTHING, TOGETHER, OFFICIAL = "nothing", "all", "official"
# Pairs of more scores than this are too many to be read.
MOST_PAIRED = 4


def worth_asking(panels: ScorePanels) -> WorthAsking:
    """Hold the scores of a study against one another by how well they foretell each outcome.

    Where fewer than two scores can be used, or nobody has all of them in one wave, there is no
    contest, and the refusal of each outcome says why.

    Examples
    --------
    >>> worth = worth_asking(score_panels(study))  # doctest: +SKIP
    >>> worth.contests["spend"].kind  # doctest: +SKIP
    'no winner'
    """
    names = [outcome.name for outcome in panels.study.outcomes]
    joint = attempt(partial(join_scores, panels))
    if isinstance(joint, CxroiError):
        refusals = {**panels.refusals, **dict.fromkeys(names, joint)}
        return WorthAsking(panels.study, panels.titles, {}, 0, 0, {}, refusals)
    made = {name: attempt(partial(_contest, joint, name)) for name in names}
    refusals = {n: one for n, one in made.items() if isinstance(one, CxroiError)}
    contests = {n: one for n, one in made.items() if not isinstance(one, CxroiError)}
    return WorthAsking(
        panels.study,
        {name: panels.titles[name] for name in panels.panels},
        joint.official_words,
        joint.rows.count,
        joint.rows.customers,
        MappingProxyType(_decided(joint.study, contests)),
        MappingProxyType({**panels.refusals, **refusals}),
    )


def _contest(joint: Joint, name: str) -> Contest:
    """Hold the scores against one another by one outcome, other outcomes aside."""
    losses, count = _losses(joint, name)
    figure = partial(_figure, losses, name, count)
    scores = tuple(joint.numbers)
    gains = {one: figure(one, NOTHING, one) for one in scores}
    official = {one: figure(f"{one}.{OFFICIAL}", NOTHING, f"{one}.{OFFICIAL}") for one in scores}
    together = [figure(" + ".join(p), NOTHING, "+".join(p)) for p in _pairs(scores)]
    ranked = sorted(scores, key=lambda one: -(gains[one].estimate or 0.0))
    pairs = list(combinations(ranked, 2))  # those of the best come first
    differences = _holm([figure(a, b, f"{a}.over.{b}") for a, b in pairs])
    ways = _holm([figure(f"{s}.{OFFICIAL}", s, f"{s}.{OFFICIAL}_over_number") for s in scores])
    beaten = {
        pair[1] for pair, lead in zip(pairs, differences, strict=True) if lead.beyond_chance()
    }
    return Contest(
        outcome=name,
        kind="",
        best=ranked[0],
        unbeaten=tuple(one for one in scores if one not in beaten),
        known=_known(losses, name, count),
        gains=gains,
        official=official,
        combined=(*together, figure(TOGETHER, NOTHING, TOGETHER)),
        differences=tuple(differences),
        transformed=dict(zip(scores, ways, strict=True)),
        over_best=figure(TOGETHER, ranked[0], f"{TOGETHER}.over.{ranked[0]}"),
        p_adjusted=max(lead.p_value or 0.0 for lead in differences[: len(ranked) - 1]),
    )


def _decided(study: Study, contests: Mapping[str, Contest]) -> dict[str, Contest]:
    """Correct the leads over the outcomes, and say of each whether a score wins it."""
    events = {event_of(study, name): contest.p_adjusted for name, contest in contests.items()}
    over = benjamini_hochberg(list(events.values())).tolist() if events else []
    adjusted = dict(zip(events, over, strict=True))
    found = {}
    for name, contest in contests.items():
        p_value = adjusted[event_of(study, name)]
        helps = any((gain.conf_low or 0.0) > 0 for gain in contest.gains.values())
        won = p_value < 1 - CONF_LEVEL and (contest.gains[contest.best].conf_low or 0.0) > 0
        kind = WINNER if won else NO_WINNER if helps else NONE_HELPS
        found[name] = replace(contest, kind=kind, p_adjusted=p_value)
    return found


def _losses(joint: Joint, name: str) -> tuple[Losses, int]:
    """Fit every model of an outcome and return what it loses, and on how many rows."""
    rows = joint.rows.only(joint.rows.is_known(f"{name}_after") & (joint.rows.weights > 0))
    values = rows.values(f"{name}_after")
    _refuse_few(values, rows.clusters, joint.study.outcome(name).kind, name)
    known = _held(joint, rows)
    scores = {one: rows.own(joint.numbers[one]) for one in joint.numbers}
    scores |= {f"{one}.{OFFICIAL}": rows.own(joint.official[one]) for one in joint.numbers}
    columns = np.column_stack([*known, *scores.values()])
    begin = len(known)
    base, place = list(range(begin)), {one: begin + n for n, one in enumerate(scores)}
    models = {NOTHING: base} | {one: [*base, at] for one, at in place.items()}
    models |= {" + ".join(p): [*base, *(place[s] for s in p)] for p in _pairs(tuple(joint.numbers))}
    models[TOGETHER] = [*base, *(place[one] for one in joint.numbers)]
    weights = rows.weights / rows.weights.mean()
    seed = joint.study.seed
    return cross_validated(values, columns, models, weights, rows.clusters, seed), rows.count


def _held(joint: Joint, rows: FrameRows) -> list[Floats]:
    """Return controls and baselines as columns, and baselines once more in straight lines."""
    study, waves = joint.study, len(joint.rows.waves) > 1
    bent = lay_out(rows, study.controls, study, waves=waves)
    straight = lay_out(rows, (), study, straight=True)
    return [cast("Floats", one) for made in (bent, straight) for one in made.matrix.columns]


def _pairs(scores: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the pairs of scores that are tried, where they are not all of them, nor many."""
    return list(combinations(scores, 2)) if 2 < len(scores) <= MOST_PAIRED else []


def _refuse_few(values: Floats, units: Integers, kind: str, name: str) -> None:
    """Refuse an outcome that folds would be too small for.

    Raises
    ------
    ModelError
        It does not vary.
    ScarceDataError
        A fold would hold fewer than 30 customers, or fewer than 5 of the rarer answer.
    """
    if not len(values) or values.min() == values.max():
        raise ModelError(
            f"outcome {name!r} does not vary among those of whom every score is known",
            "what is foretold must differ between customers",
        )
    customers, least = len(np.unique(units)), FOLDS * MINIMUM_GROUP
    if customers < least:
        raise ScarceDataError(
            f"every score and {name!r} are known of {customers} customers or clusters",
            f"scores are held against one another from {least} on",
            "Pool more waves, or leave out the score that few have",
        )
    above = int((values != 0).sum())
    fewest = min(above, len(values) - above) if kind == "yes_no" else above
    if fewest < FOLDS * FEWEST_EVENTS:
        raise ScarceDataError(
            f"{name.replace('_', ' ')} is too rare to be foretold: {fewest} of {len(values)}",
            f"there are at least {FOLDS * FEWEST_EVENTS}",
            "Pool more waves or lengthen the outcome window",
        )


def _figure(
    losses: Losses, outcome: str, count: int, model: str, other: str, name: str
) -> Estimate:
    value, error, dof = losses.difference(model, other)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    return Estimate(
        name=f"worth.{outcome}.{name}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=UNIT,
        n=count,
        method=METHOD,
        term=model,
        contrast=f"{model} - {other}",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=outcome,
        rung="foretold",
    )


def _known(losses: Losses, outcome: str, count: int) -> Estimate:
    value, error, dof = losses.explained(NOTHING)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    name = f"worth.{outcome}.{NOTHING}"
    known = Estimate(name, value, low, high, error, UNIT, count, METHOD, term=NOTHING)
    return replace(known, outcome=outcome, rung="foretold")


def _holm(tests: list[Estimate]) -> list[Estimate]:
    """Return estimates with p values adjusted by Holm over all of them."""
    adjusted = holm([1.0 if one.p_value is None else one.p_value for one in tests])
    how = f"; p value adjusted by Holm over {len(tests)}"
    return [
        replace(one, p_value=float(p), method=one.method + how)
        for one, p in zip(tests, adjusted, strict=True)
    ]
