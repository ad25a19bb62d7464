"""What if: the return at other assumptions, for a page without a script; never computes.

Every state stands in the page; radio inputs show one of them by CSS alone. A browser that does not
know ``:has()`` shows the plan and no inputs.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..checks.decision import decide_roi
from ..results.display import Text, TidyMixin
from ..results.formats import interval, money, months, percent, quantity
from ..value.figures import LOSES, PAYS
from .labels import DECISIONS, INPUTS

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..results.estimate import Estimate
    from ..value.roi import Roi
    from ..value.surface import Choice, State, Surface

PAYING, OPEN, LOSING = "Expected to pay", "Open", "Not expected to pay"
BY_CHANCE = "The verdict here is by the chance alone, whatever the checks say of the evidence."
FIGURES = ("ratio", "net_value", "probability_positive")


@dataclass(frozen=True, repr=False)
class WhatIf(TidyMixin):
    """States of a ROI among which a reader chooses; every field is worded.

    Attributes
    ----------
    choices
        What can be set: its name, the texts of its levels, and which of them is planned.
    states
        Of each combination: its levels, the verdict, and pairs of a name and a text.
    bars
        Of each combination: likely value and ends of the ROI, in per cent of the picture's width,
        and where zero is; None where no interval is known.
    about
        What the states hold and how exact they are, in sentences.
    """

    choices: tuple[tuple[str, tuple[str, ...], int], ...]
    states: tuple[tuple[tuple[int, ...], str, tuple[tuple[str, str], ...]], ...]
    bars: tuple[tuple[float, float, float, float], ...]
    about: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a state: the levels, the verdict, ROI, net value and chance."""
        import pandas as pd

        rows = [
            {name: levels[i] for (name, levels, _), i in zip(self.choices, at, strict=True)}
            | {"verdict": word, **dict(figures)}
            for at, word, figures in self.states
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        controls = "".join(_fieldset(n, *choice) for n, choice in enumerate(self.choices))
        planned = tuple(choice[2] for choice in self.choices)
        states = "".join(
            _state(state, bar, state[0] == planned)
            for state, bar in zip(self.states, self.bars, strict=True)
        )
        about = "".join(f"<p>{_safe(sentence)}</p>" for sentence in self.about)
        return (
            f'<div class="wi"><style>{_STYLE}{_rules(self)}</style>'
            f'<div class="wi-box"><div class="wi-controls">{controls}</div>'
            f'<div class="wi-out" aria-live="polite">{states}</div></div>'
            f'<div class="wi-about">{about}</div></div>'
        )


def what_if(analysis: Analysis, checks: Checks | None = None) -> WhatIf | Text:
    """Return the ROI at every combination of what matters most, to be chosen among in a page.

    Parameters
    ----------
    checks
        Each state has the verdict that their rating lets stand; without them that of the chance
        alone, and it is said.

    Returns
    -------
    WhatIf or Text
        It shows itself in a notebook and in a page, without any script; a sentence where there
        is no ROI or nothing to choose.

    Examples
    --------
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.what_if(run.analysis)  # doctest: +SKIP
    """
    roi, study = analysis.roi, analysis.study
    if roi is None:
        return Text(("There is no ROI, so there is nothing to try other assumptions on.",))
    found = roi.surface()
    if not found.choices:
        return Text(("No assumption moves the ROI.",))
    made = [replace(roi, estimates=state.estimates) for state in found.states]
    states = [
        (state.at, _verdict(there, checks), _figures(there, study.currency))
        for state, there in zip(found.states, made, strict=True)
    ]
    return WhatIf(
        tuple(_choice(choice, study.currency) for choice in found.choices),
        tuple(states),
        tuple(_bars(found.states)),
        (*_about(found, roi), *(() if checks else (BY_CHANCE,))),
    )


def _verdict(roi: Roi, checks: Checks | None) -> str:
    return DECISIONS[decide_roi(roi, checks.rating).kind] if checks else verdict_by_chance(roi)


def verdict_by_chance(roi: Roi) -> str:
    """Return what the chance alone says of a ROI: expected to pay, not, or open."""
    chance = roi["probability_positive"].estimate or 0.0
    if chance >= PAYS and not roi.contradicted_by:
        return PAYING
    known = roi.whole_horizon and not roi.retention_bounded and not roi.contradicted_by
    return LOSING if chance <= LOSES and known else OPEN


def _figures(roi: Roi, currency: str) -> tuple[tuple[str, str], ...]:
    ratio, net, chance = (roi[name] for name in FIGURES)
    over = "" if roi.whole_horizon else f", first {months(roi.horizon_months)} only"
    return (
        (f"Return on cost (ROI){over}", _with_range(ratio, currency)),
        (f"Net value{over}", _with_range(net, currency)),
        ("Chance that it pays", percent(chance.estimate)),
    )


def _with_range(e: Estimate, currency: str) -> str:
    return f"{quantity(e.estimate, e.unit, currency)} ({interval(e, currency)})"


def _choice(choice: Choice, currency: str) -> tuple[str, tuple[str, ...], int]:
    worth = choice.name in ("cost_per_moved", "fixed_cost")
    texts = tuple(money(v, currency) if worth else percent(v) for v in choice.levels)
    return INPUTS[choice.name], texts, choice.planned


def _bars(states: tuple[State, ...]) -> Iterator[tuple[float, float, float, float]]:
    """Yield likely value, ends and zero of each ROI as places in a picture that all share."""
    ratios = [state.estimates[0] for state in states]
    ends = [v for e in ratios for v in (e.conf_low, e.conf_high, e.estimate, 0.0) if v is not None]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    for e in ratios:
        places = (e.estimate, e.conf_low, e.conf_high, 0.0)
        likely, left, right, zero = (4 + 92 * ((v or 0.0) - low) / span for v in places)
        yield likely, left, right, zero


def _about(found: Surface, roi: Roi) -> Iterator[str]:
    around = [INPUTS[choice.name].lower() for choice in found.choices if not choice.declared]
    yield (
        "Each choice moves the likely value; the range around it keeps its proportions. All else "
        "is as planned, the ranges hold 90 % of the simulations."
    )
    if around:
        yield f"No range is declared of {' and '.join(around)}: 20 % to each side is shown."
    if roi.contradicted_by:
        yield "The same customers from wave to wave contradict the gap, whatever is chosen here."
    yield (
        "Only what was computed is shown, nothing is read between two choices. Likely values are "
        "worked out, not simulated; the simulation's own error is up to "
        f"{percent(found.chance_error, 'points')} of the chance and about "
        f"{percent(found.range_error)} of the width of a range."
    )


def _safe(text: str) -> str:
    return html.escape(text).replace("$", "&#36;")


def _fieldset(number: int, name: str, levels: tuple[str, ...], planned: int) -> str:
    spans = "".join(
        f'<span><input type="radio" name="wi-{number}" id="wi-{number}-{level}"'
        f"{' checked' if level == planned else ''}>"
        f'<label for="wi-{number}-{level}">{_safe(text)}'
        f"{' (planned)' if level == planned else ''}</label></span>"
        for level, text in enumerate(levels)
    )
    return (
        f'<fieldset class="wi-set"><legend>{_safe(name)}</legend>'
        f'<div class="wi-levels">{spans}</div></fieldset>'
    )


def _state(
    state: tuple[tuple[int, ...], str, tuple[tuple[str, str], ...]],
    bar: tuple[float, float, float, float],
    planned: bool,
) -> str:
    at, word, figures = state
    rows = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(text)}</dd>" for name, text in figures)
    likely, left, right, zero = (f"{place:.1f}%" for place in bar)
    side = "wi-gain" if bar[0] >= bar[3] else "wi-loss"
    return (
        f'<div class="wi-state{" wi-planned" if planned else ""}" id="{_id(at)}">'
        f'<p class="wi-word">{_safe(word)}</p>'
        '<svg class="wi-bar" width="100%" height="34" aria-hidden="true">'
        '<line class="wi-axis" x1="0%" y1="10" x2="100%" y2="10"/>'
        f'<line class="wi-zero" x1="{zero}" y1="1" x2="{zero}" y2="19"/>'
        f'<text class="wi-tick" x="{zero}" y="32" text-anchor="middle">0</text>'
        f'<line class="{side}" x1="{left}" y1="10" x2="{right}" y2="10"/>'
        f'<circle class="{side}" cx="{likely}" cy="10" r="5"/></svg>'
        f'<dl class="wi-figures">{rows}</dl></div>'
    )


def _id(at: tuple[int, ...]) -> str:
    return f"wi-at-{'-'.join(map(str, at))}"


def _rules(shown: WhatIf) -> str:
    """Return the rules that show the state of what is checked, and hide all others."""
    chosen = ",".join(
        ".wi-box" + "".join(f":has(#wi-{n}-{i}:checked)" for n, i in enumerate(at)) + f" #{_id(at)}"
        for at, _, _ in shown.states
    )
    return (
        f"@supports selector(:has(a)){{.wi-state{{display:none}}{chosen}{{display:block}}}}"
        "@supports not selector(:has(a)){.wi-controls,.wi-state{display:none}"
        ".wi-state.wi-planned{display:block}}"
    )


_STYLE = """
.wi-box{display:grid;gap:24px;padding:16px;background:var(--wash,#f4f6f8);color:var(--ink,#14202b)}
.wi-controls{display:grid;gap:12px;align-content:start}
.wi-set{border:0;margin:0;padding:0;min-width:0}
.wi-set legend{font-size:14px;padding:0;margin-bottom:4px}
.wi-levels{display:grid;grid-auto-columns:1fr;grid-auto-flow:column;gap:3px}
.wi-levels span{position:relative}
.wi-levels input{position:absolute;inset:0;width:100%;height:100%;opacity:0;margin:0;cursor:pointer}
.wi-levels label{display:block;height:100%;box-sizing:border-box;text-align:center;padding:9px 4px;
border:1px solid var(--rule2,#8a96a1);background:var(--bg,#fff);font-size:15px}
.wi-levels input:checked+label{background:var(--ink,#14202b);color:var(--bg,#fff);font-weight:680}
.wi-levels input:focus-visible+label{outline:3px solid var(--blue,#0b57a4);outline-offset:2px}
.wi-word{font-size:28px;line-height:1.2;font-weight:740;margin:0 0 8px}
.wi-figures{display:grid;gap:0 16px;margin:8px 0 0;font-size:15px}
.wi-figures dt{color:var(--mut,#4c5965)} .wi-figures dd{margin:0 0 6px;font-weight:650}
.wi-bar{overflow:visible;display:block} .wi-bar line{stroke-width:1.5}
.wi-axis{stroke:var(--rule2,#8a96a1)} .wi-zero{stroke:var(--ink,#14202b)}
.wi-tick{font-size:12px;fill:var(--mut,#4c5965)}
.wi-bar line.wi-gain,.wi-bar line.wi-loss{stroke-width:4}
.wi-gain{stroke:var(--blue,#0b57a4);fill:var(--blue,#0b57a4)}
.wi-loss{stroke:var(--rust,#9c4200);fill:var(--rust,#9c4200)}
.wi-about p{font-size:14px;color:var(--mut,#4c5965);margin:8px 0 0;max-width:70ch}
@media (min-width:640px){.wi-box{grid-template-columns:1fr 1fr;padding:24px}}
@media print{.wi-box{break-inside:avoid}}
""".replace("\n", "")
