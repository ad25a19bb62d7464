"""A result -> a picture with its claim as title and an alternative text; never computes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..results.display import significant
from ..results.formats import money, percent
from . import sentences as words
from .figures import Picture, color, dots, name_chart, one_chart, small_charts

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks


# Of lines, one a group, so that they are told apart without colour.
DASHES: Any = ((), (4, 1.5), (1, 1), (3, 1.25, 1.5, 1.25), (5, 1, 1, 1))


def score_shares(analysis: Analysis) -> Picture:
    """Share of answers in each group, with intervals."""
    from matplotlib.ticker import PercentFormatter

    study = analysis.study
    headline = analysis.scores[0]
    shares = [e for e in analysis.scores if e.name in {f"share.{g}" for g in study.scale.labels}]
    title = study.scale.title
    claim = (
        f"{title[0].upper()}{title[1:]} is {significant(headline.estimate, 3)} "
        f"({significant(headline.conf_low, 3)} to {significant(headline.conf_high, 3)})"
    )
    with one_chart(claim, 2.4) as (figure, axes):
        dots(axes, [e.term for e in shares], shares)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("share of answers, with 95 % interval")
    listed = ", ".join(f"{e.term} {percent(e.estimate)}" for e in shares)
    return Picture(figure, f"{claim}. Shares of answers: {listed}.")


def group_means(analysis: Analysis, *outcomes: str) -> Picture:
    """Mean of each outcome per group, with intervals; all outcomes unless some are named."""
    chosen = outcomes or _without_mirror(analysis, analysis.comparisons)
    claim = words.groups_claim(analysis, chosen)
    listed = []
    with small_charts(claim, len(chosen)) as (figure, charts):
        for axes, outcome in zip(charts, chosen, strict=True):
            shown = [m for m in analysis.comparisons[outcome].means if m.estimate is not None]
            dots(axes, [f"{mean.term} (n = {mean.n:,})" for mean in shown], shown)
            name_chart(axes, _title(outcome), shown[0].unit if shown else "")
            means = ", ".join(f"{m.term} {significant(m.estimate, 3)}" for m in shown)
            listed.append(f"{_title(outcome)}: {means}")
    return Picture(figure, f"{claim}. Means with 95 % intervals. {'. '.join(listed)}.")


def ladder(analysis: Analysis, *outcomes: str) -> Picture:
    """Show how each gap moves as more is taken into account; all outcomes unless some are named."""
    chosen = outcomes or _without_mirror(analysis, analysis.regressions)
    if not chosen:
        raise ModelError("no outcome has an adjusted gap", "see why each was refused")
    claim = words.ladder_claim(analysis, chosen)
    listed = []
    with small_charts(claim, len(chosen)) as (figure, charts):
        for axes, outcome in zip(charts, chosen, strict=True):
            rungs = analysis.ladder(outcome)
            dots(axes, [rung.term for rung in rungs], rungs)
            axes.axvline(0, color="0.3", linewidth=1)
            name_chart(axes, _title(outcome), rungs[0].unit)
            gaps = ", ".join(f"{r.term} {significant(r.estimate, 3)}" for r in rungs)
            listed.append(f"{_title(outcome)}: {gaps}")
    return Picture(figure, f"{claim}. Gaps with 95 % intervals. {'. '.join(listed)}.")


def balance(checks: Checks) -> Picture:
    """Show how far those who answered differ from the invited, before and after weighting."""
    if checks.nonresponse is None:
        raise checks.refusals["nonresponse"]
    table = checks.nonresponse.balance
    worst = table["smd_before"].abs().max(), table["smd_after"].abs().max()
    claim = (
        f"Those who answered differ by up to {worst[0]:.2f} SD from the invited, weighted "
        f"{worst[1]:.2f} SD"
    )
    with one_chart(claim, 1.1 + 0.26 * len(table)) as (figure, axes):
        for position, (column, label) in enumerate(
            (("smd_before", "as they are"), ("smd_after", "weighted"))
        ):
            marker = "os"[position]
            axes.plot(table[column], table["control"], marker, color=color(position), label=label)
        axes.axvline(0, color="0.3", linewidth=1)
        axes.invert_yaxis()
        axes.set_xlabel("answered less invited, in standard deviations of the invited")
        axes.legend(frameon=False, fontsize="small")
    listed = "; ".join(
        f"{row.control} {row.smd_before:.2f}, weighted {row.smd_after:.2f}"
        for row in table.itertuples()
    )
    return Picture(figure, f"{claim}. {listed}.")


def transitions(checks: Checks) -> Picture:
    """Show the share of each group that was in each group one wave later."""
    import seaborn as sns

    if checks.moves is None:
        raise checks.refusals["moves"]
    evidence = checks.moves.share_moved_evidence
    origin, target = evidence.group, evidence.term
    claim = f"{percent(evidence.estimate)} of '{origin}' were '{target}' one wave later"
    shares = {(e.group, e.term): e.estimate for e in checks.moves.transitions}
    labels = list(dict.fromkeys(to for _, to in shares))
    table = [[shares[origin, to] or 0.0 for to in labels] for origin in labels]
    with one_chart(claim, 3.0) as (figure, axes):
        sns.heatmap(
            table,
            annot=[[percent(shares[origin, to]) for to in labels] for origin in labels],
            fmt="",
            cmap="Blues",
            vmin=0,
            vmax=1,
            cbar=False,
            xticklabels=labels,
            yticklabels=labels,
            ax=axes,
        )
        axes.set(xlabel="group one wave later", ylabel="group")
    listed = "; ".join(f"{o} to {to} {percent(share)}" for (o, to), share in shares.items())
    return Picture(figure, f"{claim}. Share of each group: {listed}.")


def _title(outcome: str) -> str:
    return outcome.replace("_", " ").capitalize()


def _without_mirror(analysis: Analysis, outcomes: Collection[str]) -> list[str]:
    """Leave out churned where retained, its mirror image in a dated study, is shown."""
    mirrored = analysis.study.dated and "retained" in outcomes
    return [name for name in outcomes if name != "churned" or not mirrored]


def survival_curves(analysis: Analysis) -> Picture:
    """Share of customers still there, by days since the answer."""
    survival = analysis.survival
    if survival is None:
        raise analysis.refusals.get("survival") or ModelError(
            "the analysis has no survival curves", "they need dated churn: [tables.subscriptions]"
        )
    ends = {e.term: e for e in survival.at_window}
    order = list(analysis.study.scale.labels)
    days = analysis.study.churn_days
    claim = f"After {days} days, {percent(ends[order[-1]].estimate)} of '{order[-1]}' are still "
    claim += f"there, {percent(ends[order[0]].estimate)} of '{order[0]}'"
    with one_chart(claim, 3.4) as (figure, axes):
        for position, label in enumerate(order):
            rows = survival.curves[survival.curves["group"] == label]
            axes.plot(
                rows["days"],
                rows["survival"],
                drawstyle="steps-post",
                dashes=DASHES[position % len(DASHES)],
                color=color(position),
                label=label,
            )
            axes.fill_between(
                rows["days"],
                rows["conf_low"],
                rows["conf_high"],
                step="post",
                alpha=0.15,
                color=color(position),
            )
        axes.set(xlabel="days since the answer", ylabel="share still there (95 % band)")
        axes.legend(title=None, frameon=False)
    listed = ", ".join(f"{label} {percent(e.estimate)}" for label, e in ends.items())
    return Picture(figure, f"{claim}. Share still there after {days} days: {listed}.")


def roi_distribution(analysis: Analysis, checks: Checks | None = None) -> Picture:
    """Show the simulated ROI, with its central value and its 90 per cent interval.

    Parameters
    ----------
    checks
        The title claims no more than they let it; without them it says that none has been run.
    """
    import seaborn as sns
    from matplotlib.ticker import PercentFormatter

    roi = _roi(analysis)
    ratio, claim = roi["ratio"], words.claim(roi, checks.rating if checks else None)
    with one_chart(claim) as (figure, axes):
        sns.histplot(roi.ratio_draws, bins=60, stat="percent", color=color(0), ax=axes)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.axvline(0, color="0.2", linewidth=1.5)
        axes.axvspan(ratio.conf_low or 0, ratio.conf_high or 0, color=color(0), alpha=0.12)
        axes.set(
            xlabel="ROI: net value per unit of cost (band: 90 % of draws)", ylabel="% of draws"
        )
    alt = (
        f"{claim}. Histogram of the simulated ROI: central {percent(ratio.estimate)}, "
        f"90 % of draws from {percent(ratio.conf_low)} to {percent(ratio.conf_high)}."
    )
    return Picture(figure, alt)


def tornado(analysis: Analysis) -> Picture:
    """Show the ROI with one input at its 5 and 95 % point, the others at their likely values."""
    from matplotlib.ticker import PercentFormatter

    roi = _roi(analysis)
    table = roi.tornado.iloc[:8]
    claim = f"{table['input'].iloc[0].capitalize()} moves the ROI most"
    with one_chart(claim, 0.9 + 0.34 * len(table)) as (figure, axes):
        for row in table.itertuples():
            axes.plot([row.roi_low, row.roi_high], [row.input] * 2, color="0.75", linewidth=9)
            axes.plot(row.roi_low, row.input, "o", color=color(0))
            axes.plot(row.roi_high, row.input, "s", color=color(1))
        axes.plot([], [], "o", color=color(0), label="input at its 5 % point")
        axes.plot([], [], "s", color=color(1), label="input at its 95 % point")
        axes.axvline(0, color="0.2", linewidth=1)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.invert_yaxis()
        axes.set_xlabel("ROI with this input at that point of its draws, the others likely")
        axes.legend(frameon=False, loc="best", fontsize="small")
    listed = "; ".join(
        f"{row.input} {percent(row.roi_low)} to {percent(row.roi_high)}"
        for row in table.itertuples()
    )
    return Picture(figure, f"{claim}. ROI at the 5 % and 95 % point of each input: {listed}.")


def roi_grid(analysis: Analysis) -> Picture:
    """Net value by share moved and causal share."""
    import seaborn as sns

    roi, currency = _roi(analysis), analysis.study.currency
    share = roi["break_even_causal_share"].estimate
    claim = (
        f"The programme breaks even once {percent(share)} of the gap is causal"
        if share is not None and share <= 1
        else "No causal share up to 100 % makes the programme pay"
    )
    table = roi.grid
    with one_chart(claim) as (figure, axes):
        sns.heatmap(
            table,
            annot=table.map(lambda value: f"{value:,.0f}"),
            fmt="",
            cmap="vlag_r",
            center=0,
            cbar=False,
            xticklabels=[percent(c) for c in table.columns],
            yticklabels=[percent(m) for m in table.index],
            ax=axes,
        )
        axes.set(
            xlabel=f"causal share of the adjusted gap (cells: net value, {currency})",
            ylabel="share of customers moved",
        )
    worst, best = float(table.to_numpy().min()), float(table.to_numpy().max())
    return Picture(
        figure,
        f"{claim}. Net value by share moved and causal share: from {money(worst, currency)} to "
        f"{money(best, currency)}.",
    )


def _roi(analysis: Analysis) -> Any:
    if analysis.roi is None:
        raise analysis.refusals.get("roi") or ModelError(
            "the analysis has no ROI: the study declares no [scenario]"
        )
    return analysis.roi
