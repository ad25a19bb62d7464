from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import make_dated_study, make_panel, make_study

from cxroi.effects.adjusted import regress_outcome
from cxroi.effects.answered_again import answered_again
from cxroi.effects.within import change_within
from cxroi.engine.engines import DuckDB
from cxroi.errors import ModelError, ScarceDataError
from cxroi.panel.building import build_panel
from cxroi.panel.rows import make_rows
from cxroi.reading.tables import read_tables
from cxroi.report.shipped import demo_study
from cxroi.study.loading import load_study


def answers(n=300, waves=3, seed=1, trait=2.0):
    """Customers with a lasting trait behind both score and spend; the effect of a group is 1."""
    rng = np.random.default_rng(seed)
    lasting = np.repeat(rng.normal(size=n), waves)
    liking = lasting + rng.normal(size=n * waves)
    score = np.select([liking < -0.7, liking < 0.7], [3.0, 7.0], 10.0)
    before = rng.normal(size=n * waves)
    group = np.searchsorted([7, 9], score, side="right")
    frame = pd.DataFrame(
        {
            "customer": np.repeat([f"c{k}" for k in range(n)], waves),
            "wave": np.tile([f"2026Q{k + 1}" for k in range(waves)], n),
            "score": score,
            "x_after": 10 + group + trait * lasting + 0.5 * before + rng.normal(size=n * waves),
            "attr_before": before,
            "attr_segment": np.where(lasting > 0, "a", "b"),
        }
    )
    frame["x_after"] += frame["wave"].map({"2026Q1": 0.0, "2026Q2": 2.0, "2026Q3": -1.0})
    return frame[rng.random(len(frame)) < 0.8]


def within(panel):
    return change_within(panel, regress_outcome(panel, "x"))


@pytest.fixture
def panel(panel_of):
    return panel_of(answers(), {"x": "amount"}, controls=["before", "segment"])


def test_estimate_and_error_are_those_of_a_dummy_for_every_customer(panel):
    """Least squares with all dummies; clustered sandwich with the factor G / (G - k)."""
    found, frame = within(panel), panel.frame
    frame = frame[frame.groupby("customer")["wave"].transform("size") > 1]
    groups = pd.get_dummies(frame["group"])[["detractor", "promoter"]]
    waves = pd.get_dummies(frame["wave"], drop_first=True)
    people = pd.get_dummies(frame["customer"])
    some = pd.concat([groups, waves, frame["attr_before"]], axis=1).astype(float)
    exog = pd.concat([some, people], axis=1).astype(float)
    fit = sm.OLS(frame["x_after"].astype(float), exog).fit()
    assert found.estimate.estimate == pytest.approx(fit.params["promoter"], rel=1e-8)
    apart = (some - some.groupby(frame["customer"]).transform("mean")).to_numpy()
    score = pd.DataFrame(apart * fit.resid.to_numpy()[:, None]).groupby(
        frame["customer"].to_numpy()
    )
    bread, summed = np.linalg.inv(apart.T @ apart), score.sum().to_numpy()
    count, columns = summed.shape
    variance = bread @ summed.T @ summed @ bread * count / (count - columns)
    assert found.estimate.std_error == pytest.approx(np.sqrt(variance[1, 1]), rel=1e-6)
    assert found.estimate.n == len(frame)


def test_what_lasts_about_a_customer_drops_out(panel_of):
    panel = panel_of(answers(2_000), {"x": "amount"}, controls=["before"])
    regression = regress_outcome(panel, "x")
    found = change_within(panel, regression).estimate
    assert regression.adjusted.estimate > 1.5  # the lasting trait is in it
    assert abs(found.estimate - 1) < 3 * found.std_error


def apart(panel):
    """The error of the difference, from influence values summed over units by pandas."""
    regression = regress_outcome(panel, "x")
    found = change_within(panel, regression)
    both = pd.DataFrame({"own": found.influence, "other": regression.influence[1]})
    summed = both.groupby(panel.frame["cluster"].to_numpy()).sum()
    shared = (summed["own"] * summed["other"]).sum()
    variance = found.estimate.std_error**2 + regression.contrast.std_error**2 - 2 * shared
    return found.difference, np.sqrt(variance), shared


@pytest.mark.parametrize("accounts", [0, 60])
def test_the_difference_is_tested_on_the_customers_that_both_are_made_of(panel_of, accounts):
    frame = answers()
    if accounts:  # some of their customers answered once, and count in the other gap alone
        frame["cluster"] = frame["customer"].str[1:].astype(int) % accounts
    panel = panel_of(frame, {"x": "amount"}, controls=["before", "segment"])
    difference, error, shared = apart(panel)
    assert shared > 0
    assert difference.std_error == pytest.approx(error, rel=1e-9)
    assert ("Student interval" in difference.method) == bool(accounts)


def test_the_difference_varies_as_its_error_says(panel_of):
    """Over 60 panels without a lasting trait; as if independent it would be a third larger."""
    made = []
    for seed in range(60):
        panel = panel_of(answers(seed=seed, trait=0.0), {"x": "amount"}, controls=["before"])
        found = within(panel).difference
        made.append((found.estimate, found.std_error))
    values, errors = np.array(made).T
    assert values.std(ddof=1) == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.2)


def test_who_counts_as_changed(panel):
    frame = panel.frame
    passive = set(frame.loc[frame["group"] == "passive", "customer"])
    promoter = set(frame.loc[frame["group"] == "promoter", "customer"])
    found = within(panel)
    assert found.changed == len(passive & promoter)
    assert f"{found.changed} customers were in both groups" in found.estimate.method
    alone = frame.groupby("customer")["wave"].transform("size") == 1
    assert np.all(found.influence[alone] == 0)


def test_a_control_that_grows_with_time_alone_drops_out(panel_of):
    frame = answers()
    frame["attr_tenure"] = frame["wave"].str[-1].astype(float)
    plain = within(panel_of(frame, {"x": "amount"}, controls=["before"]))
    longer = within(panel_of(frame, {"x": "amount"}, controls=["before", "tenure"]))
    assert longer.estimate.estimate == pytest.approx(plain.estimate.estimate, rel=1e-9)


def test_one_wave_is_refused(panel_of):
    frame = answers()
    panel = panel_of(frame[frame["wave"] == "2026Q1"], {"x": "amount"}, controls=["before"])
    with pytest.raises(ModelError, match="one wave"):
        within(panel)


def test_few_who_changed_are_refused(panel_of):
    frame = answers()
    frame["customer"] = frame["customer"] + frame["score"].astype(str)
    with pytest.raises(ScarceDataError, match="0 customers were in both"):
        within(panel_of(frame, {"x": "amount"}, controls=["before"]))


def test_cancelling_happens_once(tmp_path):
    frame = answers()
    rng = np.random.default_rng(1)
    for name in ("retained", "churned", "spend", "orders", "repeat_purchase"):
        frame[f"{name}_after"] = rng.integers(0, 2, len(frame)).astype(float)
    panel = make_panel(make_dated_study(tmp_path), frame)
    for outcome in ("retained", "churned"):
        with pytest.raises(ModelError, match="happens once"):
            change_within(panel, regress_outcome(panel, outcome))


def test_weights_are_used_in_the_customers_means_too(tmp_path):
    """Weighted least squares with a dummy for every customer."""
    frame = answers()
    frame["weight"] = np.random.default_rng(5).uniform(0.5, 2, len(frame))
    panel = make_panel(make_study(tmp_path, {"x": "amount"}), frame)
    found, frame = within(panel), panel.frame
    frame = frame[frame.groupby("customer")["wave"].transform("size") > 1]
    groups = pd.get_dummies(frame["group"])[["detractor", "promoter"]]
    waves = pd.get_dummies(frame["wave"], drop_first=True)
    exog = pd.concat([groups, waves, pd.get_dummies(frame["customer"])], axis=1).astype(float)
    fit = sm.WLS(frame["x_after"].astype(float), exog, weights=frame["weight"]).fit()
    assert found.estimate.estimate == pytest.approx(fit.params["promoter"], rel=1e-8)


ASIDE = "the baseline of a later answer holds the outcome of the earlier one"


@pytest.fixture
def dated(tmp_path):
    """A panel of a dated study whose answers of a customer lie `days` apart."""

    def make(days, outcome=90, baseline=90, undated=False):
        frame = answers()
        for name in ("retained", "churned", "spend", "orders", "repeat_purchase"):
            frame[f"{name}_after"] = frame["x_after"]
        more = {"baseline_days = 90": f"baseline_days = {baseline}"}
        more["outcome_days = 90"] = f"outcome_days = {outcome}"
        study = make_dated_study(tmp_path)
        text = study.path.read_text()
        for old, new in more.items():
            text = text.replace(old, new)
        study.path.write_text(text)
        panel = make_panel(load_study(study.path), frame)
        wave = panel.frame["wave"].str[-1].astype(int)
        if not undated:
            panel.frame["answered_at"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(
                days * wave, unit="D"
            )
        return change_within(panel, regress_outcome(panel, "spend"))

    return make


def test_overlapping_outcome_windows_are_refused(dated):
    # Of three waves some leave the middle one out: the median is still of neighbouring waves.
    with pytest.raises(ModelError, match="within 60 days, and outcomes are counted over 90 days"):
        dated(60)


@pytest.mark.parametrize(
    ("days", "outcome", "baseline", "said"),
    [(90, 90, 90, True), (179, 90, 90, True), (180, 90, 90, False), (91, 60, 30, False)],
)
def test_adjoining_windows_are_said(dated, days, outcome, baseline, said):
    note = dated(days, outcome, baseline).estimate.note
    assert (ASIDE in note) == said
    assert note.startswith("of those who changed groups")


def test_answers_without_dates_say_nothing_of_windows(dated, panel):
    assert ASIDE not in dated(0, undated=True).estimate.note
    panel.frame["answered_at"] = pd.Timestamp("2025-01-01")  # a flat study has no windows
    assert ASIDE not in within(panel).estimate.note


def test_few_clusters_that_changed_are_refused(panel_of):
    frame = answers()
    number = frame["customer"].str[1:].astype(int)
    for clusters, refused in ((29, True), (40, False)):
        frame["cluster"] = np.where(number < 200, number % clusters, number)
        # Only the first 200 customers change groups.
        frame["score"] = np.where(
            number < 200, frame["score"], np.take([3.0, 7.0, 10.0], number % 3)
        )
        panel = panel_of(frame, {"x": "amount"}, controls=["before"])
        if refused:
            with pytest.raises(ScarceDataError, match=r"customers of 2\d clusters were in both"):
                within(panel)
            continue
        found = within(panel).estimate
        assert "errors clustered by declared cluster, Student interval with" in found.method
        assert found.conf_high > found.estimate + 1.97 * found.std_error


def in_engine(panel):
    """The same panel with its rows in an engine."""
    frame = panel.frame.drop(columns="group")
    frame = frame.assign(response=range(len(frame)), wave=frame["wave"].astype(str))
    frame["cluster"] = frame["cluster"].factorize()[0]
    engine = DuckDB(duckdb.connect())
    engine.connection.register("known", frame)
    engine.execute("CREATE TEMP TABLE joined AS SELECT * FROM known")
    scale, categories = panel.study.scale, ["attr_segment"]
    rows = make_rows(engine, "joined", scale=scale, cuts=scale.cuts, categories=categories)
    moved = replace(panel, rows=rows)
    moved.__dict__["unit"] = panel.unit
    return moved


def same(one, other):
    for name in ("estimate", "conf_low", "conf_high", "std_error", "statistic", "p_value"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-8), name
    assert (other.n, other.term, other.note) == (one.n, one.term, one.note)
    where = "fitted to rows in memory", "fitted from sums in DuckDB"
    assert other.method == one.method.replace(*where)


def test_sums_in_the_engine_give_the_same(panel):
    memory, engine = within(panel), within(in_engine(panel))
    same(memory.estimate, engine.estimate)
    same(memory.difference, engine.difference)
    assert engine.changed == memory.changed
    assert engine.influence is None


def test_sums_in_the_engine_give_the_same_with_weights_and_clusters(panel_of):
    frame = answers()
    frame["weight"] = np.random.default_rng(5).uniform(0.5, 2, len(frame))
    frame["cluster"] = frame["customer"].str[1:].astype(int) % 60
    panel = panel_of(frame, {"x": "amount"}, controls=["before", "segment"])
    memory, engine = within(panel), within(in_engine(panel))
    assert "Student interval" in memory.estimate.method
    same(memory.estimate, engine.estimate)
    same(memory.difference, engine.difference)


def test_sums_in_the_engine_give_the_same_of_the_demo():
    study = load_study(demo_study())
    panels = [build_panel(read_tables(study), fits=fits) for fits in ("rows", "engine")]
    memory, engine = (change_within(p, regress_outcome(p, "orders")) for p in panels)
    same(memory.estimate, engine.estimate)
    left = panels[1].tables.engine.fetch("SELECT table_name FROM duckdb_tables()")
    assert not [name for (name,) in left if name.startswith("within_")]


def test_few_who_changed_are_refused_from_sums(panel_of):
    frame = answers()
    frame["customer"] = frame["customer"] + frame["score"].astype(str)
    panel = panel_of(frame, {"x": "amount"}, controls=["before"])
    with pytest.raises(ScarceDataError, match="0 customers were in both"):
        within(in_engine(panel))


@pytest.mark.parametrize("days", [60, 91])
def test_days_between_answers_are_the_same_from_sums(tmp_path, days):
    frame = answers().assign(spend_after=lambda f: f["x_after"])
    for name in ("retained", "churned", "orders", "repeat_purchase"):
        frame[f"{name}_after"] = 0.0
    panel = make_panel(make_dated_study(tmp_path), frame)
    wave = panel.frame["wave"].str[-1].astype(int)
    panel.frame["answered_at"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(days * wave, "D")
    panel.frame.loc[:9, "answered_at"] = pd.NaT
    setting = regress_outcome(panel, "spend").fitted.setting
    moved = in_engine(panel)
    assert answered_again(panel, setting).days() == days
    there = regress_outcome(moved, "spend").fitted.setting
    assert answered_again(moved, there).days() == days
