"""What could make the numbers wrong: every check of every outcome, and what was left out.

One function a check, each in a module beside this one; here they are run together. What one check
refuses does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..analysis import Analysis
from ..effects.adjusted import Regression, regress_outcome
from ..effects.groups import compare_groups, score
from ..errors import CxroiError, ModelError, ParameterError, nearest
from ..respondents.moves import Moves, count_moves
from ..respondents.nonresponse import Nonresponse, reweighted, weigh_responses
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..value.roi import estimate_roi
from .backtest import backtest_check
from .confounding import confounding_check
from .leakage import leakage_check
from .nonresponse import nonresponse_check
from .overlap import overlap_check
from .placebo import placebo_check
from .power import power_check
from .rating import Rating, bounded, rate
from .regression_to_mean import regression_to_mean_check
from .result import NOT_POSSIBLE, Check
from .sensitivity import sensitivity_check
from .tools.grounds import Grounds, grounds_of
from .tools.premises import readable

if TYPE_CHECKING:
    import pandas as pd

    from ..effects.verdicts import Verdict
    from ..panel.panel import Panel

T = TypeVar("T")

# Arithmetic that a check does not survive; anything else is a fault of the program.
ARITHMETIC = (ArithmeticError, np.linalg.LinAlgError)

# In the order in which a reader would ask.
OUTCOME_CHECKS: Mapping[str, Callable[[Analysis, str], Check]] = MappingProxyType(
    {
        "leakage": leakage_check,
        "placebo": placebo_check,
        "overlap": overlap_check,
        "confounding": confounding_check,
        "sensitivity": sensitivity_check,
        "power": power_check,
        "backtest": backtest_check,
    }
)


@dataclass(frozen=True, repr=False)
class Checks(TidyMixin):
    """Every check of an analysis.

    Attributes
    ----------
    checks
        A check an outcome, those that were not possible included, and that of the score.
    nonresponse
        Who did not answer, with the weights that even them out; None where that is not known.
    response_weighted
        Scores, means, gaps and ROI again, with response weights, under the names they have
        without and ``.response_weighted``.
    moves
        Who changed groups from wave to wave; None where that cannot be seen.
    refusals
        Why there is no `nonresponse` or no `moves`.
    grounds
        What the rating rests on beside the checks.
    """

    checks: tuple[Check, ...]
    nonresponse: Nonresponse | None
    response_weighted: tuple[Estimate, ...]
    moves: Moves | None
    refusals: Mapping[str, CxroiError] = field(compare=False)
    grounds: Grounds

    @property
    def rating(self) -> Rating:
        """How far the answer may be rested on, over every outcome that carries money."""
        return rate(self.checks, self.grounds, self.grounds.money)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts of the analysis, as far as the checks let them stand."""
        return tuple(bounded(self.checks, self.grounds))

    def of(self, name: str) -> tuple[Check, ...]:
        """Return one check, such as ``placebo``, for all outcomes."""
        return tuple(check for check in self.checks if check.name == name)

    def about(self, outcome: str) -> tuple[Check, ...]:
        """Return every check of one outcome."""
        return tuple(check for check in self.checks if check.outcome == outcome)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure under its stable name, each name once."""
        found = [self.rating.entry, *(check.entry for check in self.checks)]
        pairs = zip(self.verdicts, self.grounds.verdicts, strict=True)
        found += [left.estimate for left, before in pairs if left != before]
        if self.nonresponse:
            found += [self.nonresponse.response_rate, *self.response_weighted]
        if self.moves:
            found += [*self.moves.transitions, *self.moves.outcomes]
        return tuple({estimate.name: estimate for estimate in found}.values())

    def tidy(self) -> pd.DataFrame:
        """Return one row a check: name, outcome, verdict, figure with interval, sentence."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "check": check.name,
                    "outcome": check.outcome,
                    "verdict": check.verdict,
                    "estimate": check.entry.estimate,
                    "conf_low": check.entry.conf_low,
                    "conf_high": check.entry.conf_high,
                    "sentence": check.sentence,
                }
                for check in self.checks
            ]
        )


def run_checks(analysis: Analysis, *only: str) -> Checks:
    """Run every check on every outcome of an analysis, and look at who answered and who moved.

    A check that the data do not allow is kept with the verdict ``not possible`` and the reason.

    Parameters
    ----------
    only
        Names of the checks to run, such as ``confounding``; all if none is named.

    Raises
    ------
    ParameterError
        There is no check of that name.
    """
    known = (*OUTCOME_CHECKS, "nonresponse", "regression_to_mean")
    for name in set(only) - set(known):
        raise ParameterError(f"there is no check {name!r}", fix=nearest(name, known))
    wanted = only or known
    refusals: dict[str, CxroiError] = {}
    panel = analysis.panel
    respondents: list[Callable[[], Any]] = [
        partial(_attempt, partial(weigh_responses, panel), "response weights"),
        partial(_attempt, partial(count_moves, panel, _segment(panel)), "moves between waves"),
    ]
    made = panel.rows.together(respondents)
    nonresponse: Nonresponse | None = _or_none(made[0], "nonresponse", refusals)
    moves: Moves | None = _or_none(made[1], "moves", refusals)
    weighted: dict[str, Regression] = {}
    again: tuple[Estimate, ...] = ()
    if nonresponse:
        whole = reweighted(panel, nonresponse)
        weighted = _regress(whole, analysis)
        again = tuple(e.weighted("response_weighted") for e in _estimates(whole, weighted))
    todo = [
        partial(_run, check, name, analysis, outcome.name)
        for name, check in OUTCOME_CHECKS.items()
        if name in wanted
        for outcome in panel.study.outcomes
    ]
    if "nonresponse" in wanted:
        of = partial(_nonresponse, nonresponse, weighted, refusals)
        names = [outcome.name for outcome in panel.study.outcomes]
        todo += [partial(_run, of, "nonresponse", analysis, name) for name in names]
    if "regression_to_mean" in wanted:
        check = regression_to_mean_check
        todo.append(partial(_run, check, "regression_to_mean", analysis, "score"))
    checks = panel.rows.together(todo, "Checks")
    grounds = grounds_of(analysis, tuple(name for name in known if name not in wanted))
    return Checks(tuple(checks), nonresponse, again, moves, refusals, grounds)


def _segment(panel: Panel) -> str:
    """Return the first declared control that is a category, by which moves are split."""
    rows, coded = panel.rows, panel.study.categorical
    categories = (n for n in panel.study.controls if n in coded or not rows.is_number(f"attr_{n}"))
    return next(categories, "")


def _or_none(one: T | CxroiError, name: str, refusals: dict[str, CxroiError]) -> T | None:
    if isinstance(one, CxroiError):
        refusals[name] = one
        return None
    return one


def _run(
    check: Callable[[Analysis, str], Check], name: str, analysis: Analysis, outcome: str
) -> Check:
    made = _attempt(partial(check, analysis, outcome), f"the check {name} of {outcome}")
    return Check(name, outcome, NOT_POSSIBLE, str(made)) if isinstance(made, CxroiError) else made


def _attempt(make: Callable[[], T], what: str) -> T | CxroiError:
    """Return what is made, or why not: no check ends a report."""
    try:
        return make()
    except CxroiError as refusal:
        return refusal
    except ARITHMETIC as fault:
        return ModelError(
            f"the arithmetic of {readable(what)} leaves the range of numbers "
            f"({type(fault).__name__})",
            "a few values may be out of all proportion to the others",
            "Look at the largest values of the outcome and of the controls",
        )


def _nonresponse(
    nonresponse: Nonresponse | None,
    weighted: Mapping[str, Regression],
    refusals: Mapping[str, CxroiError],
    analysis: Analysis,
    outcome: str,
) -> Check:
    if nonresponse is None:
        return Check("nonresponse", outcome, NOT_POSSIBLE, str(refusals["nonresponse"]))
    if outcome not in weighted:
        reason = analysis.refusals.get(outcome, f"{outcome} has no adjusted contrast")
        return Check("nonresponse", outcome, NOT_POSSIBLE, str(reason))
    return nonresponse_check(analysis, outcome, nonresponse, weighted[outcome])


def _regress(whole: Panel, analysis: Analysis) -> dict[str, Regression]:
    """Return the regressions with response weights; what is refused, the check says."""
    names = list(analysis.regressions)
    todo = [partial(_attempt, partial(regress_outcome, whole, name), name) for name in names]
    made = zip(names, whole.rows.together(todo), strict=True)
    return {name: one for name, one in made if not isinstance(one, CxroiError)}


def _estimates(whole: Panel, weighted: Mapping[str, Regression]) -> Iterator[Estimate]:
    """Yield scores, means, gaps and ROI of a panel with response weights."""
    yield from score(whole)
    compared = whole.rows.together([partial(compare_groups, whole, name) for name in weighted])
    for comparison, regression in zip(compared, weighted.values(), strict=True):
        yield from (*comparison.means, regression.raw, regression.contrast)
    if whole.study.scenario:
        try:
            yield from estimate_roi(whole, weighted).estimates
        except CxroiError:
            return  # as without the weights, and said there
