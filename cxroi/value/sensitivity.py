"""What moves a ROI: one input at a time, share moved by causal share, and gap by gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .money import MONEY_OUTCOMES, Inputs, evaluate

if TYPE_CHECKING:
    import pandas as pd

    from ..study.scenario import Scenario

# Inputs whose names would tell a reader nothing.
CALLED = {"retention_mixing": "how far customers differ in retention"}
GRID_CAUSAL = (0.0, 0.25, 0.5, 0.75, 1.0)


def tornado(central: Inputs, draws: Inputs, level: float) -> pd.DataFrame:
    """ROI with one input at two quantiles of its draws and the others at their likely values.

    Parameters
    ----------
    level
        Share of the draws between the two: with 0.90 they are the 5 and the 95 per cent point,
        well inside the ends of a triangular range.

    Returns
    -------
    pandas.DataFrame
        ``input, low, high, roi_low, roi_high``, the widest first.
    """
    import pandas as pd

    rows = []
    for name, values in draws.uncertain().items():
        low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
        ends = [float(evaluate(central.with_values(**{name: v})).ratio) for v in (low, high)]
        rows.append((CALLED.get(name, name.replace("_", " ")), low, high, *ends))
    table = pd.DataFrame(rows, columns=["input", "low", "high", "roi_low", "roi_high"])
    swing = (table["roi_high"] - table["roi_low"]).abs()
    return table.loc[swing.sort_values(ascending=False).index].reset_index(drop=True)


def bridge(central: Inputs) -> pd.DataFrame:
    """Add one gap after the other: what each adds given those before it."""
    import pandas as pd

    moved = float(central.moved)
    nothing = {f"{name}_gap": 0.0 for name in MONEY_OUTCOMES}
    rows, before = [], 0.0
    for name in MONEY_OUTCOMES:
        nothing.pop(f"{name}_gap")
        value = moved * float(evaluate(central.with_values(**nothing)).value)
        rows.append((f"value of the {name} gap", value - before))
        before = value
    paid = float(central.paid)
    rows.append(("cost of moving", -moved * float(central.cost_per_moved) * paid))
    rows.append(("fixed cost", -float(central.fixed_cost) * paid))
    rows.append(("net value", float(evaluate(central).net)))
    shown = [row for row in rows if row[1] != 0 or row[0] == "net value"]
    return pd.DataFrame(shown, columns=["item", "amount"])


def grid(central: Inputs, scenario: Scenario) -> pd.DataFrame:
    """Return the net value by share moved (rows) and causal share (columns)."""
    import pandas as pd

    share = scenario.share_moved
    ends = (
        (share.likely / 2, min(1.0, share.likely * 2)) if share.known else (share.low, share.high)
    )
    shares = sorted({*np.linspace(*ends, 5).tolist(), share.likely})
    causal = sorted({*GRID_CAUSAL, scenario.causal_share.central})
    table = [
        [float(evaluate(central.with_values(share_moved=m, causal_share=c)).net) for c in causal]
        for m in shares
    ]
    return pd.DataFrame(
        table,
        index=pd.Index(shares, name="share_moved"),
        columns=pd.Index(causal, name="causal_share"),
    )
