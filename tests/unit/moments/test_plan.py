"""Estimates under a plan give what they give alone, with fewer statements."""

import threading

import numpy as np
import pandas as pd
import pytest
from engine_panels import plain_rows

from cxroi.moments import wide_statements
from cxroi.moments.plan import alone, cached_property, together

X, Y = np.arange(12.0), np.arange(12.0)[::-1] ** 2


@pytest.fixture
def rows():
    frame = pd.DataFrame({"x": X, "y": Y, "unit": np.arange(12) // 3, "cell": np.arange(12) % 2})
    made = plain_rows(frame, {"grp": (0, 1)})
    assert made.count == 12  # asked once, before statements are counted
    return made


@pytest.fixture
def sent(rows, monkeypatch):
    """Every statement that is sent."""
    found, fetch = [], type(rows.engine).fetch
    noted = lambda engine, sql: found.append(sql) or fetch(engine, sql)  # noqa: E731
    monkeypatch.setattr(type(rows.engine), "fetch", noted)
    return found


def spread(rows, name):
    """Two rounds: the second asks about what the first found."""
    column = rows.column(name)
    apart = column - column.sum() / 12
    return float((apart * apart).sum())


def test_rounds_go_in_step_and_one_statement_serves_each(rows, sent):
    found = together([lambda: spread(rows, "x"), lambda: spread(rows, "y")])
    assert found == pytest.approx([12 * np.var(X), 12 * np.var(Y)])
    assert len(sent) == 2
    assert together([lambda: spread(rows, "x"), lambda: spread(rows, "y")]) == found
    assert len(sent) == 2  # remembered one by one


def test_different_rows_groups_and_units_go_below_one_another(rows, sent):
    some = rows.only(rows.column("x") > 3)
    unit = rows.column("unit")
    found = together(
        [
            lambda: rows.fetch(["sum(v)", "count(*)"], {"v": rows.column("x")}),
            lambda: some.fetch(["count(*)", "max(v)"], {"v": some.column("y")}),
            lambda: sorted(rows.fetch(["sum(v)"], {"v": rows.column("y")}, by=["cell"])),
            lambda: rows.fetch(["count(*)", "sum(v * v)"], {"v": rows.column("x")}, unit=unit),
        ]
    )
    assert len(sent) == 1
    sums = X.reshape(4, 3).sum(axis=1)
    assert found == [
        [(66.0, 12.0)],
        [(8.0, float(Y[X > 3].max()))],
        [(0, float(Y[::2].sum())), (1, float(Y[1::2].sum()))],
        [(4.0, float(sums @ sums))],
    ]


def test_names_of_different_columns_do_not_mix(rows, sent):
    both = together(
        [
            lambda: rows.fetch(["sum(v0 * v1)"], {"v0": rows.column("x"), "v1": rows.column("x")}),
            lambda: rows.fetch(["sum(v0 * v1)"], {"v0": rows.column("x"), "v1": rows.column("y")}),
        ]
    )
    assert both == [[(float(X @ X),)], [(float(X @ Y),)]]
    assert len(sent) == 1


def test_plans_within_a_plan_join_it(rows, sent):
    def two():
        return together([lambda: rows.column("x").sum(), lambda: rows.column("y").sum()])

    inside = together([two, lambda: float(rows.column("unit").sum())])
    assert inside == [[float(X.sum()), float(Y.sum())], 18.0]
    assert len(sent) == 1


def test_what_asks_alone_does_not_wait(rows, sent):
    def at_once():
        with alone():
            return spread(rows, "x")

    assert together([at_once, lambda: spread(rows, "y")])[0] == pytest.approx(12 * np.var(X))
    assert len(sent) == 4


def test_the_first_error_is_raised_and_no_thread_stays(rows):
    def fails():
        rows.column("x").sum()
        raise ValueError("of this one")

    before = threading.active_count()
    with pytest.raises(ValueError, match="of this one"):
        together([lambda: spread(rows, "x"), fails, lambda: spread(rows, "y")])
    assert threading.active_count() == before


def test_a_statement_that_fails_ends_every_task(rows):
    before, ended = threading.active_count(), []

    def asks():
        try:
            rows.fetch(["sum(v)"], {"v": rows.column("not_there")})
        finally:
            ended.append(True)

    with pytest.raises(Exception, match="not_there"):
        together([asks, lambda: spread(rows, "x")])
    assert ended == [True]
    assert threading.active_count() == before


def test_many_asks_are_cut_into_several_statements(rows, sent, monkeypatch):
    monkeypatch.setattr(wide_statements, "WIDEST", 2)
    monkeypatch.setattr(wide_statements, "LONGEST", 2)
    tasks = [lambda n=n: (rows.column("x") * float(n)).sum() for n in range(1, 8)]
    assert together(tasks) == [66.0 * n for n in range(1, 8)]
    assert len(sent) == 2  # four queries of at most two aggregates, two a statement


def test_a_property_that_asks_is_computed_once_and_blocks_nobody(rows, sent):
    class Holder:
        @cached_property
        def total(self):
            return float(rows.column("x").sum())

    one, two = Holder(), Holder()
    assert together([lambda: one.total, lambda: two.total, lambda: one.total]) == [66.0] * 3
    assert len(sent) == 1
