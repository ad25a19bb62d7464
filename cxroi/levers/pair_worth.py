"""What a customer moved between neighbouring groups is worth, up and down, as a ROI has it.

Each pair of neighbours has its own regressions, its `to` group against its `from` group, both ways:
what is lost by a fall is not what is gained by a rise, as other customers fall than rise. The
inputs of the levers are held equal in them beside the study's controls: an input that moves the
score moves what customers spend by other ways too, and these are not the score's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..effects.adjusted import PairGap, gap_of_pair
from ..errors import ModelError, StudyError, attempt
from ..value.basis import Basis, basis_of
from ..value.money import MONEY_OUTCOMES

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from .moves.answers import LeverAnswers


@dataclass(frozen=True, eq=False)
class PairWorth:
    """What moves between neighbours are worth.

    Attributes
    ----------
    rises, falls
        Of each pair of neighbours, the lowest first, what a ROI of that move is made of.
    notes
        What was left out, in sentences.
    """

    rises: tuple[Basis, ...]
    falls: tuple[Basis, ...]
    notes: tuple[str, ...] = ()

    @property
    def bases(self) -> tuple[Basis, ...]:
        """All of them, rises first."""
        return (*self.rises, *self.falls)


def worth_of(answers: LeverAnswers, inputs: Sequence[str]) -> PairWorth:
    """Return what a move between neighbours is worth, both ways.

    Parameters
    ----------
    inputs
        Those of the levers, held equal between the groups.

    Raises
    ------
    StudyError
        There is no scenario, or the length of the outcome window is not declared.
    ModelError
        Spend has no contrast between two neighbours.
    """
    if answers.panel.study.scenario is None:
        raise StudyError(
            "the study has no [scenario]",
            "what a move is worth needs gross_margin, causal_share and horizon_months",
        )
    notes = list[str]()
    upward = tuple(zip(answers.labels, answers.labels[1:], strict=False))
    downward = tuple((high, low) for low, high in upward)
    held = holding_equal(answers, inputs)
    bases = [_basis(of_pair(held, pair), notes) for pair in (*upward, *downward)]
    return PairWorth(tuple(bases[: len(upward)]), tuple(bases[len(upward) :]), tuple(notes))


def holding_equal(answers: LeverAnswers, inputs: Sequence[str]) -> Panel:
    """Return the panel with inputs among what is held equal."""
    panel, study = answers.panel, answers.panel.study
    new = [n for n in dict.fromkeys(inputs) if n not in study.controls]
    known = [n for n in new if answers.values(n).nunique() > 1]
    beside = {f"attr_{name}": answers.values(name).to_numpy() for name in known}
    study = replace(study, controls=(*study.controls, *known), scenarios={})
    return replace(panel.with_frame(panel.frame.assign(**beside)), study=study)


def of_pair(panel: Panel, pair: tuple[str, str]) -> Panel:
    """Return a panel whose comparison and scenario are those of another pair of groups."""
    origin, target = pair
    scenario = panel.study.scenario and replace(panel.study.scenario, origin=origin, target=target)
    return replace(
        panel, study=replace(panel.study, origin=origin, target=target, scenario=scenario)
    )


def _basis(panel: Panel, notes: list[str]) -> Basis:
    """Return what a ROI of a panel's pair is made of; say what is left out of it."""
    names = [outcome.name for outcome in panel.study.outcomes]
    priced = [name for name in names if name in (*MONEY_OUTCOMES, "churned")]
    made = {name: attempt(partial(gap_of_pair, panel, name)) for name in priced}
    move = f"from '{panel.study.origin}' to '{panel.study.target}'"
    spend = made.get("spend")
    if not isinstance(spend, PairGap):
        raise ModelError(
            f"a move {move} cannot be valued: {spend or 'spend is not among the outcomes'}",
            "each pair of neighbouring groups needs a contrast of spend",
            "The moves stand without a ROI",
        )
    notes += [
        f"Moves {move} are valued without {name.replace('_', ' ')}, whose gap could not be "
        "estimated."
        for name, one in made.items()
        if not isinstance(one, PairGap)
    ]
    return basis_of(panel, {n: one for n, one in made.items() if isinstance(one, PairGap)})
