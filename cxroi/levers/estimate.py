"""All levers of a study: what each moves, what that earns, and what it does beside the score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import CxroiError, attempt
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..study.scenario import Prior, Range
from ..value.figures import claimed
from .joint_draws import draw_jointly
from .moves.answers import LeverAnswers, align
from .moves.direct import mediated
from .moves.group_model import LeverModel, model_of_groups
from .moves.net_moves import LeverMoves, moves_of
from .pair_worth import PairWorth, worth_of
from .roi import LeverMoney, money_estimates, price

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..study.declared import Study
    from ..study.levers import Lever
    from .driver_table import Driver, DriverTable


@dataclass(frozen=True, repr=False)
class LeverResult(TidyMixin):
    """What one lever moves and earns.

    Attributes
    ----------
    estimates
        ``lever.<slug>.`` and ``moved.<from>_to_<to>``, ``share_moved``, ``reached``, where there
        is a ROI ``value``, ``cost``, ``net_value``, ``roi``, ``probability_positive`` and
        ``break_even_change``, and ``direct.<outcome>`` and ``through_score.<outcome>``.
    driver
        The input that it changes; None where the table does not have it.
    causal_share
        What is taken of the association of input and score as effect.
    moves, money
        What they were made of; None where they were refused.
    refusal, unpriced
        Why there are no moves, and why no money.
    undirected
        By outcome why there is no effect beside the score.
    notes
        What was left out or merged, in sentences.
    """

    lever: Lever
    estimates: tuple[Estimate, ...]
    driver: Driver | None
    causal_share: Range | None
    moves: LeverMoves | None = field(default=None, compare=False)
    money: LeverMoney | None = field(default=None, compare=False)
    refusal: CxroiError | None = field(default=None, compare=False)
    unpriced: CxroiError | None = field(default=None, compare=False)
    undirected: Mapping[str, CxroiError] = field(default_factory=dict, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether it is shown to move anybody."""
        return self.moves is not None and self.moves.shown

    @property
    def pays(self) -> bool:
        """Whether it is said to pay: it is shown to move, and at least 95 % of draws pay."""
        return self.shown and self._claimed[0]

    @property
    def loses(self) -> bool:
        """Whether it is said not to pay: at most 5 % of the draws do."""
        return self._claimed[1]

    @property
    def _claimed(self) -> tuple[bool, bool]:
        if self.money is None:
            return False, False
        return claimed(self["probability_positive"].estimate or 0.0)

    def __getitem__(self, name: str) -> Estimate:
        """Return one estimate by the end of its name, such as ``share_moved``."""
        sought = f"lever.{self.lever.slug}.{name}"
        return next(e for e in self.estimates if e.name == sought)

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


def estimate_levers(panel: Panel, table: DriverTable) -> tuple[LeverResult, ...]:
    """Estimate what each lever of a study moves, what it earns, and what it does beside the score.

    Returns
    -------
    tuple
        In the order of the study file; one that is refused says why. The draws of all are of the
        same customers and assumptions, so that levers can be held against one another.

    Raises
    ------
    ScarceDataError
        Fewer than two groups are large enough to be told apart.

    Examples
    --------
    >>> found = estimate_levers(panel, table)  # doctest: +SKIP
    >>> found[0]["share_moved"]  # doctest: +SKIP
    """
    study, inputs = panel.study, list(dict.fromkeys(one.input for one in panel.study.levers))
    usable = [name for name in inputs if f"x_{name}" in table.frame]
    answers = align(panel, table, usable)
    made = [attempt(partial(_moves, panel, table, answers, lever)) for lever in study.levers]
    found = [one for one in made if not isinstance(one, CxroiError)]
    worth = attempt(partial(worth_of, answers, usable)) if found else None
    money: list[LeverMoney | CxroiError] = []
    if isinstance(worth, PairWorth):
        money = _priced(study, worth, [moves for _, moves in found])
    results, monies = [], iter(money)
    for lever, one in zip(study.levers, made, strict=True):
        common = study.scenario.causal_share if study.scenario else None
        share = lever.causal_share or common
        driver = next((d for d in table.drivers if d.name == lever.input), None)
        blank = LeverResult(lever, (), driver, share, notes=tuple(_not_held(lever, table)))
        if isinstance(one, CxroiError):
            results.append(_refused(blank, one))
            continue
        own = next(monies) if money else worth
        results.append(_result(blank, study, *one, worth, own))
    return tuple(results)


def _moves(
    panel: Panel, table: DriverTable, answers: LeverAnswers, lever: Lever
) -> tuple[LeverModel, LeverMoves]:
    if f"x_{lever.input}" not in answers.frame:
        align(panel, table, [lever.input])  # says why
    model = model_of_groups(answers, [lever.input], [lever])
    return model, moves_of(model, [lever])


def _priced(
    study: Study, worth: PairWorth, moves: Sequence[LeverMoves]
) -> list[LeverMoney | CxroiError]:
    """Return the money of each, or why there is none, such as a lever that costs nothing."""
    drawn = draw_jointly(study, worth, moves)
    made = [attempt(partial(price, study, worth, [one], drawn)) for one in moves]
    return [one if isinstance(one, CxroiError) else one[0] for one in made]


def _result(
    blank: LeverResult,
    study: Study,
    model: LeverModel,
    moves: LeverMoves,
    worth: PairWorth | CxroiError | None,
    money: LeverMoney | CxroiError | PairWorth | None,
) -> LeverResult:
    beside = mediated(model, moves, [outcome.name for outcome in study.outcomes])
    refused = {n: one for n, one in beside.items() if isinstance(one, CxroiError)}
    direct = [e for one in beside.values() if not isinstance(one, CxroiError) for e in one]
    earned: list[Estimate] = []
    if isinstance(worth, PairWorth) and isinstance(money, LeverMoney):
        earned = money_estimates(study, worth, moves, money)
    figures = _named(blank.lever, [*moves.estimates, _reached(moves), *earned, *direct])
    return replace(
        blank,
        estimates=tuple(figures),
        moves=moves,
        money=money if isinstance(money, LeverMoney) else None,
        unpriced=money if isinstance(money, CxroiError) else None,
        undirected=refused,
        notes=tuple(_notes(blank, moves, worth)),
    )


def _named(lever: Lever, estimates: Sequence[Estimate]) -> Iterator[Estimate]:
    for one in estimates:
        yield one.named(f"lever.{lever.slug}.{one.name}")


def _refused(blank: LeverResult, why: CxroiError) -> LeverResult:
    none = Estimate("share_moved", None, None, None, None, "", 0, "refused", str(why))
    return replace(blank, estimates=tuple(_named(blank.lever, [none])), refusal=why, notes=())


def _reached(moves: LeverMoves) -> Estimate:
    note = (
        f"it changes nothing for {moves.within:,} others; of {moves.unknown:,} the input is not "
        "known."
    )
    method = "count of customers by their latest answer"
    count = float(moves.customers)
    found = Estimate("reached", count, None, None, None, "customers", moves.customers, method, note)
    return replace(found, term="customers reached")


def _not_held(lever: Lever, table: DriverTable) -> Iterator[str]:
    """Say which other inputs the moves of a lever do not hold equal."""
    own = (lever.input, *table.study.controls)
    others = [one.title for one in table.drivers if one.name not in own]
    if others:
        yield (
            f"Other inputs are not held equal in whom it moves ({', '.join(others)}): what comes "
            "from them and goes with this one is counted as its own effect. An attribute that "
            "does not follow from it is held equal where [controls] names it."
        )


def _notes(
    blank: LeverResult, moves: LeverMoves, worth: PairWorth | CxroiError | None
) -> Iterator[str]:
    yield (
        "Counted are customers who answered: of others who would be reached nothing is known, in "
        "value and in cost."
    )
    yield from blank.notes
    yield from moves.notes
    if isinstance(worth, PairWorth):
        yield from worth.notes
    if blank.lever.causal_share is None and isinstance(blank.causal_share, Range):
        kind = "prior" if isinstance(blank.causal_share, Prior) else "range"
        yield (
            "No causal share of the lever itself is declared: that of the scenario is taken for "
            f"input and score too, as a {kind} drawn by itself."
        )
