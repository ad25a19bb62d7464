import numpy as np
import pytest
from panels import answers, by_group, customers

from cxroi.errors import ModelError, ScarceDataError, StudyError
from cxroi.models.sample import take_sample

LARGE = {"detractor": answers(20, 40), "passive": answers(15, 50), "promoter": answers(30, 60)}


def test_rows_without_the_outcome_or_without_weight_take_no_part(panel_of):
    frame = customers(100)
    frame.loc[[3, 5], "spend_after"] = np.nan
    frame.loc[7, "weight"] = 0.0
    sample = take_sample(panel_of(frame, {"spend": "amount"}), "spend")
    assert set(range(100)) - set(sample.own(np.arange(100))) == {3, 5, 7}
    assert np.flatnonzero(sample.spread(np.ones(97)) == 0).tolist() == [3, 5, 7]
    assert sample.weights.mean() == pytest.approx(1)
    assert not sample.weighted  # all weights that count are the same


def test_weights_can_be_set_aside(panel_of):
    frame = customers(100).assign(weight=np.linspace(1, 3, 100))
    panel = panel_of(frame, {"spend": "amount"})
    assert take_sample(panel, "spend").weighted
    set_aside = take_sample(panel, "spend", weighted=False)
    assert not set_aside.weighted
    assert set(set_aside.weights) == {1.0}


def test_units_count_customers_once(panel_of):
    frame = by_group("loyal", **LARGE)
    frame["cluster"] = np.arange(len(frame)) // 2
    sample = take_sample(panel_of(frame, {"loyal": "yes_no"}), "loyal")
    assert sample.clustered
    assert (sample.size("passive"), sample.units("passive")) == (50, 25)
    with pytest.raises(ScarceDataError, match="50 responses of 25 customers"):
        sample.require("passive")


def test_the_unit_is_a_cluster_only_where_one_holds_several_customers(panel_of):
    frame = by_group("loyal", **LARGE)
    pairs = np.arange(len(frame)) // 2
    twice = frame.assign(customer=[f"c{k}" for k in pairs])
    for made, unit, errors in (
        (frame, "customer", "robust errors"),
        (twice, "customer", "errors clustered by customer"),
        (twice.assign(cluster=twice["customer"].str.upper()), "customer", "by customer"),
        (frame.assign(cluster=pairs), "cluster", "Student interval with 75 effective clusters"),
    ):
        sample = take_sample(panel_of(made, {"loyal": "yes_no"}), "loyal")
        assert sample.unit == unit
        assert errors in sample.errors()
        assert (sample.dof() is None) == (unit == "customer")


def test_degrees_of_freedom_count_unequal_clusters_as_fewer(panel_of):
    frame = by_group("loyal", **LARGE)  # 40, 50 and 60 rows
    sizes = [10, 20, 20, *[5] * 20]
    frame["cluster"] = np.repeat(np.arange(23), sizes)
    sample = take_sample(panel_of(frame, {"loyal": "yes_no"}), "loyal")
    # 150² / (10² + 20² + 20² + 20 · 5²) = 22,500 / 1,400; in detractors 40² / (10² + 20² + 10²).
    assert sample.dof() == pytest.approx(22_500 / 1_400 - 1)
    assert sample.dof(sample.members("detractor")) == pytest.approx(1_600 / 600 - 1)
    doubled = frame.assign(weight=np.where(np.arange(150) < 10, 2.0, 1.0))
    weighted = take_sample(panel_of(doubled, {"loyal": "yes_no"}), "loyal")
    # The first cluster weighs 20: 160² / (20² + 20² + 20² + 20 · 5²).
    assert weighted.dof() == pytest.approx(160**2 / 1_700 - 1)


def test_unknown_outcome_offers_the_nearest(panel_of):
    with pytest.raises(StudyError, match="Did you mean 'spend'"):
        take_sample(panel_of(customers(60), {"spend": "amount"}), "spent")


@pytest.mark.parametrize(("value", "words"), [(np.nan, "known for no"), (4.0, "is 4 for all 60")])
def test_an_outcome_that_does_not_vary_is_refused(panel_of, value, words):
    frame = customers(60).assign(spend_after=value)
    with pytest.raises(ModelError, match=words):
        take_sample(panel_of(frame, {"spend": "amount"}), "spend")


@pytest.mark.parametrize(
    ("kind", "passive", "words"),
    [
        ("yes_no", answers(15, 29), "29 responses"),
        ("yes_no", answers(4, 60), "4 of 60 responses .* are 'yes'"),
        ("yes_no", answers(56, 60), "4 of 60 responses .* are 'no'"),
        ("amount", answers(4, 60), "4 of 60 responses .* are above zero"),
    ],
)
def test_scarce_groups_and_events_are_refused(panel_of, kind, passive, words):
    frame = by_group("bought", **{**LARGE, "passive": passive})
    sample = take_sample(panel_of(frame, {"bought": kind}), "bought")
    with pytest.raises(ScarceDataError, match=words):
        sample.require("passive")
    sample.require("promoter")


@pytest.mark.parametrize(("kind", "yes"), [("yes_no", 5), ("yes_no", 55), ("amount", 5)])
def test_five_events_are_enough_for_a_gap(panel_of, kind, yes):
    frame = by_group("bought", **{**LARGE, "passive": answers(yes, 60)})
    take_sample(panel_of(frame, {"bought": kind}), "bought").require("passive")


def test_an_amount_that_all_of_a_group_have_is_not_scarce(panel_of):
    frame = by_group("bought", **{**LARGE, "passive": answers(60, 60)})
    take_sample(panel_of(frame, {"bought": "amount"}), "bought").require("passive")


def test_a_group_carried_by_one_weight_is_refused(panel_of):
    frame = by_group("x", detractor=np.arange(40), passive=np.arange(60), promoter=np.arange(60))
    frame["weight"] = 1.0
    frame.loc[45, "weight"] = 1e6
    sample = take_sample(panel_of(frame, {"x": "amount"}), "x")
    with pytest.raises(ScarceDataError, match=r"count as 1\.0"):
        sample.require("passive")
    sample.require("promoter")
