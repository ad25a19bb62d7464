"""ROIs of gaps and errors that are given, in place of any that were fitted."""

import numpy as np
import pandas as pd
from panels import make_panel, make_study

from cxroi.effects.adjusted import Regression
from cxroi.results.estimate import Estimate
from cxroi.value.roi import estimate_roi

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count", "returns": "count"}
N = 400
# Value of a gap of 1 over two months of a window of 90 days, at a margin of 0.5.
PER_GAP = 0.5 * 2 / (90 / 30.4375)
SHORT = {"horizon_months": 2, "cost_per_moved": 5.0}


def make_roi(
    folder,
    regressions,
    scenario=SHORT,
    *,
    draws=20_000,
    days=90,
    waves=1,
    retained=None,
    groups=None,
    more="",
):
    more = f"{more}[analysis]\ndraws = {draws}\nseed = 7\n"
    study = make_study(folder, KINDS, scenario=scenario, more=more, days=days)
    frame = pd.DataFrame({"score": np.repeat([3.0, 7.0, 10.0, 7.0], N // 4)})
    frame["customer"] = [f"c{row // waves}" for row in range(N)]
    if retained is not None:
        frame["retained_after"] = retained
    return estimate_roi(make_panel(study, frame if groups is None else groups), regressions)


def estimate(value):
    return Estimate("x", value, None, None, 1.0, "EUR", N, "test")


def regression(mean, gap, *, error=0.0, psi=None):
    """Return a regression whose contrast has this sampling error, and whose mean has none."""
    if psi is None:
        psi = np.resize([1.0, -1.0], N)
    spread = psi / np.sqrt((psi**2).sum() * N / (N - 1)) * error
    columns = (np.zeros(N), spread)
    whole = estimate(gap)
    nothing = dict.fromkeys(("setting", "robust", "fitted", "coefficients"))
    return Regression(
        outcome="x",
        raw=whole,
        adjusted=whole,
        contrast=whole,
        mean_from=estimate(mean),
        differences=(),
        beside=(),
        contrasts=(whole,),
        left_out=0.0,
        influence=columns,
        rungs={},
        models={},
        controls=(),
        notes=(),
        **nothing,
    )
