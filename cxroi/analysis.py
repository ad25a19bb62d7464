"""Everything a study says, from its panel: scores, comparisons, regressions, verdicts, ROI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .effects.adjusted import Regression, regress_outcome
from .effects.doubly_robust import DoublyRobust, aipw_contrast
from .effects.groups import Comparison, compare_groups, score
from .effects.survival import Survival, churn_survival
from .effects.verdicts import Verdict, judge
from .effects.within import Within, change_within
from .errors import CxroiError
from .files.outputs import complete_file
from .files.progress import steps
from .results.display import TidyMixin
from .results.estimate import Estimate, tidy_table
from .value.roi import Roi, estimate_roi

if TYPE_CHECKING:
    import pandas as pd

    from .panel.panel import Panel

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Analysis(TidyMixin):
    """All results of a panel; what was refused is kept beside them with its reason.

    Attributes
    ----------
    scores
        Headline score and shares of groups; `weighted` names hold survey-weighted figures.
    comparisons, regressions
        By outcome; survey-weighted where the study declares weights.
    doubly_robust, within
        By outcome: the further rungs of the ladder, each where it can be had.
    refusals
        Why an outcome has no comparison or no regression; ``survival`` and ``roi`` among the
        keys where those were refused.
    missing
        Why a rung of the ladder is missing, by its name in results, such as
        ``contrast.retained.within``.
    """

    panel: Panel
    scores: tuple[Estimate, ...]
    comparisons: Mapping[str, Comparison]
    regressions: Mapping[str, Regression]
    doubly_robust: Mapping[str, DoublyRobust]
    within: Mapping[str, Within]
    unweighted: tuple[Estimate, ...]
    survival: Survival | None = field(compare=False)
    verdicts: tuple[Verdict, ...]
    roi: Roi | None
    refusals: Mapping[str, CxroiError] = field(compare=False)
    missing: Mapping[str, CxroiError] = field(compare=False)

    def ladder(self, outcome: str) -> tuple[Estimate, ...]:
        """Return raw, adjusted, doubly robust and within-customer gap, those that there are."""
        regression = self.regressions[outcome]
        further = (self.doubly_robust.get(outcome), self.within.get(outcome))
        return (regression.raw, regression.adjusted, *(r.estimate for r in further if r))

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every key number under its stable name, each name once."""
        return tuple({e.name: e for e in self._all()}.values())

    def tidy(self) -> pd.DataFrame:
        """Return every key number, one row each."""
        return tidy_table(self.estimates)

    def _all(self) -> Iterator[Estimate]:
        weighted = self.panel.weighted
        yield from self.scores
        yield from self.unweighted
        yield from _named(
            tuple(_outcome_estimates(self.panel, self.comparisons, self.regressions)), weighted
        )
        yield from _named(tuple(r.estimate for r in self.doubly_robust.values()), weighted)
        yield from _named(tuple(w.estimate for w in self.within.values()), weighted)
        for name, refusal in self.missing.items():
            known = self.regressions[name.split(".")[1]].adjusted
            yield _refused(name, refusal, known.unit, known.n)
        for name, refusal in self.refusals.items():
            if name in {outcome.name for outcome in self.panel.study.outcomes}:
                yield _refused(f"contrast.{name}.adjusted", refusal)
        for verdict in self.verdicts:
            yield verdict.estimate
        if self.survival:
            yield from self.survival.at_window
            yield from self.survival.hazard_ratios
        if self.roi:
            yield from self.roi.estimates
        elif "roi" in self.refusals:
            yield _refused("roi.ratio", self.refusals["roi"])


def analyse(panel: Panel) -> Analysis:
    """Run every comparison, regression and the ROI of a panel.

    What one outcome refuses does not stop the others: refusals are kept and reported.
    """
    refusals: dict[str, CxroiError] = {}
    comparisons: dict[str, Comparison] = {}
    regressions: dict[str, Regression] = {}
    long = panel.rows is not None
    for outcome in steps(panel.study.outcomes, "Comparisons and regressions", long=long):
        try:
            comparisons[outcome.name] = compare_groups(panel, outcome.name)
            regressions[outcome.name] = regress_outcome(panel, outcome.name)
        except CxroiError as refusal:
            refusals[outcome.name] = refusal
    missing: dict[str, CxroiError] = {}
    robust = dict(_rungs(panel, regressions, "doubly_robust", aipw_contrast, missing))
    within = dict(_rungs(panel, regressions, "within", change_within, missing))
    survival = _survival(panel, refusals)
    roi = None
    if panel.study.scenario:
        try:
            roi = estimate_roi(panel, regressions)
        except CxroiError as refusal:
            refusals["roi"] = refusal
    scores = _named(score(panel), panel.weighted)
    return Analysis(
        panel=panel,
        scores=(*score(panel, weighted=False), *scores) if panel.weighted else tuple(scores),
        comparisons=comparisons,
        regressions=regressions,
        doubly_robust=robust,
        within=within,
        unweighted=tuple(_unweighted(panel, comparisons, regressions)) if panel.weighted else (),
        survival=survival,
        verdicts=judge(panel.study, regressions, refusals),
        roi=roi,
        refusals=refusals,
        missing=missing,
    )


def write_results(analysis: Analysis, path: str | Path, *, also: Iterable[Estimate] = ()) -> None:
    """Write `results.json`, whole or not at all; its form is described in report/README.md.

    An earlier file at `path` is replaced.

    Parameters
    ----------
    also
        Further estimates, such as those of the checks.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    content = {
        "study": analysis.panel.study.name,
        "quarter": analysis.panel.quarter or None,
        "results": [estimate.as_dict() for estimate in (*analysis.estimates, *also)],
    }
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    with complete_file(Path(path), force=True) as partial:
        partial.write_text(text, encoding="utf-8")


def _rungs(
    panel: Panel,
    regressions: Mapping[str, Regression],
    rung: str,
    estimate: Callable[[Panel, Regression], T],
    missing: dict[str, CxroiError],
) -> Iterator[tuple[str, T]]:
    """Yield one rung of the ladder for each outcome; keep why where there is none."""
    long, what = panel.rows is not None, rung.replace("_", " ").capitalize()
    for name, regression in steps(regressions.items(), what, long=long):
        try:
            yield name, estimate(panel, regression)
        except CxroiError as refusal:
            missing[f"contrast.{name}.{rung}"] = refusal


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
    panel: Panel, comparisons: Mapping[str, Comparison], regressions: Mapping[str, Regression]
) -> Iterator[Estimate]:
    pair = f"{panel.study.target} - {panel.study.origin}"
    for comparison in comparisons.values():
        yield from comparison.means
        for gap, relative in zip(comparison.gaps, comparison.relative_gaps, strict=True):
            if gap.contrast == pair:
                yield from (gap, relative)
    for regression in regressions.values():
        yield regression.adjusted
        yield from regression.beside


def _unweighted(
    panel: Panel, comparisons: Mapping[str, Comparison], regressions: Mapping[str, Regression]
) -> Iterator[Estimate]:
    plain = dict(_plain(panel, regressions))
    compared = {name: compare_groups(panel, name, weighted=False) for name in comparisons}
    yield from _outcome_estimates(panel, compared, plain)
    for _, robust in _rungs(panel, plain, "doubly_robust", aipw_contrast, {}):
        yield robust.estimate
    for _, within in _rungs(panel, plain, "within", change_within, {}):
        yield within.estimate


def _plain(panel: Panel, outcomes: Iterable[str]) -> Iterator[tuple[str, Regression]]:
    """Yield unweighted regressions; rows of weight zero take part in them and may forbid one."""
    for outcome in outcomes:
        try:
            yield outcome, regress_outcome(panel, outcome, weighted=False)
        except CxroiError:
            continue


def _named(estimates: tuple[Estimate, ...], weighted: bool) -> list[Estimate]:
    """Suffix survey-weighted figures, so that plain names are always the answers as given."""
    return [e.named(f"{e.name}.weighted") if weighted else e for e in estimates]


def _refused(name: str, refusal: CxroiError, unit: str = "", n: int = 0) -> Estimate:
    return Estimate(name, None, None, None, None, unit, n, "refused", str(refusal))
