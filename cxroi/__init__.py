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
    "Estimate": "results.estimate",
    "tidy": "results.estimate",
    "load_study": "study.loading",
    "draft_study": "draft.drafting",
    "demo_study": "report.shipped",
    "read_tables": "reading.tables",
    "build_panel": "panel.building",
    "score": "effects.groups",
    "compare_groups": "effects.groups",
    "regress_outcome": "effects.adjusted",
    "churn_survival": "effects.survival",
    "judge": "effects.verdicts",
    "estimate_roi": "value.roi",
    "whom_to_move": "levers.whom.targeting",
    "pooled_segments": "levers.whom.pooled_segments",
    "change_within": "effects.within",
    "score_trend": "effects.trend",
    "analyse": "analysis",
    "open_run": "runs.opening",
    "run_checks": "checks.run",
    "whole_scale": "levers.scale.whole_scale",
    "score_panels": "grid.panels",
    "score_grid": "grid.grid",
    "worth_asking": "grid.asking",
    "read_for_metrics": "metrics.reading",
    "examine_claims": "claims.examining",
    "find_journeys": "journeys.every",
    "shown": "presentation.shown",
    "what_first": "presentation.first_things",
    "lever_finding": "presentation.first_things",
    "estimate_levers": "levers.estimate",
    "initiatives": "levers.initiatives",
    "estimate_pilots": "evidence.pilots",
    "with_pilots": "evidence.returns",
    "plan_pilot": "evidence.planning",
    "driver_table": "levers.driver_table",
    "find_drivers": "levers.drivers.found",
    "find_themes": "voice.themes",
    "likely_pairs": "draft.linkage",
    "decide": "checks.decision",
    "first_page": "presentation.decision",
    "glossary": "presentation.glossary",
    "sliders": "presentation.sliders",
    "weigh_responses": "respondents.nonresponse",
    "count_moves": "respondents.moves",
    "what_if": "presentation.what_if",
    "buying_histories": "models.lifetime.histories",
    "contract_periods": "models.lifetime.histories",
    "customer_value": "models.lifetime.customer_value",
    "contract_value": "models.lifetime.contracts",
    "lifetime_values": "models.lifetime.values",
    "items_in": "models.composites.items",
    "cronbach_alpha": "models.composites.reliability",
    "mcdonald_omega": "models.composites.reliability",
    "block_sums": "models.composites.quality_index",
    "declared_weights": "models.composites.quality_index",
    "estimated_weights": "models.composites.quality_index",
    "write_results": "runs.results_file",
    "compare_runs": "runs.compare",
    "trends_over_runs": "runs.history",
}
_ROOMS = {
    "findings": "presentation.findings",
    "sentences": "presentation.sentences",
    "robustness": "presentation.robustness",
    "responses": "presentation.responses",
    "targeting": "presentation.targeting",
    "trends": "presentation.trends",
    "tables": "presentation.tables",
    "changes": "presentation.changes",
    "plots": "presentation.plots",
    "metric_tables": "presentation.metrics",
    "metric_plots": "presentation.metric_plots",
    "claim_tables": "presentation.claims",
    "driver_tables": "presentation.drivers",
    "driver_plots": "presentation.driver_plots",
    "lever_tables": "presentation.levers",
    "portfolio_tables": "presentation.portfolio",
    "pilot_tables": "presentation.pilots",
    "journey_tables": "presentation.journeys",
    "scale_tables": "presentation.whole_scale",
    "voice_tables": "presentation.voice",
}
# Names of version 0.1, kept for one more version.
_ALIASES = {
    "words": "sentences",
    "trust": "robustness",
    "who": "responses",
    "summaries": "tables",
}

__all__ = ["__version__", *_HOME, *_ROOMS]


def __getattr__(name: str) -> Any:
    room = _ROOMS.get(_ALIASES.get(name, name))
    if room:
        return importlib.import_module(f"{__name__}.{room}")
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module 'cxroi' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
