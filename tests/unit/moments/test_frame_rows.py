"""Rows in memory and in an engine, asked the same: the answers are those of pandas."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from both_rows import CATEGORIES, SCALE, both_rows, each, frames, group_of, in_order
from hypothesis import given, settings
from hypothesis import strategies as st

from cxroi.moments.design import gram
from cxroi.moments.order_statistics import median_above_zero
from cxroi.moments.rows import centred_gram, worded

NUMBERS = ("score", "attr_code", "attr_tenure", "attr_age", "spend_after", "weight")
CELLS = st.sampled_from([CATEGORIES, (), ("attr_loyal",)])
several = settings(max_examples=12, deadline=None, derandomize=True)


def same(vector, expected):
    np.testing.assert_array_equal(in_order(vector), np.asarray(expected, dtype=float))


def partition(labels):
    """Which rows go together, whatever they are called."""
    return pd.Series(labels).factorize()[0].tolist()


def levels_of(column):
    """Labels with their counts, most frequent first, of equal ones by name."""
    labels = ["(missing)" if pd.isna(value) else worded(value) for value in column]
    counts = pd.Series(labels).value_counts().to_dict()
    return sorted(counts.items(), key=lambda item: (-item[1], item[0])), np.array(labels)


@several
@given(frames(), CELLS)
def test_columns_are_read_alike(frame, cells):
    for rows in both_rows(frame, cells):
        assert set(frame) <= set(rows.names)
        assert rows.count == len(frame)
        same(rows.one, np.ones(len(frame)))
        same(rows.weights, frame["weight"])
        same(rows.groups, group_of(frame))
        same(rows.flags("bought"), frame["bought"])
        for name in NUMBERS:
            assert rows.is_number(name)
            same(rows.values(name), frame[name])
        for name in frame:
            same(rows.is_known(name), frame[name].notna())
        assert not any(rows.is_number(name) for name in ("attr_plan", "attr_loyal", "answered_at"))


@several
@given(frames(), CELLS)
def test_blanks_among_numbers_are_zero_and_marked(frame, cells):
    for rows in both_rows(frame, cells):
        for name in NUMBERS:
            values, missing = rows.number(name)
            same(values, frame[name].fillna(0.0))
            if frame[name].notna().all():
                assert missing is None
            else:
                same(1.0 * missing, frame[name].isna())


@several
@given(frames(), CELLS, st.data())
def test_levels_and_members_of_categories(frame, cells, data):
    for rows in both_rows(frame, cells):
        for name in CATEGORIES:
            expected, labels = levels_of(frame[name])
            found = rows.levels(name)
            assert list(found.items()) == expected
            offered = [*found, "(missing)", "nowhere"]
            chosen = set(data.draw(st.lists(st.sampled_from(offered))))
            [member] = rows.matrix([rows.member(name, chosen)], ["chosen"]).columns
            same(member, np.isin(labels, list(chosen)))
            assert partition(each(rows.category(name))) == partition(labels)


@several
@given(frames(), st.sampled_from([0, 1, 400]), st.booleans())
def test_days_not_before_another(frame, days, none):
    first = None if none else dt.date(2026, 1, 31)
    begins = frame["answered_at"] - pd.Timedelta(days=days)
    expected = begins >= pd.Timestamp("2026-01-31") if first else np.zeros(len(frame))
    for rows in both_rows(frame):
        same(rows.from_day_on("answered_at", first, days), expected)


@several
@given(frames())
def test_independent_units(frame):
    memory, engine = both_rows(frame)
    assert partition(each(memory.clusters)) == partition(frame["cluster"])
    assert set(memory.clusters) == set(range(frame["cluster"].nunique()))
    if frame["cluster"].is_unique:
        assert engine.clusters is None
    else:
        assert partition(each(engine.clusters)) == partition(frame["cluster"])


@several
@given(frames(), CELLS, st.integers(0, 10), st.booleans())
def test_some_of_the_rows_and_back_among_all(frame, cells, lowest, twice):
    kept = (frame["score"] >= lowest).to_numpy()
    if twice:  # some of some of them
        kept = kept & frame["bought"].to_numpy()
    part = frame[kept]
    for rows in both_rows(frame, cells):
        some = rows.only(rows.values("score") >= lowest)
        some = some.only(some.flags("bought")) if twice else some
        assert some.count == len(part)
        same(some.values("attr_tenure"), part["attr_tenure"])
        same(some.groups, group_of(part))
        same(some.own(rows.values("attr_age")), part["attr_age"])
        same(rows.spread(some.weights, some), np.where(kept, frame["weight"], 0.0))
        assert dict(some.levels("attr_plan")) == dict(levels_of(part["attr_plan"])[0])
        if len(part) and not part["cluster"].is_unique:
            assert partition(each(some.clusters)) == partition(part["cluster"])
    clusters = both_rows(frame, cells)[0].only(kept).clusters
    assert sorted(set(clusters)) == list(range(part["cluster"].nunique()))


@several
@given(frames(), CELLS)
def test_columns_side_by_side(frame, cells):
    expected = np.column_stack(
        [frame["attr_age"], frame["attr_plan"] == "north", frame["attr_tenure"].fillna(0.0)]
    ).astype(float)
    apart, size = expected - expected.mean(axis=0), np.abs(expected)
    for rows in both_rows(frame, cells):
        columns = [rows.values("attr_age"), rows.member("attr_plan", ["north"])]
        design = rows.matrix([*columns, rows.number("attr_tenure")[0]], ["age", "north", "tenure"])
        assert design.names == ("age", "north", "tenure")
        for column, values in zip(design.columns, expected.T, strict=True):
            same(column, values)
        off = np.abs(gram(design, rows.one) - expected.T @ expected)
        assert np.all(off <= 1e-13 * size.T @ size)
        assert np.all(np.abs(centred_gram(design) - apart.T @ apart) <= 1e-13 * size.T @ size)
        assert rows.matrix([], []).shape == (len(frame), 0)


@several
@given(frames())
def test_the_median_above_zero(frame):
    above = frame.loc[frame["attr_tenure"] > 0, "attr_tenure"]
    for rows in both_rows(frame):
        found = median_above_zero(rows.values("attr_tenure"))
        assert found == pytest.approx(above.median(), rel=1e-14, nan_ok=True)


def test_where_a_model_of_the_rows_is_fitted():
    frame = pd.DataFrame({"score": [3.0, 8.0], "weight": 1.0, "cluster": [0, 1]})
    memory, engine = both_rows(frame, ())
    assert memory.place == "fitted to rows in memory"
    assert engine.place == "fitted from sums in DuckDB"
    assert [memory.frame["group"].iloc[row] for row in (0, 1)] == [SCALE.labels[0], SCALE.labels[1]]
