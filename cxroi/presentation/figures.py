"""A figure in the house style: how charts open, look and show themselves in a notebook."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2
PLAIN: Any = {"text.parse_math": False}  # a dollar sign is a dollar sign
# Of seaborn: its palette for readers who confuse red and green, its style "whitegrid", and its
# context "notebook" with the letters at 0.85. To load it takes longer than to draw a chart.
COLORS = ("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161", "#fbafe4", "#949494")
_INK, _LINE = ".15", ".8"
_STYLE: Any = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "white"),
    **dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color", "text.color"), _INK),
    **dict.fromkeys(("axes.edgecolor", "grid.color"), _LINE),
    **dict.fromkeys(("axes.axisbelow", "axes.grid", "patch.force_edgecolor"), True),
    **dict.fromkeys(("xtick.bottom", "ytick.left", "xtick.top", "ytick.right"), False),
    **dict.fromkeys(("xtick.direction", "ytick.direction"), "out"),
    "grid.linestyle": "-",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans"],
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    **dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width"), 1.25),
    **dict.fromkeys(("grid.linewidth", "patch.linewidth"), 1),
    **dict.fromkeys(("xtick.minor.width", "ytick.minor.width"), 1),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size", "lines.markersize"), 6),
    **dict.fromkeys(("xtick.minor.size", "ytick.minor.size"), 4),
    "lines.linewidth": 1.5,
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), 10.2),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 9.35),
    "legend.title_fontsize": 10.2,
}


@dataclass(frozen=True, repr=False)
class Picture:
    """A figure with the text that stands for it where it cannot be seen."""

    figure: Figure
    alt: str

    @property
    def axes(self) -> list[Axes]:
        """The axes, to change or add to."""
        return self.figure.axes

    def __repr__(self) -> str:
        return f"[figure] {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        import matplotlib as mpl

        buffer = io.BytesIO()
        with mpl.rc_context(PLAIN):  # labels of ticks are made here
            self.figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None})
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        return {"image/png": data, "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}


@contextmanager
def _style() -> Iterator[None]:
    """Draw in the house style, without touching matplotlib's global settings."""
    import matplotlib as mpl

    with mpl.rc_context(PLAIN | _STYLE):
        yield


@contextmanager
def one_chart(claim: str, height: float = 3.2) -> Iterator[tuple[Figure, Axes]]:
    """Open a figure of one chart with its claim as title."""
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots()
        axes.set_title(_wrapped(claim), loc="left", fontweight="bold")
        yield figure, axes
        _open(figure)


@contextmanager
def small_charts(claim: str, count: int) -> Iterator[tuple[Figure, list[Axes]]]:
    """Open a figure of small charts, two in a row, under one claim."""
    from matplotlib.figure import Figure

    columns = min(2, count)
    rows = -(-count // columns)
    with _style():
        figure = Figure(figsize=(WIDTH, 0.5 + 1.75 * rows), layout="constrained")
        charts = list(figure.subplots(rows, columns, squeeze=False).flat)
        figure.suptitle(_wrapped(claim), x=0.01, ha="left", fontweight="bold")
        for unused in charts[count:]:
            unused.set_axis_off()
        yield figure, charts[:count]
        _open(figure)


def _open(figure: Figure) -> None:
    """Leave of the four lines around a chart the one below."""
    for axes in figure.axes:
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_visible(True)


def _wrapped(claim: str) -> str:
    return "\n".join(textwrap.wrap(claim, 74))


def color(position: int) -> str:
    """Return a colour that readers who confuse red and green tell from the others."""
    return COLORS[position % len(COLORS)]


def dots(axes: Axes, labels: list[str], estimates: Sequence[Any]) -> None:
    """One dot with its interval a row, first row on top."""
    for position, (label, e) in enumerate(zip(labels, estimates, strict=True)):
        low = e.conf_low if e.conf_low is not None else e.estimate
        high = e.conf_high if e.conf_high is not None else e.estimate
        axes.plot([low, high], [label, label], color=color(position), linewidth=2.5)
        axes.plot(e.estimate, label, "o", color=color(position), markersize=8)
    axes.invert_yaxis()
    axes.margins(y=0.25)
    axes.grid(axis="y", visible=False)


def name_chart(axes: Axes, title: str, unit: str) -> None:
    """Put a title above a small chart and the unit below, shares in per cent."""
    from matplotlib.ticker import PercentFormatter

    axes.set_title(title, loc="left", fontsize="medium")
    axes.set_xlabel(unit, fontsize="small")
    if unit.startswith("share"):
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
