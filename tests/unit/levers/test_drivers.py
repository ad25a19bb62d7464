"""What moves the score: planted drivers are found, noise is not, what cannot be told is said."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from driver_tables import company, study_of, table_of
from scipy.stats import f as f_distribution

from cxroi.errors import ScarceDataError
from cxroi.levers.drivers import joint_tests, weighing
from cxroi.levers.drivers.driver_columns import lay_out_drivers, within_waves
from cxroi.levers.drivers.found import find_drivers
from cxroi.levers.drivers.joint_tests import fit_slopes, p_value
from cxroi.levers.drivers.resamples import resampled
from cxroi.levers.drivers.weighing import DRIVER, NONE, SHARED, weigh
from cxroi.presentation.driver_words import sentences


@pytest.fixture(scope="module")
def found():
    score, inputs, own = company(missing=0.2)
    inputs["segment"] = np.where(np.arange(600) % 3 == 0, "business", "private")
    table = table_of(
        score, inputs, better={"days_late": "lower"}, groups={"help": "service"}, **own
    )
    return find_drivers(replace(table, refused={"agent": "it is unknown"}))


def test_planted_drivers_are_found_and_noise_is_not(found):
    assert [one.driver.name for one in found.ranked[:2]] == ["help", "days_late"]
    kinds = {name: one.kind for name, one in found.findings.items()}
    assert kinds == {"help": DRIVER, "days_late": DRIVER, "noise_0": NONE, "segment": NONE}
    assert found["help"].slope.conf_low > 0 > found["days_late"].slope.conf_high
    assert found["noise_0"].importance["lmg"].conf_low == 0.0
    assert found["help"].importance["lmg"].conf_low > 0.1
    assert found.refused == {"agent": "it is unknown"}


def test_every_figure_has_its_name_n_unit_and_method(found):
    names = [e.base or e.name for e in found.estimates]
    assert len(set(names)) == len(names)
    assert {"drivers.r_squared", "driver.help.lmg", "driver.help.odds_ratio"} <= set(names)
    assert {"driver.help.leaves_detractor", "driver.help.reaches_promoter"} <= set(names)
    assert {"driver.group.service.lmg", "driver.segment.odds_ratio.business"} <= set(names)
    for one in found.estimates:
        assert one.n > 0, one.name
        assert one.method, one.name
        assert one.unit, one.name
        if one.conf_low is None:
            assert one.note, one.name
        else:
            assert one.conf_low <= one.estimate <= one.conf_high, one.name
    one, group = found["help"].importance["lmg"], found.groups["service"]["lmg"]
    assert (group.estimate, group.conf_low) == pytest.approx((one.estimate, one.conf_low))


def test_names_say_where_weights_are_used(found):
    names = {e.name for e in found.estimates}
    assert {"drivers.r_squared.weighted", "driver.days_late.lmg.weighted"} <= names
    assert "driver.days_late.necessity" in names  # a ceiling knows no weights
    score, inputs, _ = company(n=240)
    plain = find_drivers(table_of(score, inputs))
    assert not plain.weighted
    assert not any(e.name.endswith("weighted") for e in plain.estimates)


def test_parts_sum_to_r_squared(found):
    for figure in ("lmg", "johnson"):
        parts = [one.importance[figure].estimate for one in found.findings.values()]
        assert sum(parts) == pytest.approx(found.r_squared.estimate)


def test_unknown_values_take_the_mean_and_are_marked(found):
    lost = found["days_late"].missing
    assert 90 < lost < 150
    assert f"Days late ({lost})" in found.notes[0]
    assert found["help"].missing == 0


@pytest.fixture(scope="module")
def rows():
    score, inputs, own = company(n=240)
    columns = lay_out_drivers(table_of(score, inputs, **own))
    ones = np.zeros(240, dtype=np.int64)
    x, y = (within_waves(v, columns.weight, ones) for v in (columns.matrix, columns.score))
    return x, y, columns.weight, columns.cluster


def test_slopes_and_errors_are_those_of_statsmodels(rows, monkeypatch):
    x, y, weight, cluster = rows
    monkeypatch.setattr(joint_tests, "MOST_LEFT_OUT", 0)
    own = fit_slopes(x, y, weight, cluster)
    design = sm.add_constant(x)
    kinds = {"cov_type": "cluster", "cov_kwds": {"groups": cluster}}
    other = sm.WLS(y, design, weights=weight).fit(**kinds)
    assert own.params == pytest.approx(other.params[1:], abs=1e-10)
    factor = (240 - 1) / (240 - 4)  # which statsmodels puts beside G / (G - 1)
    assert own.covariance * factor == pytest.approx(other.cov_params()[1:, 1:], rel=1e-8)
    wald = float(other.wald_test(np.eye(4)[1:3], use_f=False, scalar=True).statistic) * factor
    clusters = own.freedom + 1
    expected = f_distribution.sf(wald * (clusters - 2) / (2 * (clusters - 1)), 2, clusters - 2)
    assert p_value(own, [0, 1]) == pytest.approx(expected, rel=1e-6)


def test_of_few_clusters_errors_are_those_of_leaving_out_each(rows):
    x, y, weight, cluster = rows
    own = fit_slopes(x, y, weight, cluster)
    moved = []
    for one in range(cluster.max() + 1):
        stays = cluster != one
        fit = sm.WLS(y[stays], x[stays], weights=weight[stays]).fit()
        moved.append(fit.params - own.params)
    count = len(moved)
    expected = np.array(moved).T @ np.array(moved) * (count - 1) / count
    assert own.covariance == pytest.approx(expected, rel=1e-8)


def test_noise_is_called_a_driver_at_the_nominal_rate(monkeypatch):
    """Of 40 companies whose score goes with nothing: 5 in 100 are 2, over 7 are hardly chance."""
    monkeypatch.setattr(weighing, "resampled", lambda products, seed: resampled(products, draws=4))
    called = 0
    for seed in range(40):
        score, inputs, own = company(seed, n=200, effects=(0.0,) * 4)
        found = weigh(lay_out_drivers(table_of(score, inputs, **own)), {}, "customers")
        called += any(kind != NONE for kind in found.kinds.values())
    assert called <= 7


def test_what_only_follows_a_driver_is_told_apart_from_it():
    rng = np.random.default_rng(4)
    cause = rng.normal(size=500)
    follows = cause + rng.normal(size=500)
    score = np.clip(np.round(7 + 1.2 * cause + rng.normal(size=500)), 0, 10)
    found = find_drivers(table_of(score, {"cause": cause, "follows": follows}))
    assert (found["cause"].kind, found["follows"].kind) == (DRIVER, SHARED)
    assert found["follows"].importance["lmg"].conf_low > 0
    assert found["follows"].importance["last"].conf_low == 0.0


def test_what_is_told_twice_is_shared_out_and_said():
    score, inputs, own = company()
    inputs["again"] = 24 * inputs["help"]
    found = find_drivers(table_of(score, inputs, **own))
    one, other = (found[name].importance["lmg"].estimate for name in ("help", "again"))
    assert one == pytest.approx(other)
    assert found["help"].kind == found["again"].kind == SHARED
    assert found["again"].slope is None
    assert any(n.startswith("Help and Again determine one another") for n in found.notes)
    assert "again" not in found.odds.steps
    assert found.odds.refusal is None


def test_inputs_that_tell_nearly_the_same_are_said():
    score, inputs, own = company()
    inputs["nearly"] = inputs["help"] + 0.1 * np.random.default_rng(0).normal(size=600)
    columns = lay_out_drivers(table_of(score, inputs, **own))
    notes = weigh(columns, {}, "customers").notes
    assert any(n.startswith("Help and Nearly: other inputs tell nearly") for n in notes)


def test_what_moves_with_the_waves_alone_is_no_driver():
    rng = np.random.default_rng(5)
    wave = np.repeat(["a", "b", "c"], 200)
    level = np.repeat([0.0, 1.0, 2.0], 200)
    score = np.round(5 + level + rng.normal(size=600))
    inputs = {"drifts": level + rng.normal(size=600), "season": level}
    found = find_drivers(table_of(score, inputs, wave=wave))
    assert found["drifts"].kind == NONE
    assert found.refused == {"season": "it does not vary among the answers of a wave"}


def test_a_score_of_which_less_is_better_is_turned_round():
    rng = np.random.default_rng(6)
    waits = rng.normal(size=400)
    score = np.clip(np.round(4 + waits + rng.normal(size=400)), 1, 7)
    study = study_of("ces", better="lower")
    found = find_drivers(table_of(score, {"waits": waits}, study))
    assert found["waits"].slope.estimate < 0  # waiting goes with a worse score
    assert found["waits"].direction.sign == -1
    assert not found["waits"].direction.declared
    assert found.odds.steps["waits"][0].conf_high < 1


def test_categories_small_levels_and_unknown():
    rng = np.random.default_rng(7)
    channel = np.array(["web"] * 200 + ["shop"] * 100 + ["fax"] * 5 + ["telex"] * 5 + [None] * 90)
    score = np.round(6 + 2 * (channel == "shop") + rng.normal(size=400))
    columns = lay_out_drivers(table_of(score, {"channel": channel.astype(object)}))
    [one] = columns.inputs
    assert (one.base, one.levels, one.missing) == ("web", ("(missing)", "(other)", "shop"), 90)
    assert columns.matrix.sum(axis=0).tolist() == [90, 10, 100]
    assert columns.notes == ("Channel: 2 levels under 30 answers merged as (other).",)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.full(400, 3.0), "it is the same for every answer"),
        (np.where(np.arange(400) < 20, 1.0, np.nan), "it is known for 20 answers"),
        (np.array(["all"] * 400, dtype=object), "it is the same for every answer"),
    ],
)
def test_an_input_that_tells_nothing_takes_no_part(values, why):
    score, inputs, own = company(n=400)
    columns = lay_out_drivers(table_of(score, {**inputs, "odd": values}, **own))
    assert columns.refused["odd"].startswith(why)
    assert "odd" not in {one.driver.name for one in columns.inputs}


def test_answers_without_score_or_weight_take_no_part():
    score, inputs, own = company(n=400)
    weight = np.where(np.arange(400) < 30, 0.0, own["weight"])
    score[390:] = np.nan
    columns = lay_out_drivers(table_of(score, inputs, cluster=own["cluster"], weight=weight))
    assert columns.notes == ("40 answers without a score or a weight above 0 take no part.",)
    assert len(columns.score) == columns.rows.sum() == 360


def test_levels_that_are_spelled_alike_have_names_of_their_own():
    score, inputs, own = company(n=400)
    plan = np.array(["A", "a+", "b", "A-"], dtype=object)[np.arange(400) % 4]
    found = find_drivers(table_of(score, {"help": inputs["help"], "plan": plan}, **own))
    names = [e.name for e in found.odds.steps["plan"]]
    assert len(set(names)) == 3
    assert {e.term for e in found.odds.steps["plan"]} < {"A", "a+", "b", "A-"}


def test_too_few_are_refused():
    score, inputs, _ = company(n=400)
    with pytest.raises(ScarceDataError, match="no input can be set against"):
        find_drivers(table_of(score, {"still": np.ones(400)}))
    with pytest.raises(ScarceDataError, match="20 answers have a score"):
        find_drivers(table_of(score[:20], {"help": inputs["help"][:20]}))
    with pytest.raises(ScarceDataError, match="answers are of 4 customers"):
        find_drivers(table_of(score, inputs, cluster=np.arange(400) % 4))
    with pytest.raises(ScarceDataError, match="all answers of a wave have the same score"):
        find_drivers(table_of(np.full(400, 9.0), inputs))
    happy = np.where(np.arange(400) < 10, 3.0, 9.0)
    found = find_drivers(table_of(happy, {"help": inputs["help"]}))
    assert "10 answers are detractor" in str(found.odds.refusal)
    assert found.odds.steps == {}
    assert found.estimates


def test_a_must_have_is_told_apart_from_more_is_better():
    """Without working well (under 0) nobody is a promoter; friendliness only adds."""
    rng = np.random.default_rng(8)
    works, friendly = rng.normal(size=(2, 500))
    liking = 8 + 1.5 * rng.normal(size=500)
    capped = np.clip(np.round(np.where(works < 0, np.minimum(liking, 6), liking)), 0, 10)
    added = np.clip(np.round(7 + friendly + rng.normal(size=500)), 0, 10)
    found = find_drivers(table_of(capped, {"works": works}, better={"works": "higher"}))
    needed = found["works"].must_have
    assert needed.found
    assert needed.needed.estimate == works[capped >= 9].min() > 0
    assert needed.short == (works < needed.needed.estimate).sum()
    more = find_drivers(table_of(added, {"friendly": friendly}, better={"friendly": "higher"}))
    assert more["friendly"].kind == DRIVER
    assert more["friendly"].must_have.effect.p_value < 0.01  # empty, but as more being better is
    assert more["friendly"].must_have.effect.estimate > 0.1
    assert not more["friendly"].must_have.found
    enough = works > -0.05
    few = find_drivers(
        table_of(capped[enough], {"works": works[enough]}, better={"works": "higher"})
    )
    assert few["works"].must_have.short < 30
    assert not few["works"].must_have.found


def test_how_inputs_stand_and_which_matter_and_stand_badly():
    rng = np.random.default_rng(9)
    ratings = {
        "food": np.clip(np.round(2.5 + rng.normal(size=500)), 1, 5),
        "seats": np.clip(np.round(4.0 + rng.normal(size=500)), 1, 5),
    }
    late = np.r_[np.zeros(250), np.ones(250)][rng.permutation(500)]
    score = np.round(3 + 1.0 * ratings["food"] + 0.5 * ratings["seats"] + rng.normal(size=500))
    study = study_of(ratings=tuple(ratings))
    table = table_of(
        np.clip(score, 0, 10), {**ratings, "late": late}, study, better={"late": "lower"}
    )
    found = find_drivers(table)
    stands = {name: one.performance.estimate for name, one in found.findings.items()}
    assert stands["food"] == pytest.approx((ratings["food"].mean() - 1) / 4)
    assert stands["late"] == pytest.approx(0.5)
    assert [one.driver.name for one in found.priorities] == ["food"]
    error = ratings["food"].std(ddof=1) / 4 / np.sqrt(500)
    assert found["food"].performance.std_error == pytest.approx(error)


def test_halo_among_ratings_is_measured_and_importance_beyond_it():
    rng = np.random.default_rng(10)
    mood = rng.normal(size=500)
    rated = mood[:, None] + 0.6 * rng.normal(size=(500, 4))
    ratings = {f"r{k}": np.clip(np.round(3 + rated[:, k]), 1, 5) for k in range(4)}
    score = np.clip(
        np.round(6 + 1.2 * mood + 0.8 * (rated[:, 0] - mood) + rng.normal(size=500)), 0, 10
    )
    study = study_of(ratings=tuple(ratings))
    found = find_drivers(table_of(score, ratings, study))
    matrix = np.corrcoef(np.column_stack(list(ratings.values())).T)
    assert found.halo.share == pytest.approx(np.linalg.eigvalsh(matrix)[-1] / 4)
    assert found.halo.mean_correlation == pytest.approx(matrix[np.triu_indices(4, 1)].mean())
    assert found.halo.strong
    beyond = {n: one.importance["lmg_beyond_halo"].estimate for n, one in found.findings.items()}
    assert max(beyond, key=beyond.get) == "r0"
    component = np.column_stack(list(ratings.values()))
    component = (component - component.mean(axis=0)) / component.std(axis=0)
    held = component @ np.linalg.eigh(matrix)[1][:, -1]
    alone = np.corrcoef(held, score)[0, 1] ** 2
    assert sum(beyond.values()) == pytest.approx(found.r_squared.estimate - alone)


def test_an_input_that_counts_by_being_known_has_no_way_of_its_own():
    """Who has no ticket is happier, however long the others wait."""
    rng = np.random.default_rng(3)
    wait = np.where(rng.random(600) < 0.5, np.nan, rng.gamma(2.0, 10.0, 600))
    score = np.clip(np.round(7 + 2 * np.isnan(wait) + rng.normal(size=600)), 0, 10)
    for better in ({}, {"wait": "higher"}, {"wait": "lower"}):
        found = find_drivers(table_of(score, {"wait": wait}, better=better))
        assert (found["wait"].kind, found["wait"].way) == (DRIVER, 0)
        assert not found["wait"].against_declared
        assert found["wait"].direction.declared is bool(better)
        assert any("by whether it is known at all" in said for said in sentences(found))
