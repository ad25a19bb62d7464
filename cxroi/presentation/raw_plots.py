"""Rows themselves in a picture, which seaborn draws; SVG with text in the colours of the others."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from ..errors import StudyError, nearest
from .drawing.area import look_of
from .drawing.style import CLASSES, PALETTE
from .drawing.svg import WIDTH
from .figures import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..panel.panel import Panel

# Values beyond this quantile are not drawn: a few customers would squeeze all the others.
MOST = 0.99
INCH, FACET = 72, 110  # pixels of SVG
_ROLES = {light: role for role, (light, _) in PALETTE.items()}
_STYLE: Any = {
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "cxroi",  # the same picture is the same file
    "font.family": "DejaVu Sans",  # measures them; shown in those of the page
    "font.size": 13.0,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    **dict.fromkeys(("text.color", "axes.labelcolor"), PALETTE["ink"][0]),
    **dict.fromkeys(("xtick.color", "axes.edgecolor"), PALETTE["mut"][0]),
}


def spread(panel: Panel, outcome: str) -> Picture:
    """Show how an outcome spreads within each group: a histogram of the rows, for the analyst.

    Means and gaps say nothing of how many customers bought at all, or of the few who bought most.

    Parameters
    ----------
    panel
        Its rows are brought into memory.
    outcome
        Such as ``spend``.

    Raises
    ------
    StudyError
        The study has no such outcome.
    TooManyRowsError
        The rows are over 2,000,000.

    Examples
    --------
    >>> import cxroi as cx
    >>> cx.plots.spread(cx.open_run(study).panel, "spend")  # doctest: +SKIP
    """
    named = {o.name: o for o in panel.study.outcomes}
    if outcome not in named:
        found = f"the study has no outcome called {outcome!r}"
        raise StudyError(found, "one of its outcomes", nearest(outcome, named))
    frame = panel.frame[["group", f"{outcome}_after"]].dropna().set_axis(["group", "value"], axis=1)
    frame = frame[frame["value"] <= frame["value"].quantile(MOST)]
    counts = frame["group"].value_counts().to_dict()
    groups = [label for label in panel.study.scale.labels if counts.get(label)]
    plain, unit = outcome.replace("_", " "), named[outcome].unit
    listed = ", ".join(f"{label} (n = {counts[label]:,})" for label in groups)
    values = f"Histograms of {unit} by group: {listed}. The largest hundredth is not drawn."
    height = FACET * len(groups) + 40
    figure = _drawn(frame, groups, counts, unit, height)
    claim = f"How {plain} spreads within each group"
    return Picture(claim, values, _inside(figure, height), height)


def _drawn(
    frame: Any, groups: list[str], counts: dict[Any, int], unit: str, height: float
) -> Figure:
    """Draw a histogram a group, below one another on one scale."""
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH / INCH, height / INCH), layout="constrained")
        facets = figure.subplots(len(groups), sharex=True, squeeze=False)[:, 0]
        for position, (label, axes) in enumerate(zip(groups, facets, strict=True)):
            role = CLASSES[f"bar-{look_of(position, len(groups))}"]["fill"]
            sns.histplot(
                frame.loc[frame["group"] == label, "value"],
                bins=40,
                binrange=(min(0.0, frame["value"].min()), frame["value"].max()),
                color=PALETTE[role][0],
                alpha=1,
                edgecolor=PALETTE["bg"][0],
                ax=axes,
            )
            axes.set_title(f"{label} (n = {counts[label]:,})", loc="left", fontsize=13)
            axes.set(ylabel="", yticks=[], xlabel=unit)
        return figure


def _inside(figure: Figure, height: float) -> str:
    """Return a figure as elements whose colours and fonts follow the page."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    written = buffer.getvalue()
    body = written[written.index("<svg") :]
    left_out = r'<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>|(?<=<g) id="[^"]*"'
    body = re.sub(left_out, "", body, flags=re.DOTALL)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r"font: (\w+) [^;\"]*", r"font-size: \1", body)
    size = f'width="100%" height="{height}" preserveAspectRatio="xMinYMin" '
    body = re.sub(r'width="[^"]*" height="[^"]*" (?=viewBox)', size, body, count=1)
    for light, role in _ROLES.items():
        body = body.replace(light, f"var(--{role},{light})")
    return re.sub(r"\n\s*", " ", body)
