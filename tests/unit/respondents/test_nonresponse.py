"""Who did not answer: who was invited, the weights, and what they change."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from both_fits import assert_same
from panels import arcsinh_of_amount, make_panel, make_study
from scipy import stats

import cxroi as cx
from cxroi.checks.nonresponse import nonresponse_check
from cxroi.errors import ModelError, ScarceDataError
from cxroi.respondents.invitations import read_invitations
from cxroi.respondents.nonresponse import reweighted, weigh_responses
from cxroi.simulate.simulate import simulate

STUDY = """
[study]
name = "Shop"
currency = "EUR"
complete_from = 2025-09-01
complete_until = 2026-12-31
[tables.customers]
path = "customers.csv"
customer = "id"
attributes = ["plan"]
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "at"
{responses}
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
{invitations}
[scale]
kind = "nps"
[outcomes]
names = ["spend"]
matters = {{spend = 5.0}}
[churn]
definition = "{churn}"
[controls]
columns = ["plan"]
[windows]
baseline_days = 90
outcome_days = 90
{more}
"""
INVITATIONS = """[tables.invitations]
path = "invitations.csv"
customer = "id"
invited_at = "at"
"""
SUBSCRIPTIONS = """[tables.subscriptions]
path = "subscriptions.csv"
customer = "id"
started_at = "from"
cancelled_at = "to"
"""


def write(folder, tables, **study):
    """Write the tables of a company as CSV, and read its study."""
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
    parts = {"responses": "", "invitations": INVITATIONS, "churn": "no_purchase", "more": ""}
    (folder / "study.toml").write_text(STUDY.format(**parts | study))
    return cx.read_tables(cx.load_study(folder / "study.toml"))


def add(table, **columns):
    return pd.concat([table, pd.DataFrame(columns)], ignore_index=True)


def company(n, *, answers, seed=1, ratio=(1.2, 1.2), spend=(50.0, 200.0)):
    """Customers on plans A and B: each its chance of answering, its spend, its promoters' ratio.

    Scores do not hang on the plan; nothing but the plan decides who answers.
    """
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{row:06d}" for row in range(n)])
    plan = rng.integers(0, 2, n)
    score = rng.choice([3, 8, 10], n, p=[0.2, 0.4, 0.4])
    answered = rng.random(n) < np.array(answers)[plan]
    mean = np.array(spend)[plan] * np.where(score == 10, np.array(ratio)[plan], 1.0)
    after = mean * rng.gamma(8.0, 1 / 8, n)
    before = rng.gamma(2.0, 20.0, n)
    days = pd.DataFrame(
        {
            "id": np.repeat(ids, 2),
            "at": np.tile(["2026-03-01 12:00:00", "2026-05-20 12:00:00"], n),
            "amount": np.column_stack([before, after]).ravel().round(2),
        }
    )
    ends = ["2025-09-02 12:00:00", "2026-12-30 12:00:00"]  # outside every window
    days = add(days, id=ids[[0, 0]], at=ends, amount=[1.0, 1.0])
    return {
        "customers": {"id": ids, "plan": np.array(["A", "B"])[plan]},
        "invitations": {"id": ids, "at": "2026-05-01 09:00:00"},
        "responses": {"id": ids[answered], "nps": score[answered], "at": "2026-05-02 10:00:00"},
        "orders": days,
    }, pd.DataFrame({"plan": plan, "score": score, "answered": answered, "after": after})


# A customer invited and answering when -> how often counted as invited, how often as having
# answered. Worked out from the rules by hand.
CASES = {
    "answered the next day": (["2026-05-01 09:00:00"], ["2026-05-02 09:00:00"], 1, 1),
    "never answered": (["2026-05-01 09:00:00"], [], 1, 0),
    "on the ninetieth day": (["2026-05-01 09:00:00"], ["2026-07-30 09:00:00"], 1, 1),
    "a minute too late": (["2026-05-01 09:00:00"], ["2026-07-30 09:01:00"], 1, 0),
    "answered before": (["2026-05-02 09:00:00"], ["2026-05-02 08:59:00"], 1, 0),
    "after a reminder": (["2026-05-01 09:00:00", "2026-05-08"], ["2026-05-09"], 1, 1),
    "answered twice": (["2026-05-01 09:00:00"], ["2026-05-02", "2026-07-02"], 1, 1),
    "then asked again": (["2026-05-01 09:00:00", "2026-06-08"], ["2026-05-09"], 1, 1),
    "in the next quarter": (["2026-06-29 09:00:00"], ["2026-07-02"], 1, 1),
    "to the second alone": (["2026-06-01 09:00:00", "2026-07-01"], ["2026-07-02"], 2, 1),
    "to both": (["2026-06-01 09:00:00", "2026-07-01"], ["2026-06-02", "2026-07-02"], 2, 2),
    "too little time to answer": (["2026-10-03 09:00:00"], [], 0, 0),
    "just enough time": (["2026-10-02 09:00:00"], [], 1, 0),
    "no whole baseline": (["2025-11-29 09:00:00"], [], 0, 0),
    "whole baseline": (["2025-11-30 09:00:00"], [], 1, 0),
}


def halves(n=200):
    """Customers of whom every second answered the day after."""
    ids = np.array([f"C{row:03d}" for row in range(n)])
    return {
        "customers": {"id": [*ids, "X"], "plan": [*np.resize(["A", "A", "B", "B"], n), "A"]},
        "invitations": pd.DataFrame({"id": ids, "at": "2026-04-20 09:00:00"}),
        "responses": pd.DataFrame(
            {"id": ids[::2], "nps": np.resize([3, 8, 10], n // 2), "at": "2026-04-21 09:30:00"}
        ),
        "orders": add(
            pd.DataFrame({"id": ids, "at": "2026-12-30 10:00:00", "amount": np.arange(1, n + 1)}),
            id=["X"],
            at=["2025-09-02 10:00:00"],
            amount=[1],
        ),
    }


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """The invitations of one company with a customer for each of `CASES`."""
    tables = halves()
    tables["customers"] = {"id": [*tables["customers"]["id"], *CASES], "plan": "A"}
    for case, (invited, answered, *_) in CASES.items():
        tables["invitations"] = add(tables["invitations"], id=case, at=invited)
        tables["responses"] = add(tables["responses"], id=case, nps=9, at=answered)
    panel = cx.build_panel(write(tmp_path_factory.mktemp("cases"), tables))
    return read_invitations(panel).source.frame.groupby("customer")["answered"]


@pytest.mark.parametrize("case", CASES)
def test_who_counts_as_invited_and_who_as_having_answered(cases, case):
    _, _, invited, answered = CASES[case]
    assert (cases.size().get(case, 0), cases.sum().get(case, 0)) == (invited, answered)


def test_an_answer_on_the_day_of_an_invitation_without_time_replies_to_it(tmp_path):
    tables = halves()
    tables["invitations"]["at"] = "2026-04-21"
    assert weigh_responses(cx.build_panel(write(tmp_path, tables))).answered == 100


def test_customers_who_are_unknown_or_have_left_are_not_among_the_invited(tmp_path):
    tables = halves()
    tables["invitations"] = add(
        tables["invitations"], id=["Y", "X"], at=["2026-04-20 09:00:00", "2026-04-20 09:00:00"]
    )
    ids = [*tables["customers"]["id"]]
    ends = [None] * 200 + ["2026-04-19 09:00:00"]
    tables["subscriptions"] = pd.DataFrame({"id": ids, "from": "2025-01-01 08:00:00", "to": ends})
    panel = cx.build_panel(write(tmp_path, tables, churn="cancelled", more=SUBSCRIPTIONS))
    found = weigh_responses(panel)
    assert found.invited == 200
    notes = " ".join(found.notes)
    assert "not in the customers table: 1 left out" in notes
    assert "without an active subscription: 1 left out" in notes


def test_baselines_end_at_the_invitation_and_begin_ninety_days_before(tmp_path):
    tables = halves()
    at = [
        "2026-01-20 09:00:00",
        "2026-01-20 08:59:59",
        "2026-04-20 08:59:59",
        "2026-04-20 09:00:00",
    ]
    one = pd.DataFrame({"id": "C001", "at": at, "amount": [100.0, 1000.0, 10.0, 1.0]})
    tables["orders"] = pd.concat([tables["orders"], one])
    later = add(tables["invitations"], id=["C001"], at=["2026-04-30 09:00:00"])  # a reminder
    tables["invitations"] = later
    found = weigh_responses(cx.build_panel(write(tmp_path, tables)))
    spend = found.balance.set_index("control").loc["spend before"]
    assert spend["mean_invited"] == pytest.approx(110 / 200)
    assert spend["mean_answered"] == 0


def test_an_answer_without_an_invitation_keeps_the_weight_one(tmp_path):
    tables = halves()
    tables["responses"] = add(tables["responses"], id=["X"], nps=[9], at=["2026-05-20 09:00:00"])
    panel = cx.build_panel(write(tmp_path, tables))
    found = weigh_responses(panel)
    assert found.weights[(panel.frame["customer"] == "X").to_numpy()].tolist() == [1.0]
    assert "1 of 101 answers of the panel belong to no invitation" in " ".join(found.notes)


def test_weights_are_the_inverse_of_the_response_rate_of_each_plan(tmp_path):
    """Orders alike for all: the logit is saturated, so its chances are the shares themselves."""
    tables, drawn = company(2000, answers=(0.6, 0.3))
    tables["orders"] = tables["orders"].query("at != '2026-03-01 12:00:00'")
    panel = cx.build_panel(write(tmp_path, tables))
    found = weigh_responses(panel)
    rate = drawn.groupby("plan")["answered"].mean()
    by_plan = panel.frame["attr_plan"].map({"A": rate[0], "B": rate[1]})
    assert found.weights == pytest.approx(drawn["answered"].mean() / by_plan.to_numpy())
    assert found.trimmed == 0
    assert found.weights.sum() == pytest.approx(len(panel.frame))  # sum of 1 / share, over the plan
    cv = found.weights.std() / found.weights.mean()
    assert found.design_effect == pytest.approx(1 + cv**2)
    row = found.balance.set_index("control").iloc[0]
    plan_b = drawn["plan"] if row.name == "plan = B" else 1 - drawn["plan"]
    assert row["mean_invited"] == pytest.approx(plan_b.mean())
    assert row["mean_answered"] == pytest.approx(plan_b[drawn["answered"]].mean())
    assert row["mean_weighted"] == pytest.approx(plan_b.mean())
    assert row["smd_before"] == pytest.approx(
        (plan_b[drawn["answered"]].mean() - plan_b.mean()) / plan_b.std(ddof=0)
    )


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "company"
    study = simulate(folder, 1500, 5, "causal", file_format="parquet")
    panel = cx.build_panel(cx.read_tables(cx.load_study(study)))
    return folder, panel, weigh_responses(panel)


def by_pandas(folder):
    """The invited of a simulated company, by other means: one invitation and answer a quarter."""
    read = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    asked = read["invitations"].sort_values("invited_at", ignore_index=True)
    gone = read["subscriptions"].set_index("customer_id")["cancelled_at"]
    left = asked["customer_id"].map(gone) <= asked["invited_at"]
    late = asked["invited_at"].dt.normalize() + pd.Timedelta(days=90) > pd.Timestamp("2026-12-31")
    asked = asked[~left & ~late].reset_index(names="number")
    window = pd.Timedelta(days=90)
    for name, table, at, value in (
        ("spend", "orders", "ordered_at", "amount"),
        ("orders", "orders", "ordered_at", None),
        ("contacts", "contacts", "opened_at", None),
        ("returns", "returns", "returned_at", None),
    ):
        both = asked.merge(read[table], on="customer_id")
        both = both[(both[at] < both["invited_at"]) & (both[at] >= both["invited_at"] - window)]
        grouped = both.groupby("number")
        found = grouped[value].sum() if value else grouped.size()
        asked[name] = asked["number"].map(found).fillna(0.0).astype(float)
    answers = read["responses"][["customer_id", "answered_at"]].sort_values("answered_at")
    asked["quarter"] = asked["invited_at"].dt.to_period("Q")
    answers["quarter"] = answers["answered_at"].dt.to_period("Q")
    merged = asked.merge(answers, on=["customer_id", "quarter"], how="left")
    assert len(merged) == len(asked)
    return merged.merge(read["customers"], on="customer_id")


def test_weights_are_those_of_an_independent_implementation(simulated):
    folder, panel, found = simulated
    asked = by_pandas(folder)
    answered = asked["answered_at"].notna().to_numpy()
    assert (found.invited, found.answered) == (len(asked), answered.sum())
    baselines = np.arcsinh(asked[["orders", "contacts", "returns"]])
    baselines["spend"] = arcsinh_of_amount(asked["spend"])
    dummies = pd.get_dummies(asked[["segment", "region"]], drop_first=True).astype(float)
    design = sm.add_constant(pd.concat([dummies, baselines, asked["tenure_months"]], axis=1))
    chance = sm.Logit(answered, design).fit(disp=0).predict()
    weight = answered.mean() / chance
    cap = np.quantile(weight[answered], 0.99)
    expected = pd.Series(np.minimum(weight, cap), index=[asked["customer_id"], asked["quarter"]])
    rows = panel.frame
    keys = pd.MultiIndex.from_arrays([rows["customer"], rows["answered_at"].dt.to_period("Q")])
    assert found.weights == pytest.approx(expected.reindex(keys).to_numpy(), rel=1e-6)
    assert found.trimmed == (weight[answered] > cap).sum()
    balance = found.balance.set_index("control")
    for name in ("spend", "orders", "contacts", "returns"):
        row = balance.loc[f"{name} before"]
        assert row["mean_invited"] == pytest.approx(asked[name].mean())
        assert row["mean_answered"] == pytest.approx(asked.loc[answered, name].mean())


def test_weighted_answers_resemble_the_invited(simulated):
    """Weighted means among those who answered are about those of all: a tenth is left at most.

    Exactly so in large samples and for the model's own columns; amounts stand here as they are,
    not as their arcsinh.
    """
    balance = simulated[2].balance
    before, after = balance["smd_before"].abs(), balance["smd_after"].abs()
    assert before.max() > 0.05
    assert after.max() < 0.03
    assert (after**2).sum() < 0.1 * (before**2).sum()
    assert simulated[2].weights.mean() == pytest.approx(1, abs=0.01)


def test_the_response_rate_has_a_clustered_interval(simulated):
    folder, _, found = simulated
    asked = by_pandas(folder)
    rate = found.response_rate
    per = (asked["answered_at"].notna() - rate.estimate).groupby(asked["customer_id"]).sum()
    error = np.sqrt((per**2).sum() * len(per) / (len(per) - 1)) / len(asked)
    assert rate.name == "nonresponse.response_rate"
    assert rate.std_error == pytest.approx(error)
    odds = np.log(rate.estimate / (1 - rate.estimate))
    reach = stats.norm.ppf(0.975) * error / (rate.estimate * (1 - rate.estimate))
    low, high = (1 / (1 + np.exp(-(odds + sign * reach))) for sign in (-1, 1))
    assert (rate.conf_low, rate.conf_high) == pytest.approx((low, high))


def test_a_quarter_has_its_own_invited_and_other_panels_do_not_disturb_it(simulated):
    tables = simulated[1].tables
    panel = cx.build_panel(tables, "2026Q2")
    alone = weigh_responses(panel)
    cx.build_panel(tables)  # numbers the answers of all quarters
    again = weigh_responses(panel)
    assert 0.25 * simulated[2].invited < alone.invited < 0.45 * simulated[2].invited
    assert len(alone.weights) == len(panel.frame)
    assert np.array_equal(alone.weights, again.weights)
    assert np.array_equal(alone.score_weights, again.score_weights)


def test_survey_weights_stay_in_as_a_factor(tmp_path):
    tables, _ = company(1500, answers=(0.6, 0.3))
    size = len(tables["responses"]["id"])
    tables["responses"]["w"] = np.resize([1.0, 2.0, 3.0], size)
    panel = cx.build_panel(write(tmp_path, tables, responses='weight = "w"'))
    found = weigh_responses(panel)
    again = reweighted(panel, found)
    assert again.rows.weights == pytest.approx(panel.rows.weights * found.weights)
    assert np.unique(panel.rows.weights).tolist() == [1.0, 2.0, 3.0]  # the first panel is untouched
    scores = panel.scores["weight"] * found.score_weights
    assert again.scores["weight"].to_numpy() == pytest.approx(scores.to_numpy())


@pytest.fixture
def nothing_fetched(monkeypatch):
    def refuse(*_):
        raise AssertionError("rows of the panel were fetched")

    monkeypatch.setattr("cxroi.panel.in_engine.PanelEngineRows.fetched", refuse)


def test_rows_in_an_engine_get_the_same_weights_and_check(tmp_path, nothing_fetched):
    """With survey weights, and three answers of nobody who was invited."""
    tables, _ = company(3000, answers=(0.6, 0.3))
    tables["customers"] = add(
        pd.DataFrame(tables["customers"]), id=["X", "Y", "Z"], plan=["A", "B", "A"]
    )
    tables["responses"] = add(
        pd.DataFrame(tables["responses"]),
        id=["X", "Y", "Z"],
        nps=[9, 7, 2],
        at=["2026-05-20 09:00:00"] * 3,
    )
    days = ["2026-03-01 12:00:00", "2026-06-01 12:00:00"] * 3
    tables["orders"] = add(tables["orders"], id=[*"XXYYZZ"], at=days, amount=[70.0, 90.0] * 3)
    tables["responses"]["w"] = np.resize([1.0, 2.0, 3.0], len(tables["responses"]["id"]))
    read = write(tmp_path, tables, responses='weight = "w"')
    rows, engine = (cx.build_panel(read, fits=fits) for fits in ("rows", "engine"))
    one, other = weigh_responses(rows), weigh_responses(engine)
    assert (other.invited, other.answered, other.notes) == (one.invited, one.answered, one.notes)
    assert other.unmatched == one.unmatched == 3
    assert other.trimmed == one.trimmed > 0
    assert other.cap == pytest.approx(one.cap, rel=1e-10)
    assert other.effective == pytest.approx(one.effective, rel=1e-10)
    assert other.response_rate.std_error == pytest.approx(one.response_rate.std_error, rel=1e-10)
    assert other.sentence == one.sentence
    pd.testing.assert_frame_equal(other.balance, one.balance, rtol=1e-9)
    scores = [cx.score(reweighted(panel, known)) for panel, known in ((rows, one), (engine, other))]
    for expected, found in zip(*scores, strict=True):
        assert found.estimate == pytest.approx(expected.estimate, rel=1e-10)
        assert found.std_error == pytest.approx(expected.std_error, rel=1e-9)
    twice = [
        weigh_responses(reweighted(panel, known)) for panel, known in ((rows, one), (engine, other))
    ]
    assert reweighted(engine, twice[1]).weighted
    assert twice[1].effective == pytest.approx(twice[0].effective, rel=1e-10)
    expected, found = (nonresponse_check(cx.analyse(panel), "spend") for panel in (rows, engine))
    assert_same(found, expected)


def test_response_weights_come_along_into_memory():
    tables = cx.read_tables(cx.load_study(cx.demo_study()))
    panels = [cx.build_panel(tables, quarter="2026Q2", fits=fits) for fits in ("rows", "engine")]
    rows, engine = (reweighted(panel, weigh_responses(panel)) for panel in panels)
    assert list(engine.frame) == list(rows.frame)
    found = engine.brought_into_memory().rows.weights
    np.testing.assert_allclose(found, rows.rows.weights, rtol=1e-9)


def test_response_weights_of_one_quarter_are_not_dropped_by_moves():
    tables = cx.read_tables(cx.load_study(cx.demo_study()))
    for fits in ("rows", "engine"):
        panel = cx.build_panel(tables, quarter="2026Q2", fits=fits)
        with pytest.raises(ModelError, match="weights of 2026Q2 are not those of the tables"):
            cx.count_moves(reweighted(panel, weigh_responses(panel)))
        whole = cx.build_panel(tables, fits=fits)
        assert cx.count_moves(reweighted(whole, weigh_responses(whole))).transitions


def check(folder, **drawn):
    tables, truth = company(6000, **drawn)
    panel = cx.build_panel(write(folder, tables))
    return nonresponse_check(cx.analyse(panel), "spend"), truth, panel


def test_the_check_fires_where_those_who_did_not_answer_are_others(tmp_path):
    """Plan A: 50 and 60 EUR, plan B: 200 and 240 EUR; 80 % of A answer, 20 % of B.

    A gap of 10 and one of 40 EUR: 16 on average over those who answer, 25 over all.
    """
    found, truth, panel = check(tmp_path, answers=(0.8, 0.2))
    plain = cx.regress_outcome(panel, "spend").contrast
    known = weigh_responses(panel)
    weighted = cx.regress_outcome(reweighted(panel, known), "spend").contrast
    assert plain.estimate == pytest.approx(16, abs=3 * plain.std_error)
    assert weighted.estimate == pytest.approx(25, abs=3 * weighted.std_error)
    assert not weighted.conf_low <= 16 <= weighted.conf_high
    assert found.verdict == "warning"
    assert found.estimate.name == "check.nonresponse.spend"
    assert found.estimate.estimate == pytest.approx(weighted.estimate - plain.estimate)
    assert found.estimate.conf_low <= 9 <= found.estimate.conf_high
    assert f"{truth['answered'].sum():,} of the 6,000 invitations that can" in found.sentence
    assert "too large to pass over" in found.sentence
    worst = known.balance["smd_before"].abs().max()
    assert worst == pytest.approx(0.6, abs=0.05)  # 0.8 or 0.2 against 0.5, over 0.5
    assert known.balance["smd_after"].abs().max() < 0.01
    assert f"by at most {worst:.2f} SD (plan = " in known.sentence


def test_the_check_is_quiet_where_all_answer_alike(tmp_path):
    found, _, _ = check(tmp_path, answers=(0.5, 0.5))
    assert found.verdict == "passed"
    assert abs(found.estimate.estimate) < 1


def test_the_check_fails_where_the_sign_changes(tmp_path):
    """Promoters of plan A spend more, those of B, of whom few answer, less by more."""
    found, _, _ = check(tmp_path, answers=(0.9, 0.1), ratio=(1.4, 0.6), spend=(100.0, 130.0))
    assert found.verdict == "failed"
    assert "no decision" in found.sentence


def test_the_interval_of_the_difference_is_that_of_a_jackknife(tmp_path):
    """Leave out one of 30 lots of answers at a time, weights as they were."""
    tables, _ = company(1200, answers=(0.7, 0.4))
    panel = cx.build_panel(write(tmp_path, tables))
    known = weigh_responses(panel)
    found = nonresponse_check(cx.analyse(panel), "spend", known).estimate
    lot = np.random.default_rng(1).permutation(len(panel.frame)) % 30
    left = []
    for one in range(30):
        kept = lot != one
        part = panel.with_frame(panel.frame[kept].reset_index(drop=True))
        weighted = part.with_frame(part.frame.assign(weight=known.weights[kept]))
        plain, other = (cx.regress_outcome(p, "spend").contrast.estimate for p in (part, weighted))
        left.append(other - plain)
    jackknife = np.sqrt(29 / 30 * ((np.array(left) - np.mean(left)) ** 2).sum())
    assert found.std_error == pytest.approx(jackknife, rel=0.3)  # 30 lots: a seventh either way


def test_the_score_moves_towards_that_of_all_customers(tmp_path):
    """Plan A: all promoters or passives; B: detractors too, and few of them answer."""
    tables, drawn = company(6000, answers=(0.8, 0.2))
    rng = np.random.default_rng(3)
    score = np.where(drawn["plan"] == 1, rng.choice([3, 8], 6000), rng.choice([8, 10], 6000))
    tables["responses"]["nps"] = score[drawn["answered"]]
    panel = cx.build_panel(write(tmp_path, tables))
    truth = 100 * ((score >= 9).mean() - (score <= 6).mean())
    plain = cx.score(panel)[0].estimate
    weighted = cx.score(reweighted(panel, weigh_responses(panel)))[0].estimate
    assert abs(plain - truth) > 20
    assert weighted == pytest.approx(truth, abs=6)


def refused(folder, tables, error=ModelError, **study):
    with pytest.raises(error) as caught:
        weigh_responses(cx.build_panel(write(folder, tables, **study)))
    return str(caught.value)


def test_refuses_a_study_without_invitations_or_without_their_dates(tmp_path):
    assert "Declare [tables.invitations]" in refused(tmp_path, halves(), invitations="")
    bare = INVITATIONS.replace('invited_at = "at"\n', "")
    assert "no invited_at" in refused(tmp_path, halves(), invitations=bare)


def test_refuses_an_undated_study(tmp_path):
    frame = pd.DataFrame({"score": [3.0, 8.0, 10.0], "spend_after": [1.0, 2.0, 3.0]})
    panel = make_panel(make_study(tmp_path, {"spend": "amount"}), frame)
    with pytest.raises(ModelError, match="no dates"):
        weigh_responses(panel)


def test_refuses_where_everybody_answered_or_nearly(tmp_path):
    tables = halves()
    everybody = tables["invitations"].iloc[::2]
    assert "everyone invited answered: all 100 invitations" in refused(
        tmp_path, tables | {"invitations": everybody}
    )
    nearly = tables["invitations"].drop(index=range(59, 200, 2))  # 29 who did not
    message = refused(tmp_path, tables | {"invitations": nearly}, ScarceDataError)
    assert "29 of 129 customers invited did not answer" in message


def test_refuses_where_nobody_invited_answered_or_nobody_can_be_looked_at(tmp_path):
    tables = halves()
    later = tables["invitations"].assign(at="2026-04-25 09:00:00")
    message = refused(tmp_path, tables | {"invitations": later}, ScarceDataError)
    assert "0 of 200 customers invited answered" in message
    too_late = tables["invitations"].assign(at="2026-12-01 09:00:00")
    message = refused(tmp_path, tables | {"invitations": too_late})
    assert "no invitation can be looked at" in message
    assert "less than 90 days to answer by 2026-12-31: 200 left out" in message


def test_refuses_where_nothing_is_known_of_those_who_did_not_answer(tmp_path):
    tables = halves()
    text = STUDY.replace('attributes = ["plan"]', "").replace('columns = ["plan"]', "columns = []")
    pd.DataFrame(tables["orders"]).to_csv(tmp_path / "orders.csv", index=False)
    write(tmp_path, tables)
    parts = {"responses": "", "invitations": INVITATIONS, "churn": "no_purchase", "more": ""}
    (tmp_path / "study.toml").write_text(text.format(**parts))
    panel = cx.build_panel(cx.read_tables(cx.load_study(tmp_path / "study.toml")))
    with pytest.raises(ModelError, match="nothing is known"):
        weigh_responses(panel)
