"""What moving customers from passive to promoter earns, how sure we are, what would change it.

Data flows one way: study file -> tables -> panel -> compare / regress -> roi -> plots, words.
Names are loaded where they are first used, so that ``import cxroi`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "CxroiError": "errors",
    "Estimate": "estimate",
    "tidy": "estimate",
    "load_study": "study",
    "demo_study": "shipped",
    "read_tables": "tables",
    "build_panel": "panel_building",
    "score": "compare",
    "compare_groups": "compare",
    "regress_outcome": "regress",
    "churn_survival": "survival",
    "judge": "verdicts",
    "estimate_roi": "roi",
    "aipw_contrast": "doubly_robust",
    "change_within": "within",
    "analyse": "analysis",
    "run_checks": "checks",
    "weigh_responses": "nonresponse",
    "count_moves": "moves",
    "write_results": "analysis",
    "plots": "",
    "summaries": "",
    "trust": "",
    "who": "",
    "words": "",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cxroi' has no attribute {name!r}")
    if not _HOME[name]:
        return importlib.import_module(f"{__name__}.{name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
