"""What a pilot shows: what the offer did, what being moved does, and what it earned.

Every estimate is of customers as they were assigned, whether they took the offer or not
(intention to treat). Nothing here is an association: who was offered was chosen by chance, which
is looked at first; a pilot that was not made by chance is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CxroiError, DataError, ModelError, attempt
from ..moments import influence
from ..panel.rows import cut, cut_scores
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from ..study.calendars import wave_word
from .causal_share import Earned
from .flaws import Flaw, attrition, balance, mixed, sample_ratio, whole_accounts
from .pilot import Pilot
from .pilot_panel import OFFERED, assigned_sql, pilot_panel, scores_around
from .randomised import Difference, being_moved, difference
from .returns import money_per_customer, realised

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats, Integers
    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.pilots import DeclaredPilot

LEAST_ROWS_PER_BASELINE = 20
LEAST_OF_ORIGIN = 100  # who were in the `from` group and answered again, in either arm
METHOD = "intention to treat, regression-adjusted for baselines (Lin), HC3 errors"


@dataclass(frozen=True, eq=False)
class _Rows:
    """The customers of a pilot."""

    frame: pd.DataFrame
    offered: Flags
    units: Integers | None


def estimate_pilots(tables: Tables, unread: Mapping[str, str] | None = None) -> tuple[Pilot, ...]:
    """Return what each pilot of a study shows.

    Parameters
    ----------
    tables
        All of them: ``read_for_metrics(study)``.
    unread
        By table that could not be read: why.

    Examples
    --------
    >>> import cxroi as cx
    >>> tables, unread = cx.read_for_metrics(cx.load_study("study.toml"))  # doctest: +SKIP
    >>> cx.estimate_pilots(tables, unread)[0].tidy()  # doctest: +SKIP
    """
    if "offers" not in tables.study.sources:
        why = (unread or {}).get("offers", "it is not among the tables")
        refused = DataError(f"[tables.offers] cannot be read: {why.rstrip('.')}")
        return tuple(Pilot(one, 0, 0, (), refused=refused) for one in tables.study.pilots)
    return tuple(_pilot(tables, declared) for declared in tables.study.pilots)


def _pilot(tables: Tables, declared: DeclaredPilot) -> Pilot:
    made = attempt(partial(pilot_panel, tables, declared))
    if isinstance(made, CxroiError):
        return Pilot(declared, 0, 0, (), refused=_of_offers(made, tables.study))
    assigned = tables.engine.frame(assigned_sql(tables, declared))
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
        return Pilot(declared, offered, held_out, flaws, refused=_not_by_chance(broken[0]))
    paid = int((assigned["offered"] > 0).sum())
    return _estimated(rows, made.study, _with_cuts(tables), declared, flaws, paid)


def _not_by_chance(flaw: Flaw) -> ModelError:
    if flaw.name == "accounts":
        return ModelError(
            f"accounts were assigned, and not customers: {flaw.said}",
            "errors are of what was assigned by chance",
            "Declare unit = the column of the account in [tables.offers]",
        )
    return ModelError(
        f"the offer was not made by chance: {flaw.said}",
        "a random assignment leaves both arms alike",
        "Ask how customers were assigned, and give all who were",
    )


def _of_offers(refusal: CxroiError, study: Study) -> CxroiError:
    """Return what is said of answers as said of offers, which stand in their place."""
    refusal = refusal.about("no response is left", "no offer is left")
    refusal = refusal.about("answers count", "offers count")
    earlier = f"take an earlier {wave_word(study)} or a shorter window"
    return refusal.about(earlier, "wait for the rest, or take a shorter window")


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
    elif "account" in assigned:
        accounts = assigned["account"].fillna("customer " + assigned["customer"]).factorize()[0]
        yield from whole_accounts(offered, accounts, declared.share_offered)
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
    rows: _Rows,
    own: Study,
    study: Study,
    declared: DeclaredPilot,
    flaws: tuple[Flaw, ...],
    paid: int,
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
    known = _earned(rows, study, baselines) if moved else None
    found = Pilot(
        declared,
        offered,
        len(rows.offered) - offered,
        flaws,
        differences,
        moved,
        earned=known[0] if known else None,
        of_origin=known[1] if known else False,
        units=rows.units,
        paid=paid,
    )
    return replace(found, estimates=(*_estimates(found, study), *realised(found, study)))


def _earned(rows: _Rows, study: Study, baselines: Floats) -> tuple[Earned, bool] | None:
    """Return what was earned and who was moved, and whether that is of the `from` group alone."""
    money = money_per_customer(rows.frame, study.scenario) if study.scenario else None
    if money is None or not np.isfinite(money).all():
        return None
    answered = rows.frame["score_after"].notna().to_numpy()
    before = rows.frame["score_before"]
    origin = _in_group(before, study, study.origin) & before.notna().to_numpy()
    told = origin & answered
    own = min((told & rows.offered).sum(), (told & ~rows.offered).sum()) >= LEAST_OF_ORIGIN
    whose = origin if own else np.ones(len(origin), dtype=bool)
    target = _in_group(rows.frame["score_after"], study, study.target)
    earned = _among(money, whose, rows, baselines)
    moved = _among(target.astype(float), whose & answered, rows, baselines)
    joint = influence.covariance([earned.influence, moved.influence], rows.units)
    found = Earned(earned.value, moved.value, joint[0, 0], joint[1, 1], joint[0, 1])
    return found, bool(own)


def _of_scores(rows: _Rows, study: Study, baselines: Floats) -> dict[str, Difference]:
    """Return what the offer did to the score, of those who answered after it."""
    answered = rows.frame["score_after"].notna().to_numpy()
    least = min((answered & rows.offered).sum(), (answered & ~rows.offered).sum())
    if least < MINIMUM_GROUP:
        return {}
    score = rows.frame["score_after"]
    target = _in_group(score, study, study.target).astype(float)
    return {
        "score": _among(score.to_numpy(float), answered, rows, baselines),
        "moved": _among(target, answered, rows, baselines),
    }


def _in_group(scores: pd.Series[float], study: Study, group: str) -> Flags:
    return np.asarray(cut(study, study.scale.cuts, scores) == group)


def _with_cuts(tables: Tables) -> Study:
    """Return the study with cuts, those of quantile groups from all of its answers."""
    study, scores = tables.study, "SELECT CAST(score AS DOUBLE) AS score FROM"
    if not study.scale.quantiles:
        return study
    known = f"{scores} {tables.relation('responses')} AS r WHERE score IS NOT NULL"
    counts = tables.engine.fetch(f"SELECT score, count(*) FROM ({known}) AS a GROUP BY score")
    cuts = cut_scores(study, [(float(score), int(n)) for score, n in counts])
    return replace(study, scale=replace(study.scale, cuts=tuple(cuts)))


def _among(values: Floats, there: Flags, rows: _Rows, baselines: Floats) -> Difference:
    """Return the difference among some, with the influence of every customer."""
    units = None if rows.units is None else np.unique(rows.units[there], return_inverse=True)[1]
    found = difference(values[there], rows.offered[there], baselines[there], units)
    psi = np.zeros(len(values))
    psi[there] = found.influence
    return replace(found, influence=psi)


def _estimates(pilot: Pilot, study: Study) -> list[Estimate]:
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
                contrast="moved - not moved",
                outcome=name,
                rung="moved",
            )
        )
    return found


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
