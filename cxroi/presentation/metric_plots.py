"""Metrics as pictures: by wave, and by what each tells apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ModelError
from ..metrics.compute import Measured, Metrics
from ..results.display import Text
from ..results.formats import aligned
from ..results.thresholds import MINIMUM_GROUP
from .drawing.rows import Block, Row, row_chart
from .figures import Picture

# Those that a reader looks for first.
MAIN = ("nps", "csat", "ces", "response_rate", "churn", "repeat_purchase", "purchase_amount")
FEWEST_WAVES = 2


def trends(found: Metrics, names: Sequence[str] = MAIN) -> Picture | Text:
    """Show metrics wave by wave, with intervals.

    Parameters
    ----------
    found
        Of ``by="quarter"``.
    names
        Metrics, those among them that rest on at least 30 observations.

    Returns
    -------
    Picture
        A sentence instead where none of them is known in two waves.
    """
    enough = [[m for m in found.of(n) if m.estimate.n >= MINIMUM_GROUP] for n in names]
    series = [one for measured in enough for one in _by_part(measured)]
    chosen = [one for one in series if len({m.quarter for m in one}) >= FEWEST_WAVES]
    if not chosen:
        return Text(("No metric is known in two whole waves, so there is no trend to show.",))
    blocks = [_block(one, [m.quarter for m in one], one[0].full_title) for one in chosen]
    longest = max(chosen, key=len)
    first, last = longest[0].quarter, longest[-1].quarter
    claim = f"{len(chosen)} metrics from {first} to {last}"
    return Picture(claim, _told(blocks), *row_chart(blocks))


def parts(found: Metrics, name: str) -> Picture:
    """Show a metric by what it tells apart, such as reasons, largest first.

    Raises
    ------
    ModelError
        There is no such metric, or nothing was measured of it.
    """
    measured = sorted(found.of(name), key=lambda m: -(m.estimate.estimate or 0.0))
    if not measured:
        raise ModelError(f"nothing is known of the metric {name!r}", "see what is missing for it")
    block = _block(measured, [m.shown_part or m.group or m.quarter for m in measured], "")
    return Picture(measured[0].title, _told([block]), *row_chart([block]))


def _by_part(measured: Sequence[Measured]) -> list[list[Measured]]:
    named = list(dict.fromkeys(m.part for m in measured))
    return [[m for m in measured if m.part == part] for part in named]


def _block(measured: Sequence[Measured], labels: Sequence[str], heading: str) -> Block:
    estimates = [m.estimate for m in measured]
    unit = estimates[0].unit
    share = unit.startswith("share")
    shown = [
        f"{100 * e.estimate:.1f} %" if share and e.estimate is not None else text
        for e, text in zip(estimates, aligned([e.estimate for e in estimates]), strict=True)
    ]
    rows = [
        Row(label, e.estimate, e.conf_low, e.conf_high, text)
        for label, e, text in zip(labels, estimates, shown, strict=True)
    ]
    return Block(rows, heading, "%" + unit.removeprefix("share") if share else unit)


def _told(blocks: Sequence[Block]) -> str:
    listed = [
        f"{b.heading or 'By part'}: " + ", ".join(f"{r.label} {r.shown}" for r in b.rows)
        for b in blocks
    ]
    return f"With 95 % intervals. {'. '.join(listed)}."
