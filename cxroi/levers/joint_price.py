"""What sets of levers earn, each set applied at once: what a portfolio is chosen from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .joint_draws import draw_jointly
from .moves.answers import align
from .moves.group_model import model_of_groups
from .moves.net_moves import moves_of
from .pair_worth import worth_of
from .roi import LeverMoney, price

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from ..study.levers import Lever
    from .driver_table import DriverTable

Sets = Sequence[tuple[str, ...]]


def joint_price(
    panel: Panel, table: DriverTable, levers: Sequence[Lever]
) -> Callable[[Sets], tuple[LeverMoney, ...]]:
    """Return a function that prices sets of levers by their names in results.

    All are read off one model with the inputs of all levers in it, so that what two of them share
    counts once, and whoever is reached by two counts once. A set of one lever may so earn less
    than `estimate_levers` says of it, which lets its input stand for those it comes with.

    Parameters
    ----------
    levers
        Those that are not refused by themselves.

    Returns
    -------
    Callable
        Sets of names -> money of each; the same draw of all sets, in whichever call, has the same
        customers and assumptions.

    Raises
    ------
    StudyError, ScarceDataError, OverlapError, ModelError
        As `estimate_levers` says of single levers; the function as of a set.

    Examples
    --------
    >>> price = joint_price(panel, table, study.levers)  # doctest: +SKIP
    >>> both = price([("in_time", "sooner")])[0]  # doctest: +SKIP
    >>> both.net, both.nets.std()  # doctest: +SKIP
    """
    inputs = list(dict.fromkeys(lever.input for lever in levers))
    answers = align(panel, table, inputs)
    worth, model = worth_of(answers, inputs), model_of_groups(answers, inputs, levers)
    named = {lever.slug: lever for lever in levers}
    drawn = draw_jointly(panel.study, worth, [moves_of(model, [one]) for one in levers])

    def of_sets(sets: Sets) -> tuple[LeverMoney, ...]:
        moves = [moves_of(model, [named[name] for name in names]) for names in sets]
        return price(panel.study, worth, moves, drawn)

    return of_sets
