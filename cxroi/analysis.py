"""Everything a study says, from its panel: scores, comparisons, regressions, verdicts, ROI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .effects.adjusted import Regression, regress_outcome
from .effects.groups import Comparison, compare_groups, score
from .effects.survival import Survival, churn_survival
from .effects.trend import Trend, score_trend
from .effects.verdicts import Verdict, judge
from .effects.within import Within, change_within
from .errors import CxroiError, attempt
from .panel.overview import Overview, overview
from .results.display import TidyMixin
from .results.estimate import Estimate, tidy_table
from .results.on_demand import FITTED, LATER, later, on_demand
from .value.roi import Roi, estimate_roi
from .value.rungs import contradicted, roi_by_rung

if TYPE_CHECKING:
    import pandas as pd

    from .panel.panel import Panel
    from .study.declared import Study

T = TypeVar("T")

RESAMPLES = 2_000


@on_demand
@dataclass(frozen=True, repr=False)
class Analysis(TidyMixin):
    """All results of a panel; what was refused is kept beside them with its reason.

    Attributes
    ----------
    panel
        What was analysed; of an analysis that was read, built when it is asked for.
    overview
        What a reader is told of the panel.
    scores
        Headline score and shares of groups; `weighted` names hold survey-weighted figures.
    comparisons, regressions
        By outcome; survey-weighted where the study declares weights.
    within
        By outcome: the last rung of the ladder, where it can be had.
    trends
        By outcome: how it changes over the whole score, whatever the pair of groups.
    by_rung
        The ROI that the other rungs of the ladder would give.
    refusals
        Why an outcome has no comparison or no regression; ``survival`` and ``roi`` among the
        keys where those were refused.
    missing
        Why the last rung is missing, by its name in results: ``contrast.retained.within``.
    resampled
        The ROI again, from 2,000 resamples of customers; None where there is no ROI.
    """

    panel: Panel = field(compare=False, metadata=FITTED)
    overview: Overview
    scores: tuple[Estimate, ...]
    comparisons: Mapping[str, Comparison]
    regressions: Mapping[str, Regression]
    within: Mapping[str, Within]
    trends: Mapping[str, Trend]
    unweighted: tuple[Estimate, ...]
    survival: Survival | None = field(compare=False)
    verdicts: tuple[Verdict, ...]
    roi: Roi | None
    by_rung: tuple[Estimate, ...]
    refusals: Mapping[str, CxroiError] = field(compare=False)
    missing: Mapping[str, CxroiError] = field(compare=False)
    resampled: Roi | None = field(compare=False, metadata=LATER)

    @property
    def study(self) -> Study:
        """The study that was analysed."""
        return self.overview.study

    def ladder(self, outcome: str) -> tuple[Estimate, ...]:
        """Return raw, adjusted, doubly robust and within-customer gap, those that there are."""
        r, within = self.regressions[outcome], self.within.get(outcome)
        return (r.raw, r.adjusted, r.contrast, *([within.estimate] if within else []))

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every key number under its stable name, each name once."""
        return tuple({e.name: e for e in self._all()}.values())

    def tidy(self) -> pd.DataFrame:
        """Return every key number, one row each."""
        return tidy_table(self.estimates)

    def _all(self) -> Iterator[Estimate]:
        weighted = self.overview.weighted
        yield from self.scores
        yield from self.unweighted
        yield from _named(
            tuple(_outcome_estimates(self.study, self.comparisons, self.regressions)), weighted
        )
        for within in self.within.values():
            yield from _named((within.estimate, within.difference), weighted)
        yield from _named(tuple(e for t in self.trends.values() for e in t.estimates), weighted)
        yield from self._not_there()
        for verdict in self.verdicts:
            yield verdict.estimate
        if self.survival:
            yield from self.survival.at_window
            yield from self.survival.hazard_ratios
        if self.roi:
            yield from self.roi.estimates
            yield from self.by_rung
            if self.roi.persistence:
                yield self.roi.persistence
        elif "roi" in self.refusals:
            yield _refused("roi.ratio", self.refusals["roi"])

    def _not_there(self) -> Iterator[Estimate]:
        for outcome, regression in self.regressions.items():
            name, known = f"contrast.{outcome}.within", regression.contrast
            if name in self.missing:
                none = _refused(name, self.missing[name], known.unit, known.n)
                yield replace(none, outcome=outcome, rung="within")
        for name, refusal in self.refusals.items():
            if name in {outcome.name for outcome in self.study.outcomes}:
                for rung in ("adjusted", "doubly_robust"):
                    none = _refused(f"contrast.{name}.{rung}", refusal)
                    yield replace(none, outcome=name, rung=rung)


def analyse(panel: Panel) -> Analysis:
    """Run every comparison, regression and the ROI of a panel.

    What one outcome refuses does not stop the others: refusals are kept and reported.
    """
    names = [outcome.name for outcome in panel.study.outcomes]
    makes = compare_groups, regress_outcome, score_trend
    compared, regressed, trends = _each(panel, names, makes, "Comparisons and regressions")
    comparisons, uncompared = _split(compared)
    regressions, refused = _split({n: one for n, one in regressed.items() if n in comparisons})
    refused |= uncompared
    refusals = {name: refused[name] for name in names if name in refused}
    within, missing = _within(panel, regressions)
    survival = _survival(panel, refusals)
    roi, by_rung = _roi(panel, regressions, within, refusals)
    scores = _named(score(panel), panel.weighted)
    return Analysis(
        panel=panel,
        overview=overview(panel),
        scores=(*score(panel, weighted=False), *scores) if panel.weighted else tuple(scores),
        comparisons=comparisons,
        regressions=regressions,
        within=within,
        trends=_split(trends)[0],
        unweighted=tuple(_unweighted(panel, comparisons, regressions)) if panel.weighted else (),
        survival=survival,
        verdicts=judge(panel.study, regressions, refusals),
        roi=roi,
        by_rung=by_rung,
        refusals=refusals,
        missing=missing,
        resampled=later(lambda: _resampled(panel, regressions, roi)),
    )


def _resampled(panel: Panel, regressions: Mapping[str, Regression], roi: Roi | None) -> Roi | None:
    return estimate_roi(panel, regressions, bootstrap=RESAMPLES) if roi else None


def _each(
    panel: Panel,
    names: Iterable[str],
    makes: Sequence[Callable[[Panel, str], Any]],
    what: str = "",
) -> list[dict[str, Any]]:
    """Return, for each of several makers, what it makes of each outcome, or why it refuses."""
    todo = [(make, name) for make in makes for name in names]
    made = panel.rows.together([partial(attempt, partial(m, panel, n)) for m, n in todo], what)
    found: list[dict[str, Any]] = [{} for _ in makes]
    for (make, name), one in zip(todo, made, strict=True):
        found[makes.index(make)][name] = one
    return found


def _split(made: Mapping[str, T | CxroiError]) -> tuple[dict[str, T], dict[str, CxroiError]]:
    """Set what was made apart from what was refused."""
    refused = {name: one for name, one in made.items() if isinstance(one, CxroiError)}
    return {n: one for n, one in made.items() if not isinstance(one, CxroiError)}, refused


def _within(
    panel: Panel, regressions: Mapping[str, Regression]
) -> tuple[dict[str, Within], dict[str, CxroiError]]:
    """Return the gaps within customers, and why one is missing by its name in results."""

    def within(panel: Panel, name: str) -> Within:
        return change_within(panel, regressions[name])

    [made] = _each(panel, regressions, (within,), "Changes within customers")
    found, refused = _split(made)
    return found, {f"contrast.{name}.within": one for name, one in refused.items()}


def _roi(
    panel: Panel,
    regressions: Mapping[str, Regression],
    within: Mapping[str, Within],
    refusals: dict[str, CxroiError],
) -> tuple[Roi | None, tuple[Estimate, ...]]:
    if panel.study.scenario is None:
        return None, ()
    try:
        roi = estimate_roi(panel, regressions)
        by_rung = roi_by_rung(panel, regressions, within)
    except CxroiError as refusal:
        refusals["roi"] = refusal
        return None, ()
    return replace(roi, contradicted_by=contradicted(roi, by_rung, within, regressions)), by_rung


def _survival(panel: Panel, refusals: dict[str, CxroiError]) -> Survival | None:
    names = {outcome.name for outcome in panel.study.outcomes}
    if panel.study.churn != "cancelled" or not names & {"churned", "retained"}:
        return None
    try:
        return churn_survival(panel)
    except CxroiError as refusal:
        refusals["survival"] = refusal
        return None


def _outcome_estimates(
    study: Study, comparisons: Mapping[str, Comparison], regressions: Mapping[str, Regression]
) -> Iterator[Estimate]:
    pair = f"{study.target} - {study.origin}"
    for comparison in comparisons.values():
        yield from comparison.means
        for gap, relative in zip(comparison.gaps, comparison.relative_gaps, strict=True):
            if gap.contrast == pair:
                yield from (gap, relative)
    for regression in regressions.values():
        yield regression.adjusted
        yield regression.contrast
        yield from regression.differences
        yield from regression.beside


def _unweighted(
    panel: Panel, comparisons: Mapping[str, Comparison], regressions: Mapping[str, Regression]
) -> Iterator[Estimate]:
    makes = (compare_groups, regress_outcome, score_trend)
    plainly = [partial(make, weighted=False) for make in makes]
    compared, regressed, trends = (_split(one)[0] for one in _each(panel, comparisons, plainly))
    # Rows of weight zero take part in unweighted regressions and may forbid one.
    plain = {name: one for name, one in regressed.items() if name in regressions}
    yield from _outcome_estimates(panel.study, compared, plain)
    for one in _within(panel, plain)[0].values():
        yield one.estimate
    for trend in trends.values():
        yield from trend.estimates


def _named(estimates: tuple[Estimate, ...], weighted: bool) -> list[Estimate]:
    """Suffix survey-weighted figures, so that plain names are always the answers as given."""
    return [e.weighted("weighted") if weighted else e for e in estimates]


def _refused(name: str, refusal: CxroiError, unit: str = "", n: int = 0) -> Estimate:
    return Estimate(name, None, None, None, None, unit, n, "refused", str(refusal))
