"""What changed since an earlier run, and why: data, definition, assumption, population, effect.

What was altered is certain: a definition, an assumption, rows of the same time. What the answers
say is tested (see `differences`). The difference of the ROI is shared out among these causes
exactly (see `value.decomposed`); where a definition or the data was altered, means and gaps mean
something else than they did, and what they add is laid to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ParameterError
from ..results.display import TidyMixin
from ..value.decomposed import shapley
from ..value.kept_inputs import sampling_error
from ..value.money import MONEY_OUTCOMES, Inputs, evaluate
from .altered import ASSUMPTION, DATA, DEFINITION, Altered, altered, same_tables
from .differences import EFFECT, ERROR, POPULATION, Difference, adjusted, differences, p_of
from .remembered import Remembered, remembered

if TYPE_CHECKING:
    import pandas as pd

CAUSES = (DATA, DEFINITION, POPULATION, EFFECT, ASSUMPTION)
# The same answers, some of them, none of them in both runs.
ALL, SOME, NONE = "all", "some", "none"
_GAPS = tuple(f"{name}_gap" for name in MONEY_OUTCOMES)
Z = 1.959964
# Inputs that a study file calls something else.
_KEYS = {"customers": "from_customers"}


@dataclass(frozen=True)
class RoiChange:
    """How the ROI changed, and what each cause adds.

    Attributes
    ----------
    before, after
        Net value per unit of cost, at the likely values.
    net_before, net_after
        Net value, in the currency.
    parts
        What each cause adds to ``after - before``; they sum to it.
    std_error
        Of ``after - before`` by sampling alone, of independent samples; the assumptions are held
        as they are in each run.
    beyond
        Causes whose part is certain or more than chance, over all that was compared.
    """

    before: float
    after: float
    net_before: float
    net_after: float
    parts: Mapping[str, float]
    std_error: float
    beyond: tuple[str, ...]

    @property
    def margin(self) -> float:
        """How far apart two samples of one truth may well be: in 95 of 100 they are nearer."""
        return Z * self.std_error


@dataclass(frozen=True, repr=False)
class Changes(TidyMixin):
    """What changed between two runs, and why.

    Attributes
    ----------
    before, after
        The runs.
    altered
        What is certain to differ.
    differences
        Figures and mixes, p values adjusted for all of them.
    roi
        None where one of the runs has none.
    causes
        Those that are certain or beyond noise, what adds most to the ROI first.
    overlap
        Whether ``all``, ``some`` or ``none`` of the waves are in both runs; ``all`` only of the
        very same tables.
    """

    before: Remembered
    after: Remembered
    altered: tuple[Altered, ...]
    differences: tuple[Difference, ...]
    roi: RoiChange | None
    causes: tuple[str, ...]
    overlap: str

    @property
    def since(self) -> str:
        """What the earlier run is called: its quarter, or its folder where both are of one."""
        named = self.before.quarter if self.before.quarter != self.after.quarter else ""
        return named or self.before.where or "the earlier run"

    @property
    def changed(self) -> bool:
        """Whether anything changed beyond noise."""
        return bool(self.causes)

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure: ``figure, before, after, difference, std_error, p_value, ...``.

        Figures are in the unit of ``results.json``; p values are adjusted by Holm.
        """
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        if self.roi:
            roi = self.roi
            called = bool(roi.beyond)
            rows.append(("roi.ratio", roi.before, roi.after, roi.std_error, None, called))
            rows.append(("roi.net_value", roi.net_before, roi.net_after, None, None, called))
        for d in self.differences:
            ends = [e.estimate if e else None for e in (d.before, d.after)]
            rows.append((d.name, *ends, d.std_error, d.p_value, d.beyond_noise))
        columns = ["figure", "before", "after", "std_error", "p_value", "beyond_noise"]
        table = pd.DataFrame(rows, columns=columns)
        table.insert(3, "difference", table["after"].astype(float) - table["before"].astype(float))
        return table


def compare_runs(before: str | Path | Remembered, after: str | Path | Remembered) -> Changes:
    """Compare two runs of a study: what changed, whether beyond noise, and why.

    Parameters
    ----------
    before, after
        Report folders, or the results.json in them.

    Returns
    -------
    Changes
        Its `causes` are empty where there is no change beyond noise.

    Raises
    ------
    ParameterError
        A folder is none, or of an earlier version; or the runs are in different currencies.

    Examples
    --------
    >>> cx.compare_runs("report-2026Q1", "report-2026Q2").causes  # doctest: +SKIP
    ('assumption',)
    """
    a, b = (one if isinstance(one, Remembered) else remembered(one) for one in (before, after))
    if a.currency != b.currency:
        raise ParameterError(
            f"the runs are in {a.currency or 'no currency'} and {b.currency or 'no currency'}",
            "two runs in one currency",
            "Compare runs of one study",
        )
    certain, overlap = altered(a, b), _overlap(a, b)
    groups, found = _groups(certain), differences(a, b)
    parts = shapley(a.inputs, b.inputs, groups) if a.inputs and b.inputs else {}
    drawn = [cause for cause in (EFFECT, POPULATION) if cause in parts]
    raw = [p_of(parts[cause], _error(a, b, groups[cause])) for cause in drawn]
    found, p = adjusted(found, *raw)
    chance = {cause for cause, value in zip(drawn, p, strict=True) if value < ERROR}
    if overlap == ALL:
        chance = set()
    beyond = tuple(c for c in parts if c in chance or c in {one.cause for one in certain})
    roi = _roi_change(a, b, parts, beyond)
    return Changes(a, b, certain, found, roi, _called(certain, found, roi, overlap), overlap)


def _overlap(a: Remembered, b: Remembered) -> str:
    shared = set(a.answered["waves"]) & set(b.answered["waves"])
    if not shared:
        return NONE
    same = a.quarter == b.quarter and same_tables(a, b)
    until = [run.run["definitions"].get("complete_until") for run in (a, b)]
    return ALL if same and until[0] == until[1] else SOME


def _groups(certain: Sequence[Altered]) -> dict[str, Sequence[str]]:
    """Return the inputs of each cause; means and gaps go with data or definition if altered."""
    causes = {one.cause for one in certain if one.redefines}
    keys = {one.what for one in certain if one.cause == ASSUMPTION}
    every = [f.name for f in fields(Inputs)]
    assumed = [name for name in every if _KEYS.get(name, name) in keys]
    told = [name for name in every if name not in assumed]
    redefined = next((cause for cause in (DATA, DEFINITION) if cause in causes), None)
    if redefined:
        return {redefined: told, ASSUMPTION: assumed}
    gaps = [name for name in told if name in _GAPS]
    return {POPULATION: [n for n in told if n not in gaps], EFFECT: gaps, ASSUMPTION: assumed}


def _error(a: Remembered, b: Remembered, names: Sequence[str]) -> float:
    """Return the sampling error of the ROI's difference by some of the inputs."""
    return hypot(*(_own_error(run, names) for run in (a, b)))


def _own_error(run: Remembered, names: Sequence[str]) -> float:
    if run.inputs is None or run.covariance is None:
        return 0.0
    some = [name for name in run.covariance.index if name in names]
    return sampling_error(run.inputs, run.covariance.loc[some, some])


def _roi_change(
    a: Remembered, b: Remembered, parts: Mapping[str, float], beyond: tuple[str, ...]
) -> RoiChange | None:
    if a.inputs is None or b.inputs is None:
        return None
    was, now = evaluate(a.inputs), evaluate(b.inputs)
    ends = float(was.ratio), float(now.ratio), float(was.net), float(now.net)
    error = _error(a, b, [f.name for f in fields(Inputs)])
    return RoiChange(*ends, parts, error, beyond)


def _called(
    certain: Sequence[Altered], found: Sequence[Difference], roi: RoiChange | None, overlap: str
) -> tuple[str, ...]:
    """Return the causes that are certain or beyond noise, what adds most to the ROI first."""
    causes = {one.cause for one in certain} | set(roi.beyond if roi else ())
    if not any(one.redefines for one in certain) and overlap != ALL:
        causes |= {d.about for d in found if d.beyond_noise}
    parts = roi.parts if roi else {}
    return tuple(sorted(causes, key=lambda c: (-abs(parts.get(c, 0.0)), CAUSES.index(c))))
