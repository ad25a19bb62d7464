"""How much more one end of a score has of an outcome, when like is compared with like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..effects.doubly_robust import flexible_contrast
from ..engine.quoting import text
from ..errors import ScarceDataError
from ..metrics.relations import scores_of
from ..models.flexible_basis import flexible_basis
from ..models.outcome_models import make_setting
from ..models.sample import take_sample
from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate
from .evidence import DAYS, Evidence

if TYPE_CHECKING:
    from ..panel.panel import Panel


def like_with_like(panel: Panel, outcome: str, *, of_worst: bool = False) -> Estimate:
    """Return how much more the best group has than the worst, controls and baselines held equal.

    The doubly robust contrast (see `effects.doubly_robust`) over the mean of the group that the
    other is held against; interval of the logarithm of the ratio, from influence values.

    Raises
    ------
    ScarceDataError, OverlapError
        A group is too small, or nobody in one is like the other.
    """
    ends = panel.study.scale.labels[0], panel.study.scale.labels[-1]
    origin, target = reversed(ends) if of_worst else ends
    panel = replace(panel, study=replace(panel.study, origin=origin, target=target))
    sample = take_sample(panel, outcome)
    for label in ends:
        sample.require(label)
    setting = make_setting(panel, sample, straight=True)
    basis = flexible_basis(sample, panel.study, (origin, target))
    contrast = flexible_contrast(setting, basis, target)
    was, psi_was = sample.mean(origin)
    mean = was + float(contrast.estimate.estimate or 0.0)
    if min(was, mean) <= 0:
        raise ScarceDataError(f"the mean of {outcome} is not above zero in both groups")
    psi = (psi_was + contrast.influence) / mean - psi_was / was
    error = influence.std_error(psi, sample.clusters)
    rows = sample.members(origin) | sample.members(target)
    low, high = influence.normal_interval(
        float(np.log(mean / was)), error, CONF_LEVEL, sample.dof(rows)
    )
    names = [name.replace("_", " ") for name in panel.study.controls]
    return Estimate(
        "",
        mean / was - 1,
        float(np.exp(low)) - 1,
        float(np.exp(high)) - 1,
        mean / was * error,
        f"share of the mean of {origin}",
        sample.size(origin) + sample.size(target),
        f"{sample.outcome.unit}: {contrast.estimate.method}; over the mean of that group, interval "
        "of the log ratio from influence values",
        note=f"held equal: {', '.join([*names, 'and what came before the answer'])}",
    )


def panel_of(evidence: Evidence, kind: str) -> Panel:
    """Return the panel with the groups of another score, where it was asked by then.

    The last answer to it within 90 days before that to the main score, or with it, counts, so
    that outcomes still follow. Of a study without dates it is in the same row.

    Raises
    ------
    ScarceDataError
        Its groups are quantiles, or nobody answered both.
    """
    import pandas as pd

    declared = next(s for s in scores_of(evidence.study) if s.scale.kind == kind)
    panel, scale = evidence.panel, declared.scale
    if declared.name not in evidence.study.scores:
        return panel
    rows = (
        "SELECT customer, seen_at, customer AS who, seen_at AS at, score AS other FROM {scores} "
        f"WHERE name = {text(declared.name)}"
    )
    other = evidence.frame(rows, {})[["who", "at", "other"]].astype({"who": str})
    frame = panel.frame.assign(who=panel.frame["customer"].astype(str))
    if "answered_at" in frame:
        joined = pd.merge_asof(
            frame.sort_values("answered_at", kind="stable"),
            other.sort_values("at", kind="stable").astype({"at": frame["answered_at"].dtype}),
            left_on="answered_at",
            right_on="at",
            by="who",
            tolerance=pd.Timedelta(days=DAYS),
        )
    else:
        joined = frame.merge(other.drop_duplicates("who"), on="who", how="left")
    joined = joined.dropna(subset=["other"])
    if joined.empty or not scale.cuts:
        raise ScarceDataError(f"nobody has a group of {declared.title} and one of the main score")
    place = np.digitize(joined["other"], scale.cuts)
    place = place if scale.better == "higher" else len(scale.cuts) - place
    named = np.array(scale.labels, dtype=object)[place]
    groups = pd.Categorical(named, categories=list(scale.labels), ordered=True)
    made = joined.assign(score=joined["other"], group=groups).drop(columns=["who", "at", "other"])
    study = replace(evidence.study, scale=scale, origin=scale.labels[0], target=scale.labels[-1])
    return replace(panel, study=study).with_frame(made)
