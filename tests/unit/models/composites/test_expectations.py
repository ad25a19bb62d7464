"""What was expected against what came, pair by pair."""

import numpy as np
import pandas as pd
import pytest
from clean_tables import clean_tables
from scipy import stats

from cxroi.engine.spark_dialect import parsed
from cxroi.models.composites import expectations
from cxroi.models.composites.expectations import expectation_gaps


def stated(n=80, seed=2):
    rng = np.random.default_rng(seed)
    level = rng.normal(size=n)  # who expects much gets much: pairs are alike
    names = [f"c{i}" for i in range(n)]
    frames = [
        pd.DataFrame(
            {
                "customer": names,
                "item": item,
                "expected": 6 + level,
                "performance": 6 + level + gap + 0.3 * rng.normal(size=n),
            }
        )
        for item, gap in (("speed", -1.0), ("price", 0.0), ("staff", 0.5))
    ]
    return pd.concat(frames, ignore_index=True)


def test_gaps_are_paired_and_begin_with_the_worst():
    frame = stated()
    found = expectation_gaps(clean_tables(expectations=frame))
    assert [e.term for e in found] == ["speed", "price", "staff"]
    for estimate in found:
        rows = frame[frame["item"] == estimate.term]
        test = stats.ttest_rel(rows["performance"], rows["expected"])
        interval = test.confidence_interval(0.95)
        assert estimate.estimate == pytest.approx((rows["performance"] - rows["expected"]).mean())
        assert (estimate.conf_low, estimate.conf_high) == pytest.approx(tuple(interval))
        assert estimate.p_value == pytest.approx(test.pvalue)
        assert estimate.n == 80


def test_a_customer_with_several_answers_counts_once():
    frame = stated()
    again = pd.concat([frame, frame[frame["customer"] == "c0"], frame], ignore_index=True)
    found = expectation_gaps(clean_tables(expectations=again))
    first = expectation_gaps(clean_tables(expectations=frame))
    for one, other in zip(found, first, strict=True):
        assert (one.estimate, one.std_error) == pytest.approx((other.estimate, other.std_error))


def test_too_few_answers_have_no_gap_and_equal_ones_no_interval():
    few = stated(29)
    alone = expectation_gaps(clean_tables(expectations=few))
    assert {e.estimate for e in alone} == {None}
    assert alone[0].note == "29 customers answered; at least 30 are needed."
    same = stated().assign(performance=lambda f: f["expected"])
    assert {
        (e.estimate, e.conf_low) for e in expectation_gaps(clean_tables(expectations=same))
    } == {(0.0, None)}


def test_the_statement_has_an_equal_in_spark():
    tables = clean_tables(expectations=stated())
    asked = []
    tables.engine = type("Engine", (), {"fetch": lambda _, sql: asked.append(sql) or []})()
    assert expectations.expectation_gaps(tables) == ()
    assert "STDDEV_SAMP" in parsed(asked[0]).sql("spark")
