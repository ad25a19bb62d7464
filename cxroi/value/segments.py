"""The gap and the ROI of each group of customers apart, such as of each segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..effects.adjusted import Regression, regress_outcome
from ..errors import CxroiError, ScarceDataError, StudyError, attempt
from ..moments.rows import MISSING
from ..results.estimate import Estimate
from ..results.formats import shown_p
from ..results.thresholds import MINIMUM_GROUP
from ..study.scenario import Range, Scenario
from .basis import basis_of
from .money import MONEY_OUTCOMES
from .scenarios import returns_of

if TYPE_CHECKING:
    from ..panel.panel import Panel

MOST_LEVELS = 10


@dataclass(frozen=True)
class Segment:
    """What is found of the answers with one value of an attribute.

    Attributes
    ----------
    column, level
        The attribute and its value; the value is empty where all of them are refused.
    n
        Answers with it.
    estimates
        ``segment.<column>.<level>.`` and ``contrast.<outcome>.doubly_robust``, and where there is
        a scenario ``roi.ratio``, ``roi.net_value`` and ``roi.probability_positive``.
    refusal
        Why there is no gap, or else no ROI.
    """

    column: str
    level: str
    n: int
    estimates: tuple[Estimate, ...]
    refusal: CxroiError | None = None

    @property
    def nothing(self) -> Estimate:
        """The entry of a value of which nothing is shown, with the reason."""
        name = f"segment.{self.column}.{self.level or 'all'}"
        return Estimate(name, None, None, None, None, "", self.n, "refused", str(self.refusal))

    def find(self, name: str) -> Estimate | None:
        """Return an estimate by the end of its name, such as ``roi.ratio``; None without one."""
        whole = f"segment.{self.column}.{self.level}.{name}"
        return next((e for e in self.estimates if e.name.startswith(whole)), None)


def by_segment(panel: Panel) -> tuple[Segment, ...]:
    """Return gap and ROI for each value of the attributes that ``by`` of the study names.

    Each is the analysis of a panel of its own, so that nothing is borrowed from the others. The
    customers and the fixed cost of the scenario are shared out as the customers of the group
    moved from are who answered.

    Returns
    -------
    tuple
        The largest first; one that is too small, or refused, says why and holds no number.
    """
    return tuple(found for column in panel.study.by for found in _of_column(panel, column))


def _of_column(panel: Panel, column: str) -> Iterator[Segment]:
    levels = {n: size for n, size in panel.rows.levels(f"attr_{column}").items() if n != MISSING}
    if len(levels) > MOST_LEVELS:
        yield Segment(
            column,
            "",
            0,
            (),
            StudyError(
                f"by names {column!r}, which has {len(levels)} different values",
                f"groups are shown apart by at most {MOST_LEVELS}",
                "Group them before",
            ),
        )
        return
    for level, size in levels.items():
        if size < MINIMUM_GROUP:
            few = ScarceDataError(f"under {MINIMUM_GROUP} answers", "nothing is shown of fewer")
            yield Segment(column, level, 0, (), few)
            continue
        made = attempt(partial(_of_level, panel, column, level, size))
        refused = isinstance(made, CxroiError)
        yield Segment(column, level, size, (), made) if refused else made  # type: ignore[misc,arg-type]


def regressed_part(
    panel: Panel, column: str, level: str
) -> tuple[Panel, Mapping[str, Regression | CxroiError]]:
    """Return the panel of the answers with a value of an attribute, and its regressions.

    By outcome that carries money, or of all where none does; with its share of the scenario.
    """
    part = panel.where(**{column: level})
    part = replace(part, study=replace(part.study, scenario=_shared(panel, part)))
    return part, {n: attempt(partial(regress_outcome, part, n)) for n in _outcomes(panel)}


def _of_level(panel: Panel, column: str, level: str, size: int) -> Segment:
    part, tried = regressed_part(panel, column, level)
    regressions = {n: r for n, r in tried.items() if isinstance(r, Regression)}
    refusal = next((r for r in tried.values() if isinstance(r, CxroiError)), None)
    found = [r.contrast for r in regressions.values()]
    if part.study.scenario and regressions:
        roi = attempt(partial(_returns, part, regressions))
        found += [] if isinstance(roi, CxroiError) else roi
        refusal = roi if isinstance(roi, CxroiError) else None
    found = [e.weighted("weighted") for e in found] if part.weighted else found
    named = tuple(e.named(f"segment.{column}.{level}.{e.name}") for e in found)
    return Segment(column, level, size, named, refusal)


def _outcomes(panel: Panel) -> list[str]:
    """Return the outcomes that carry money, or all where none does."""
    names = [outcome.name for outcome in panel.study.outcomes]
    return [n for n in names if n in (*MONEY_OUTCOMES, "churned")] or names


def _returns(part: Panel, regressions: Mapping[str, Regression]) -> list[Estimate]:
    basis = basis_of(part, regressions)
    return list(returns_of(basis, basis.central, basis.draws()))


def _shared(panel: Panel, part: Panel) -> Scenario | None:
    """Return the scenario with this part's share of its customers and of its fixed cost."""
    whole = panel.study.scenario
    if whole is None:
        return None
    share = part.origin_customers / max(panel.origin_customers, 1)
    cost = whole.fixed_cost
    reach = whole.from_customers
    return replace(
        whole,
        fixed_cost=Range(cost.low * share, cost.likely * share, cost.high * share),
        from_customers=None if reach is None else max(round(reach * share), 1),
    )


def heterogeneity(segments: tuple[Segment, ...], outcome: str) -> Iterator[Estimate]:
    """Yield, for each attribute, whether its values differ in a gap by more than chance.

    Cochran's Q: squared distances of the gaps from their mean weighted by precision, chi-squared
    with one degree of freedom less than there are values if all gaps are the same (Cochran,
    Biometrics 10 (1954), 101-129).
    """
    from scipy.stats import chi2

    for column in dict.fromkeys(segment.column for segment in segments):
        name = f"contrast.{outcome}.doubly_robust"
        own = [s.find(name) for s in segments if s.column == column]
        known = [e for e in own if e and e.estimate is not None and e.std_error]
        if len(known) < 2:
            continue
        gaps = np.array([e.estimate for e in known], dtype=float)
        weights = np.array([e.std_error for e in known], dtype=float) ** -2.0
        q = float(weights @ (gaps - weights @ gaps / weights.sum()) ** 2)
        p = float(chi2.sf(q, len(known) - 1))
        yield Estimate(
            f"segment.{column}.heterogeneity.{outcome}",
            q,
            None,
            None,
            None,
            "Cochran's Q",
            sum(e.n for e in known),
            f"chi-squared, {len(known) - 1} degrees of freedom, {known[0].method}",
            note=f"p {shown_p(p)}",
            p_value=p,
            outcome=outcome,
        )
