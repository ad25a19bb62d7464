"""What a pilot shows: what the offer did, what being moved does, and what it earned.

Every estimate is of customers as they were assigned, whether they took the offer or not
(intention to treat). Nothing here is an association: who was offered was chosen by chance, which
is looked at first; a pilot that was not made by chance is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CxroiError, ModelError, attempt
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.thresholds import MINIMUM_GROUP
from .flaws import Flaw, attrition, balance, mixed, sample_ratio
from .pilot_panel import OFFERED, offers_sql, pilot_panel, scores_around
from .randomised import Difference, Region, being_moved, difference

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats, Integers
    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.pilots import DeclaredPilot

LEAST_ROWS_PER_BASELINE = 20
METHOD = "intention to treat, regression-adjusted for baselines (Lin), HC3 errors"


@dataclass(frozen=True, eq=False, repr=False)
class Pilot(TidyMixin):
    """One pilot.

    Attributes
    ----------
    declared
        What the study file says of it.
    offered, held_out
        Customers of each arm whose outcomes are known.
    flaws
        Whether the offer was as random as it should be.
    differences
        By outcome, and ``score`` and ``moved`` (in the `to` group of the scenario) of those who
        answered after it.
    moved
        By outcome: the effect of being moved, and the region of it.
    estimates
        ``pilot.<name>.<outcome>.offered`` and ``.moved``.
    refused
        Why nothing is estimated; None where it is.
    """

    declared: DeclaredPilot
    offered: int
    held_out: int
    flaws: tuple[Flaw, ...]
    differences: Mapping[str, Difference] = field(default_factory=dict)
    moved: Mapping[str, tuple[float, Region]] = field(default_factory=dict)
    estimates: tuple[Estimate, ...] = ()
    refused: CxroiError | None = None

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The customers of a pilot."""

    frame: pd.DataFrame
    offered: Flags
    units: Integers | None


def estimate_pilots(tables: Tables) -> tuple[Pilot, ...]:
    """Return what each pilot of a study shows.

    Parameters
    ----------
    tables
        All of them: ``read_for_metrics(study)``.

    Examples
    --------
    >>> import cxroi as cx
    >>> tables, _ = cx.read_for_metrics(cx.load_study("study.toml"))  # doctest: +SKIP
    >>> cx.estimate_pilots(tables)[0].tidy()  # doctest: +SKIP
    """
    return tuple(_pilot(tables, declared) for declared in tables.study.pilots)


def _pilot(tables: Tables, declared: DeclaredPilot) -> Pilot:
    made = attempt(partial(pilot_panel, tables, declared))
    if isinstance(made, CxroiError):
        return Pilot(declared, 0, 0, (), refused=made)
    assigned = tables.engine.frame(f"SELECT * FROM {offers_sql(tables, declared)} AS o")
    rows = _rows(made, scores_around(tables, declared))
    offered, held_out = int(rows.offered.sum()), int((~rows.offered).sum())
    if min(offered, held_out) < MINIMUM_GROUP:
        few = ModelError(
            f"{offered:,} customers were offered and {held_out:,} held out",
            f"at least {MINIMUM_GROUP} of each, with a whole outcome window after it",
        )
        return Pilot(declared, offered, held_out, (), refused=few)
    flaws = (*_as_assigned(assigned, rows, declared), *_flaws(rows, made.study))
    broken = [flaw for flaw in flaws if flaw.broken]
    if broken:
        why = ModelError(
            f"the offer was not made by chance: {broken[0].said}",
            "a random assignment leaves both arms alike",
            "Ask how customers were assigned, and give all who were",
        )
        return Pilot(declared, offered, held_out, flaws, refused=why)
    return _estimated(rows, made.study, tables.study, declared, flaws)


def _rows(panel: Panel, scores: pd.DataFrame) -> _Rows:
    frame = panel.frame.merge(scores, on="customer", how="left")
    offered = (frame["group"] == OFFERED).to_numpy()
    clustered = panel.study.clustered
    units = frame["cluster"].factorize()[0] if clustered else None
    return _Rows(frame, offered, units)


def _baselines(rows: _Rows, study: Study) -> tuple[Floats, tuple[str, ...]]:
    """Return what was known before the offer, as far as it varies and customers suffice."""
    names = [f"{o.name}_before" for o in study.outcomes if f"{o.name}_before" in rows.frame]
    values = {n.removesuffix("_before"): rows.frame[n].to_numpy(float) for n in names}
    before = rows.frame["score_before"]
    if before.notna().sum() >= MINIMUM_GROUP:
        values["the score"] = before.fillna(before.mean()).to_numpy(float)
        values["who had answered"] = before.notna().to_numpy(float)
    kept = {n: v for n, v in values.items() if np.isfinite(v).all() and np.ptp(v) > 0}
    most = min(rows.offered.sum(), (~rows.offered).sum()) // LEAST_ROWS_PER_BASELINE
    chosen = list(kept)[:most]
    columns = [kept[name] for name in chosen]
    return np.column_stack(columns) if columns else np.empty((len(before), 0)), tuple(chosen)


def _as_assigned(assigned: pd.DataFrame, rows: _Rows, declared: DeclaredPilot) -> Iterator[Flaw]:
    """Yield what all who were assigned tell: how many, by unit or not, and who of them is left."""
    offered, units = assigned["offered"].to_numpy() > 0, None
    if "cluster" in assigned:
        units = assigned["cluster"].fillna("customer " + assigned["customer"]).factorize()[0]
        yield from mixed(offered, units)
    yield sample_ratio(offered, declared.share_offered, units)
    left = assigned["customer"].isin(rows.frame["customer"]).to_numpy()
    yield attrition(left, offered, "customers whose outcomes are known", units)


def _flaws(rows: _Rows, study: Study) -> list[Flaw]:
    baselines, names = _baselines(rows, study)
    found = []
    if names:
        found.append(balance(baselines, names, rows.offered, rows.units))
    answered = rows.frame["score_after"].notna().to_numpy()
    return [*found, attrition(answered, rows.offered, "answered after it", rows.units)]


def _estimated(
    rows: _Rows, own: Study, study: Study, declared: DeclaredPilot, flaws: tuple[Flaw, ...]
) -> Pilot:
    baselines, _ = _baselines(rows, own)
    differences = {}
    for outcome in own.outcomes:
        values = rows.frame[f"{outcome.name}_after"].to_numpy(float)
        if np.isfinite(values).all():
            differences[outcome.name] = difference(values, rows.offered, baselines, rows.units)
    differences |= _of_scores(rows, study, baselines)
    moved = {}
    if "moved" in differences and not any(f.name == "attrition" and f.broken for f in flaws):
        moved = {
            outcome.name: being_moved(differences[outcome.name], differences["moved"], rows.units)
            for outcome in own.outcomes
            if outcome.name in differences
        }
    offered = int(rows.offered.sum())
    found = Pilot(declared, offered, len(rows.offered) - offered, flaws, differences, moved)
    return _with_estimates(found, study)


def _of_scores(rows: _Rows, study: Study, baselines: Floats) -> dict[str, Difference]:
    """Return what the offer did to the score, of those who answered after it."""
    answered = rows.frame["score_after"].notna().to_numpy()
    least = min((answered & rows.offered).sum(), (answered & ~rows.offered).sum())
    if least < MINIMUM_GROUP:
        return {}
    score = rows.frame["score_after"].to_numpy(float)
    return {
        "score": _among(score, answered, rows, baselines),
        "moved": _among(_in_target(score, study), answered, rows, baselines),
    }


def _in_target(score: Floats, study: Study) -> Floats:
    cuts = np.asarray(study.scale.cuts)
    place = np.digitize(score, cuts)
    labels = study.scale.labels if study.scale.better == "higher" else study.scale.labels[::-1]
    return np.asarray(np.asarray(labels)[place] == study.target, dtype=float)


def _among(values: Floats, there: Flags, rows: _Rows, baselines: Floats) -> Difference:
    """Return the difference among some, with the influence of every customer."""
    units = None if rows.units is None else np.unique(rows.units[there], return_inverse=True)[1]
    found = difference(values[there], rows.offered[there], baselines[there], units)
    psi = np.zeros(len(values))
    psi[there] = found.influence
    return Difference(**{**vars(found), "influence": psi})


def _with_estimates(pilot: Pilot, study: Study) -> Pilot:
    units = {o.name: o.unit for o in study.outcomes} | {"score": "points", "moved": "share"}
    found = [
        _estimate(pilot, name, "offered", one, units[name])
        for name, one in pilot.differences.items()
    ]
    for name, (ratio, region) in pilot.moved.items():
        low, high = region.parts[0] if region.bounded else (None, None)
        note = "" if region.bounded else "the pilot moved too few to say how much"
        found.append(
            Estimate(
                name=f"pilot.{pilot.declared.slug}.{name}.moved",
                estimate=ratio if region.bounded else None,
                conf_low=low,
                conf_high=high,
                std_error=None,
                unit=units[name],
                n=pilot.differences[name].n,
                method="random offer as instrument (Wald), interval of Anderson and Rubin",
                note=note,
                outcome=name,
                rung="moved",
            )
        )
    return Pilot(**{**vars(pilot), "estimates": tuple(found)})


def _estimate(pilot: Pilot, name: str, rung: str, one: Difference, unit: str) -> Estimate:
    return Estimate(
        name=f"pilot.{pilot.declared.slug}.{name}.{rung}",
        estimate=one.value,
        conf_low=one.low,
        conf_high=one.high,
        std_error=one.std_error,
        unit=unit,
        n=one.n,
        method=METHOD if one.units == one.n else f"{METHOD}, by unit of assignment",
        p_value=one.p_value,
        contrast="offered - held out",
        outcome=name,
        rung=rung,
    )
