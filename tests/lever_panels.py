"""Panels with an input beside each answer, for the tests of levers."""

from dataclasses import replace

import numpy as np
import pandas as pd
from panels import make_panel, make_study

from cxroi.levers.driver_table import Driver, DriverTable
from cxroi.study.levers import make_levers


def make_lever(**keys):
    """Return a lever on the wait that costs one a customer, with other keys as given."""
    plain = {"name": "Sooner", "input": "wait", "cost_per_customer": 1.0}
    [lever] = make_levers([plain | keys])
    return lever


def make_levered(folder, frame, levers, outcomes=("spend",), *, controls=(), **study):
    """Return a panel and its table of a frame with inputs as ``x_<name>`` columns."""
    kinds = {"spend": "amount", "contacts": "count", "retained": "yes_no"}
    made = make_study(folder, {n: kinds[n] for n in outcomes}, controls=controls, **study)
    frame = frame.assign(response=np.arange(len(frame)))
    inputs = [name for name in frame if name.startswith("x_")]
    panel = make_panel(made, frame.drop(columns=inputs))
    panel = replace(panel, study=replace(panel.study, levers=tuple(levers)))
    drivers = tuple(
        Driver(n[2:], n[2:], "hours", "lower", frame[n].dtype.kind in "fiu", "", "here")
        for n in inputs
    )
    own = panel.frame[["customer", "wave", "answered_at", "score"]]
    table = own.assign(answer=np.arange(len(own))[::-1]).join(frame[inputs])  # numbers of its own
    table = table.sample(frac=1, random_state=0)  # in an order of its own
    return panel, DriverTable(panel.study, table, drivers, {})


def waits(n=2_400, seed=1, slow=0.4):
    """Customers of three regions who wait or do not; waiting and region move their score."""
    rng = np.random.default_rng(seed)
    region = rng.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2])
    wait = 1.0 * (rng.random(n) < slow + 0.2 * (region == "south"))
    liking = 0.9 - 1.0 * wait - 0.7 * (region == "south") + rng.logistic(size=n)
    step = np.digitize(liking, [-0.4, 1.2])
    spend = 60 + np.array([0, 12, 30])[step] - 5 * wait + rng.normal(0, 15, n)
    return pd.DataFrame(
        {
            "score": np.array([4.0, 8.0, 10.0])[step],
            "attr_region": region,
            "spend_after": spend,
            "x_wait": wait,
        }
    )
