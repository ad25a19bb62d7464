"""The decision: every line of its table."""

from types import SimpleNamespace

import pytest

from cxroi.checks.decision import decide
from cxroi.checks.rating import Rating
from cxroi.checks.result import FAILED, NOT_POSSIBLE, PASSED, WARNING


class Programme(dict):
    """A ROI of which only the chance and what bars a verdict are known."""

    def __init__(self, chance, **facts):
        super().__init__(probability_positive=SimpleNamespace(estimate=chance))
        known = {"whole_horizon": True, "retention_bounded": False, "contradicted_by": ()}
        self.__dict__.update(known | facts)


def decided(roi, level="moderate", failed=0, scenario=True):
    counts = {FAILED: failed, WARNING: 2, PASSED: 5, NOT_POSSIBLE: 1}
    rating = Rating(level, ("why",), (), ("spend",), counts)
    study = SimpleNamespace(scenario=object() if scenario else None)
    return decide(SimpleNamespace(roi=roi, study=study), SimpleNamespace(rating=rating))


@pytest.mark.parametrize(
    ("chance", "level", "failed", "facts", "kind", "barred"),
    [
        (0.95, "moderate", 0, {}, "go", False),
        (0.95, "high", 0, {}, "go", False),
        (0.95, "moderate", 1, {}, "pilot first", True),
        (0.99, "low", 0, {}, "pilot first", True),
        (0.99, "high", 0, {"contradicted_by": ("spend",)}, "pilot first", True),
        (0.99, "none", 0, {}, "not yet", False),
        (0.94, "high", 0, {}, "pilot first", False),
        (0.06, "high", 0, {}, "pilot first", False),
        (0.05, "high", 0, {}, "no", False),
        (0.05, "low", 3, {}, "no", False),
        (0.0, "none", 0, {}, "not yet", False),
        (0.0, "high", 0, {"whole_horizon": False}, "pilot first", False),
        (0.0, "high", 0, {"retention_bounded": True}, "pilot first", False),
        (0.0, "high", 0, {"contradicted_by": ("spend",)}, "pilot first", False),
    ],
)
def test_the_rule(chance, level, failed, facts, kind, barred):
    found = decided(Programme(chance, **facts), level, failed)
    assert (found.kind, found.barred) == (kind, barred)


def test_without_a_return_it_is_not_yet_and_says_what_is_wanting():
    assert decided(None).wants == "no ROI"
    assert decided(None, scenario=False).wants == "no scenario"
    assert decided(Programme(0.99), "none").wants == "no evidence"


def test_its_entry_of_results():
    entry = decided(Programme(0.5)).entry
    assert (entry.name, entry.estimate, entry.n) == ("verdict.overall", 2.0, 8)
    assert entry.note == "pilot first; evidence rated moderate"
    assert decided(None).entry.note.startswith("not yet: no ROI")
