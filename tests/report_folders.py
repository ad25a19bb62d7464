"""Report folders as `cxroi report` leaves them, small and made by hand."""

import json

import numpy as np
from notebook_files import notebook

from cxroi.value.money import Inputs, evaluate

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Members, 2026Q3</title><style>h1 {{ margin: 0 }}
</style></head><body><main><h1>Members, 2026Q3</h1><p class="answer">It is open whether it pays.
One more sentence.</p><h2>Money</h2><p>Text.</p>{more}</main></body></html>
"""
ONE = {
    "customers": 100,
    "window_days": 90,
    "churn_days": 90,
    "horizon_months": 2.0,
    "wave_months": 3.0,
    "spend": 80.0,
    "spend_gap": 10.0,
    "share_moved": 0.1,
    "cost_per_moved": 2.0,
    "gross_margin": 0.5,
    "causal_share": 1.0,
}
ZERO = ("retained_gap", "contacts", "contacts_gap", "returns", "returns_gap", "fixed_cost")
ZERO += ("discount_rate_annual", "cost_per_contact", "cost_per_return")
PLAIN = ("customers", "window_days", "churn_days", "horizon_months", "wave_months")


def inputs_of(**changes):
    """Inputs of a ROI: one window of 90 days, of which two months count, unless changed."""
    values = {**dict.fromkeys(ZERO, 0.0), "retained": 1.0, **ONE, **changes}
    return Inputs(**{n: v if n in PLAIN else np.asarray(float(v)) for n, v in values.items()})


def entry(name, estimate, low=None, high=None, unit="EUR per customer in 90 days", **more):
    known = {"std_error": None, "n": 40, "method": "a mean", "note": ""}
    ends = {"estimate": estimate, "conf_low": low, "conf_high": high}
    return {"name": name, **ends, "unit": unit, **known, **more}


def results_of(inputs):
    """Entries of results.json; those of the ROI follow from the inputs."""
    entries = [
        entry("score.nps", 31.0, 20.0, 42.0, "NPS points"),
        entry("mean.spend.detractor", 60.0, 50.0, 70.0),
        entry("mean.spend.passive", 80.0, 70.0, 90.0),
        entry("mean.spend.promoter", 95.0, 85.0, 105.0),
        entry("contrast.spend.raw", 15.0, 5.0, 25.0),
        entry("contrast.spend.doubly_robust", 10.0, -1.0, 21.0, note="=1+1"),
        entry("rating", 1.0, unit="0 none, 1 low", note="low: moves may be chance"),
        entry("check.placebo.spend", 0.5, note="passed: Nothing before."),
        entry("check.power.spend", 12.0, note="warning: Too few."),
        entry("check.regression_to_mean.score", 0.1, note="failed: Scores say little."),
    ]
    if inputs is None:
        return entries
    money = evaluate(inputs)
    own = {"unit": "EUR per moved customer", "method": "simulation of 10,000 draws"}
    return [
        *entries,
        entry("roi.ratio", float(money.ratio), -0.5, 0.9, "net value per unit of cost"),
        entry("roi.net_value", float(money.net), -9.0, 40.0, "EUR"),
        entry("roi.value_per_moved", float(money.value), 1.0, 7.0, **own),
        entry("roi.payback_months", None, 1.5, None, "months", note="in 40 % never."),
        entry("roi.probability_positive", 0.6, 0.59, 0.61, "share of draws"),
        entry("roi.break_even_causal_share", 0.6, 0.3, None, "share of the adjusted gap"),
    ]


def report_folder(path, inputs=None, *, more="", outputs=(), **changes):
    """Write a report folder at `path`.

    `more` goes into its page, `outputs` into its notebook, `changes` into results.json.
    """
    (path / "notebooks").mkdir(parents=True)
    known = {name: float(value) for name, value in vars(inputs).items()} if inputs else {}
    range_ = {"low": 0.05, "likely": 0.1, "high": 0.2, "default": False}
    prior = {"low": 0.5, "likely": 1.0, "high": 1.0, "none": 0.2, "opposite": 0.0, "default": False}
    fixed = {"low": 0.0, "likely": 0.0, "high": 0.0, "default": True}
    moves = {"input": "spend gap", "low": -1.0, "high": 21.0, "roi_low": -0.5, "roi_high": 0.9}
    roi = {
        "inputs": known,
        "assumed": {"share_moved": range_, "causal_share": prior, "fixed_cost": fixed},
        "tornado": [moves],
        "notes": ["Nothing was declared of how long it lasts."],
    }
    content = {
        "study": "Members",
        "quarter": "2026Q3",
        "results": results_of(inputs),
        "currency": "EUR",
        "groups": ["detractor", "passive", "promoter"],
        "compared": {"from": "passive", "to": "promoter"},
        "roi": roi if inputs else None,
        "ledger": [
            {"table": "orders", "action": "read", "rows": 10, "reason": "rows of orders.csv"},
            {"table": "orders", "action": "set aside", "rows": 3, "reason": "-2 days old"},
            {"table": "orders", "action": "used", "rows": 7, "reason": "counted"},
        ],
    } | changes
    run = {
        "study": {"name": "Members", "file": "study.toml"},
        "parameters": {"engine": "duckdb"},
        "seed": 7,
        "tables": [{"table": "orders", "source": "orders.csv", "sha256": "ab", "rows": 10}],
        "started": "2026-10-02T08:00:00+00:00",
        "warnings": [{"from": "tables", "text": "@careful"}],
        "versions": {"python": "3.11.7"},
    }
    (path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    (path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (path / "report.html").write_text(PAGE.format(more=more), encoding="utf-8")
    node = notebook()
    node.cells = [{"cell_type": "code", "outputs": list(outputs)}]
    text = json.dumps(node)
    (path / "notebooks" / "quarterly_report.ipynb").write_text(text, encoding="utf-8")
    return path
