"""The first page: the decision, what it rests on, what would change it, and the next step.

Never computes: every figure is one of the analysis, of its checks or of the pilot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks.decision import GO, NO, NO_SCENARIO, NOT_YET, PILOT_FIRST, decide
from ..checks.rating import AGREES, LEVELS, NONE, OBSERVED
from ..checks.result import FAILED, NOT_POSSIBLE, PASSED, WARNING
from ..results.display import Text, TidyMixin
from ..results.formats import (
    chance,
    months,
    rough_money,
    whole_percent,
)
from ..value.pilot import pilot
from . import labels
from .first_figures import Figure, Turn, figures, gaps, turns
from .next_step import next_step, refused
from .reasons import failed_checks, reasons
from .sentences import gaps_said

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..checks.decision import Decision
    from ..checks.run import Checks

SIGNS = {FAILED: "failed", WARNING: "warned", PASSED: "passed", NOT_POSSIBLE: "not possible"}
_TEMPLATE = Path(__file__).resolve().parent / "template"


@dataclass(frozen=True, repr=False)
class FirstPage(TidyMixin):
    """The decision as a reader sees it; every field is worded.

    Attributes
    ----------
    word
        The verdict; `scale` holds all four, the worst first.
    answer
        Sentences.
    reasons
        Pairs of ``against`` or ``for`` and a sentence.
    counted, counts
        Checks of what carries money, or of all that is compared: failed, warned, passed, not
        possible; what those ask that `failed`.
    rating
        Of the evidence; empty where nothing was estimated.
    rests
        Steps from who was asked to whom the plan would move: pairs of title and count.
    step, facts
        What to do next, and what that costs.
    changed
        What changed since the last run; empty where there is none.
    first
        What to do first, for whom, and what it earns; empty where no lever is declared.
    signed
        Who prepared and reviews it, and until when the data is complete; empty where open.
    """

    study: str
    period: str
    question: str
    word: str
    scale: tuple[str, ...]
    barred: bool
    answer: tuple[str, ...]
    figures: tuple[Figure, ...]
    rating: str
    reasons: tuple[tuple[str, str], ...]
    counted: str
    counts: tuple[tuple[str, int], ...]
    failed: tuple[str, ...]
    rests: tuple[tuple[str, str], ...]
    turns: tuple[Turn, ...]
    step: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    changed: tuple[str, ...]
    first: tuple[str, ...]
    signed: tuple[tuple[str, str], ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a part of the page."""
        import pandas as pd

        counted = ", ".join(f"{number} {word}" for word, number in self.counts)
        rows = [
            ("question", self.question),
            ("verdict", self.word),
            *(("answer", sentence) for sentence in self.answer),
            *((f.title, " ".join(filter(None, (f.value, f.span)))) for f in self.figures),
            ("evidence", self.rating or "nothing was estimated"),
            *(self.reasons),
            (self.counted, counted),
            *(("failed", question) for question in self.failed),
            ("rests on", ", ".join(f"{title} {count}" for title, count in self.rests)),
            *(
                (t.title, f"{t.assumed} assumed, breaks even at {t.breaks_even}")
                for t in self.turns
            ),
            *(("next step", sentence) for sentence in self.step),
            *self.facts,
            *(("since the last run", sentence) for sentence in self.changed),
            *(("do first", sentence) for sentence in self.first),
            *((name, who or "open") for name, who in self.signed),
        ]
        return pd.DataFrame(rows, columns=["", "what is said"])

    def _repr_html_(self) -> str:
        return str(_template().render(page=self, levels=[labels.titled(w) for w in LEVELS]))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    found = Environment(loader=FileSystemLoader(_TEMPLATE), autoescape=True)
    return found.get_template("decision.html.j2")


def first_page(
    analysis: Analysis,
    checks: Checks,
    changed: Text | None = None,
    first: Sequence[str] = (),
) -> FirstPage:
    """Return the first page of a report: what to do, how sure that is, what comes next.

    Parameters
    ----------
    changed
        What changed since the last run, as `changes.since_last` says it.
    first
        What to do first, as `what_first` says it.

    Returns
    -------
    FirstPage
        It shows itself in a notebook, and as text where there is no browser.

    Examples
    --------
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.first_page(run.analysis, run.checks).word  # doctest: +SKIP
    'Pilot first'
    """
    study, decision = analysis.study, decide(analysis, checks)
    step, facts = next_step(analysis, checks, decision, _pilot(analysis))
    counts = decision.rating.counts
    return FirstPage(
        study=study.name,
        period=_period(analysis),
        question=_question(analysis),
        word=labels.DECISIONS[decision.kind],
        scale=tuple(labels.DECISIONS.values()),
        barred=decision.barred,
        answer=tuple(_answer(analysis, checks, decision)),
        figures=tuple(figures(analysis.roi, study.currency) if analysis.roi else gaps(analysis)),
        rating=labels.titled(decision.rating.level) if analysis.regressions else "",
        reasons=tuple(reasons(analysis, checks)),
        counted="Checks on money" if analysis.roi else "Checks",
        counts=tuple((word, counts[verdict]) for verdict, word in SIGNS.items()),
        failed=tuple(failed_checks(checks)),
        rests=tuple((s.title, f"{s.count:,}") for s in analysis.overview.funnel.steps),
        turns=tuple(turns(analysis.roi, study.currency)) if analysis.roi else (),
        step=tuple(step),
        facts=tuple(facts),
        changed=changed.sentences if changed else (),
        first=tuple(first),
        signed=(
            ("Prepared by", study.prepared_by),
            ("Reviewed by", study.reviewed_by),
            ("Decided on", ""),
        ),
    )


def _pilot(analysis: Analysis) -> Any:
    spend = analysis.comparisons.get("spend")
    if analysis.roi is None or spend is None or "spend" not in analysis.regressions:
        return None
    mean = next(e for e in spend.means if e.term == analysis.study.origin)
    return pilot(analysis.roi, analysis.regressions["spend"].contrast, mean)


def _period(analysis: Analysis) -> str:
    study, waves = analysis.study, list(analysis.overview.waves)
    when = waves[0] if len(waves) == 1 else f"{waves[0]} to {waves[-1]}"
    answers = "all answers, undated" if waves == ["all"] else f"answers of {when}"
    until = study.complete_until
    return f"{answers}, data complete until {until:%-d %B %Y}" if until else answers


def _question(analysis: Analysis) -> str:
    study = analysis.study
    if study.scenario is None:
        return f"Do '{study.target}' customers do better than '{study.origin}' customers?"
    return f"Does it pay to move customers from '{study.origin}' to '{study.target}'?"


def _answer(analysis: Analysis, checks: Checks, decision: Decision) -> Iterator[str]:
    roi, study = analysis.roi, analysis.study
    if roi is None:
        if decision.wants == NO_SCENARIO:
            yield "No programme is declared, so no return on one is worked out."
        else:
            yield f"No return can be worked out: {refused(analysis).found}."
        if not analysis.regressions:
            return
        yield from _told_apart(analysis)
        if decision.rating.level != NONE:
            yield from gaps_said(study, checks.verdicts, checked=True)
        else:
            yield (
                f"Whether a better score brings better customers cannot be said on this evidence: "
                f"{decision.rating.reasons[0]}."
            )
        return
    likely = roi["probability_positive"].estimate or 0.0
    net = roi["net_value"].estimate or 0.0
    amount = rough_money(abs(net), study.currency)
    about = f"{'about ' if 0.01 <= likely <= 0.99 else ''}{chance(likely)}"
    said = {
        GO: f"The programme is expected to pay: a chance of {about}.",
        NO: f"The programme is not expected to pay: a chance of {about}.",
        NOT_YET: "Whether the programme pays cannot be said on this evidence: "
        f"{decision.rating.reasons[0]}.",
        PILOT_FIRST: f"It is open whether the programme pays: a chance of {about}.",
    }
    if decision.barred:
        held = decision.rating.reasons
        why = next((f": {reason}" for reason in held if reason not in (AGREES, OBSERVED)), "")
        yield f"The evidence does not carry a start{why}."
    else:
        yield said[decision.kind]
    face = "At face value, moving" if decision.kind == NOT_YET else "At the likely values, moving"
    if decision.barred:
        face = "The figures alone would say go: at the likely values, moving"
    yield (
        f"{face} {whole_percent(roi.scenario.share_moved.likely)} of the '{study.origin}' "
        f"customers, about {roi.moved:,.0f}, would {'earn' if net >= 0 else 'lose'} {amount} after "
        f"its cost over {months(roi.horizon_months)}."
    )
    yield (
        f"This takes {whole_percent(roi.scenario.causal_share.central)} of the gap between the "
        "groups as an effect of a better experience; the gap itself is an association."
    )


def _told_apart(analysis: Analysis) -> Iterator[str]:
    """Say in which of the first outcomes the groups differ, like for like."""
    alike, apart = list[str](), list[str]()
    outcomes = {one.name: one for one in analysis.study.outcomes}
    for name in list(analysis.regressions)[:3]:
        gap = analysis.regressions[name].contrast
        if gap.conf_low is not None and gap.conf_high is not None:
            differs = gap.conf_low > 0 or gap.conf_high < 0
            said = labels.measured(name, outcomes[name].kind, outcomes[name].unit)
            (apart if differs else alike).append(said)
    if apart:
        yield f"Like for like the groups differ in {labels.listed(apart)}."
    if alike:
        yield f"Like for like no difference is found in {labels.listed(alike, 'or')}."
