from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from engine_panels import in_engine
from scipy import stats

import cxroi as cx
from cxroi.checks.backtest import _meaning, _verdict, backtest_check
from cxroi.checks.tools.premises import distinct_outcomes
from cxroi.errors import ModelError, ScarceDataError
from cxroi.results.estimate import Estimate

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
GROUPS = np.array(["detractor", "passive", "promoter"])
BEFORE, AFTER = "2026Q1", "2026Q2"


def company(n=1500, seed=7, *, gain=1.0, movers_gain=1.0):
    """Two answers a customer; outcomes hang on the group by `gain` and on tenure.

    Movers gain `movers_gain` times as much as the groups differ by: 1 where the gap carries over.
    """
    rng = np.random.default_rng(seed)
    tenure = rng.normal(size=n)
    groups, rows = None, []
    for wave in (BEFORE, AFTER):
        earlier, groups = groups, np.digitize(0.5 * tenure + rng.normal(size=n), [-0.8, 0.2])
        step = gain * (groups - 1.0)
        if earlier is not None:
            step = np.where((earlier == 1) & (groups == 2), movers_gain * step, step)
        chance = 1 / (1 + np.exp(-(0.2 + 0.8 * step + 0.4 * tenure)))
        rows.append(
            pd.DataFrame(
                {
                    "customer": [f"c{i}" for i in range(n)],
                    "wave": wave,
                    "group": GROUPS[groups],
                    "attr_tenure": tenure,
                    "retained_after": (rng.random(n) < chance).astype(float),
                    "contacts_after": rng.poisson(np.exp(0.3 - 0.4 * step + 0.2 * tenure)) * 1.0,
                    "spend_after": (rng.random(n) < 0.7)
                    * rng.gamma(3.0, np.exp(3 + 0.5 * step + 0.2 * tenure)).round(2),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def by_formula(frame, outcome, rows=None):
    """Predicted and realised gain another way: formulas, data frames and a merge."""
    data = frame.assign(y=frame[f"{outcome}_after"])
    before, after = (data[data["wave"] == wave] for wave in (BEFORE, AFTER))
    fits = {
        "retained": lambda: [
            smf.glm("y ~ group + attr_tenure", before, family=sm.families.Binomial())
        ],
        "contacts": lambda: [
            smf.glm("y ~ group + attr_tenure", before, family=sm.families.Poisson())
        ],
        "spend": lambda: [
            smf.glm(
                "I(1.0 * (y > 0)) ~ group + attr_tenure", before, family=sm.families.Binomial()
            ),
            smf.glm(
                "y ~ group + attr_tenure",
                before[before["y"] > 0],
                family=sm.families.Gamma(sm.families.links.Log()),
            ),
        ],
    }[outcome]()
    fits = [fit.fit() for fit in fits]
    both = after.merge(before[["customer", "group"]], on="customer", suffixes=("", "_then"))
    both = both[both["group_then"] == "passive"]

    def expected(part, group):
        return np.prod([fit.predict(part.assign(group=group)) for fit in fits], axis=0)

    moved, stayed = (both[both["group"] == group] for group in ("promoter", "passive"))
    predicted = np.mean(expected(moved, "promoter") - expected(moved, "passive"))
    beyond = [np.mean(part["y"] - expected(part, "passive")) for part in (moved, stayed)]
    return predicted, beyond[0] - beyond[1], len(moved)


@pytest.fixture(params=["memory", "engine"])
def backtest(panel_of, request):
    def make(frame, outcome, *, controls=("tenure",), kinds=KINDS, verdicts=(), more=""):
        panel = panel_of(frame, kinds, controls=controls, more=more)
        if request.param == "engine":
            panel = in_engine(panel)
            panel.__dict__["frame"] = None  # no row may be fetched
        return backtest_check(SimpleNamespace(panel=panel, verdicts=verdicts), outcome)

    return make


@pytest.mark.parametrize("outcome", KINDS)
def test_gains_are_those_of_formulas(backtest, outcome):
    frame = company(800)
    result = backtest(frame.sample(frac=1, random_state=2), outcome)
    predicted, realised, moved = by_formula(frame, outcome)
    table = result.table.set_index("term")["estimate"]
    # Both fits stop at a relative change of the deviance of 1e-8.
    assert table["predicted gain"] == pytest.approx(predicted, rel=1e-5)
    assert table["realised gain"] == pytest.approx(realised, rel=1e-5)
    assert result.estimate.estimate == pytest.approx(realised - predicted, rel=1e-4, abs=1e-6)
    assert result.estimate.n == moved


def logit_gains(then, now, tenure, first, second):
    """Predicted gain, realised gain and their difference for yes/no, in arrays alone."""

    def design(groups):
        return np.column_stack([np.ones(len(then)), groups == 0, groups == 2, tenure])

    beta = np.zeros(4)
    x = design(then)
    for _ in range(12):  # Newton's steps
        p = 1 / (1 + np.exp(-x @ beta))
        beta += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (first - p))
    to, stay = (1 / (1 + np.exp(-design(np.full(len(then), g)) @ beta)) for g in (2, 1))
    moved, stayed = ((then == 1) & (now == g) for g in (2, 1))
    predicted = (to - stay)[moved].mean()
    realised = (second - stay)[moved].mean() - (second - stay)[stayed].mean()
    return predicted, realised, realised - predicted


def test_error_is_that_of_a_bootstrap_of_customers(backtest):
    """Whole customers are drawn and everything is fitted anew, the model included."""
    frame = company(500)
    table = backtest(frame, "retained").table
    halves = [frame[frame["wave"] == wave] for wave in (BEFORE, AFTER)]
    then, now = (np.searchsorted(GROUPS, half["group"].to_numpy(str)) for half in halves)
    first, second = (half["retained_after"].to_numpy() for half in halves)
    columns = [then, now, halves[0]["attr_tenure"].to_numpy(), first, second]
    assert tuple(table["estimate"]) == pytest.approx(logit_gains(*columns), rel=1e-5)
    draws = np.random.default_rng(11).integers(0, 500, (1000, 500))
    figures = [logit_gains(*(column[rows] for column in columns)) for rows in draws]
    # 1,000 draws know an error to 1 / sqrt(2 * 1000) = 2.2 per cent; the linear error of groups
    # of a hundred differs from the bootstrap's by some per cent more.
    assert tuple(table["std_error"]) == pytest.approx(tuple(np.std(figures, axis=0)), rel=0.08)


def test_without_controls_it_is_differences_of_means(backtest):
    frame = company(600)
    table = backtest(frame, "contacts", controls=()).table.set_index("term")["estimate"]
    wide = frame.pivot(index="customer", columns="wave", values=["group", "contacts_after"])
    then, now = wide["group"][BEFORE], wide["group"][AFTER]
    first, second = (wide["contacts_after"][wave].astype(float) for wave in (BEFORE, AFTER))
    predicted = first[then == "promoter"].mean() - first[then == "passive"].mean()
    was = then == "passive"
    realised = second[was & (now == "promoter")].mean() - second[was & (now == "passive")].mean()
    assert table["predicted gain"] == pytest.approx(predicted, rel=1e-6)
    assert table["realised gain"] == pytest.approx(realised, rel=1e-6)


def test_a_gap_that_carries_over_passes(backtest):
    result = backtest(company(6000), "spend")
    assert result.verdict == "passed"
    assert result.estimate.conf_low < 0 < result.estimate.conf_high
    assert "what was expected came about" in result.sentence


@pytest.mark.parametrize("outcome", KINDS)
def test_movers_planted_without_the_gain_fail(backtest, outcome):
    result = backtest(company(6000, movers_gain=0.0), outcome)
    assert result.verdict == "failed"
    sign = -1 if outcome != "contacts" else 1
    assert sign * result.estimate.estimate > 0
    assert "did not come about" in result.sentence


def test_few_movers_cannot_tell(backtest):
    result = backtest(company(250), "spend")
    assert result.verdict == "warning"
    assert "too wide to tell" in result.sentence


def test_what_matters_decides_whether_it_is_wide(backtest):
    frame = company(250)
    big = SimpleNamespace(outcome="spend", matters=1000.0)
    assert backtest(frame, "spend", verdicts=(big,)).verdict == "passed"
    other = SimpleNamespace(outcome="retained", matters=1000.0)
    assert backtest(frame, "spend", verdicts=(other,)).verdict == "warning"


def test_what_matters_is_taken_from_the_study_without_a_verdict(backtest):
    more = "[outcomes]\nmatters = {spend = 1000.0}\n"
    assert backtest(company(250), "spend", more=more).verdict == "passed"


def difference(value, error=1.0):
    half = 1.959964 * error
    p = 2 * stats.norm.sf(abs(value) / error)
    return Estimate(
        "d", value, value - half, value + half, error, "EUR", 100, "hand", contrast="d", p_value=p
    )


@pytest.mark.parametrize(
    ("value", "predicted", "matters", "tests", "verdict", "words"),
    [
        # Two-sided normal points: 1.96 at 5 %, 2.39 at 5 % / 3, 2.69 at 5 % / 7.
        (1.5, 10, 0, 1, "passed", "expected came about"),  # 1.96 to a side, half of it is 5
        (1.5, 4.0, 0, 1, "passed", "expected came about"),
        (1.5, 3.9, 0, 1, "warning", "too wide to tell"),  # half of it is 1.95
        (1.5, 1.0, 4.0, 1, "passed", "expected came about"),
        (1.5, 4.0, 0, 7, "passed", "expected came about"),  # correction makes nothing pass or not
        (2.5, 10, 0, 1, "failed", "did not come about"),
        (2.5, 10, 0, 3, "failed", "did not come about"),
        (2.5, 10, 0, 7, "warning", "one of 7 outcomes"),
        (3.0, 10, 0, 7, "failed", "did not come about"),
        (-3.0, 10, 0, 7, "failed", "did not come about"),
        (3.0, 10, 2.9, 1, "failed", "did not come about"),
        (3.0, 10, 3.1, 1, "warning", "the smallest that matters, though it may be larger"),
        (3.0, 10, 4.0, 1, "warning", "under EUR 4, the smallest that matters, though"),
        (3.0, 10, 5.0, 1, "passed", "smaller than EUR 5,"),  # 1.04 to 4.96 does not reach 5
        (3.0, 10, 5.0, 7, "passed", "smaller than EUR 5,"),
        (-3.0, 10, 5.0, 1, "passed", "smaller than EUR 5,"),
    ],
)
def test_a_miss_must_matter_and_outlast_the_number_of_outcomes(
    value, predicted, matters, tests, verdict, words
):
    found = _verdict(difference(value), difference(predicted), matters, tests)
    assert found == verdict
    assert words in _meaning(found, difference(value), matters, tests, "EUR")


def test_leaving_and_staying_are_one_outcome():
    names = ("spend", "retained", "churned", "contacts")
    study = SimpleNamespace(outcomes=[SimpleNamespace(name=name) for name in names])
    assert distinct_outcomes(study) == 3


def test_a_shift_of_the_whole_level_is_no_gain(backtest):
    """Net amounts below zero are fitted by least squares, in which a shift adds up exactly."""
    frame = company(400)
    frame["spend_after"] -= 500.0
    shifted = frame.copy()
    shifted.loc[shifted["wave"] == AFTER, "spend_after"] += 77.0
    a, b = backtest(frame, "spend"), backtest(shifted, "spend")
    assert b.table["estimate"].to_numpy() == pytest.approx(a.table["estimate"].to_numpy())
    assert b.estimate.std_error == pytest.approx(a.estimate.std_error)


def test_an_earlier_wave_takes_no_part(backtest):
    frame = company(300)
    early = company(300, seed=8, gain=-3.0).query("wave == '2026Q1'").assign(wave="2025Q4")
    a, b = backtest(frame, "retained"), backtest(pd.concat([early, frame]), "retained")
    # Clusters are coded anew, so sums run in another order.
    assert b.table["estimate"].to_numpy() == pytest.approx(a.table["estimate"].to_numpy())
    assert b.estimate.std_error == pytest.approx(a.estimate.std_error)


def test_scaled_weights_and_currency_move_nothing(backtest):
    frame = company(400)
    frame["weight"] = np.random.default_rng(1).choice([1.0, 2.0], len(frame))
    a = backtest(frame, "spend").estimate
    b = backtest(frame.assign(weight=frame["weight"] * 50), "spend").estimate
    c = backtest(frame.assign(spend_after=frame["spend_after"] * 1000), "spend").estimate
    for name in ("estimate", "std_error", "conf_low"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=1e-6)
        assert getattr(c, name) == pytest.approx(1000 * getattr(a, name), rel=1e-5)


def interval_of(row):
    return f"EUR {row['conf_low']:.2f} to EUR {row['conf_high']:.2f}"


def test_sentence_gives_the_money(backtest):
    frame = company(400)
    result = backtest(frame, "spend")
    table = result.table.set_index("term")["estimate"]
    gain, found = table["predicted gain"], table["realised gain"]
    assert gain > 0
    assert found > 0
    moved = by_formula(frame, "spend")[2]
    assert (
        f"For the {moved} customers who moved from 'passive' to 'promoter' in {AFTER}, a run on "
        f"{BEFORE} alone expected mean spend EUR {gain:.2f} higher (EUR "
    ) in result.sentence
    expected = result.table.set_index("term").loc["predicted gain"]
    assert f"({interval_of(expected)}) than had they stayed" in result.sentence
    assert f"rests on the answers of {BEFORE} alone" in result.sentence
    assert "the adjusted gap rests on all answers" in result.sentence
    assert len(result.sentence.split()) <= 120
    assert f"against those who did stay it was EUR {found:.2f} higher" in result.sentence


def test_few_movers_or_stayers_are_refused(backtest):
    frame = company(2000)
    wide = frame.pivot(index="customer", columns="wave", values="group")
    was = wide[BEFORE] == "passive"
    for to in ("promoter", "passive"):
        who = wide.index[was & (wide[AFTER] == to)]
        gone = frame["customer"].isin(who[29:])
        with pytest.raises(ScarceDataError, match=f"^29 customers .* in '{to}' in {AFTER}"):
            backtest(frame[~gone], "retained")
        gone = frame["customer"].isin(who[30:])
        assert backtest(frame[~gone], "retained").estimate.std_error > 0


def test_one_wave_and_undated_answers_are_refused(backtest):
    frame = company(300).query("wave == '2026Q1'")
    with pytest.raises(ModelError, match=r"^The only wave up to here is 2026Q1: what customers"):
        backtest(frame, "retained")
    message = (
        "The answers have no dates: what customers did who then moved cannot be seen; "
        "a backtest needs two waves with dates."
    )
    with pytest.raises(ModelError, match=f"^{message}$"):
        backtest(frame.drop(columns="wave"), "retained")


def test_a_run_of_one_quarter_is_held_against_the_one_before_and_leaving_mirrors_staying():
    study = cx.load_study(Path(__file__).parents[3] / "data/demo/study.toml")
    tables = cx.read_tables(study)
    of_quarter, whole = (
        SimpleNamespace(panel=cx.build_panel(tables, quarter), verdicts=())
        for quarter in ("2026Q3", "")
    )
    a, b = backtest_check(of_quarter, "retained"), backtest_check(whole, "retained")
    assert a.sentence == b.sentence
    assert "run on 2026Q2 alone" in a.sentence
    mirror = backtest_check(whole, "churned")
    assert mirror.verdict == b.verdict
    assert mirror.estimate.estimate == pytest.approx(-b.estimate.estimate, rel=1e-6)
    middle = SimpleNamespace(panel=cx.build_panel(tables, "2026Q2"), verdicts=())
    assert "run on 2026Q1 alone" in backtest_check(middle, "retained").sentence


def test_declared_clusters_have_students_interval_and_p_value(backtest):
    frame = company()
    accounts = frame.assign(cluster=frame["customer"].str[1:].astype(int) // 2 % 40)
    both = accounts[accounts["wave"] == AFTER].merge(
        accounts[accounts["wave"] == BEFORE], on="customer", suffixes=("", "_then")
    )
    both = both[(both["group_then"] == "passive") & both["group"].isin(["passive", "promoter"])]
    sizes = both["cluster"].value_counts()
    t = stats.t(sizes.sum() ** 2 / (sizes**2).sum() - 1)
    found = backtest(accounts, "contacts").estimate
    half = t.ppf(0.975) * found.std_error
    assert (found.conf_low, found.conf_high) == pytest.approx(
        (found.estimate - half, found.estimate + half)
    )
    assert found.p_value == pytest.approx(2 * t.sf(abs(found.estimate) / found.std_error))
    assert "summed per cluster" in found.method
    few = frame.assign(cluster=frame["customer"].str[1:].astype(int) % 20)
    with pytest.raises(ScarceDataError, match="20 clusters with 'contacts'"):
        backtest(few, "contacts")
