"""Sliders in JupyterLab: the return as assumptions are moved; never computes."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, ParameterError
from ..results.formats import interval, percent, quantity
from ..value.surface import at_values, choices_of
from .labels import INPUTS
from .what_if import verdict_by_chance

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..runs.opening import Run
    from ..value.roi import Roi
    from ..value.surface import Choice

_TIMES = 3.0  # the likely value, to which an amount may be moved


def sliders(found: Run | Analysis | Roi) -> Any:
    """Return sliders over what a person decides or assumes, with the ROI there beside them.

    Each moves the likely value of an input; the range around it keeps its proportions. The draws
    are those of the plan, so that a move changes nothing but what it says.

    Parameters
    ----------
    found
        A run, an analysis or a ROI.

    Returns
    -------
    ipywidgets.VBox
        Shown by JupyterLab as it is.

    Raises
    ------
    ParameterError
        ipywidgets is not installed.
    ModelError
        There is no ROI.

    Examples
    --------
    >>> cx.sliders(cx.open_run(cx.demo_study()))  # doctest: +SKIP
    """
    widgets = _ipywidgets()
    analysis: Any = getattr(found, "analysis", found)
    roi: Roi | None = analysis.roi if hasattr(analysis, "regressions") else analysis
    if roi is None:
        raise ModelError("there is no ROI to move assumptions of", fix="Declare a [scenario]")
    currency, draws = roi.basis.study.currency, roi.basis.draws()
    moved = {choice.name: _slider(widgets, choice, currency) for choice in choices_of(roi.basis)}
    planned = {name: slider.value for name, slider in moved.items()}
    shown, reset = widgets.HTML(), widgets.Button(description="As planned")

    def show(*_: object) -> None:
        values = {name: slider.value for name, slider in moved.items()}
        shown.value = _said(roi, at_values(roi.basis, draws, values))

    def back(*_: object) -> None:
        for name, slider in moved.items():
            slider.value = planned[name]

    for slider in moved.values():
        slider.observe(show, names="value")
    reset.on_click(back)
    show()
    return widgets.VBox([*moved.values(), reset, shown])


def _ipywidgets() -> Any:
    try:
        import ipywidgets
    except ImportError:
        raise ParameterError(
            "ipywidgets is not installed, and sliders need it",
            "the extra lab has it",
            "pip install 'cxroi[lab]'; or ask roi.what_if(cost_per_moved=...) for one value",
        ) from None
    return ipywidgets


def _slider(widgets: Any, choice: Choice, currency: str) -> Any:
    worth = choice.name in ("cost_per_moved", "fixed_cost")
    likely = choice.levels[choice.planned]
    highest = max(_TIMES * likely, choice.levels[-1]) if worth else 1.0
    return widgets.FloatSlider(
        value=likely,
        min=likely / 20 if worth else min(0.01, likely),
        max=highest,
        step=highest / 300 if worth else 0.01,
        description=f"{INPUTS[choice.name]}{f', {currency}' if worth and currency else ''}",
        readout_format=".2f" if worth else ".0%",
        continuous_update=False,
        style={"description_width": "320px"},
        layout={"width": "720px"},
    )


def _said(roi: Roi, estimates: Any) -> str:
    """Return verdict, ROI, net value and chance as HTML."""
    currency, there = roi.basis.study.currency, replace(roi, estimates=tuple(estimates))
    ratio, net, chance = (there[name] for name in ("ratio", "net_value", "probability_positive"))
    rows = [
        (name, f"{quantity(e.estimate, e.unit, currency)} ({interval(e, currency)})")
        for name, e in (("Return on cost (ROI)", ratio), ("Net value", net))
    ]
    rows.append(("Chance that it pays", percent(chance.estimate)))
    cells = "".join(f"<tr><td>{html.escape(n)}</td><td>{html.escape(t)}</td></tr>" for n, t in rows)
    return f"<b>{html.escape(verdict_by_chance(there))}</b><table>{cells}</table>"
