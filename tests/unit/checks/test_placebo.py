import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from doubly_robust_by_hand import Columns, contrast
from panels import customers
from scipy import stats

from cxroi.analysis import analyse
from cxroi.checks import placebo
from cxroi.checks.placebo import _meaning, _verdict, placebo_check
from cxroi.checks.result import FAILED, PASSED, WARNING
from cxroi.checks.tools.baseline_gap import baseline_of
from cxroi.errors import ModelError
from cxroi.panel.building import build_panel
from cxroi.panel.windows import rebuild_windows
from cxroi.reading.tables import read_tables
from cxroi.report.shipped import demo_study
from cxroi.results.estimate import Estimate
from cxroi.study.loading import load_study

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
POISSON = sm.families.Poisson()
DAY = pd.Timedelta(days=1)
SHOP = """
[study]
name = "Shop"
currency = "EUR"
complete_until = 2026-07-29
{more}
[tables.responses]
path = "responses.csv"
customer = "id"
score = "score"
answered_at = "at"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[scale]
kind = "nps"
[churn]
definition = "no_purchase"
[windows]
baseline_days = 90
outcome_days = 90
"""


def shop(folder, *, lasting=0.0, score_on_past=0.0, history=360, seed=5, n=2500, more=""):
    """Customers who order in every 90 days; the score follows a trait, or the last 90 days.

    Orders of one 90 days drive those of the next; a lasting trait raises all of them. There is
    no effect of the score.
    """
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    answered = pd.Timestamp("2026-03-01 12:00") + rng.integers(0, 60, n) * DAY
    count, rows = rng.poisson(1.0, n), []
    for window in range(-history // 90, 1):
        count = rng.poisson(np.exp(-0.2 + 0.3 * np.arcsinh(count) + lasting * trait))
        if window == -1:
            liking = score_on_past * (count - count.mean()) + 2 * lasting * trait
            liking += rng.normal(size=n)
            score = np.select([liking < -0.6, liking < 0.6], [4, 8], 10)
        who = np.repeat(np.arange(n), count)
        # An hour clear of the edges, which lie at the same time of day as the answer.
        at = answered[who] + (90 * window + rng.uniform(0.05, 89.95, len(who))) * DAY
        amount = rng.gamma(2.0, 20.0, len(who)).round(2)
        rows.append(pd.DataFrame({"id": who, "at": at, "amount": amount}))
    orders = pd.concat(rows).assign(at=lambda f: f["at"].dt.floor("s"))
    orders.to_csv(folder / "orders.csv", index=False)
    responses = pd.DataFrame({"id": np.arange(n), "score": score, "at": answered})
    responses.to_csv(folder / "responses.csv", index=False)
    (folder / "study.toml").write_text(SHOP.format(more=more), encoding="utf-8")
    return analyse(build_panel(read_tables(load_study(folder / "study.toml"))))


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lasting")
    return folder, shop(folder, lasting=0.5, n=4000)


@pytest.fixture(scope="module")
def reverse(tmp_path_factory):
    """Spending drives the score, and its own future, through the baseline alone."""
    folder = tmp_path_factory.mktemp("reverse")
    return folder, shop(folder, score_on_past=0.8)


def by_hand(folder, panel, frm, to):
    """Count and add up orders in days (-frm, -to) before the answer with pandas."""
    orders = pd.read_csv(folder / "orders.csv", parse_dates=["at"])
    answers = panel.frame[["customer", "answered_at"]].reset_index()
    joined = answers.assign(id=answers["customer"].astype(int)).merge(orders, on="id")
    days = (joined["at"] - joined["answered_at"]) / DAY
    inside = joined[(days >= -frm) & (days < -to)].groupby("index")["amount"]
    found = inside.agg(["size", "sum"]).reindex(panel.frame.index, fill_value=0)
    return found["size"].to_numpy(dtype=float), found["sum"].to_numpy(dtype=float)


def test_window_before_the_baseline_is_what_pandas_counts(lasting):
    folder, analysis = lasting
    panel, query = analysis.panel, "SELECT sum(spend_before), count(*) FROM orders_windows"
    once = panel.tables.connection.execute(query).fetchone()
    found = rebuild_windows(panel, outcome_days=90, baseline_days=90, earlier=90, roles=["orders"])
    count, amount = by_hand(folder, panel, 180, 90)
    assert count.sum() > 1000
    assert found.values("orders_before").tolist() == count.tolist()
    assert found.values("spend_before") == pytest.approx(amount)
    assert panel.frame["orders_before"].tolist() == by_hand(folder, panel, 90, 0)[0].tolist()
    # the panel's own tables stay as they are
    assert panel.tables.connection.execute(query).fetchone() == once


def gap_by_hand(frame, outcome, held, passive, promoter):
    """The doubly robust contrast of a column, worked out by other means."""
    values = frame[outcome].to_numpy(dtype=float)
    columns = held.of(frame.assign(weight=1.0))
    sides = passive.to_numpy(), promoter.to_numpy()
    return contrast(values, columns, np.ones(len(frame)), *sides).estimate


def test_estimate_is_that_by_other_means_with_all_baselines_held_equal(lasting):
    folder, analysis = lasting
    panel = analysis.panel
    data = panel.frame.assign(
        g=panel.frame["group"].astype(str),
        earlier=by_hand(folder, panel, 180, 90)[0],
    )
    held = Columns(amounts=("spend_before",), counts=("orders_before",), waves=True)
    expected = gap_by_hand(data, "earlier", held, data["g"] == "passive", data["g"] == "promoter")
    check = placebo_check(analysis, "orders")
    assert check.estimate.estimate == pytest.approx(expected, rel=1e-6)
    assert check.estimate.name == "check.placebo.orders"
    assert check.estimate.n == data["g"].isin(["passive", "promoter"]).sum()
    assert check.table["term"].tolist() == [
        "before the baseline",
        "in the baseline",
        "after the answer",
    ]
    assert check.table["estimate"].iloc[2] == analysis.regressions["orders"].contrast.estimate


@pytest.mark.parametrize("outcome", ["spend", "orders", "repeat_purchase", "retained", "churned"])
def test_fires_on_a_lasting_trait_that_is_not_measured(lasting, outcome):
    check = placebo_check(lasting[1], outcome)
    assert check.verdict == FAILED
    sign = -1 if outcome == "churned" else 1
    assert min(sign * check.estimate.conf_low, sign * check.estimate.conf_high) > 0
    assert "points to something that lasted and is not held equal: a trait" in check.sentence
    assert "or satisfaction itself" in check.sentence
    assert check.sentence.startswith("180 to 90 days before the answer the gap in ")
    assert "; if tables reach back so far)" in check.sentence
    assert len(check.sentence.split()) <= 85


@pytest.mark.parametrize("outcome", ["spend", "orders", "repeat_purchase"])
def test_quiet_where_spending_drives_the_score_through_the_baseline_alone(reverse, outcome):
    check = placebo_check(reverse[1], outcome)
    assert check.verdict == PASSED
    assert check.estimate.conf_low < 0 < check.estimate.conf_high
    # though the groups were far apart in the baseline itself
    assert check.table["conf_low"].iloc[1] > 0
    assert "In the baseline itself the gap was " in check.sentence
    assert check.sentence.endswith("; the adjusted gap holds that equal.")


def test_staying_and_leaving_are_mirrors(lasting):
    stay, leave = (placebo_check(lasting[1], name).estimate for name in ("retained", "churned"))
    assert stay.estimate == pytest.approx(-leave.estimate, rel=1e-6)


def gap(value, error):
    half = 1.96 * error
    p = 2 * stats.norm.sf(abs(value) / error)
    return Estimate("g", value, value - half, value + half, error, "EUR", 100, "hand", p_value=p)


@pytest.mark.parametrize(
    ("earlier", "adjusted", "matters", "tests", "verdict", "words"),
    [
        (gap(1, 2), gap(10, 2), 0, 1, PASSED, "Nothing that lasted"),
        (gap(1, 2.9), gap(0, 2), 2, 1, PASSED, "Nothing that lasted"),  # under what matters
        (gap(1, 2.9), gap(0, 2), 1, 1, WARNING, "is not excluded"),
        (gap(1, 3.1), gap(10, 2), 0, 1, WARNING, "over 1.5 times as wide"),  # -5.1 to 7.1
        (gap(1, 4.8), gap(10, 2), 0, 1, WARNING, "as large as the adjusted gap is not excluded"),
        (gap(5.1, 3), gap(10, 2.5), 0, 1, WARNING, "as large as the adjusted gap is not excluded"),
        (gap(9, 5), gap(10, 4), 0, 1, WARNING, "as large as the adjusted gap is not excluded"),
        (gap(5.1, 3), gap(10, 2.5), 6, 1, PASSED, "Nothing that lasted"),
        (gap(4, 1), gap(10, 2), 0, 1, WARNING, "Under two thirds as large"),
        (gap(6, 1), gap(10, 2), 0, 1, WARNING, "Under two thirds as large"),
        (gap(7, 1), gap(10, 2), 0, 1, FAILED, "At least two thirds as large"),
        (gap(-7, 1), gap(10, 2), 0, 1, FAILED, "or satisfaction itself"),
        (gap(7, 1), gap(10, 2), 8, 1, WARNING, "Under EUR 8, the smallest that matters"),
        # Two-sided normal points: 1.96 at 5 %, 2.69 at 5 % / 7; this one is at 2.33 errors.
        (gap(7, 3), gap(10, 2.5), 0, 1, FAILED, "At least two thirds as large"),
        (gap(7, 3), gap(10, 2.5), 0, 7, WARNING, "after correction for 7 outcomes"),
        (gap(0.5, 0.1), gap(0, 2), 0, 7, FAILED, "At least two thirds as large"),
    ],
)
def test_verdict(earlier, adjusted, matters, tests, verdict, words):
    found = _verdict(earlier, adjusted, matters, tests)
    assert found == verdict
    outcomes = [SimpleNamespace(name=f"o{row}") for row in range(tests)]
    study = SimpleNamespace(currency="EUR", outcomes=outcomes)
    assert words in _meaning(found, earlier, adjusted, matters, study)


@pytest.mark.parametrize("broken", [np.nan, None])
@pytest.mark.parametrize("which", ["conf_low", "conf_high", "std_error"])
def test_a_gap_without_an_interval_is_never_passed(reverse, monkeypatch, broken, which):
    analysis = reverse[1]
    whole = analysis.regressions["spend"]
    without = replace(whole, contrast=replace(whole.contrast, **{which: broken}))
    with pytest.raises(ModelError, match="the adjusted gap in spend has no interval"):
        placebo_check(replace(analysis, regressions={"spend": without}), "spend")
    earlier = replace(whole.contrast, **{which: broken})
    monkeypatch.setattr(placebo, "_before_baseline", lambda *_: earlier)
    with pytest.raises(ModelError, match="before the baseline has no interval"):
        placebo_check(analysis, "spend")


def test_a_lone_window_without_an_interval_is_never_passed(panel_of, monkeypatch):
    analysis = analyse(panel_of(with_past(False, effect=0.6), {"spend": "amount"}))
    before, after = placebo.baseline_gap(analysis.panel, "spend")
    broken = replace(before, conf_low=np.nan, conf_high=np.nan)
    monkeypatch.setattr(placebo, "baseline_gap", lambda *_: (broken, after))
    with pytest.raises(ModelError, match="before the answer has no interval"):
        placebo_check(analysis, "spend")


def test_answers_whose_second_window_is_not_covered_take_no_part(lasting):
    analysis = lasting[1]
    panel = analysis.panel
    cut = dt.date(2025, 10, 1)
    late = replace(panel, study=replace(panel.study, complete_from=cut))
    check = placebo_check(replace(analysis, panel=late), "orders")
    begins = panel.frame["answered_at"] - 180 * DAY
    pair = panel.frame["group"].isin(["passive", "promoter"])
    known = int(((begins >= pd.Timestamp(cut)) & pair).sum())
    assert 300 < known < pair.sum() - 300
    assert check.estimate.n == known
    assert "reach back" not in check.sentence
    assert check.estimate.estimate != placebo_check(analysis, "orders").estimate.estimate


def test_the_first_event_stands_in_where_nothing_is_declared(tmp_path):
    analysis = shop(tmp_path, lasting=0.5, history=180)
    first = pd.read_csv(tmp_path / "orders.csv", parse_dates=["at"])["at"].min()
    frame = analysis.panel.frame
    pair = frame["group"].isin(["passive", "promoter"])
    found = placebo_check(analysis, "orders").estimate.n
    assert found == int(((frame["answered_at"] - 180 * DAY >= first) & pair).sum())
    assert found < pair.sum()


@pytest.mark.parametrize("world", ["lasting", "reverse"])
def test_one_window_alone_warns_at_worst(world, lasting, reverse):
    analysis = {"lasting": lasting, "reverse": reverse}[world][1]
    panel = analysis.panel
    late = replace(panel, study=replace(panel.study, complete_from=dt.date(2025, 11, 1)))
    check = placebo_check(replace(analysis, panel=late), "orders")
    assert check.verdict == WARNING
    assert check.estimate.conf_low > 0
    assert check.table["term"].iloc[0] == "in the baseline"
    assert "this alone does not make it wrong" in check.sentence
    assert "cannot be told from one window" in check.sentence
    assert "the tables do not reach back two windows" in check.estimate.method


def test_under_thirty_a_group_left_fall_back(lasting):
    analysis = lasting[1]
    panel = analysis.panel
    # Answers of the last day alone, 29 April, reach back to 31 October and no further.
    late = replace(panel, study=replace(panel.study, complete_from=dt.date(2025, 10, 31)))
    begins = panel.frame["answered_at"] - 180 * DAY
    assert 0 < int((begins >= pd.Timestamp("2025-10-31")).sum()) < 90
    check = placebo_check(replace(analysis, panel=late), "orders")
    assert check.table["term"].iloc[0] == "in the baseline"
    assert "no window before it: group" in check.estimate.method


def test_gap_in_the_baseline_leaves_baselines_of_the_same_orders_out(lasting):
    data = lasting[1].panel.frame
    data = data.assign(g=data["group"].astype(str))
    sides = data["g"] == "passive", data["g"] == "promoter"
    expected = gap_by_hand(data, "orders_before", Columns(waves=True), *sides)
    found = placebo_check(lasting[1], "orders").table["estimate"].iloc[1]
    assert found == pytest.approx(expected, rel=1e-6)


def with_past(driven, effect=0.0, n=900, seed=5):
    """Spend before and after share a trait; the score follows the past, or does not."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    before = rng.gamma(4.0, np.exp(3 + 0.4 * trait) / 4)
    liking = rng.normal(size=n) + (1.5 * np.log(before) - 4.5 if driven else 0.0)
    score = np.select([liking < -0.6, liking < 0.6], [4.0, 8.0], 10.0)
    after = rng.gamma(4.0, np.exp(3 + 0.4 * trait + effect * (score > 8)) / 4)
    return pd.DataFrame({"score": score, "spend_before": before, "spend_after": after})


def test_flat_study_gap_before_is_that_by_other_means(panel_of):
    frame = customers()
    frame["contacts_before"] = np.random.default_rng(2).poisson(np.exp(0.2 * frame["attr_tenure"]))
    analysis = analyse(panel_of(frame, KINDS, controls=("tenure", "region")))
    check = placebo_check(analysis, "contacts")
    held = Columns(("region",), ("tenure",))
    sides = frame["score"] == 8, frame["score"] == 9
    for row, side in enumerate(("before", "after")):
        expected = gap_by_hand(frame, f"contacts_{side}", held, *sides)
        assert check.table["estimate"].iloc[row] == pytest.approx(expected, rel=1e-6)
    assert check.estimate.estimate == check.table["estimate"].iloc[0]
    assert check.table["estimate"].iloc[2] == analysis.regressions["contacts"].contrast.estimate


def test_flat_study_fails_where_past_spend_drives_the_score_and_little_is_left(panel_of):
    check = placebo_check(analyse(panel_of(with_past(True), {"spend": "amount"})), "spend")
    before, after, adjusted = check.table["estimate"]
    assert check.estimate.conf_low > 0
    assert before > 2 / 3 * after  # as large before the answers as after
    assert abs(adjusted) < after / 3
    assert check.verdict == FAILED
    assert "not shown to be an effect" in check.sentence


def test_flat_study_quiet_where_the_score_does_not_know_the_past(panel_of):
    frame = with_past(False, effect=0.6)
    check = placebo_check(analyse(panel_of(frame, {"spend": "amount"})), "spend")
    assert check.verdict == PASSED
    assert "not told apart before the answer" in check.sentence


def test_an_attribute_called_before_stays_among_the_controls(panel_of):
    # It is what drives both: taken out with the baselines, it would make the groups differ.
    frame = with_past(True)
    rng = np.random.default_rng(1)
    frame["attr_plan_before"] = np.log(frame["spend_before"])
    frame["spend_before"] = frame["spend_before"] * rng.gamma(4.0, 0.25, len(frame))
    analysis = analyse(panel_of(frame, {"spend": "amount"}, controls=("plan_before",)))
    found = placebo_check(analysis, "spend").table.iloc[0]
    assert found["conf_low"] < 0 < found["conf_high"]


def test_rows_are_those_on_which_both_windows_are_known(panel_of):
    frame = with_past(True)
    frame.loc[:99, "spend_before"] = np.nan
    frame.loc[100:149, "spend_after"] = np.nan
    check = placebo_check(analyse(panel_of(frame, {"spend": "amount"})), "spend")
    known = frame[["spend_before", "spend_after"]].notna().all(axis=1)
    both = int((known & (frame["score"] >= 7)).sum())
    assert both < 750
    assert check.table["n"].tolist()[:2] == [both, both]


def test_baseline_is_scaled_to_the_outcome_window(lasting):
    panel = lasting[1].panel
    shorter = replace(panel, study=replace(panel.study, baseline_days=30))
    assert baseline_of(shorter, "spend") == pytest.approx(3 * baseline_of(panel, "spend"))
    bought = (panel.frame["orders_before"] > 0).to_numpy(dtype=float)
    assert baseline_of(shorter, "repeat_purchase").tolist() == bought.tolist()
    assert baseline_of(panel, "retained").tolist() == bought.tolist()
    assert baseline_of(panel, "churned").tolist() == (1 - bought).tolist()


def test_not_possible_without_a_baseline(lasting, panel_of):
    analysis = lasting[1]
    panel = analysis.panel
    subscribed = replace(panel, study=replace(panel.study, churn="cancelled"))
    with pytest.raises(ModelError, match="nobody had churned before the answer"):
        placebo_check(replace(analysis, panel=subscribed), "retained")
    flat = analyse(panel_of(customers(), KINDS))
    message = r"^The answers have no dates: what 'spend' was .* \[outcomes.columns.spend\]\.$"
    with pytest.raises(ModelError, match=message):
        placebo_check(flat, "spend")


@pytest.fixture(scope="module")
def demo():
    """The demo study, analysed; its panel in memory and in the engine."""
    study = load_study(demo_study())
    panels = [build_panel(read_tables(study), fits=fits) for fits in ("rows", "engine")]
    return analyse(panels[0]), panels[1]


@pytest.mark.parametrize("outcome", ["spend", "orders", "repeat_purchase", "retained"])
def test_sums_in_the_engine_give_the_same(demo, outcome):
    memory, panel = demo
    engine = replace(memory, panel=panel)
    if outcome == "retained":
        for analysis in (memory, engine):
            with pytest.raises(ModelError, match="nobody had churned before the answer"):
                placebo_check(analysis, outcome)
        return
    one, other = placebo_check(memory, outcome), placebo_check(engine, outcome)
    assert (other.verdict, other.sentence) == (one.verdict, one.sentence)
    assert "fitted from sums in DuckDB" in other.estimate.method
    # Curves of seven knots are nearly collinear: a millionth of a standard error is rounding.
    errors = one.table["std_error"].to_numpy()
    for name in ("estimate", "conf_low", "conf_high", "std_error"):
        away = (other.table[name] - one.table[name]).to_numpy() / errors
        assert away == pytest.approx(0, abs=1e-6)
        assert getattr(other.estimate, name) == other.table[name].iloc[0]
    assert other.table["n"].tolist() == one.table["n"].tolist()


def test_windows_rebuilt_in_the_engine_are_those_in_memory(demo):
    memory, panel = demo[0].panel, demo[1]
    asked = {"outcome_days": 60, "baseline_days": 120, "earlier": 30, "roles": ["orders"]}
    query = "SELECT sum(spend_before), count(*) FROM orders_windows"
    once = panel.tables.engine.fetch(query)
    rows, expected = rebuild_windows(panel, **asked), rebuild_windows(memory, **asked).frame
    found = panel.tables.engine.frame(f"SELECT * FROM {rows.relation} ORDER BY response")
    assert expected["spend_before"].sum() > 0
    for name in expected.columns:
        assert found[name].to_numpy() == pytest.approx(
            expected[name].to_numpy(), rel=1e-12, nan_ok=True
        )
    # the panel's own tables stay as they are
    assert panel.tables.engine.fetch(query) == once


def test_one_window_is_all_there_is_in_the_engine_too(demo):
    analysis, panel = demo
    # Nobody answered so late that two windows lie after this day.
    late = dt.date(2099, 1, 1)
    checks = []
    for held in (analysis.panel, panel):
        study = replace(held.study, complete_from=late)
        checks.append(placebo_check(replace(analysis, panel=replace(held, study=study)), "orders"))
    assert checks[0].sentence == checks[1].sentence
    assert "the tables do not reach back two windows" in checks[1].estimate.method
