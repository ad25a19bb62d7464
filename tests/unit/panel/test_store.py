"""What was made of a panel is made once, and the largest things do not pile up."""

from dataclasses import replace

import pandas as pd
from panels import make_panel, make_study

from cxroi.panel.store import Store


def test_a_value_is_made_once_a_key():
    store, made = Store(), []
    for key in ("a", "b", "a"):
        store.get(key, lambda: made.append(len(made)))
    assert len(made) == 2


def test_what_was_not_used_for_longest_goes_first():
    store = Store(limit=10)
    size = {"a": 4, "b": 4, "c": 4, "large": 11}
    made = []

    def get(key):
        return store.get(key, lambda: made.append(key) or key, lambda value: size[value])

    assert [get(key) for key in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == ["a", "b", "c", "b"]
    get("large")
    get("large")
    assert made[4:] == ["large", "large"]
    get("b")
    assert made[6:] == []


def test_a_changed_panel_has_a_store_of_its_own_and_shares_fits(tmp_path):
    panel = make_panel(
        make_study(tmp_path, {"spend": "amount"}),
        pd.DataFrame({"score": [1, 9], "spend": [1.0, 2.0]}),
    )
    other = replace(panel, quarter="2026Q1")
    assert other.store is not panel.store
    assert other.fits is panel.fits
    assert panel == replace(panel)
