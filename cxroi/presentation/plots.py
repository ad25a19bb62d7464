"""A result -> a picture with its claim as caption and an alternative text; never computes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..results.display import significant
from ..results.formats import aligned, percent
from . import sentences as words
from .asking import score_gains
from .curves import survival_curves
from .drawing.area import look_of
from .drawing.cells import Cell, cell_chart
from .drawing.rows import Block, Row, row_chart
from .figures import Picture
from .grids import score_heat_map
from .money_plots import roi_distribution, roi_grid, tornado, waterfall
from .raw_plots import spread
from .rungs import IN_WORDS
from .scale_curve import scale_curve
from .small_plots import chance_circles, funnel, mini_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..results.estimate import Estimate

__all__ = [
    "balance",
    "chance_circles",
    "funnel",
    "group_means",
    "ladder",
    "mini_interval",
    "roi_distribution",
    "roi_grid",
    "scale_curve",
    "score_gains",
    "score_heat_map",
    "score_shares",
    "spread",
    "survival_curves",
    "tornado",
    "transitions",
    "waterfall",
]

# Shares from which a cell of the transitions is tinted, and tinted more.
TINTS = (0.25, 0.5)
# The rung that the money rests on.
CARRIES = "doubly_robust"


def score_shares(analysis: Analysis) -> Picture:
    """Share of answers in each group, with intervals."""
    headline, title = analysis.scores[0], analysis.study.scale.title
    shares = [
        e for e in analysis.scores if e.name in {f"share.{g}" for g in analysis.study.scale.labels}
    ]
    claim = (
        f"{title[0].upper()}{title[1:]} is {significant(headline.estimate, 3)} "
        f"({significant(headline.conf_low, 3)} to {significant(headline.conf_high, 3)})"
    )
    labels = [e.term for e in shares]
    rows = _rows(shares, labels)
    drawn, height = row_chart([Block(rows, "Share of answers", "with 95 % interval", bars=True)])
    values = f"Shares of answers with 95 % intervals: {_told(shares, labels)}."
    return Picture(claim, values, drawn, height)


def group_means(analysis: Analysis, *outcomes: str) -> Picture:
    """Mean of each outcome per group, with intervals; all outcomes unless some are named."""
    chosen = outcomes or _without_mirror(analysis, analysis.comparisons)
    blocks, listed = [], []
    for outcome in chosen:
        means = [m for m in analysis.comparisons[outcome].means if m.estimate is not None]
        labels = [m.term for m in means]
        rows = _rows(means, labels)
        unit = means[0].unit if means else "too few answers"
        blocks.append(Block(rows, _title(outcome), unit))
        listed.append(f"{_title(outcome)}: {_told(means, labels)}")
    claim = words.groups_claim(analysis, chosen)
    return Picture(claim, f"Means with 95 % intervals. {'. '.join(listed)}.", *row_chart(blocks))


def ladder(analysis: Analysis, *outcomes: str) -> Picture:
    """Show how each gap moves as more is taken into account; all outcomes unless some are named.

    The full circle is the gap that the money rests on.
    """
    chosen = outcomes or _without_mirror(analysis, analysis.regressions)
    if not chosen:
        raise ModelError("no outcome has an adjusted gap", "see why each was refused")
    blocks, listed = [], []
    for outcome in chosen:
        rungs = analysis.ladder(outcome)
        names = [IN_WORDS.get(rung.rung, rung.term) for rung in rungs]
        looks = ["high" if rung.rung == CARRIES else "mid" for rung in rungs]
        blocks.append(Block(_rows(rungs, names, looks), _title(outcome), f"gap, {rungs[0].unit}"))
        called = [f"{name} ({rung.term})" for name, rung in zip(names, rungs, strict=True)]
        listed.append(f"{_title(outcome)}: {_told(rungs, called)}")
    claim = words.ladder_claim(analysis, chosen)
    return Picture(claim, f"Gaps with 95 % intervals. {'. '.join(listed)}.", *row_chart(blocks))


def balance(checks: Checks) -> Picture:
    """Show how far those who answered differ from the invited, before and after weighting."""
    if checks.nonresponse is None:
        raise checks.refusals["nonresponse"]
    table: Any = checks.nonresponse.balance
    worst = table["smd_before"].abs().max(), table["smd_after"].abs().max()
    claim = (
        f"Those who answered differ by up to {worst[0]:.2f} SD from the invited, weighted "
        f"{worst[1]:.2f} SD"
    )
    rows = [
        Row(
            label=str(line.control).replace("_", " "),
            value=float(line.smd_after),
            low=None,
            high=None,
            shown=" → ".join(aligned([line.smd_before, line.smd_after], digits=2)),
            look="high",
            before=float(line.smd_before),
        )
        for line in table.itertuples()
    ]
    unit = "standard deviations; ○ as they are, ● weighted"
    listed = "; ".join(f"{row.label} {row.shown.replace('→', 'weighted')}" for row in rows)
    return Picture(claim, f"{listed}.", *row_chart([Block(rows, "Answered less invited", unit)]))


def transitions(checks: Checks) -> Picture:
    """Show the share of each group that was in each group one wave later."""
    if checks.moves is None:
        raise checks.refusals["moves"]
    evidence = checks.moves.share_moved_evidence
    origin, target = evidence.group, evidence.term
    claim = f"{percent(evidence.estimate)} of '{origin}' were '{target}' one wave later"
    shares = {(e.group, e.term): e.estimate for e in checks.moves.transitions}
    labels = list(dict.fromkeys(to for _, to in shares))
    cells = [
        [
            Cell(percent(shares[one, to]), _tint(shares[one, to]), (one, to) == (origin, target))
            for to in labels
        ]
        for one in labels
    ]
    drawn, height = cell_chart(
        cells,
        labels,
        labels,
        down="group",
        across="group one wave later",
        remark=f"outlined: {origin} to {target}",
    )
    listed = "; ".join(f"{one} to {to} {percent(share)}" for (one, to), share in shares.items())
    return Picture(claim, f"Share of each group: {listed}.", drawn, height)


def _rows(
    estimates: Sequence[Estimate], labels: Sequence[str], looks: Sequence[str] = ()
) -> list[Row]:
    """Return estimates as rows, by default the worst group first; what carries money is strong."""
    looks = looks or [look_of(position, len(labels)) for position in range(len(labels))]
    shown = _shown(estimates)[::3]
    return [
        Row(label, e.estimate, e.conf_low, e.conf_high, said, look, e.rung == CARRIES)
        for e, label, said, look in zip(estimates, labels, shown, looks, strict=True)
    ]


def _told(estimates: Sequence[Estimate], labels: Sequence[str]) -> str:
    """Say values with their intervals, as many decimals as beside the marks."""
    said = iter(_shown(estimates))
    return "; ".join(f"{label} {next(said)}, from {next(said)} to {next(said)}" for label in labels)


def _shown(estimates: Sequence[Estimate]) -> list[str]:
    """Write values, and after each the ends of its interval, where the unit is said already."""
    values = [v for e in estimates for v in (e.estimate, e.conf_low, e.conf_high)]
    unit, gap = (estimates[0].unit, bool(estimates[0].contrast)) if estimates else ("", False)
    return aligned(values, unit, gap=gap)


def _tint(share: float | None) -> str:
    return f"p{sum(share is not None and share >= least for least in TINTS)}"


def _title(outcome: str) -> str:
    return outcome.replace("_", " ").capitalize()


def _without_mirror(analysis: Analysis, outcomes: Collection[str]) -> list[str]:
    """Leave out churned where retained, its mirror image in a dated study, is shown."""
    mirrored = analysis.study.dated and "retained" in outcomes
    return [name for name in outcomes if name != "churned" or not mirrored]
