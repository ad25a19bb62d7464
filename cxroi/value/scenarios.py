"""What scenarios beside the plan return, with the draws of the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..results.estimate import Estimate
from .figures import ERRORS, returns
from .money import Inputs, evaluate
from .notes import cut_note

if TYPE_CHECKING:
    from ..study.scenario import Scenario
    from .basis import Basis

FIRST_WINDOW = "_first_window"


def scenario_estimates(basis: Basis, name: str, scenario: Scenario) -> tuple[Estimate, ...]:
    """Return what a named scenario returns, with the draws of the plan.

    Returns
    -------
    tuple
        ``scenario.<name>.roi.ratio``, ``.net_value`` and ``.probability_positive``; where value
        is counted for the first window only, their names end in ``_first_window``.

    Raises
    ------
    ModelError
        Persistence is to be as observed, and cannot be seen.
    """
    under = basis.under(scenario)
    found = returns_of(under, under.central, under.draws())
    return tuple(e.named(f"scenario.{name}.{e.name}") for e in found)


def returns_of(basis: Basis, central: Inputs, draws: Inputs) -> tuple[Estimate, ...]:
    """Return ratio, net value and chance at these inputs, named by the horizon they are over."""
    found = returns(evaluate(central), evaluate(draws), basis.study, basis.evidence.n, ERRORS)
    return named_by_horizon(found, basis)


def named_by_horizon(figures: Iterable[Estimate], basis: Basis) -> tuple[Estimate, ...]:
    """Give figures over the first window other names than those over the whole horizon have."""
    if not basis.cut:
        return tuple(figures)
    why = cut_note(basis.study, basis.scenario)
    return tuple(
        replace(
            e,
            name=f"{e.name}{FIRST_WINDOW}",
            term=f"{e.term}, first window",
            note=" ".join(filter(None, (e.note, why))),
        )
        for e in figures
    )
