"""What levers earn, against the arithmetic of one window, and what is said where they cannot."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from lever_panels import make_lever, make_levered, waits

from cxroi.effects.adjusted import regress_outcome
from cxroi.errors import ModelError, StudyError
from cxroi.levers.estimate import estimate_levers
from cxroi.levers.joint_draws import draw_jointly
from cxroi.levers.joint_price import joint_price
from cxroi.levers.moves.answers import align
from cxroi.levers.pair_worth import holding_equal, of_pair, worth_of
from cxroi.levers.portfolio import portfolio
from cxroi.moments import influence
from cxroi.presentation.levers import lever_sentences, levers
from cxroi.study.scenario import Range

# One window of 90 days, half of what is spent, and 0.8 of the gap: no fading, no discount.
SCENARIO = {"horizon_months": 90 / (365.25 / 12), "gross_margin": 0.5, "causal_share": 0.8}
SOONER = make_lever(at_most=0.0, causal_share=0.5, fixed_cost=100.0, cost_per_customer=0.5)
DEARER = make_lever(
    name="For the south", at_most=0.0, reaches={"region": "south"}, cost_per_customer=[1, 2, 6]
)
LEVERS = (SOONER, DEARER, make_lever(name="Beyond", by=40.0))
MORE = "[analysis]\ndraws = 2000\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levers")
    return make_levered(folder, waits(), LEVERS, controls=["region"], scenario=SCENARIO, more=MORE)


@pytest.fixture(scope="module")
def results(made):
    return estimate_levers(*made)


def gap(panel, table, pair):
    """The doubly robust gap of a pair with the wait held equal beside the region."""
    held = holding_equal(align(panel, table, ["wait"]), ["wait"])
    return regress_outcome(of_pair(held, pair), "spend").contrast.estimate


def test_value_and_cost_are_moves_times_gaps(made, results):
    one, moves = results[0], results[0].moves
    rises = [("detractor", "passive"), ("passive", "promoter")]
    each = [gap(*made, pair) * 0.5 * 0.8 for pair in rises]
    value = 0.5 * moves.customers * float(moves.net @ each)
    cost = 100 + 0.5 * moves.customers
    assert one["value"].estimate == pytest.approx(value)
    assert one["cost"].estimate == pytest.approx(cost)
    assert one["net_value"].estimate == pytest.approx(value - cost)
    assert one["roi"].estimate == pytest.approx(value / cost - 1)
    assert one["cost"].conf_low == one["cost"].conf_high == pytest.approx(cost)


def test_the_range_of_a_cost_widens_what_it_earns(results):
    assert results[1]["cost"].conf_low < results[1]["cost"].estimate < results[1]["cost"].conf_high


def test_the_draws_have_the_errors_of_moves_and_gaps(made, results):
    """Of a product: each error times the other, as the delta method has it."""
    one, moves = results[0], results[0].moves
    panel, table = made
    worth = worth_of(align(panel, table, ["wait"]), ["wait"])
    gaps = np.array([basis.evidence.values[1] for basis in worth.rises])
    errors = [np.sqrt(basis.evidence.covariance[1, 1]) for basis in worth.rises]
    own = gaps @ moves.covariance @ gaps + (moves.net**2) @ (np.array(errors) ** 2)
    expected = 0.5 * 0.4 * moves.customers * np.sqrt(own)
    assert one["value"].std_error == pytest.approx(expected, rel=0.1)


def test_a_fall_is_worth_the_gap_of_its_own_pair(tmp_path):
    """Who falls is another customer than who rises: the gaps of the way down are taken."""
    lever = make_lever(at_least=1.0, causal_share=1.0)
    made = make_levered(tmp_path, waits(), [lever], controls=["region"], scenario=SCENARIO)
    one = estimate_levers(*made)[0]
    falls = [("passive", "detractor"), ("promoter", "passive")]
    each = [gap(*made, pair) * 0.5 * 0.8 for pair in falls]
    assert one["value"].estimate == pytest.approx(
        one.moves.customers * float(-one.moves.net @ each)
    )
    assert one["value"].estimate < 0
    assert one["break_even_change"].estimate is None
    assert one.loses
    assert not one.pays


def test_value_meets_cost_at_the_part_that_breaks_even(made, results):
    """A straight line between no and all of the change, but for the bend of a logit."""
    one = results[0]
    part = one["cost"].estimate / one["value"].estimate
    assert one["break_even_change"].estimate == pytest.approx(part, abs=0.05)


def test_a_set_has_the_same_draws_whatever_is_priced_beside_it(made):
    panel, table = made
    sooner, dearer = SOONER, replace(DEARER, causal_share=Range.of(0.5))
    priced = joint_price(panel, table, [sooner, dearer])
    one, both = priced([(sooner.slug,), (sooner.slug, dearer.slug)])
    np.testing.assert_array_equal(one.values, priced([(sooner.slug,)])[0].values)
    np.testing.assert_allclose(one.values, both.values)  # the second changes nobody else
    assert both.cost == pytest.approx(one.cost)
    np.testing.assert_array_equal(both.nets, both.values - both.costs)


def test_a_portfolio_is_chosen_from_these_prices(made):
    """The second lever reaches only whom the first has reached: both earn what the first earns."""
    panel, table = made
    found = portfolio(
        {one.slug: one.name for one in (SOONER, DEARER)}, joint_price(panel, table, LEVERS[:2])
    )
    assert SOONER.slug in found.best
    assert found[f"lever.{SOONER.slug}.probability_best"].estimate > 0.9
    both, one = (found.nets[names] for names in ((SOONER.slug, DEARER.slug), (SOONER.slug,)))
    np.testing.assert_allclose(both, one)


def test_draws_of_moves_have_their_covariance_with_the_gaps(made, results):
    panel, table = made
    worth, moves = worth_of(align(panel, table, ["wait"]), ["wait"]), results[0].moves
    drawn = draw_jointly(panel.study, worth, [moves])
    found = np.corrcoef(np.column_stack([drawn.errors[:, : drawn.gaps], drawn.moved(moves)]).T)
    columns = [*drawn.columns[: drawn.gaps], *moves.influence.T]
    known = influence.covariance(columns, moves.clusters)
    errors = np.sqrt(np.diag(known))
    np.testing.assert_allclose(found, known / np.outer(errors, errors), atol=0.09)
    np.testing.assert_allclose(drawn.moved(moves).std(axis=0), errors[-2:], rtol=0.06)


def test_a_lever_without_effect_is_said_to_move_nobody(tmp_path):
    frame = waits(seed=7)
    frame["x_wait"] = frame["x_wait"].sample(frac=1, random_state=1).to_numpy()
    made = make_levered(tmp_path, frame, [SOONER], controls=["region"], scenario=SCENARIO)
    one = estimate_levers(*made)[0]
    assert not one.shown
    assert not one.pays
    assert "not shown that this moves anybody" in str(lever_sentences(one, made[0].study))


def test_what_is_refused_says_so_and_leaves_the_others(results, made):
    refused = results[2]
    assert refused.moves is None
    assert refused["share_moved"].estimate is None
    assert "beyond the data" in refused["share_moved"].note
    table = levers(results, made[0].study).frame
    assert table["verdict"].tolist()[0] == "expected to pay" if results[0].pays else "open"
    assert table["verdict"][2].startswith("refused: 'Beyond' goes beyond the data")


def test_without_a_scenario_there_are_moves_and_no_money(tmp_path):
    made = make_levered(tmp_path, waits(), [SOONER], controls=["region"])
    one = estimate_levers(*made)[0]
    assert isinstance(one.unpriced, StudyError)
    assert one["share_moved"].estimate > 0
    assert not [e for e in one.estimates if e.name.endswith("roi")]
    assert "No ROI is claimed: the study has no [scenario]" in str(
        lever_sentences(one, made[0].study)
    )


def test_a_pair_that_cannot_be_valued_costs_the_money_alone(tmp_path):
    frame = waits().assign(spend_after=lambda f: f["spend_after"].where(f["score"] > 6, 0.0))
    made = make_levered(tmp_path, frame, [SOONER], controls=["region"], scenario=SCENARIO)
    one = estimate_levers(*made)[0]
    assert isinstance(one.unpriced, ModelError)
    assert "'detractor' to 'passive' cannot be valued: spend is too rare" in str(one.unpriced)


def test_effects_beside_the_score_are_those_of_least_squares(tmp_path):
    """No control, so that all is read off one table: groups, the wait, and their products."""
    frame = waits()
    made = make_levered(tmp_path, frame, [SOONER], scenario=SCENARIO)
    one = estimate_levers(*made)[0]
    step = np.digitize(frame["score"], [7, 9])
    groups = np.eye(3)[step][:, 1:]
    wait = frame["x_wait"].to_numpy()[:, None]
    columns = np.column_stack([np.ones(len(step)), groups, wait, groups * wait])
    params = sm.OLS(frame["spend_after"].to_numpy(), columns).fit().params
    rise, slope, tilt = params[1:3], params[3], params[4:]
    late = wait[:, 0] == 1
    before, after = (np.bincount(step[m], minlength=3) / m.sum() for m in (late, ~late))
    direct = -slope - groups[late].mean(axis=0) @ tilt
    assert one["direct.spend"].estimate == pytest.approx(direct, abs=0.02)
    through = (after - before)[1:] @ rise
    assert one["through_score.spend"].estimate == pytest.approx(through, abs=0.05)
    # To the group as it is, the whole is what those who do not wait spend more.
    means = frame.groupby("x_wait")["spend_after"].mean()
    assert direct + through == pytest.approx(means[0.0] - means[1.0], abs=1e-9)


def test_sentences_for_a_reader(results, made):
    said = str(lever_sentences(results[0], made[0].study))
    moves = results[0].moves
    assert f"'Sooner' (wait: at most 0 hours) would reach {moves.customers:,} customers" in said
    assert f"(it changes nothing for {moves.within:,} more)" in said
    assert "50.0 % of what goes with the input is read as its effect on the score" in said
    assert "80.0 % of what goes with the score as the score's effect on money" in said
    assert "Changes at an unchanged score are not in the ROI." in said
    assert "Traceback" not in said
    assert "detractor_to" not in said


def test_inputs_that_are_not_held_equal_are_named(tmp_path):
    frame = waits().assign(x_effort=1.0, x_region=lambda f: f["attr_region"])
    alone, several = (
        make_levered(tmp_path, one, [SOONER], controls=["region"])
        for one in (waits(), frame.assign(x_effort=np.arange(len(frame)) % 5.0))
    )
    assert "not held equal" not in " ".join(estimate_levers(*alone)[0].notes)
    [said] = [n for n in estimate_levers(*several)[0].notes if "not held equal" in n]
    assert "in whom it moves (effort): what comes" in said  # region is a control
