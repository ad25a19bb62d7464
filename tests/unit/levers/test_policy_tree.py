"""The best tree, against every tree looked at one by one."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study

from cxroi.levers.whom.policy_tree import Learned, Part, Policy, constant, learn_policy
from cxroi.levers.whom.questions import Question, ask, questions_of

LEAST = 30


def drawn(seed, n=400, width=4):
    """Scores of customers with a few answers each; half of them of the `from` group."""
    rng = np.random.default_rng(seed)
    asked = rng.random((n, width)) < rng.uniform(0.3, 0.7, width)
    over = (np.arange(n) % 2).astype(float)
    effect = 3.0 * (asked[:, 0] != asked[:, 1]) - 1.5
    return effect + rng.normal(size=n), over, asked


def answers(asked):
    """Return answers to one question a column, and the frame that has them."""
    frame = pd.DataFrame({f"attr_{k}": column.astype(str) for k, column in enumerate(asked.T)})
    return frame, ask(frame, [Question(name, level="True") for name in frame])


def every_tree(asked, over):
    """Yield the parts, as flags, of every tree of depth one and two with parts large enough."""
    sides = [(asked[:, k], ~asked[:, k]) for k in range(asked.shape[1])]

    def large(part):
        return min((part & (over > 0)).sum(), (part & (over == 0)).sum()) >= LEAST

    for yes, no in sides:
        if not (large(yes) and large(no)):
            continue
        halves = []
        for part in (yes, no):
            cut = [(part & a, part & b) for a, b in sides]
            halves.append([(part,), *(pair for pair in cut if all(map(large, pair)))])
        for one, other in product(*halves):
            yield (*one, *other)


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_found_is_the_best_of_all(seed):
    net, over, asked = drawn(seed)
    best = max(
        sum(max(net[part].sum(), 0.0) for part in parts) for parts in every_tree(asked, over)
    )
    frame, found = answers(asked)
    policy = learn_policy(Learned(net, over, np.arange(len(net))), found)
    assert net[policy.moves(frame)].sum() == pytest.approx(best)
    assert len(policy.parts) > 2


def test_noise_asks_no_question():
    rng = np.random.default_rng(5)
    asked, over = rng.random((400, 1)) < 0.5, (np.arange(400) % 2).astype(float)
    learned = Learned(1.0 + rng.normal(size=400), over, np.arange(400))
    assert learn_policy(learned, answers(asked)[1]) == constant(moved=True)


def test_a_part_has_thirty_customers_of_each_group():
    net, over, asked = drawn(1)
    asked[:, 0] = np.arange(len(net)) < 50  # 25 of each
    net = np.where(asked[:, 0], 50.0, -1.0)
    policy = learn_policy(Learned(net, over, np.arange(len(net))), answers(asked[:, :1])[1])
    assert not policy.chooses


def test_a_fixed_cost_is_paid_by_whoever_moves_anybody():
    net, over = np.ones(200), (np.arange(200) % 2).astype(float)
    asked, clusters = np.zeros((200, 1), dtype=bool), np.arange(200)
    moves = [
        learn_policy(Learned(net, over, clusters, fixed), answers(asked)[1])
        for fixed in (1.9, 2.1)  # 200 over 100 customers
    ]
    assert moves == [constant(moved=True), constant(moved=False)]


def test_questions_are_controls_and_what_was_before(tmp_path):
    study = make_study(tmp_path, {"spend": "amount"}, controls=["age", "region"])
    frame = pd.DataFrame(
        {
            "score": np.resize([8.0, 9.0], 200),
            "spend_after": 1.0,
            "spend_before": np.linspace(0, 999, 200),
            "attr_age": np.tile([20.0, 40.0, np.nan, 40.0], 50),
            "attr_region": np.resize(["n"] * 9 + ["s"] * 8 + ["w"] * 3, 200),
        }
    )
    panel = make_panel(study, frame)
    found = questions_of(panel.frame, study)
    assert [q for q in found if q.column == "attr_region"] == [
        Question("attr_region", level="n"),
        Question("attr_region", level="s"),
        Question("attr_region", level="w"),
    ]
    assert {q.at for q in found if q.column == "attr_age"} == {40.0}
    cuts = [q.at for q in found if q.column == "spend_before"]
    assert len(cuts) == 15
    assert all(cut == float(f"{cut:.3g}") for cut in cuts)
    assert Question("attr_age", at=40.0).yes(panel.frame).sum() == 100  # unknown is not


def test_answers_are_kept_by_their_patterns():
    """Cuts of a number and values of a category; sums of two at once as counted one by one."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"spend_before": rng.normal(size=200), "attr_r": rng.choice([*"nsw"], 200)}
    )
    questions = [Question("spend_before", at=cut) for cut in (-1.0, 0.0, 1.0)]
    questions += [Question("attr_r", level=level) for level in "ns"]
    found, weights = ask(frame, questions), rng.normal(size=200)
    plain = np.column_stack([question.yes(frame) for question in questions])
    assert (np.column_stack([found.yes(k) for k in range(5)]) == plain).all()
    assert found.both(weights) == pytest.approx(plain.T @ (plain * weights[:, None]))
    some = weights > 0
    assert (found.among(some).yes(4) == plain[some, 4]).all()


def test_a_rule_moves_who_is_in_its_parts():
    old, north = Question("attr_age", at=30.0), Question("attr_region", level="n")
    policy = Policy(
        (
            Part(((old, True), (north, False)), True),
            Part(((old, True), (north, True)), False),
            Part(((old, False),), True),
        )
    )
    frame = pd.DataFrame({"attr_age": [40.0, 40.0, 10.0], "attr_region": ["s", "n", "n"]})
    assert policy.moves(frame).tolist() == [True, False, True]
    assert policy.chooses
    assert not constant(moved=True).chooses
    assert constant(moved=True).moves(frame).all()
