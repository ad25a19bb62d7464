"""A few companies of `compare_study.py`; the whole of it is run by hand."""

import pytest
from compare_study import FIRST, LATER, cheaper, company, deleted, run_of

import cxroi as cx

SIZE = 4_000


@pytest.fixture(scope="module")
def quarters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quarters")
    first = run_of(company(folder / "a", 11, FIRST, size=SIZE), FIRST[0])
    return first, company(folder / "b", 12, LATER, size=SIZE)


def test_two_quarters_of_one_truth_are_not_told_apart(quarters):
    first, later = quarters
    assert not cx.compare_runs(first, run_of(later, LATER[0])).changed


def test_a_cheaper_programme_is_named(quarters):
    first, later = quarters
    found = cx.compare_runs(first, run_of(later, LATER[0], cheaper))
    assert found.causes == ("assumption",)
    difference = found.roi.after - found.roi.before
    assert sum(found.roi.parts.values()) == pytest.approx(difference, rel=1e-9)


def test_lost_orders_are_named(tmp_path):
    [(_, cause, found)] = deleted(tmp_path, 13, SIZE)
    assert found.causes[0] == cause
    assert [one.what for one in found.altered] == ["orders.ordered_at"]
