"""A result -> sentences with their caveat; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..effects.verdicts import NOT_IDENTIFIED, TOO_LITTLE, USEFUL
from ..errors import RareEventError
from ..results.display import Text
from ..results.formats import interval, months, percent, quantity, spread, value_and_interval
from ..value.figures import LOSES, PAYS
from .method import limits, method, refused
from .turning_points import assumed_causal, roi_turning_points

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..value.roi import Roi

__all__ = [
    "answer",
    "groups_claim",
    "ladder_claim",
    "limits",
    "method",
    "refused",
    "roi_claim",
    "scope",
    "what_would_change",
]

# A gap that controls shrink by less than a tenth has not moved.
WORTH_NAMING = 0.9


def answer(analysis: Analysis) -> Text:
    """Answer the question of the study in a few sentences, the causal share among them."""
    sentences = [*_roi_answer(analysis)] if analysis.roi else [*_gap_answer(analysis)]
    return Text(tuple(sentences), "answer")


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
    draws = f"ROI above 0 in {percent(chance)} of draws"
    first = f"its first {months(roi.horizon_months)}"
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


def _roi_answer(analysis: Analysis) -> Iterator[str]:
    roi, study = analysis.roi, analysis.study
    if roi is None:
        return
    scenario, currency = roi.scenario, study.currency
    ratio, net = roi["ratio"], roi["net_value"]
    share = scenario.share_moved
    yield f"{roi_claim(roi)}."
    if roi.horizon_months < scenario.horizon_months and "retained" in analysis.refusals:
        yield (
            f"That is value over the first {months(roi.horizon_months)} alone, against the "
            f"whole cost, not over the {scenario.horizon_months:g} months asked for: retention "
            f"was refused ({analysis.refusals['retained']})"
        )
    earned = net.estimate or 0.0
    yield (
        f"At the likely values, moving {spread(share.low, share.likely, share.high)} of the "
        f"customers in '{scenario.origin}' to '{scenario.target}', about {roi.moved:,.0f}, would "
        f"{'earn' if earned >= 0 else 'lose'} {quantity(abs(earned), net.unit, currency)} net of "
        f"its cost over {months(roi.horizon_months)}; 90 % of the draws lie from "
        f"{interval(net, currency)}. "
        f"That is an ROI of {value_and_interval(ratio, currency)}."
    )
    causal = scenario.causal_share
    yield (
        f"This reads {assumed_causal(causal)} of the adjusted gap "
        "between the groups as caused by the score; the gap itself is an association."
    )
    verdict = next((v for v in analysis.verdicts if v.outcome == "spend"), None)
    if verdict and verdict.kind != USEFUL:
        yield f"The verdict on spend alone: {verdict.kind}."


def _gap_answer(analysis: Analysis) -> Iterator[str]:
    study = analysis.study
    target, origin = study.target, study.origin
    useful = [v.outcome for v in analysis.verdicts if v.kind == USEFUL]
    little = [v.outcome for v in analysis.verdicts if v.kind == TOO_LITTLE and v.contrast]
    rare = [v.outcome for v in analysis.verdicts if v.kind == TOO_LITTLE and not v.contrast]
    lost = [v.outcome for v in analysis.verdicts if v.kind == NOT_IDENTIFIED]
    none = [
        v.outcome for v in analysis.verdicts if v.kind not in (USEFUL, TOO_LITTLE, NOT_IDENTIFIED)
    ]
    if useful:
        yield f"'{target}' and '{origin}' differ usefully in {_list(useful)}."
    if none:
        yield f"'{target}' and '{origin}' do not differ usefully in {_list(none, 'or')}."
    if little:
        yield (
            f"There is too little data to tell whether '{target}' and '{origin}' differ in "
            f"{_list(little, 'or')}."
        )
    yield from _scarce(analysis, rare)
    if lost:
        yield f"The gap could not be identified for {_list(lost)}."
    if "roi" in analysis.refusals:
        yield f"No ROI is claimed: {analysis.refusals['roi']}"
    else:
        yield "No ROI is claimed: the study declares no scenario."


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
            yield (
                f"{name}: a gap of {detectable} could be found, one of {matters} would matter; "
                f"about {verdict.responses_factor:.2g} times as many responses would settle it."
            )
        else:
            yield (
                f"{name}: a gap of {detectable} would have been found with a probability of 80 %; "
                f"it takes one of {matters} to matter."
            )


def _list(names: list[str], word: str = "and") -> str:
    plain = [name.replace("_", " ") for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} {word} {plain[-1]}"
