import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from journey_tables import stand

from cxroi.errors import ModelError
from cxroi.journeys.score_changes import before_change
from cxroi.journeys.scores import score_named

START = pd.Timestamp("2026-01-01")
FIRST, SECOND = 100, 200  # days of the two answers
MIDDLES = {-3: 25, -2: 55, -1: 85, 0: 185, 1: 215, 2: 245, 3: 275}


def world(customers, rates, seed=0):
    """Answers and contacts: `rates` of (first group, who fell, period) by hand."""
    rng = np.random.default_rng(seed)
    answers, contacts = [], []
    for k in range(customers):
        first = ("promoter", "passive")[k % 2]
        fell = rng.random() < 0.4
        start = {"promoter": 10, "passive": 7}[first]
        answers += [(f"c{k}", FIRST, start), (f"c{k}", SECOND, start - 4 if fell else start)]
        for period, day in MIDDLES.items():
            times = rng.poisson(rates(first, fell, period))
            contacts += [(f"c{k}", day + rng.uniform(-14, 14), period)] * times
    return {
        "responses": frame(answers, ["customer", "answered_at", "score"]),
        "contacts": frame(contacts, ["customer", "opened_at", "period"]),
    }


def frame(rows, columns):
    made = pd.DataFrame(rows, columns=columns)
    made[columns[1]] = START + pd.to_timedelta(made[columns[1]].astype(float), unit="D")
    return made.assign(row=range(len(made)))


def planted(first, fell, period):
    """Promoters contact half as often; those who fell twice as often just before it."""
    return (0.4 if first == "promoter" else 0.8) * (2 if fell and period == 0 else 1)


def wide(frames):
    """One row a customer: first group, whether it fell, contacts by period; by pandas."""
    answers = frames["responses"].sort_values(["customer", "answered_at"])
    scores = answers.groupby("customer")["score"].agg(["first", "last"])
    counts = frames["contacts"].pivot_table(
        index="customer", columns="period", values="row", aggfunc="count", fill_value=0
    )
    made = scores.join(counts).fillna(0)
    return made.assign(fell=(made["last"] < made["first"]).astype(int))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    frames = world(800, planted)
    early = pd.DataFrame({"customer": ["early"], "opened_at": [START], "period": [-9], "row": [-1]})
    frames["contacts"] = pd.concat([frames["contacts"], early])
    tables = stand(tmp_path_factory.mktemp("s"), frames)
    return wide(frames), before_change(tables, score_named(tables), "contacts")


def standardised(table, value):
    """Difference of those who fell to those who stayed, by first score; mix of those who fell."""
    by = table.assign(v=value).groupby(["first", "fell"])["v"].mean().unstack()
    mix = table[table["fell"] == 1]["first"].value_counts(normalize=True)
    return float(((by[1] - by[0]) * mix).sum())


def test_differences_are_those_of_pandas(found):
    table, change = found
    pre = table[[-3, -2, -1]].mean(axis=1)
    for period, one in zip((0, 1, 2, 3), change.periods, strict=True):
        assert one.estimate == pytest.approx(standardised(table, table[period] - pre))
    for period, one in zip((-3, -2, -1), change.before, strict=True):
        assert one.estimate == pytest.approx(standardised(table, table[period]))
    assert (change.changed, change.stayed) == (table["fell"].sum(), (table["fell"] == 0).sum())
    assert set(change.tidy()["unit"]) == {change.periods[0].unit}
    assert change.periods[0].unit.endswith(" per customer in 30 days")


def test_errors_are_those_of_a_regression_with_a_mean_for_each_cell(found):
    """statsmodels, HC0, on cell means: the same contrast of the same four means."""
    table, change = found
    value = table[0] - table[[-3, -2, -1]].mean(axis=1)
    cells = pd.DataFrame(
        {"v": value, "cell": table["first"].astype(str) + table["fell"].astype(str)}
    )
    fit = smf.ols("v ~ 0 + cell", cells).fit(cov_type="HC0")
    mix = table[table["fell"] == 1]["first"].value_counts(normalize=True)
    load = [mix[int(name[5:-2])] * (1 if name.endswith("1]") else -1) for name in fit.params.index]
    test = fit.t_test(load)
    n = len(table)
    assert change.periods[0].std_error == pytest.approx(test.sd.item() * np.sqrt(n / (n - 1)))


def test_what_was_planted_is_found_and_nothing_before_it(found):
    _, change = found
    just_before, *after = change.periods
    assert just_before.p_value < 1e-6
    assert just_before.conf_low < 0.6 < just_before.conf_high  # (0.4 + 0.8) / 2 more
    assert change.pre_trend.p_value > 0.05
    assert "No difference in trend" in change.pre_trend.note
    assert all(one.p_value > 0.01 for one in after)


def test_groups_that_drifted_apart_before_are_told(tmp_path):
    frames = world(400, lambda _, fell, period: 1.5 if fell and period == -1 else 0.5, seed=1)
    frames["contacts"].loc[0, "opened_at"] = START
    tables = stand(tmp_path, frames)
    change = before_change(tables, score_named(tables), "contacts")
    assert change.pre_trend.p_value < 0.001
    assert "drifted apart" in change.pre_trend.note


def test_refusals_name_what_is_there(tmp_path):
    tables = stand(tmp_path, world(20, planted))
    with pytest.raises(ModelError, match="Did you mean 'contacts'"):
        before_change(tables, score_named(tables), "contact")
    with pytest.raises(ModelError, match="nothing is said of fewer than 30"):
        before_change(tables, score_named(tables), "contacts", direction="rose")
