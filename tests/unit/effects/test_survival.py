import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from remission import MP, PLACEBO
from scipy import stats
from scipy.optimize import minimize

from cxroi.effects.survival import churn_survival
from cxroi.errors import ModelError, ScarceDataError
from cxroi.models import kaplan_meier as survival_steps
from cxroi.models.cox_arrays import ArrayLosses
from cxroi.moments.array_design import ArrayDesign
from cxroi.panel.building import build_panel
from cxroi.reading.tables import read_tables
from cxroi.report.shipped import demo_study
from cxroi.study.loading import load_study


def remission():
    """Two of each patient: neither curves nor Breslow's likelihood change, and events suffice."""
    parts = []
    for group, (weeks, events) in (("promoter", MP), ("passive", PLACEBO)):
        seen = np.arange(21) < events
        parts.append(pd.DataFrame({"group": group, "churn_days": weeks, "churn_seen": seen}))
    once = pd.concat(parts)
    third = once[once["group"] == "passive"].assign(group="detractor")
    frame = pd.concat([once, third] * 2, ignore_index=True)
    frame["churn_days"] = frame["churn_days"].astype(float)
    return frame.assign(churned_after=(frame["churn_seen"] & (frame["churn_days"] <= 13)) * 1.0)


def breslow(beta, days, seen, x):
    """Write Breslow's log partial likelihood out: one risk set an event."""
    eta = x @ beta
    return sum(eta[i] - np.log(np.exp(eta[days >= days[i]]).sum()) for i in np.flatnonzero(seen))


def maximised(days, seen, x):
    start = np.zeros(x.shape[1])
    return minimize(lambda beta: -breslow(beta, days, seen, x), start, tol=1e-10).x


@pytest.fixture
def survival_of(panel_of):
    def make(frame, **study):
        return churn_survival(panel_of(frame, {"churned": "yes_no"}, days=13, **study))

    return make


def test_share_still_there_at_the_end_of_the_window(survival_of):
    at = {e.term: e for e in survival_of(remission()).at_window}
    assert at["passive"].estimate == pytest.approx(4 / 21)  # no placebo patient is censored
    # log(-log S) by hand: exp(-+1.96 se / (S |log S|)).
    s, se = at["promoter"].estimate, at["promoter"].std_error
    width = 1.959964 * se / (s * abs(np.log(s)))
    interval = (at["promoter"].conf_low, at["promoter"].conf_high)
    assert interval == pytest.approx((s ** np.exp(width), s ** np.exp(-width)))


def test_breslows_likelihood_is_written_out_right():
    # Kleinbaum and Klein (2012), chapter 3: coefficient of placebo 1.509, ratio 4.523.
    days = np.array(MP[0] + PLACEBO[0], dtype=float)
    seen = np.concatenate([np.arange(21) < MP[1], np.ones(21, dtype=bool)])
    placebo = np.repeat([0.0, 1.0], 21)[:, None]
    assert maximised(days, seen, placebo) == pytest.approx([1.509], abs=5e-4)


def test_hazard_ratios_maximise_breslows_likelihood(survival_of):
    frame = remission()
    made = survival_of(frame)
    x = np.column_stack([frame["group"] == g for g in ("detractor", "promoter")]).astype(float)
    beta = maximised(frame["churn_days"].to_numpy(), frame["churn_seen"].to_numpy(), x)
    ratios = [e.estimate for e in made.hazard_ratios]
    assert ratios == pytest.approx(np.exp(beta), rel=1e-3)
    # Detractors are copies of the placebo patients, passives are them: no difference.
    assert ratios[0] == pytest.approx(1, rel=1e-3)
    assert made.hazard_ratios[1].contrast == "promoter / passive"
    assert made.hazard_ratios[1].conf_high < 1


def test_influence_in_a_cox_model_is_near_the_jackknife():
    rng = np.random.default_rng(5)
    x = np.column_stack([rng.random(150) < 0.5, rng.normal(size=150)]).astype(float)
    days = np.ceil(rng.exponential(np.exp(-x @ [0.7, 0.4]) * 20))  # with ties
    seen = rng.random(150) < 0.7
    beta = maximised(days, seen, x)
    step = 1e-3

    def at(a, b):
        return breslow(beta + step * (a * np.eye(2)[0] + b * np.eye(2)[1]), days, seen, x)

    off = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4
    curve = [[at(1, 0) - 2 * at(0, 0) + at(-1, 0), off], [off, at(0, 1) - 2 * at(0, 0) + at(0, -1)]]
    covariance = np.linalg.inv(-np.array(curve) / step**2)
    losses = ArrayLosses(ArrayDesign(("a", "b"), x), days, seen.astype(float))
    psi = np.column_stack(losses.score_residuals(beta, list(covariance))[0])
    left_out = list(range(0, 150, 10))
    change = [
        beta - maximised(np.delete(days, i), np.delete(seen, i), np.delete(x, i, axis=0))
        for i in left_out
    ]
    # First order: the infinitesimal jackknife differs from it by about one part in n / leverage.
    assert psi[left_out] == pytest.approx(np.array(change), abs=0.12 * np.abs(psi).max())
    assert np.corrcoef(psi[left_out].ravel(), np.ravel(change))[0, 1] > 0.99


def test_cox_errors_are_robust_and_do_not_shrink_with_repeated_rows(survival_of):
    frame = remission().assign(customer=[f"c{i}" for i in range(126)])
    once = survival_of(frame)
    many = survival_of(pd.concat([frame] * 3))
    assert len(once.hazard_ratios) == 2
    for a, b in zip(once.hazard_ratios, many.hazard_ratios, strict=True):
        assert b.estimate == pytest.approx(a.estimate, rel=1e-6)
        assert b.std_error == pytest.approx(a.std_error, rel=1e-6)


def test_hazard_ratios_of_declared_clusters_have_students_interval(survival_of):
    frame = remission().assign(cluster=[f"a{i // 3}" for i in range(126)])  # three to each
    ratios = survival_of(frame).hazard_ratios
    assert len(ratios) == 2
    for ratio in ratios:
        log, half = np.log(ratio.estimate), stats.t(41).ppf(0.975) * ratio.std_error
        assert (ratio.conf_low, ratio.conf_high) == pytest.approx(
            (np.exp(log - half), np.exp(log + half))
        )
        assert ratio.p_value == pytest.approx(2 * stats.t(41).sf(abs(log) / ratio.std_error))
        assert "Student interval with 42 effective clusters" in ratio.method


def test_all_lost_yields_figures_that_can_be_written(survival_of):
    frame = remission().assign(churn_days=lambda f: f["churn_days"].clip(upper=13))
    frame["churn_seen"] = True
    made = survival_of(frame.assign(churned_after=np.arange(126) % 2))
    assert [e.estimate for e in made.at_window] == [0, 0, 0]
    json.dumps([e.as_dict() for e in made.at_window], allow_nan=False)


def test_undated_churn_is_refused(panel_of):
    frame = remission().drop(columns=["churn_days"])
    with pytest.raises(ModelError, match="churn is not dated"):
        churn_survival(panel_of(frame, {"churned": "yes_no"}))


def test_rare_losses_are_refused(survival_of):
    frame = remission()
    of = frame.index[frame["group"] == "promoter"]
    frame.loc[of, "churn_seen"] = False
    frame.loc[of[:9], "churn_seen"] = True
    with pytest.raises(ScarceDataError, match="'promoter' has 9 dated losses"):
        survival_of(frame)


def test_a_control_that_is_the_group_is_refused(survival_of):
    frame = remission()
    frame["attr_fan"] = np.where(frame["group"] == "promoter", "yes", "no")
    with pytest.raises(ModelError, match="collinear"):
        survival_of(frame, controls=("fan",))


def test_a_control_without_any_loss_is_refused(survival_of):
    frame = pd.concat([remission()] * 3, ignore_index=True)
    frame["attr_kept"] = np.where(frame.index % 4, "no", "yes")
    frame.loc[frame["attr_kept"] == "yes", "churn_seen"] = False
    with pytest.raises(ModelError, match=r"kept = yes .*determines 'churn'"):
        survival_of(frame, controls=("kept",))


@pytest.fixture(scope="module")
def demo():
    study = load_study(demo_study())
    return [build_panel(read_tables(study), fits=fits) for fits in ("rows", "engine")]


@pytest.fixture(scope="module")
def both(demo):
    return [churn_survival(panel) for panel in demo]


def test_sums_in_the_engine_give_the_same_estimates(both):
    memory, engine = ((*s.at_window, *s.hazard_ratios) for s in both)
    assert both[0].at_window
    assert both[0].hazard_ratios
    for one, other in zip(memory, engine, strict=True):
        for name in ("estimate", "conf_low", "conf_high", "std_error", "statistic", "p_value"):
            known = getattr(one, name)
            assert getattr(other, name) == (known and pytest.approx(known, rel=1e-8)), name
        names = ("name", "n", "method", "unit", "term", "contrast")
        assert [getattr(other, n) for n in names] == [getattr(one, n) for n in names]


def test_sums_in_the_engine_give_the_same_curves_and_coefficients(both):
    memory, engine = both
    pd.testing.assert_frame_equal(engine.curves, memory.curves, rtol=1e-9)
    assert engine.model.params == pytest.approx(np.asarray(memory.model.params), rel=1e-8)
    assert engine.model.covariance == pytest.approx(memory.model.cov_params(), rel=1e-6)


def test_curves_are_thinned_and_estimates_are_not(demo, both, monkeypatch):
    monkeypatch.setattr(survival_steps, "MOST_STEPS", 20)
    thinned, whole = churn_survival(demo[1]), both[1]
    assert thinned.at_window == whole.at_window
    sizes = thinned.curves.groupby("group").size()
    assert (sizes >= 20).all()
    assert (sizes <= 22).all()
    shared = thinned.curves.merge(whole.curves, how="left", on=list(whole.curves.columns))
    assert len(shared) == len(thinned.curves)
    for label, part in whole.curves.groupby("group"):
        own = thinned.curves[thinned.curves["group"] == label]["days"]
        assert [own.min(), own.max()] == [part["days"].min(), part["days"].max()]


def small(panel, churn_days, churn_seen):
    """The panel of the demo in its engine, with other times of churn."""
    rows = panel.rows
    names = ", ".join(f'"{n}"' for n in rows.types if n not in ("churn_days", "churn_seen"))
    times = f"{churn_days} AS churn_days, {churn_seen} AS churn_seen"
    relation = f"(SELECT {names}, {times} FROM {rows.relation} AS q)"
    return replace(panel, rows=replace(rows, relation=relation, known={}))


def test_ties_and_losses_of_all_at_risk_give_the_same(demo):
    # Whole months, so that most times are shared; whoever stays longest is lost.
    tied = small(
        demo[1], "least(ceil(churn_days / 30e0), 12e0)", "(churn_seen OR churn_days > 330)"
    )
    memory, engine = churn_survival(tied.brought_into_memory()), churn_survival(tied)
    for one, other in zip(memory.hazard_ratios, engine.hazard_ratios, strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(one.std_error, rel=1e-8)
    assert memory.curves["survival"].min() == 0
    pd.testing.assert_frame_equal(engine.curves, memory.curves, rtol=1e-9)


def test_rare_losses_are_refused_from_sums(demo):
    with pytest.raises(ScarceDataError, match="has 0 dated losses"):
        churn_survival(small(demo[1], "churn_days", "(1 = 0)"))


def test_a_control_without_any_loss_is_refused_from_sums(demo):
    [(level,)] = demo[1].rows.engine.fetch(f"SELECT min(attr_segment) FROM {demo[1].rows.relation}")
    labelled = small(demo[1], "churn_days", f"(churn_seen AND attr_segment <> '{level}')")
    said = []
    for panel in (labelled, labelled.brought_into_memory()):
        with pytest.raises(ModelError, match=f"segment = {level}.* determines 'churn'") as caught:
            churn_survival(panel)
        said.append(str(caught.value))
    assert said[0] == said[1]
