"""The names in `results.json`, of checks, and of inputs, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..presentation.labels import INPUTS as ASSUMED
from ..presentation.robustness import QUESTIONS
from ..presentation.rungs import IN_WORDS
from ..value.scenarios import FIRST_WINDOW

RUNGS: Mapping[str, str] = MappingProxyType(
    {rung: f"{words[0].lower()}{words[1:]}" for rung, words in IN_WORDS.items()}
)
ROI: Mapping[str, str] = MappingProxyType(
    {
        "ratio": "Return on cost (ROI)",
        "net_value": "Net value",
        "probability_positive": "Chance that it pays",
        "value_per_moved": "Value of one moved customer",
        "payback_months": "Cost is earned back after",
        "break_even_cost_per_moved": "Pays up to a cost per moved customer of",
        "break_even_causal_share": "Pays from this share of the gap being an effect",
        "break_even_persistence": "Pays from this share still in the better group a wave later",
    }
)
# Of each kind of result: how many parts follow its name, and what they say.
_KINDS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "score": (1, "Score: {0}"),
        "share": (1, "Share of answers: {0}"),
        "mean": (2, "Mean {0}: {1}"),
        "contrast": (2, "Gap in {0}, {1}"),
        "gap": (2, "Gap in {0}, {1}"),
        "difference": (2, "Gap in {0}, {1}, less that like for like"),
        "trend": (2, "Change in {0} with each point of the score, {1}"),
        "verdict": (2, "Verdict on {1}"),
        "rating": (0, "Rating of the evidence"),
        "survival": (1, "Still there at the end of the window: {0}"),
        "hazard_ratio": (2, "Hazard ratio of {0}: {1}"),
        "check": (2, "Check of {1}: {0}"),
        "nonresponse": (1, "Invitations: {0}"),
        "moves": (3, ""),
    }
)
# Figures of a part or of another plan: how many parts of the name say of which.
_PARTS: Mapping[str, int] = MappingProxyType({"scenario": 1, "segment": 2})
_ENDS = {
    "response_weighted": ", weighted to resemble all who were invited",
    "weighted": ", with survey weights",
}
INPUTS: Mapping[str, str] = MappingProxyType(
    {
        **ASSUMED,
        "customers": "Customers in the group moved from",
        "window_days": "Days in which spend, contacts and returns are counted",
        "churn_days": "Days in which leaving is counted",
        "horizon_months": "Months over which value is counted",
        "spend": "Spend",
        "spend_gap": "Gap in spend, like for like",
        "retained": "Share who stay",
        "retained_gap": "Gap in the share who stay, like for like",
        "contacts": "Contacts",
        "contacts_gap": "Gap in contacts, like for like",
        "returns": "Returns",
        "returns_gap": "Gap in returns, like for like",
        "referrals": "Referrals",
        "referrals_gap": "Gap in referrals, like for like",
        "retention_mixing": "How far customers differ in how easily they leave",
        "wave_months": "Months from wave to wave",
    }
)


def label(name: str) -> str:
    """Return the name of a result in words.

    Examples
    --------
    >>> label("mean.repeat_purchase.promoter")
    'Mean repeat purchase: promoter'
    >>> label("roi.ratio.within")
    'Return on cost (ROI), same customer'
    """
    name, weights = _without(name)
    kind, _, rest = name.partition(".")
    if kind == "roi":
        figure, _, rung = rest.partition(".")
        first = figure.endswith(FIRST_WINDOW)
        text = ROI.get(figure.removesuffix(FIRST_WINDOW), plain(figure))
        return text + (", first window only" if first else "") + _after(rung) + weights
    if kind in _PARTS and rest.count(".") >= _PARTS[kind]:
        *which, figure = rest.split(".", _PARTS[kind])
        return f"{label(figure)}, {' '.join(plain(part) for part in which)}{weights}"
    count, text = _KINDS.get(kind, (0, ""))
    parts = rest.split(".", count - 1) if rest else []
    if kind == "moves":
        return f"Moves between groups: {', '.join(map(plain, parts))}{weights}"
    if not text or len(parts) != count:
        return plain(name.replace(".", ": ")) + weights
    return text.format(*(RUNGS.get(part, plain(part)) for part in parts)) + weights


def check_label(name: str) -> str:
    """Return what a check asks, without its name before the question."""
    question = QUESTIONS.get(name, plain(name)).format(wave="wave")
    asked = question.partition(": ")[2] or question
    return asked[0].upper() + asked[1:]


def plain(name: str) -> str:
    """Return a key as words, the names of scores in capitals."""
    return name.upper() if name in ("nps", "csat", "ces") else name.replace("_", " ")


def _without(name: str) -> tuple[str, str]:
    """Take the ends off a name that say how it is weighted."""
    head, _, last = name.rpartition(".")
    if last not in _ENDS:
        return name, ""
    head, weights = _without(head)
    return head, weights + _ENDS[last]


def _after(rung: str) -> str:
    return f", {RUNGS.get(rung, plain(rung))}" if rung else ""
