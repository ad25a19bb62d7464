"""Scores whose means are effects: of randomised customers, of weights, of the contrast itself."""

import numpy as np
import pandas as pd
import pytest
from panels import customers, make_panel, make_study
from statsmodels.api import OLS, add_constant

from cxroi.effects.adjusted import regress_outcome
from cxroi.errors import ModelError
from cxroi.levers.whom import effect_scores
from cxroi.levers.whom.effect_scores import FOLDS, score_effects, take_ground
from cxroi.levers.whom.projection import averaged, figures_of, mean_of, project


def mailed(n=6_000, seed=2):
    """Customers dealt a mail or none by lot, as of Hillstrom's challenge: visits by newness.

    A coin stands in place of the score: `passive` had no mail, `promoter` had one.
    """
    rng = np.random.default_rng(seed)
    newness = rng.choice(["new", "known", "old"], n, p=[0.5, 0.3, 0.2])
    mail = rng.random(n) < 0.5
    spent = rng.gamma(2.0, 10.0, n)
    more = np.select([newness == "new", newness == "known"], [0.0, 3.0], 8.0)
    return pd.DataFrame(
        {
            "score": np.where(mail, 9.0, 8.0),
            "attr_newness": newness,
            "spend_after": spent + mail * more + (newness == "old") * 4.0,
        }
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mail")
    return make_study(folder, {"spend": "amount"}, controls=["newness"], categorical=["newness"])


@pytest.fixture(scope="module")
def scored(study):
    ground = take_ground(make_panel(study, mailed()), ["spend"])
    rng = np.random.default_rng(1)
    return ground, [score_effects(ground, rng) for _ in range(2)]


def test_of_randomised_customers_the_effect_of_a_part_is_its_difference_in_means(scored):
    """Exactly but for the folds: within a tenth of its standard error, its error within 2 %."""
    ground, deals = scored
    frame, (deal, _) = ground.panel.frame, deals
    mail, score = frame["score"] == 9, deal.scores["spend"]
    for level in ("new", "known", "old"):
        part = frame["attr_newness"] == level
        with_mail, without = (frame.loc[part & (mail == so), "spend_after"] for so in (True, False))
        difference = with_mail.mean() - without.mean()
        error = np.sqrt(with_mail.var() / len(with_mail) + without.var() / len(without))
        found = project(score, deal.over, (1.0 * part).to_numpy()[:, None])
        [figure] = figures_of(found, ground.clusters, None)
        assert figure.value == pytest.approx(difference, abs=0.1 * error)
        assert figure.error == pytest.approx(error, rel=0.02)


def test_everybody_s_mean_is_the_contrast_that_carries_the_money(tmp_path):
    frame = customers(1_200, seed=4)
    study = make_study(tmp_path, {"spend": "amount"}, controls=["tenure", "region"])
    panel = make_panel(study, frame)
    contrast = regress_outcome(panel, "spend").contrast
    ground, rng = take_ground(panel, ["spend"]), np.random.default_rng(1)
    deals = [score_effects(ground, rng) for _ in range(3)]
    found = averaged([mean_of(deal.scores["spend"], deal.over) for deal in deals])
    [figure] = figures_of(found, ground.clusters, None)
    assert figure.value == pytest.approx(contrast.estimate, abs=0.3 * contrast.std_error)
    assert figure.error == pytest.approx(contrast.std_error, rel=0.15)


def test_a_customer_is_scored_by_models_of_others(study):
    """His outcome moves his own score one for one, and no score of his fold."""
    frame = mailed(600)
    at = int(np.flatnonzero(frame["score"] == 8)[0])
    scores = []
    for spent in (10.0, 1_010.0):
        frame.loc[at, "spend_after"] = spent
        ground = take_ground(make_panel(study, frame), ["spend"])
        scores.append(score_effects(ground, np.random.default_rng(3)))
    moved = scores[0].scores["spend"] - scores[1].scores["spend"]
    own = scores[0].fold == scores[0].fold[at]
    assert moved[at] == pytest.approx(1_000.0)
    assert moved[own & (np.arange(len(moved)) != at)] == pytest.approx(0.0, abs=1e-9)


def test_customers_stay_together_and_both_groups_are_in_every_fold(scored):
    ground, (deal, other) = scored
    assert set(deal.fold) == set(range(FOLDS))
    frame = ground.panel.frame
    sizes = pd.crosstab(deal.fold, frame["score"])
    assert (sizes.max() - sizes.min() <= 1).all()
    assert (deal.fold != other.fold).any()


def test_an_answer_of_weight_two_counts_as_two(study):
    frame = mailed(600)
    few = (np.arange(600) < 200) & (frame["score"] == 9)
    frame["spend_after"] += np.where(few, 30.0, 0.0)  # 10 more, 15 where doubled
    twice = pd.concat([frame, frame.iloc[:200]], ignore_index=True)
    weighed = frame.assign(weight=np.where(np.arange(600) < 200, 2.0, 1.0))
    means = []
    for one in (twice, weighed, frame):
        ground = take_ground(make_panel(study, one), ["spend"])
        rng = np.random.default_rng(1)
        deals = [score_effects(ground, rng) for _ in range(4)]
        means.append(np.mean([d.scores["spend"].sum() / d.over.sum() for d in deals]))
    assert means[0] == pytest.approx(means[1], abs=1.0)
    assert means[2] < means[1] - 3


def test_of_very_many_rows_whole_customers_are_drawn_by_lot(study, monkeypatch):
    monkeypatch.setattr(effect_scores, "MOST_ROWS", 400)
    frame = mailed(1_200)
    frame["customer"] = [f"c{row // 2}" for row in range(1_200)]
    found = take_ground(make_panel(study, frame), ["spend"]).panel.frame
    assert 300 < len(found) < 500
    assert (found.groupby("customer").size() == 2).all()


def test_a_group_that_is_too_small_is_refused(study):
    frame = mailed(600)
    frame.loc[frame.index[20:], "score"] = 8.0
    with pytest.raises(ModelError, match="30"):
        take_ground(make_panel(study, frame), ["spend"])


def test_a_line_has_the_errors_of_least_squares():
    """Where every row is of the `from` group it is least squares, errors HC3 as of statsmodels."""
    rng = np.random.default_rng(7)
    columns = add_constant(rng.normal(size=(80, 2)))
    values = columns @ [1.0, 2.0, 0.0] + rng.normal(size=80) * (1 + columns[:, 1] ** 2)
    found = project(values, np.ones(80), columns)
    reference = OLS(values, columns).fit(cov_type="HC3")
    assert found.values == pytest.approx(reference.params)
    errors = np.sqrt(np.diag(found.covariance(np.arange(80))) * 79 / 80)
    assert errors == pytest.approx(reference.bse)
    difference = found.combined(np.array([[0.0, 1.0, -1.0]]))
    assert difference.values[0] == pytest.approx(reference.params[1] - reference.params[2])
