"""What was kept of a run, with what is fitted made anew when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..results.on_demand import again, later

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..effects.adjusted import Regression
    from ..panel.panel import Panel

T = TypeVar("T")


class Opened(Protocol):
    """A run whose panel can be built."""

    @property
    def panel(self) -> Panel:
        """The panel with its rows."""
        ...


def whole_analysis(run: Opened, read: Analysis) -> Analysis:
    """Return an analysis that was read, with what is fitted made anew when it is asked for."""
    from ..effects.survival import churn_survival
    from ..effects.within import change_within

    regressions = {n: again(r, partial(_regress, run, n)) for n, r in read.regressions.items()}
    within = {
        name: again(found, partial(_of, run, change_within, regressions[name]))
        for name, found in read.within.items()
    }
    survival = read.survival
    return replace(
        read,
        panel=later(lambda: run.panel),
        regressions=regressions,
        within=within,
        survival=again(survival, lambda: churn_survival(run.panel)) if survival else None,
    )


def whole_checks(run: Opened, read: Checks) -> Checks:
    """Return checks that were read, with weights of answers made anew when they are asked for."""
    from ..respondents.nonresponse import weigh_responses

    known = read.nonresponse
    whole = again(known, lambda: weigh_responses(run.panel)) if known else None
    return replace(read, nonresponse=whole)


def _regress(run: Opened, outcome: str) -> Regression:
    from ..effects.adjusted import regress_outcome

    return regress_outcome(run.panel, outcome)


def _of(run: Opened, estimate: Callable[[Panel, Regression], T], regression: Regression) -> T:
    return estimate(run.panel, regression)
