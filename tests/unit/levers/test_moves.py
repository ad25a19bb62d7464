"""What a lever moves, against strata counted by hand, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lever_panels import make_lever, make_levered, waits

from cxroi.errors import ModelError, OverlapError, ScarceDataError, StudyError
from cxroi.levers.moves.answers import align
from cxroi.levers.moves.augmented import PARTS
from cxroi.levers.moves.group_model import model_of_groups
from cxroi.levers.moves.net_moves import moves_of

NONE = make_lever(at_most=0.0)


def answers_of(folder, frame, *, controls=("region",), levers=(NONE,)):
    panel, table = make_levered(folder, frame, levers, controls=controls)
    return align(panel, table, [name[2:] for name in frame if name.startswith("x_")])


def estimate_moves(answers, lever):
    return moves_of(model_of_groups(answers, [lever.input], [lever]), [lever])


@pytest.fixture(scope="module")
def frame():
    return waits()


@pytest.fixture(scope="module")
def moves(tmp_path_factory, frame):
    return estimate_moves(answers_of(tmp_path_factory.mktemp("moves"), frame), NONE)


def by_strata(frame, weights=1.0):
    """Rise above each cut in each region, over those who wait."""
    cell = 2 * np.unique(frame["attr_region"], return_inverse=True)[1]
    cell = cell + frame["x_wait"].to_numpy().astype(int)
    weights = np.broadcast_to(weights, len(frame))
    sizes = np.bincount(cell, weights)
    rises = []
    for cut in (7, 9):
        shares = np.bincount(cell, weights * (frame["score"] >= cut)) / sizes
        rises.append(((shares[::2] - shares[1::2]) @ sizes[1::2]) / sizes[1::2].sum())
    return rises


def test_moves_are_those_of_the_strata(frame, moves):
    """Weights saturated in the region, so whatever the model of the groups says cancels."""
    np.testing.assert_allclose(moves.net, by_strata(frame), atol=1e-3)
    found = {e.name: e for e in moves.estimates}
    assert found["moved.detractor_to_passive"].estimate == moves.net[0]
    assert found["moved.passive_to_detractor"].estimate == 0.0
    assert found["moved.passive_to_detractor"].conf_high == 0.0
    assert found["share_moved"].estimate == pytest.approx(moves.net.sum())
    assert moves.shown
    assert moves.customers == (frame["x_wait"] == 1).sum()
    assert moves.within == (frame["x_wait"] == 0).sum()


def test_the_error_is_that_of_customers_taken_again(tmp_path, frame, moves):
    rng, again = np.random.default_rng(4), []
    for _ in range(40):
        drawn = frame.iloc[rng.integers(0, len(frame), len(frame))].reset_index(drop=True)
        again.append(by_strata(drawn))
    spread = np.std(again, axis=0, ddof=1)
    errors = np.sqrt(np.diag(moves.covariance))
    np.testing.assert_allclose(errors, spread, rtol=0.3)  # of 40 the error is 11 %


def test_weights_and_clusters_count(tmp_path, frame, moves):
    rng = np.random.default_rng(5)
    weights = rng.choice([0.5, 1.0, 3.0], len(frame))
    found = estimate_moves(answers_of(tmp_path, frame.assign(weight=weights)), NONE)
    np.testing.assert_allclose(found.net, by_strata(frame, weights), atol=1e-3)
    assert "survey-weighted" in found.method
    twice = pd.concat([frame, frame], ignore_index=True)
    twice["cluster"] = [f"a{n % len(frame)}" for n in range(len(twice))]
    of_twice = estimate_moves(answers_of(tmp_path, twice), NONE)
    np.testing.assert_allclose(of_twice.covariance, moves.covariance, rtol=0.02)


def test_falls_are_named_apart_from_rises(tmp_path, frame):
    found = estimate_moves(answers_of(tmp_path, frame), make_lever(at_least=1.0))
    named = {e.name: e for e in found.estimates}
    assert named["moved.promoter_to_passive"].estimate > 0.05
    assert named["moved.passive_to_promoter"].estimate == 0.0
    assert named["share_moved"].conf_high < 0
    assert found.customers == (frame["x_wait"] == 0).sum()


def test_a_lever_reaches_those_whom_it_is_meant_for(tmp_path, frame):
    lever = make_lever(at_most=0.0, reaches={"region": ["south", "west"]})
    found = estimate_moves(answers_of(tmp_path, frame), lever)
    meant = frame["attr_region"] != "north"
    assert found.customers == (meant & (frame["x_wait"] == 1)).sum()
    assert found.within == (meant & (frame["x_wait"] == 0)).sum()


def test_nothing_is_taken_from_those_who_have_none(tmp_path, frame, moves):
    """Of a wait of one an hour less is none at all; of none it changes nothing."""
    found = estimate_moves(answers_of(tmp_path, frame), make_lever(by=-1.0))
    assert (found.customers, found.within) == (moves.customers, moves.within)
    assert found.net == pytest.approx(moves.net, abs=0.03)


def test_answers_without_the_input_are_left_out_and_counted(tmp_path, frame):
    lost = frame.assign(x_wait=frame["x_wait"].where(frame.index >= 100))
    found = estimate_moves(answers_of(tmp_path, lost), NONE)
    assert found.unknown == 100
    np.testing.assert_allclose(found.net, by_strata(frame[100:]), atol=1e-3)
    assert not found.influence[:100].any()


def test_who_is_reached_by_two_levers_counts_once(tmp_path, frame):
    """A second lever on the same input has nothing left to change."""
    again = replace(make_lever(to=0.0), name="Again")
    answers = answers_of(tmp_path, frame, levers=(NONE, again))
    model = model_of_groups(answers, ["wait"], [NONE, again])
    one, both = moves_of(model, [NONE]), moves_of(model, [NONE, again])
    assert both.customers == one.customers
    assert both.of_each == (one.customers, 0)
    np.testing.assert_allclose(both.net, one.net)


def test_two_inputs_reach_whom_either_reaches(tmp_path, frame):
    """What both move is near what the strata say of those who have neither."""
    rng = np.random.default_rng(8)
    late = 1.0 * (rng.random(len(frame)) < 0.3)
    worse = (late == 1) & (rng.random(len(frame)) < 0.5)
    both_inputs = frame.assign(x_late=late, score=frame["score"].where(~worse, 4.0))
    levers = [NONE, replace(NONE, name="In time", input="late")]
    answers = answers_of(tmp_path, both_inputs, levers=levers)
    model = model_of_groups(answers, ["wait", "late"], levers)
    one, other, both = (moves_of(model, chosen) for chosen in (levers[:1], levers[1:], levers))
    reached = (frame["x_wait"] == 1) | (late == 1)
    assert both.customers == reached.sum()
    assert both.of_each == (one.customers, other.customers)
    for cut, net in zip((7, 9), both.net, strict=True):
        above = 1.0 * (both_inputs["score"] >= cut)
        free = above[~reached].groupby(frame["attr_region"]).mean()
        gain = frame["attr_region"].map(free)[reached].mean() - above[reached].mean()
        assert net == pytest.approx(gain, abs=0.03)


def test_a_small_group_is_counted_with_the_next(tmp_path, frame):
    few = frame.assign(score=frame["score"].where((frame["score"] > 6) | (frame.index < 40), 8.0))
    found = estimate_moves(answers_of(tmp_path, few), NONE)
    assert found.labels == ("passive", "promoter")
    assert found.notes == ("Group 'detractor' has under 30 customers: counted with 'passive'.",)


def test_part_of_a_change_moves_part_of_it(moves):
    """Between no wait and a wait the curve of a logit is all but straight."""
    np.testing.assert_allclose(moves.parts, np.array([PARTS, PARTS]).T, atol=0.06)
    assert moves.parts[-1].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("lever", "changes", "error", "said"),
    [
        (make_lever(by=40.0), {}, OverlapError, "goes beyond the data: for 100.0 %"),
        (make_lever(at_most=1.0), {}, ScarceDataError, "changes the input of 0 customers"),
        (make_lever(at_most=0.0, reaches={"regin": "x"}), {}, StudyError, "Did you mean 'region'"),
        (make_lever(at_most=0.0, reaches={"region": "x"}), {}, StudyError, "reaches nobody who an"),
        (make_lever(to="a day"), {}, StudyError, "has to = 'a day', and 'wait' is a number"),
        (make_lever(by=1.0), {"x_wait": "named"}, StudyError, "Write to = one of them: 'long',"),
        (make_lever(to="lnog"), {"x_wait": "named"}, StudyError, "Did you mean 'long'"),
        (NONE, {"x_wait": 2.0}, ScarceDataError, "is the same for all"),
        (NONE, {"attr_region": "of the wait"}, ModelError, "determined by what is held equal"),
    ],
)
def test_what_the_data_cannot_tell_is_refused(tmp_path, frame, lever, changes, error, said):
    if changes.get("attr_region"):
        changes = {"attr_region": np.where(frame["x_wait"] == 1, "a", "b")}
    if changes.get("x_wait") == "named":
        changes = {"x_wait": np.where(frame["x_wait"] == 1, "long", "short")}
    with pytest.raises(error, match=said):
        estimate_moves(answers_of(tmp_path, frame.assign(**changes)), lever)


def test_too_few_clusters_are_counted_as_clusters(tmp_path, frame):
    team = np.arange(len(frame)) % 60
    teams = frame.assign(cluster=[f"t{n}" for n in team], x_wait=1.0 * (team < 20))
    with pytest.raises(ScarceDataError, match=r"input of 20 clusters; .* 30 clusters on"):
        estimate_moves(answers_of(tmp_path, teams), NONE)
    few = frame.assign(cluster=teams["x_wait"].astype(str))
    with pytest.raises(ScarceDataError, match="0 of 3 groups have 30 clusters or more"):
        answers_of(tmp_path, few)


def test_an_input_that_there_is_not_says_why(tmp_path, frame):
    panel, table = make_levered(tmp_path, frame, [NONE], controls=["region"])
    with pytest.raises(StudyError, match="Did you mean 'wait'"):
        align(panel, table, ["wayt"])
    with pytest.raises(StudyError, match="'effort' cannot be had: its table is not declared"):
        align(panel, replace(table, refused={"effort": "its table is not declared"}), ["effort"])
