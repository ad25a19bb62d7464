"""Runs as their folders hold them, made by hand, for tests of what compares them."""

import json
from copy import deepcopy

# One window without churn and discount: a moved customer earns margin * gap, at cost each.
INPUTS = {
    "customers": 1000, "window_days": 90, "churn_days": 90, "horizon_months": 2.9,
    "spend": 100.0, "spend_gap": 20.0, "retained": 1.0, "retained_gap": 0.0,
    "contacts": 0.0, "contacts_gap": 0.0, "returns": 0.0, "returns_gap": 0.0,
    "share_moved": 0.1, "cost_per_moved": 8.0, "fixed_cost": 0.0, "gross_margin": 0.5,
    "causal_share": 1.0, "discount_rate_annual": 0.0, "cost_per_contact": 0.0,
    "cost_per_return": 0.0, "retention_mixing": 0.0, "persistence": 1.0, "ramp_up_months": 0.0,
    "programme_months": 0.0, "wave_months": 3.0,
}  # fmt: skip
DAYS = 90 / (365.25 / 12)  # months of one window


def entry(name, estimate, error, unit="EUR per customer in 90 days", note=""):
    """Return an entry of results.json with its 95 % interval."""
    ends = (None, None) if error is None else (estimate - 1.96 * error, estimate + 1.96 * error)
    return {
        "name": name, "estimate": estimate, "conf_low": ends[0], "conf_high": ends[1],
        "std_error": error, "unit": unit, "n": 5000, "method": "by hand", "note": note,
    }  # fmt: skip


def results(quarter="2026Q1", **changed):
    """Return the content of a results.json; `changed` are inputs of the ROI."""
    inputs = INPUTS | {"horizon_months": DAYS} | changed
    ratio = inputs["gross_margin"] * inputs["spend_gap"] / inputs["cost_per_moved"] - 1
    return {
        "study": "Shop",
        "quarter": quarter or None,
        "results": [
            entry("score.nps", 30.0, 1.0, "NPS points"),
            entry("mean.spend.passive", inputs["spend"], 3.0),
            entry("contrast.spend.doubly_robust", inputs["spend_gap"], 3.0),
            entry("roi.ratio", ratio, 0.3, "net value per unit of cost"),
            entry("roi.net_value", 800 * ratio, 240.0, "EUR"),
            entry("roi.probability_positive", 0.8, 0.01, "share of simulations"),
        ],
        "currency": "EUR",
        "groups": ["detractor", "passive", "promoter"],
        "compared": {"from": "passive", "to": "promoter"},
        "roi": {
            "inputs": inputs,
            "covariance": {"inputs": ["spend", "spend_gap"], "values": [[9.0, 0.0], [0.0, 9.0]]},
        },
        "answered": {
            "rows": 5000, "customers": 5000, "waves": [quarter or "2026Q1"],
            "groups": {"detractor": 1000, "passive": 1500, "promoter": 2500},
            "controls": {
                "segment": {"Consumer": 3000.0, "Business": 2000.0},
                "tenure": {"n": 5000.0, "mean": 30.0, "sd": 25.0},
            },
        },
    }  # fmt: skip


def run(until="2026-06-30", sha="a"):
    """Return the content of a run.json."""
    told = {"low": 8.0, "likely": 8.0, "high": 8.0, "note": ""}
    quarters = {"2025Q4": 1000, "2026Q1": 1000, "2026Q2": 1000}
    amount = {"header": "amount", "kind": "number", "blank": 0.0, "mean": 50.0, "median": 40.0}
    return deepcopy(
        {
            "definitions": {
                "windows": {"outcome_days": 90},
                "outcomes": {"spend": {"kind": "amount", "matters": 5.0}},
                "complete_from": "2025-10-01",
                "complete_until": until,
            },
            "assumptions": {"cost_per_moved": told, "persistence": {"likely": None, "note": "all"}},
            "tables": [{"table": "orders", "sha256": sha}],
            "profile": {
                "orders": {
                    "rows": 3000,
                    "columns": {
                        "ordered_at": {
                            "header": "day", "kind": "date", "blank": 0.0, "quarters": quarters
                        },
                        "amount": amount | {"q95": 90.0},
                    },
                }
            },
            "started": f"{until}T08:00:00+00:00",
            "verdict": {"kind": "pilot first"},
            "rating": {"level": "low"},
            "checks": {"money": {"failed": 1, "warning": 2, "passed": 5, "not possible": 0}},
        }
    )  # fmt: skip


def write_folder(folder, results, run):
    """Leave a report folder with these two files."""
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "report.html").write_text("<p>report</p>", encoding="utf-8")
    return folder
