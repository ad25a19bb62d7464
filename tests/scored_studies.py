"""Studies with several scores, their panels from frames, and companies whose truth is planted."""

import numpy as np
import pandas as pd

from cxroi.grid.panels import ScorePanels, score_panels
from cxroi.panel.rows import cut
from cxroi.study.loading import load_study

SCORES = {
    "csat": {"kind": "csat"},
    "ces": {"kind": "ces", "better": "higher"},
}
OUTCOMES = {
    "spend": {"kind": "amount", "baseline": "before"},
    "stays": {"kind": "yes_no"},
    "calls": {"kind": "count", "better": "lower"},
}


def flat_study(scores=SCORES, outcomes=OUTCOMES, attributes=(), scale=None):
    """Return a flat study of which each outcome and score is a column of its own name."""
    people = {"customer": "id", "score": "nps", "attributes": list(attributes)}
    columns = {name: {"column": name, **given} for name, given in outcomes.items()}
    declared = {
        "study": {"name": "Scores", "currency": "EUR"},
        "tables": {"customers": people},
        "scale": scale or {"kind": "nps"},
        "controls": {"columns": list(attributes)},
        "outcomes": {"columns": columns},
        "scores": dict(scores),
    }
    return load_study(declared)


def company(rng, n=400, effect=0.0, noises=(1.0, 1.0, 1.0)):
    """Return customers whose scores show a trait, each with noise of its own size.

    The trait goes with what they spent before; `effect` is what it does to the outcomes after.
    """
    trait = rng.normal(size=n)
    seen = [trait + noise * rng.normal(size=n) for noise in noises]
    before = np.exp(3.5 + 0.4 * trait + 0.5 * rng.normal(size=n))
    usual = 3.0 + 0.5 * np.log(before)
    pushed = effect * trait
    return pd.DataFrame(
        {
            "id": [f"c{row}" for row in range(n)],
            "nps": answers(seen[0], 0, 10),
            "csat": answers(seen[1], 1, 5),
            "ces": answers(seen[2], 1, 7),
            "before": before.round(2),
            "spend": np.exp(usual + 0.3 * pushed + 0.4 * rng.normal(size=n)).round(2),
            "stays": (rng.random(n) < 1 / (1 + np.exp(-0.5 - pushed))).astype(int),
            "calls": rng.poisson(np.exp(0.3 - 0.3 * pushed)),
        }
    )


def answers(liking, low, high):
    """Turn a liking into answers from low to high, each as frequent as the next."""
    ranks = pd.Series(liking).rank(pct=True).to_numpy()
    return (low + np.floor(ranks * (high - low + 1) * 0.999999)).astype(float)


def refilled(panels, frame):
    """Return the same panels with the answers and outcomes of another company."""
    frame = frame.sort_values("id", ignore_index=True)  # as a panel has them
    outcomes = {outcome.name: outcome for outcome in panels.study.outcomes}
    made = {}
    for name, panel in panels.panels.items():
        own = panel.frame.copy()
        scale, scores = panel.study.scale, frame[name].to_numpy(dtype=float)
        own["score"], own["group"] = scores, cut(panel.study, scale.cuts, pd.Series(scores))
        for outcome, declared in outcomes.items():
            own[f"{outcome}_after"] = frame[outcome].to_numpy(dtype=float)
            if declared.baseline:
                own[f"{outcome}_before"] = frame[declared.baseline].to_numpy(dtype=float)
        made[name] = panel.with_frame(own, own[["score", "group", "weight", "cluster"]])
    return ScorePanels(panels.study, panels.names, made, panels.refusals)


def panels_of(study, frame):
    return score_panels(study, frames={"customers": frame})
