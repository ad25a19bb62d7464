"""Panels made from a data frame, without any tables, for the tests of the statistics."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cxroi.panel.in_memory import PanelFrame
from cxroi.panel.panel import Coverage, Panel
from cxroi.reading.ledger import Ledger
from cxroi.study.loading import load_study

FLAT = """
[study]
name = "Test"
currency = "EUR"
[tables.customers]
path = "customers.csv"
customer = "id"
score = "score"
attributes = {attributes}
[scale]
kind = "nps"
[controls]
columns = {controls}
categorical = {categorical}
[windows]
outcome_days = {days}
"""
DATED = """
[study]
name = "Test"
currency = "EUR"
complete_until = 2026-12-31
[tables.responses]
path = "responses.csv"
customer = "id"
score = "score"
answered_at = "day"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "day"
amount = "amount"
[tables.subscriptions]
path = "subscriptions.csv"
customer = "id"
started_at = "day"
cancelled_at = "end"
[scale]
kind = "nps"
[windows]
baseline_days = 90
outcome_days = 90
"""
SCENARIO = {
    "from": "passive",
    "to": "promoter",
    "share_moved": 0.1,
    "cost_per_moved": 10.0,
    "gross_margin": 0.5,
    "causal_share": 1.0,
    "horizon_months": 12,
}
SCORES = {"detractor": 3.0, "passive": 7.0, "promoter": 10.0}


def make_study(folder, outcomes, *, controls=(), categorical=(), days=90, scenario=None, more=""):
    """Load a flat study with outcomes given as {name: kind}."""
    lists = {"attributes": controls, "controls": controls, "categorical": categorical}
    text = FLAT.format(days=days, **{k: str(list(v)).replace("'", '"') for k, v in lists.items()})
    for name, kind in outcomes.items():
        text += f'[outcomes.columns.{name}]\ncolumn = "{name}"\nkind = "{kind}"\n'
    if scenario is not None:
        pairs = (SCENARIO | scenario).items()
        text += "[scenario]\n" + "".join(f"{k} = {_toml(v)}\n" for k, v in pairs)
    return _load(folder, text + more)


def make_dated_study(folder, more=""):
    return _load(folder, DATED + more)


def make_panel(study, frame):
    """Complete a frame (`score` or `group`, outcomes, attributes) to a panel of the study."""
    frame = frame.reset_index(drop=True).copy()
    if "score" not in frame:
        frame["score"] = frame["group"].astype(str).map(SCORES)
    customer = pd.Series([f"c{row}" for row in range(len(frame))])
    for name, default in (("customer", customer), ("wave", "all"), ("weight", 1.0)):
        if name not in frame:
            frame[name] = default
    if "cluster" in frame:
        study = _with_clusters(study)
    else:
        frame["cluster"] = frame["customer"]
    frame["answered_at"] = pd.NaT
    codes = np.searchsorted([7, 9], frame["score"], side="right")
    frame["group"] = pd.Categorical.from_codes(codes, list(study.scale.labels), ordered=True)
    scores = frame[["score", "group", "weight", "cluster"]]
    several = frame["customer"].nunique()
    coverage = Coverage(len(frame), None, several, several)
    rows, answers = PanelFrame(frame), PanelFrame(scores)
    return Panel(study, "", rows, answers, Ledger(), coverage, None)


def _with_clusters(study):
    sources = {
        name: replace(source, columns={**source.columns, "cluster": "account"})
        for name, source in study.sources.items()
    }
    return replace(study, sources=sources)


def arcsinh_of_amount(amounts):
    """An amount as it enters a regression: in hundredths of its median above zero."""
    amounts = np.asarray(amounts, dtype=float)
    return np.arcsinh(100 * amounts / np.median(np.abs(amounts[amounts != 0])))


def by_group(outcome, **values):
    """Stack the values of one outcome per group."""
    parts = [
        pd.DataFrame({"group": name, f"{outcome}_after": np.asarray(found, dtype=float)})
        for name, found in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def answers(yes, n):
    return np.repeat([1.0, 0.0], [yes, n - yes])


def customers(n=600, seed=1):
    """Customers whose score, spend, retention and contacts hang on tenure and region."""
    rng = np.random.default_rng(seed)
    tenure, region = rng.normal(size=n), rng.choice(["north", "south", "west"], n)
    liking = 0.6 * tenure + (region == "south") + rng.normal(size=n)
    score = np.select([liking < -0.1, liking < 1.0], [4.0, 8.0], 9.0)
    step = np.searchsorted([7, 9], score, side="right")
    mean = np.exp(3 + 0.25 * step + 0.3 * tenure + 0.2 * (region == "west"))
    bought = rng.random(n) < 1 / (1 + np.exp(0.3 - 0.4 * step - 0.5 * tenure))
    spend = bought * rng.gamma(2.0, mean / 2)
    stays = 1 / (1 + np.exp(0.5 - 0.4 * step - 0.6 * tenure - 0.01 * spend))
    return pd.DataFrame(
        {
            "score": score,
            "spend_after": spend,
            "retained_after": (rng.random(n) < stays).astype(float),
            "contacts_after": rng.poisson(np.exp(0.2 - 0.3 * step - 0.2 * tenure)).astype(float),
            "attr_tenure": tenure,
            "attr_region": region,
            "weight": 1.0,
        }
    )


def _load(folder, text):
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def _toml(value):
    quoted = isinstance(value, str) and not value.startswith("{")  # a table stands as it is
    return f'"{value}"' if quoted else value


def moments(values):
    """Return size, mean and variance with divisor n - 1."""
    return len(values), float(np.mean(values)), float(np.var(values, ddof=1))
