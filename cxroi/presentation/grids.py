"""Every score against every outcome as a table, a heat map and sentences; never computes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..effects.verdicts import USEFUL
from ..errors import ModelError
from ..results.display import Table, Text
from ..results.estimate import CONF_LEVEL
from ..results.formats import aligned, shown_p, value_beside_interval
from .drawing.cells import Cell, cell_chart
from .drawing.svg import reach, text
from .figures import Picture
from .labels import listed, outcome, titled

if TYPE_CHECKING:
    from ..grid.grid import Grid, GridCell

# Checks may withdraw what is useful, and are run of the main score alone.
UNCHECKED = f"{USEFUL}, unchecked"
# Standard deviations from which a gap is tinted more: what is called a small effect (Cohen 1988).
SMALL = 0.2
# Pixels that a telephone has for the cells of a row, and letters for a line below.
ROOM, LINE = 240, 52


def score_grid(grid: Grid) -> Table:
    """Return one row a score and outcome: gap, size, trend, verdict, or why there is none.

    ``gap`` is that between the score's best group and the one before it, like for like, and
    ``as they are`` the same without holding anything equal; ``in SD`` is the gap in standard
    deviations of the outcome. ``a point more`` (controls and baselines held equal) and
    ``correlation`` are over all answers, whatever the groups.
    """
    import pandas as pd

    currency, rows = grid.study.currency, []
    for cell in _without_mirror(grid):
        small = aligned([_value(cell.standardised), _value(cell.correlation)], digits=2)
        p_value = cell.verdict.p_adjusted if cell.verdict else None
        rows.append(
            (
                grid.titles[cell.metric],
                outcome(cell.outcome),
                cell.contrast.contrast if cell.contrast else "–",
                value_beside_interval(cell.raw, currency)[0],
                *value_beside_interval(cell.contrast, currency),
                small[0],
                value_beside_interval(cell.trend, currency)[0],
                small[1],
                shown_p(p_value).removeprefix("= "),
                f"{cell.contrast.n:,}" if cell.contrast else "–",
                cell.contrast.unit if cell.contrast else "–",
                _kind(cell),
                cell.verdict.reason if cell.verdict else str(cell.refusal),
            )
        )
    columns = ["score", "outcome", "groups", "as they are", "gap", "95 % interval", "in SD"]
    columns += ["a point more", "correlation", "p, corrected", "n", "unit", "verdict", "why"]
    return Table(pd.DataFrame(rows, columns=columns))


def in_words(grid: Grid) -> Text:
    """Say what was found in the grid, after how many tests, and what was not possible."""
    cells = _without_mirror(grid)
    said = [f"{claim(grid)}, after a correction for {grid.tests} tests."]
    useful = [c for c in cells if c.verdict and c.verdict.kind == USEFUL]
    if useful:
        pairs = by_score((grid.titles[c.metric], outcome(c.outcome)) for c in useful)
        said.append(
            f"Large enough to matter, and in the better direction: {pairs}. No check has been run "
            "on these."
        )
    if any(map(_differs, cells)):
        said.append(
            "Up to 5 in 100 of such differences may be chance; each goes with a score and is not "
            "shown to be caused by it."
        )
    refused = [c for c in cells if c.refusal]
    for reason in dict.fromkeys(str(c.refusal) for c in refused):
        own = [c for c in refused if str(c.refusal) == reason]
        pairs = by_score((grid.titles[c.metric], outcome(c.outcome)) for c in own)
        said.append(f"Not possible for {pairs}: {reason}")
    return Text(tuple(said), "list")


def by_score(pairs: Iterable[tuple[str, str]]) -> str:
    """Return scores with the outcomes of each, such as ``CSAT with spend and orders``."""
    found: dict[str, list[str]] = {}
    for score, name in pairs:
        found.setdefault(score, []).append(name)
    return "; ".join(f"{score} with {listed(names)}" for score, names in found.items())


def claim(grid: Grid) -> str:
    """Return how many pairs of score and outcome differ, in one line."""
    cells = _without_mirror(grid)
    count = sum(map(_differs, cells))
    pairs = f"{len(cells)} pair{'s' * (len(cells) != 1)} of a score and an outcome"
    return f"{count or 'None'} of {pairs} differ{'s' * (count < 2)} by more than chance"


def score_heat_map(grid: Grid) -> Picture:
    """Show the size of every gap in standard deviations of its outcome, tinted where it differs.

    Above zero is better: more of what is better more, less of what is better less.

    Raises
    ------
    ModelError
        Nothing could be compared.
    """
    cells = _without_mirror(grid)
    if not any(cell.towards_better is not None for cell in cells):
        raise ModelError("no score could be set against any outcome", "see why each was refused")
    outcomes = list(dict.fromkeys(cell.outcome for cell in cells))
    shown = dict(zip(cells, aligned([c.towards_better for c in cells], digits=2), strict=True))
    by_place = {(cell.outcome, cell.metric): cell for cell in cells}
    drawn_cells = [
        [_drawn(by_place[name, score], shown) for score in grid.titles] for name in outcomes
    ]
    labels, legend = _short([titled(title) for title in grid.titles.values()])
    drawn, height = cell_chart(
        drawn_cells,
        [titled(outcome(name)) for name in outcomes],
        labels,
        down="outcome",
        across="score",
        remark="gap in SD, above 0 is better; – not possible",
    )
    below = [*legend, f"tinted: differs; darker from {SMALL:g} SD", f"outlined: {UNCHECKED}"]
    for line in below:
        drawn += text(line, 0, height + 8, "tick")
        height += 17
    values = "; ".join(
        f"{grid.titles[c.metric]} and {outcome(c.outcome)} {_said(c, shown)}" for c in cells
    )
    how = "Gaps towards the better side in standard deviations (SD) of the outcome"
    return Picture(claim(grid), f"{how}: {values}.", drawn, height + 2)


def _drawn(cell: GridCell, shown: dict[GridCell, str]) -> Cell:
    size = cell.towards_better
    useful = bool(cell.verdict and cell.verdict.kind == USEFUL)
    if size is None or not _differs(cell):
        return Cell(shown[cell], "p0", useful)
    return Cell(shown[cell], f"{'p' if size > 0 else 'n'}{1 + (abs(size) >= SMALL)}", useful)


def _said(cell: GridCell, shown: dict[GridCell, str]) -> str:
    if cell.standardised is None:
        return "not possible"
    return f"{shown[cell]}, {_kind(cell)}"


def _kind(cell: GridCell) -> str:
    kind = cell.verdict.kind if cell.verdict else "refused"
    return UNCHECKED if kind == USEFUL else kind


def _short(labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return labels that columns have room for, and lines that say what numbers stand for."""
    if max(reach(label) for label in labels) * len(labels) <= ROOM:
        return list(labels), []
    lines = [""]
    for number, label in enumerate(labels, start=1):
        said = f"{number} {label}"
        if len(lines[-1]) + len(said) > LINE:
            lines.append("")
        lines[-1] += f"{', ' if lines[-1] else ''}{said}"
    return [str(number) for number in range(1, len(labels) + 1)], lines


def _differs(cell: GridCell) -> bool:
    p_value = cell.verdict.p_adjusted if cell.verdict else None
    return p_value is not None and p_value < 1 - CONF_LEVEL


def _without_mirror(grid: Grid) -> list[GridCell]:
    """Leave out churned where retained, its mirror image in a dated study, is shown."""
    names = {one.name for one in grid.study.outcomes}
    mirrored = grid.study.dated and "retained" in names
    return [c for c in grid.cells.values() if c.outcome != "churned" or not mirrored]


def _value(estimate: object) -> float | None:
    return getattr(estimate, "estimate", None)
