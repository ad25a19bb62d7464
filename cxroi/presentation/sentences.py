"""A result -> sentences with their caveat; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..checks.rating import NONE
from ..checks.result import FAILED
from ..effects.verdicts import (
    NO_DIFFERENCE,
    NOT_IDENTIFIED,
    NOT_SHOWN,
    TOO_LITTLE,
    TOO_SMALL,
    USEFUL,
    WITHDRAWN,
    WRONG_WAY,
)
from ..errors import RareEventError
from ..results.display import Text
from ..results.formats import interval, months, percent, quantity, spread, value_and_interval
from ..value.figures import LOSES, PAYS
from .asking import in_words as worth_asking
from .grids import in_words as score_grid
from .method import limits, method, refused
from .rungs import disagreements
from .trends import worsening
from .turning_points import assumed_causal, roi_turning_points

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.rating import Rating
    from ..checks.run import Checks
    from ..effects.verdicts import Verdict
    from ..study.declared import Study
    from ..value.roi import Roi

__all__ = [
    "answer",
    "claim",
    "groups_claim",
    "ladder_claim",
    "limits",
    "method",
    "refused",
    "roi_claim",
    "scope",
    "score_grid",
    "what_would_change",
    "worth_asking",
]

UNCHECKED = "No check has been run and nothing is rated."
# A gap that controls shrink by less than a tenth has not moved.
WORTH_NAMING = 0.9


def answer(analysis: Analysis, checks: Checks | None = None) -> Text:
    """Answer the question of the study in a few sentences, rating and causal share among them.

    Parameters
    ----------
    checks
        Those of the analysis. Without them nothing is rated, and the answer says so.
    """
    found = _roi_answer(analysis, checks) if analysis.roi else _gap_answer(analysis, checks)
    return Text((*found, *worsening(analysis)), "answer")


def scope(analysis: Analysis) -> Text:
    """Say which answers the analysis is about."""
    panel, study = analysis.overview, analysis.study
    waves = list(panel.waves)
    when = f"answers of {waves[0]}" if len(waves) == 1 else f"answers of {waves[0]} to {waves[-1]}"
    sentence = (
        f"{study.name}: {when if waves != ['all'] else 'all answers, undated'}; "
        f"{panel.size:,} answers of {panel.customers:,} customers"
    )
    if study.dated:
        sentence += f", outcomes in the {study.outcome_days} days after each"
    return Text((f"{sentence}.",), "scope")


def what_would_change(analysis: Analysis) -> Text:
    """Say what would change the answer, in numbers."""
    sentences = [*roi_turning_points(analysis.roi, analysis.study)] if analysis.roi else []
    sentences += [*_more_data(analysis)]
    nothing = "Nothing was estimated; more responses, or more events per response, would be needed."
    if analysis.regressions:
        nothing = (
            "No verdict waits for more answers. What the gaps are worth would be said by a "
            "[scenario]: the share who move, what that costs, and how much of a gap is causal."
        )
    return Text(tuple(sentences) or (nothing,), "list")


def groups_claim(analysis: Analysis, outcomes: Sequence[str]) -> str:
    """Say in one line in which outcomes the two groups differ, unadjusted."""
    study = analysis.study
    pair = f"{study.target} - {study.origin}"
    sides: dict[str, list[str]] = {"higher in": [], "lower in": [], "not told apart in": []}
    for outcome in outcomes:
        gap = next((g for g in analysis.comparisons[outcome].gaps if g.contrast == pair), None)
        if gap is None or gap.conf_low is None or gap.conf_high is None or gap.note:
            continue
        told = "higher in" if gap.conf_low > 0 else "lower in" if gap.conf_high < 0 else ""
        sides[told or "not told apart in"].append(outcome)
    found = "; ".join(f"{side} {_list(names)}" for side, names in sides.items() if names)
    return f"'{study.target}' against '{study.origin}': {found or 'too few answers to compare'}"


def ladder_claim(analysis: Analysis, outcomes: Sequence[str]) -> str:
    """Say in one line how far the controls move the gaps."""
    closer = [
        outcome
        for outcome in outcomes
        if abs(analysis.regressions[outcome].contrast.estimate or 0)
        < WORTH_NAMING * abs(analysis.regressions[outcome].raw.estimate or 0)
    ]
    if not closer:
        return "Controls do not bring any gap much closer to zero"
    whole = "every gap" if len(closer) == len(outcomes) else f"the gap in {_list(closer)}"
    return f"Controls bring {whole} closer to zero"


def roi_claim(roi: Roi) -> str:
    """Say in one line whether the scenario pays.

    That it does not is never said of value that is counted in part, or of retention that is only
    bounded: there it is open.
    """
    chance = roi["probability_positive"].estimate or 0.0
    draws = f"ROI above 0 in {percent(chance)} of simulations"
    first = f"its first {months(roi.horizon_months)}"
    if roi.contradicted_by:
        listed = _list([name.replace("_", " ") for name in roi.contradicted_by])
        return (
            f"It is open whether the programme pays: {draws}, but the same customers from wave to "
            f"wave contradict the gap in {listed}"
        )
    if chance >= PAYS:
        within = "" if roi.whole_horizon else f" within {first} alone"
        return f"The programme is expected to pay{within}: {draws}"
    if not roi.whole_horizon:
        return (
            f"It is open whether the programme pays: only the value of {first} could be counted, "
            f"against the whole cost; {draws}"
        )
    if chance > LOSES:
        return f"It is open whether the programme pays: {draws}"
    if roi.retention_bounded:
        return (
            "It is open whether the programme pays: what it does to retention could not be "
            f"estimated; {draws} with every gap in retention that the data leaves open"
        )
    return f"The programme is not expected to pay: {draws}"


def claim(roi: Roi, rating: Rating | None) -> str:
    """Say in one line whether the scenario pays, as far as the rating of the evidence carries.

    Parameters
    ----------
    rating
        None where no check has been run.
    """
    chance = roi["probability_positive"].estimate or 0.0
    draws, pays = (
        f"ROI above 0 in {percent(chance)} of simulations",
        chance >= PAYS and not roi.contradicted_by,
    )
    if rating is None:
        said = f"At face value the figures give {draws}" if pays else roi_claim(roi)
        return f"{said}; no check has been run and nothing is rated"
    if rating.level == NONE:
        return (
            "Whether the programme pays cannot be said on this evidence, which is rated none: at "
            f"face value the figures give {draws}"
        )
    if pays and not rating.carries:
        return (
            f"It is not shown that the programme pays: {draws}, but the evidence is rated "
            f"{rating.level}"
        )
    return f"{roi_claim(roi)}; the evidence is rated {rating.level}"


def _failed(checks: Checks) -> Iterator[str]:
    """Say how many checks failed, where any did."""
    counts = checks.rating.counts
    if counts[FAILED]:
        yield f"{counts[FAILED]} of {sum(counts.values())} checks failed."


def _rated_claim(roi: Roi, checks: Checks | None) -> Iterator[str]:
    """Say whether the scenario pays, how the evidence for it is rated, and why."""
    yield f"{claim(roi, checks.rating if checks else None)}."
    if checks:
        yield f"Why {checks.rating.level}: {'; '.join(checks.rating.reasons)}."
        yield from _failed(checks)


def _roi_answer(analysis: Analysis, checks: Checks | None) -> Iterator[str]:
    roi, study = analysis.roi, analysis.study
    if roi is None:
        return
    scenario, currency = roi.scenario, study.currency
    ratio, net = roi["ratio"], roi["net_value"]
    share = scenario.share_moved
    yield from _rated_claim(roi, checks)
    yield from disagreements(analysis, "spend")
    earned = net.estimate or 0.0
    yield (
        f"At the likely values, moving {spread(share.low, share.likely, share.high)} of the "
        f"customers in '{scenario.origin}' to '{scenario.target}', about {roi.moved:,.0f}, would "
        f"{'earn' if earned >= 0 else 'lose'} {quantity(abs(earned), net.unit, currency)} net of "
        f"its cost over {months(roi.horizon_months)}; 90 % of the simulations lie from "
        f"{interval(net, currency)}. "
        f"That is an ROI of {value_and_interval(ratio, currency)}."
    )
    causal = scenario.causal_share
    yield (
        f"This reads {assumed_causal(causal)} of the adjusted gap "
        "between the groups as caused by what a better experience changed; the gap itself is an "
        "association."
    )
    if roi.lasts:
        yield roi.lasts
    verdict = next((v for v in _verdicts(analysis, checks) if v.outcome == "spend"), None)
    if verdict and verdict.kind not in (USEFUL, NOT_SHOWN, WITHDRAWN):
        yield f"The verdict on spend alone: {verdict.kind} ({verdict.reason})."


def _verdicts(analysis: Analysis, checks: Checks | None) -> tuple[Verdict, ...]:
    return checks.verdicts if checks else analysis.verdicts


def _gap_answer(analysis: Analysis, checks: Checks | None) -> Iterator[str]:
    verdicts = _verdicts(analysis, checks)
    yield checks.rating.sentence if checks else UNCHECKED
    yield from _failed(checks) if checks else ()
    withdrawn = [v.outcome for v in verdicts if v.kind == WITHDRAWN]
    if withdrawn:
        yield f"No verdict stands on {_list(withdrawn)}."
    yield from gaps_said(analysis.study, verdicts, checked=checks is not None)
    scarce = [v.outcome for v in verdicts if v.kind == TOO_LITTLE and not v.contrast]
    yield from _scarce(analysis, scarce)
    lost = [v.outcome for v in verdicts if v.kind == NOT_IDENTIFIED]
    if lost:
        yield f"The gap could not be identified for {_list(lost)}."
    if "roi" in analysis.refusals:
        yield f"No ROI is claimed: {analysis.refusals['roi']}"
    else:
        yield "No ROI is claimed: the study declares no scenario."


def gaps_said(study: Study, verdicts: Sequence[Verdict], *, checked: bool) -> Iterator[str]:
    """Say in what the two groups differ usefully, do not, or cannot be told apart."""

    def of(*kinds: str) -> list[str]:
        return [v.outcome for v in verdicts if v.kind in kinds and v.contrast]

    pair = f"'{study.target}' and '{study.origin}'"
    useful, unshown, little = of(USEFUL), of(NOT_SHOWN), of(TOO_LITTLE)
    none = of(NO_DIFFERENCE, TOO_SMALL, WRONG_WAY)
    if useful and checked:
        yield f"{pair} differ usefully in {_list(useful)}."
    elif useful:
        yield f"At face value the gap between {pair} matters in {_list(useful)}."
    if unshown:
        yield f"The gap between {pair} in {_list(unshown)} is not shown to be useful."
    if none:
        yield f"{pair} do not differ usefully in {_list(none, 'or')}."
    if little:
        yield f"It cannot be told whether {pair} differ usefully in {_list(little, 'or')}."


def _scarce(analysis: Analysis, outcomes: list[str]) -> Iterator[str]:
    """Say of outcomes without a contrast whether the event or the answers are too few."""
    study, refusals = analysis.study, analysis.refusals
    rare = [name for name in outcomes if isinstance(refusals.get(name), RareEventError)]
    few = [name for name in outcomes if name not in rare]
    if rare:
        names = _list(rare)
        yield (
            f"{names[0].upper()}{names[1:]} {'is' if len(rare) == 1 else 'are'} too rare to tell "
            f"'{study.target}' from '{study.origin}'."
        )
    if few:
        yield f"There is too little data to compare {_list(few)}: {refusals[few[0]].found}."


def _more_data(analysis: Analysis) -> Iterator[str]:
    currency = analysis.study.currency
    for verdict in analysis.verdicts:
        contrast = verdict.contrast
        if contrast is None or verdict.kind == USEFUL:
            continue
        name = verdict.outcome.replace("_", " ").capitalize()
        detectable = quantity(verdict.detectable, contrast.unit, currency, gap=True)
        matters = quantity(verdict.matters, contrast.unit, currency, gap=True)
        if verdict.kind == TOO_LITTLE:
            yield f"{name}: {verdict.reason}."
        else:
            yield (
                f"{name}: a gap of {detectable} would have been found with a probability of 80 %; "
                f"it takes one of {matters} to matter."
            )


def _list(names: list[str], word: str = "and") -> str:
    plain = [name.replace("_", " ") for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} {word} {plain[-1]}"
