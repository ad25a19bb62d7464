"""What a customer moved between neighbouring groups is worth, up and down, as a ROI has it.

Each pair of neighbours has its own regressions, its `to` group against its `from` group, both ways:
what is lost by a fall is not what is gained by a rise, as other customers fall than rise. The
inputs of the levers are held equal in them beside the study's controls: an input that moves the
score moves what customers spend by other ways too, and these are not the score's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..effects.adjusted import Regression, regress_outcome
from ..errors import ModelError, StudyError, attempt
from ..value.basis import Basis, basis_of
from ..value.money import MONEY_OUTCOMES

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from .answers import LeverAnswers

Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Worth:
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


def worth_of(
    answers: LeverAnswers,
    inputs: Sequence[str],
    regressions: Mapping[Pair, Mapping[str, Regression]] | None = None,
) -> Worth:
    """Return what a move between neighbours is worth, both ways.

    Parameters
    ----------
    inputs
        Those of the levers, held equal between the groups.
    regressions
        Of some pairs, `from` and `to`, by outcome, where they were made already.

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
    made, notes = regressions or {}, list[str]()
    upward = tuple(zip(answers.labels, answers.labels[1:], strict=False))
    held = holding_equal(answers, inputs)
    bases = [
        _basis(held, pair, made.get(pair), notes)
        for pair in (*upward, *((high, low) for low, high in upward))
    ]
    return Worth(tuple(bases[: len(upward)]), tuple(bases[len(upward) :]), tuple(notes))


def holding_equal(answers: LeverAnswers, inputs: Sequence[str]) -> Panel:
    """Return the panel with inputs among what is held equal."""
    panel, study = answers.panel, answers.panel.study
    new = [n for n in dict.fromkeys(inputs) if n not in study.controls]
    known = [n for n in new if answers.values(n).nunique() > 1]
    beside = {f"attr_{name}": answers.values(name).to_numpy() for name in known}
    study = replace(study, controls=(*study.controls, *known), scenarios={})
    return replace(panel.with_frame(panel.frame.assign(**beside)), study=study)


def of_pair(panel: Panel, pair: Pair) -> Panel:
    """Return a panel whose comparison and scenario are those of another pair of groups."""
    origin, target = pair
    scenario = panel.study.scenario and replace(panel.study.scenario, origin=origin, target=target)
    return replace(
        panel, study=replace(panel.study, origin=origin, target=target, scenario=scenario)
    )


def _basis(
    panel: Panel, pair: Pair, made: Mapping[str, Regression] | None, notes: list[str]
) -> Basis:
    own = of_pair(panel, pair)
    found = made if made is not None else dict(_regressions(own, pair, notes))
    if "spend" not in found:
        why = attempt(partial(regress_outcome, own, "spend"))
        raise ModelError(
            f"a move from '{pair[0]}' to '{pair[1]}' cannot be valued: {why}",
            "each pair of neighbouring groups needs a contrast of spend",
            "The moves stand without a ROI",
        )
    return basis_of(own, found)


def _regressions(panel: Panel, pair: Pair, notes: list[str]) -> Iterator[tuple[str, Regression]]:
    for outcome in panel.study.outcomes:
        if outcome.name not in (*MONEY_OUTCOMES, "churned"):
            continue
        found = attempt(partial(regress_outcome, panel, outcome.name))
        if isinstance(found, Regression):
            yield outcome.name, found
        elif outcome.name != "spend":
            what = outcome.name.replace("_", " ")
            notes.append(
                f"Moves from '{pair[0]}' to '{pair[1]}' are valued without {what}, whose gap could "
                "not be estimated."
            )
