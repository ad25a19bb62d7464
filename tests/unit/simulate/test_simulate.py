"""The simulated company against independent recomputations from its own files."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd
import pytest

from cxroi.effects.adjusted import regress_outcome
from cxroi.errors import OutputError, ParameterError
from cxroi.panel.building import build_panel
from cxroi.reading.tables import read_tables
from cxroi.simulate.company import Calendar, live, split_cents
from cxroi.simulate.scores import ODDS, ODDS_AT, draw_answers, draw_scores
from cxroi.simulate.simulate import WAVES, simulate
from cxroi.simulate.truth import Slice, customer_value, true_roi
from cxroi.simulate.worlds import BENDS, COEFFICIENTS, EFFECTS, HIDDEN, OUTCOMES, WORLDS, design
from cxroi.study.loading import load_study

CUSTOMERS, SEED = 20_000, 5
TIMES_OVER = 50  # draws of each outcome: some 200,000, so that a mean is known to a third of 1 %
ROOT = TemporaryDirectory()
DAY = pd.Timedelta(days=1)
WINDOW = 90 * DAY
TIMES = {
    "responses": ["answered_at"],
    "orders": ["ordered_at"],
    "contacts": ["opened_at"],
    "returns": ["returned_at"],
    "invitations": ["invited_at"],
    "subscriptions": ["started_at", "cancelled_at"],
    "customers": [],
}


@cache
def company(world: str) -> Path:
    folder = Path(ROOT.name) / world
    simulate(folder, CUSTOMERS, SEED, world)
    return folder


@cache
def lived(world: str):
    """The people of the world, among them what no file holds."""
    return live(WORLDS[world], CUSTOMERS, Calendar.of(WAVES), SEED, lambda step: None).people


def truth(world: str) -> dict:
    return json.loads((company(world) / "truth.json").read_text())


@cache
def table(world: str, name: str) -> pd.DataFrame:
    return pd.read_csv(
        company(world) / f"{name}.csv",
        parse_dates=TIMES[name],
        keep_default_na=False,
        na_values=[""],
    )


def summed(panel: pd.DataFrame, events: pd.DataFrame, at: str, after: bool, amount: str = ""):
    """Sum or count the events of (t, t + 90 days], or of [t - 90 days, t)."""
    both = panel[["row", "customer_id", "answered_at"]].merge(events, on="customer_id")
    gap = both[at] - both["answered_at"]
    inside = (gap > 0 * DAY) & (gap <= WINDOW) if after else (gap >= -WINDOW) & (gap < 0 * DAY)
    grouped = both[inside].groupby("row")
    values = grouped[amount].sum() if amount else grouped.size()
    return values.reindex(panel["row"]).fillna(0).to_numpy(float)


@cache
def panel(world: str) -> pd.DataFrame:
    """Used answers with baselines and outcomes, by pandas alone."""
    rows = table(world, "responses").merge(table(world, "customers"), on="customer_id")
    rows = rows.merge(table(world, "subscriptions"), on="customer_id")
    rows = rows[~(rows["cancelled_at"] <= rows["answered_at"])]
    until = pd.Timestamp("2027-01-01")
    rows = rows[rows["answered_at"] + WINDOW < until].sort_values("answered_at")
    rows = rows.assign(row=np.arange(len(rows)))
    for name, events, at, amount in (
        ("spend", "orders", "ordered_at", "amount"),
        ("orders", "orders", "ordered_at", ""),
        ("contacts", "contacts", "opened_at", ""),
        ("returns", "returns", "returned_at", ""),
    ):
        found = table(world, events)
        rows[f"{name}_before"] = summed(rows, found, at, False, amount)
        rows[name] = summed(rows, found, at, True, amount)
    rows["repeat_purchase"] = (rows["orders"] > 0).astype(float)
    rows["churned"] = (rows["cancelled_at"] <= rows["answered_at"] + WINDOW).astype(float)
    rows["retained"] = 1 - rows["churned"]
    return rows.assign(group=np.select([rows["score"] <= 6, rows["score"] <= 8], [0, 1], 2))


def predictor(world: str, part: str, rows: pd.DataFrame, group: int) -> np.ndarray:
    """Write the linear predictor out by name, from the columns of the files."""
    b = COEFFICIENTS[part]
    eta = b[0] + b[1] * (rows["segment"] == "Family") + b[2] * (rows["segment"] == "Business")
    for k, region in enumerate(("EU", "APAC", "LATAM")):
        eta = eta + b[3 + k] * (rows["region"] == region)
    eta = eta + b[6] * rows["tenure_months"]
    for k, name in enumerate(("spend", "orders", "contacts")):
        eta = eta + b[7 + k] * np.arcsinh(rows[f"{name}_before"])
    chosen = WORLDS[world]
    eta = eta + chosen.outcome_bend * bent(part, rows)
    eta = eta + chosen.effect * EFFECTS[part][group] + chosen.hidden * HIDDEN[part] * rows["trait"]
    return eta.to_numpy(float)


def bent(part: str, rows: pd.DataFrame) -> pd.Series:
    """Write the bend out: a hump about 48 months, a slope on spend whose sign is the segment's."""
    hump = 2.718281828459045 ** -(((rows["tenure_months"] - 48) / 20) ** 2)
    sign = rows["segment"].map({"Consumer": -1, "Family": 1, "Business": 1})
    return BENDS[part][0] * hump + BENDS[part][1] * sign * (np.arcsinh(rows["spend_before"]) - 3)


def draw_potential(world: str, rows: pd.DataFrame, group: int, rng: np.random.Generator) -> dict:
    """Draw the outcomes of every row, many times over."""
    eta = {part: np.repeat(predictor(world, part, rows, group), TIMES_OVER) for part in EFFECTS}
    n = TIMES_OVER * len(rows)
    bought = rng.random(n) < 1 / (1 + np.exp(-eta["any"]))
    mean = np.exp(eta["amount"])
    sd = WORLDS[world].log_sd
    amount = rng.lognormal(np.log(mean) - sd**2 / 2, sd) if sd else rng.gamma(1.5, mean / 1.5)
    churned = rng.random(n) < 1 / (1 + np.exp(-eta["churn"]))
    return {
        "spend": bought * amount,
        "orders": bought * (1 + rng.poisson(np.exp(eta["more"]))),
        "repeat_purchase": bought,
        "retained": ~churned,
        "churned": churned,
        "contacts": rng.poisson(np.exp(eta["contacts"])),
        "returns": rng.poisson(np.exp(eta["returns"])),
    }


@pytest.mark.parametrize(
    "world", ["causal", "hidden", "heavy", "bent_outcome", "bent_score", "opposed"]
)
def test_truth_is_the_mean_of_drawn_potential_outcomes(world):
    rows = panel(world)
    people = lived(world)
    trait = people.trait[rows["customer_id"].str[1:].astype(int).to_numpy() - 1]
    rows = rows.assign(trait=trait)[rows["group"] == 1]
    drawn = [draw_potential(world, rows, group, np.random.default_rng(group)) for group in (1, 2)]
    for outcome in OUTCOMES:
        low, high = (np.asarray(part[outcome], float) for part in drawn)
        error = np.sqrt((low.var() + high.var()) / len(low))
        entry = truth(world)["contrasts"][outcome]
        assert abs(high.mean() - low.mean() - entry["contrast"]) < 4 * error, outcome
        assert abs(low.mean() - entry["mean_from"]) < 4 * low.std() / len(low) ** 0.5, outcome


@pytest.mark.parametrize("world", list(WORLDS))
def test_realised_means_lie_about_the_truth(world):
    rows, told = panel(world), truth(world)
    low, high = rows[rows["group"] == 1], rows[rows["group"] == 2]
    assert told["responses_from"] == len(low)
    latest = rows.groupby("customer_id")["group"].last()
    assert told["from_customers"] == (latest == 1).sum()
    for outcome in OUTCOMES:
        error = low[outcome].std() / len(low) ** 0.5
        assert abs(low[outcome].mean() - told["contrasts"][outcome]["mean_from"]) < 4 * error
        gap = high[outcome].mean() - low[outcome].mean()
        error = np.hypot(error, high[outcome].std() / len(high) ** 0.5)
        assert abs(gap - told["raw_gap"][outcome]) < 4 * error


def test_quarters_pool_to_the_whole():
    told = truth("causal")
    quarters = told["by_quarter"]
    assert list(quarters) == list(WAVES)
    assert sum(q["responses_from"] for q in quarters.values()) == told["responses_from"]
    pooled = sum(
        q["contrasts"]["spend"]["contrast"] * q["responses_from"] for q in quarters.values()
    )
    expected = told["contrasts"]["spend"]["contrast"] * told["responses_from"]
    assert pooled == pytest.approx(expected)


@pytest.mark.parametrize("world", ["null", "reverse"])
def test_worlds_without_effect(world):
    told = truth(world)
    assert {entry["contrast"] for entry in told["contrasts"].values()} == {0.0}
    assert told["roi"]["ratio"] == -1.0
    assert told["raw_gap"]["spend"] > 10


@pytest.mark.parametrize("world", ["causal", "heavy"])
def test_effects_are_of_the_size_announced(world):
    entries = truth(world)["contrasts"]
    relative = {name: entry["contrast"] / entry["mean_from"] for name, entry in entries.items()}
    assert relative["spend"] == pytest.approx(0.125, abs=0.02)
    assert relative["churned"] == pytest.approx(-0.25, abs=0.02)
    assert relative["contacts"] == pytest.approx(-0.20, abs=0.02)
    assert truth(world)["raw_gap"]["spend"] > 1.8 * entries["spend"]["contrast"]


def test_heavy_has_a_heavier_tail():
    shares = {}
    for world in ("causal", "heavy"):
        amounts = panel(world)["spend"].sort_values()
        shares[world] = amounts.tail(len(amounts) // 100).sum() / amounts.sum()
    assert shares["heavy"] > 2.5 * shares["causal"]


def test_reverse_has_a_large_gap_in_the_same_period():
    rows = panel("reverse").groupby("group")["spend_before"].mean()
    assert rows[2] > 2 * rows[1]


def test_bent_outcomes_are_bent():
    """Customers of 40 to 56 months buy, leave and ask more than those before and after."""
    rows = panel("bent_outcome")
    middle = rows["tenure_months"].between(40, 56)
    for outcome in ("spend", "churned", "contacts"):
        for others in (rows["tenure_months"] < 20, rows["tenure_months"] > 80):
            # e^1 = 2.7 for contacts, the least bent: at least half as much again
            assert rows.loc[middle, outcome].mean() > 1.5 * rows.loc[others, outcome].mean()


def test_opposed_does_harm_and_looks_like_good():
    told = truth("opposed")
    signs = {"spend": -1, "retained": -1, "contacts": 1}
    for outcome, sign in signs.items():
        entry = told["contrasts"][outcome]
        assert 0 < sign * entry["contrast"] < 0.2 * entry["mean_from"]
        if outcome != "contacts":  # there the harm is larger than what the trait hides
            assert sign * told["raw_gap"][outcome] < 0


def standard_errors_off(world: str, outcome: str) -> float:
    """Return the error of the package's adjusted contrast, in its standard errors."""
    adjusted = regress_outcome(package_panel(world), outcome).adjusted
    true = truth(world)["contrasts"][outcome]["contrast"]
    return (adjusted.estimate - true) / adjusted.std_error


@cache
def package_panel(world: str):
    return build_panel(read_tables(load_study(company(world) / "study.toml")))


@pytest.mark.parametrize(("outcome", "sign"), [("spend", -1), ("retained", 1), ("contacts", -1)])
def test_adjusting_fails_where_outcomes_are_bent_and_not_where_the_score_is(outcome, sign):
    assert sign * standard_errors_off("bent_outcome", outcome) > 1.5
    assert abs(standard_errors_off("bent_score", outcome)) < 2.5


def test_adjusting_finds_the_wrong_sign_where_the_trait_opposes():
    adjusted = regress_outcome(package_panel("opposed"), "spend").adjusted
    assert adjusted.conf_low > 0 > truth("opposed")["contrasts"]["spend"]["contrast"]


@cache
def many_scores(world: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw covariates of many customers, far from those of a company, and a score for each."""
    rng, n = np.random.default_rng(8), 200_000
    orders = rng.poisson(1.0, n)
    baseline = [orders * rng.gamma(1.5, 60.0, n), orders, rng.poisson(0.6, n)]
    x = design(rng.integers(0, 3, n), rng.integers(0, 4, n), rng.integers(4, 90, n), baseline)
    return x, draw_scores(WORLDS[world], x, np.zeros(n), rng)


def bend_columns(x: np.ndarray) -> np.ndarray:
    """Return the bend of `bent` from the columns of a design, by position."""
    crossing = np.where(x[:, 1] + x[:, 2] > 0, 1, -1) * (x[:, 7] - 3)
    return np.column_stack([np.exp(-((x[:, 6] - 48) ** 2) / 400), crossing])


def pairwise_logit(x: np.ndarray, score: np.ndarray, low: tuple, high: tuple):
    """Fit the log odds of scores in `high` against scores in `low`, with the bend beside x."""
    from statsmodels.api import Logit

    above = (score >= high[0]) & (score <= high[1])
    rows = above | ((score >= low[0]) & (score <= low[1]))
    columns = np.column_stack([x, bend_columns(x)])
    return Logit(above[rows].astype(float), columns[rows]).fit(disp=0)


PAIRS = [((0, 6), (7, 8), 0), ((7, 8), (9, 10), 1)]


@pytest.mark.parametrize(("low", "high", "pair"), PAIRS)
def test_log_odds_of_neighbouring_groups_are_linear_in_bent_outcome(low, high, pair):
    x, score = many_scores("bent_outcome")
    planted = np.array([ODDS_AT[pair] + ODDS[0], *ODDS[1:], 0.0, 0.0])
    fit = pairwise_logit(x, score, low, high)
    assert (abs(fit.params - planted) < 4 * fit.bse).all()
    assert abs(fit.tvalues[6]) > 50  # strong enough to be found
    # who answers goes by the score alone: it moves the intercept and no slope
    answered = draw_answers(score, np.random.default_rng(1))
    fit = pairwise_logit(x[answered], score[answered], low, high)
    assert (abs(fit.params - planted) < 4 * fit.bse)[1:].all()


@pytest.mark.parametrize(("low", "high", "pair"), PAIRS)
def test_log_odds_are_bent_in_bent_score(low, high, pair):
    fit = pairwise_logit(*many_scores("bent_score"), low, high)
    assert fit.tvalues[-2] > 20
    assert fit.tvalues[-1] < -20
    unbent = pairwise_logit(*many_scores("causal"), low, high)
    assert (abs(unbent.tvalues[-2:]) < 4).all()


def test_promoters_are_neither_rare_nor_certain_in_bent_outcome():
    rows = panel("bent_outcome").query("group > 0")
    names = ("spend_before", "orders_before", "contacts_before")
    segment = rows["segment"].map({"Consumer": 0, "Family": 1, "Business": 2}).to_numpy()
    region = rows["region"].map({"NA": 0, "EU": 1, "APAC": 2, "LATAM": 3}).to_numpy()
    x = design(segment, region, rows["tenure_months"].to_numpy(), [rows[n] for n in names])
    # among answers the odds rise with the mean rate of answering, by hand from ANSWER:
    # passives 7 and 8 (.16, .20), promoters 9 and 10 (.22, .20)
    rate = 1 / (1 + np.exp(2 - 0.13 * np.arange(11)))
    answers = np.log(np.average(rate[9:], weights=(0.22, 0.20)))
    answers -= np.log(np.average(rate[7:9], weights=(0.16, 0.20)))
    chance = 1 / (1 + np.exp(-(x @ np.array(ODDS) + ODDS_AT[1] + answers)))
    assert ((chance < 0.05) | (chance > 0.95)).mean() < 0.02
    assert chance.mean() == pytest.approx((rows["group"] == 2).mean(), abs=0.02)


def test_scores_within_a_group_ignore_the_covariates_in_bent_outcome():
    x, score = many_scores("bent_outcome")
    shares = np.bincount(score, minlength=11) / len(score)
    detractor, passive, promoter = shares[:7].sum(), shares[7:9].sum(), shares[9:].sum()
    assert shares[:7] / detractor == pytest.approx(
        np.array([0.01, 0.01, 0.015, 0.02, 0.03, 0.055, 0.08]) / 0.22, abs=0.015
    )
    assert shares[7] / passive == pytest.approx(0.16 / 0.36, abs=0.01)
    assert shares[9] / promoter == pytest.approx(0.22 / 0.42, abs=0.01)
    young = x[:, 6] < 40
    for group, top in (((7, 8), 8), ((9, 10), 10)):
        inside = np.isin(score, group)
        parts = [score[inside & part] == top for part in (young, ~young)]
        error = np.sqrt(sum(part.var() / len(part) for part in parts))
        assert abs(parts[0].mean() - parts[1].mean()) < 4 * error


@pytest.mark.parametrize("world", ["hidden", "opposed"])
def test_the_trait_of_each_customer_stands_beside_the_truth(world, tmp_path):
    people = lived(world)
    told = pd.read_csv(company(world) / "truth_trait.csv")
    assert list(told) == ["customer_id", "trait"]
    assert (told["customer_id"] == table(world, "customers")["customer_id"]).all()
    assert (told["trait"] == people.trait).all()
    assert "trait" not in (company(world) / "study.toml").read_text()
    simulate(tmp_path / "x", 200, SEED, world, file_format="parquet")
    whole = duckdb.sql(f"SELECT * FROM '{tmp_path / 'x' / 'truth_trait.parquet'}'").fetchall()
    again = live(WORLDS[world], 200, Calendar.of(WAVES), SEED, lambda step: None).people.trait
    assert whole == [(f"C{k + 1:07d}", trait) for k, trait in enumerate(again)]


def test_the_trait_goes_with_its_world(tmp_path):
    simulate(tmp_path / "x", 100, 1, "hidden", file_format="parquet")
    simulate(tmp_path / "x", 100, 1, "opposed", force=True)
    assert [path.name for path in (tmp_path / "x").glob("*trait*")] == ["truth_trait.csv"]
    for world in sorted(set(WORLDS) - {"hidden", "opposed"}):
        simulate(tmp_path / "x", 100, 1, world, force=True)
        assert not list((tmp_path / "x").glob("*trait*"))


def test_group_shares():
    shares = panel("causal")["group"].value_counts(normalize=True)
    # answering rises with the score, so promoters are more among answers than their 42 %
    assert 0.12 < shares[0] < 0.20
    assert 0.45 < shares[2] < 0.55


def test_answering_follows_the_score():
    rng = np.random.default_rng(1)
    rates = [draw_answers(np.full(200_000, score), rng).mean() for score in (0, 5, 10)]
    # logit -2 + 0.13 score, by hand: 1/(1+e^2), 1/(1+e^1.35), 1/(1+e^0.7)
    assert rates == pytest.approx([0.11920, 0.20587, 0.33181], abs=0.004)


# in bent_outcome satisfaction falls with tenure and hardly goes by what was bought
@pytest.mark.parametrize("world", sorted(set(WORLDS) - {"bent_outcome"}))
def test_about_a_quarter_answers_and_the_silent_bought_less(world):
    asked = table(world, "invitations")
    answers = table(world, "responses")[["customer_id", "answered_at"]]
    both = asked.merge(answers, on="customer_id", how="left")
    gap = both["answered_at"] - both["invited_at"]
    key = both[(gap > 0 * DAY) & (gap <= 0.25 * DAY)][["customer_id", "invited_at"]]
    assert len(key) == len(answers)
    assert 0.20 < len(key) / len(asked) < 0.35
    asked = asked.merge(key.assign(answered=True), how="left", on=["customer_id", "invited_at"])
    asked = asked.assign(row=np.arange(len(asked)), answered_at=asked["invited_at"])
    # whether they bought, not how much: not blurred by the tail of spend
    asked["before"] = summed(asked, table(world, "orders"), "ordered_at", False) > 0
    bought = asked.groupby(asked["answered"].notna())["before"].agg(["mean", "std", "size"])
    error = np.sqrt((bought["std"] ** 2 / bought["size"]).sum())
    assert (bought["mean"][True] - bought["mean"][False]) / error > 2.5


@pytest.mark.parametrize("world", list(WORLDS))
def test_every_event_lies_in_a_window_and_none_follows_a_cancellation(world):
    people = lived(world)
    first = pd.DataFrame(
        {
            "customer_id": table(world, "customers")["customer_id"],
            "first": pd.to_datetime(people.first_answer, unit="s"),
            "cancelled_at": table(world, "subscriptions")["cancelled_at"],
        }
    )
    for name in ("orders", "contacts", "returns"):
        at = TIMES[name][0]
        events = table(world, name).merge(first, on="customer_id")
        into = (events[at] - events["first"]) % (91 * DAY)
        assert (into > DAY).all()
        assert (into < WINDOW).all()
        assert not (events[at] >= events["cancelled_at"]).any()
        assert events[at].between("2025-10-01", "2026-12-31 23:59:59").all()
        assert (events[at] >= events["first"] - WINDOW).all()
    ended = first.dropna()
    into = (ended["cancelled_at"] - ended["first"]) % (91 * DAY)
    assert into.between(DAY, WINDOW).all()
    assert (ended["cancelled_at"] > ended["first"]).all()


def test_one_answer_a_quarter_and_91_days_between():
    answers = table("causal", "responses").sort_values(["customer_id", "answered_at"])
    quarter = answers["answered_at"].dt.to_period("Q").astype(str)
    assert sorted(quarter.unique()) == [*WAVES, "2026Q4"]
    assert not pd.DataFrame({"c": answers["customer_id"], "q": quarter}).duplicated().any()
    gaps = answers.groupby("customer_id")["answered_at"].diff().dropna()
    assert gaps.min() >= 91 * DAY
    late = answers[quarter == "2026Q4"]
    assert 5 < len(late) < 0.02 * len(answers)
    assert (late["answered_at"] >= pd.Timestamp("2026-12-01")).all()


def test_awkward_things_are_planted():
    answers = table("causal", "responses")
    comments = set(answers["comment"].dropna())
    assert "<script>alert(1)</script>" in comments
    assert "=1+1" in comments
    assert any(comment.count("$") == 2 for comment in comments)
    assert 0.1 < answers["comment"].notna().mean() < 0.2
    people = table("causal", "customers")
    assert "NA" in set(people["region"])
    assert people["customer_id"].iloc[0] == "C0000001"
    assert people["customer_id"].is_unique
    both = answers.merge(table("causal", "subscriptions"), on="customer_id")
    after = (both["cancelled_at"] < both["answered_at"]).sum()
    gone = table("causal", "subscriptions")["cancelled_at"].notna().sum()
    assert 0.001 < after / gone < 0.01


def test_buying_and_churning_go_together_given_the_rest():
    rows = panel("causal")
    rows = rows[rows["group"] == 1].assign(trait=0.0)
    for part, outcome in (("any", "repeat_purchase"), ("churn", "churned")):
        rows[part] = rows[outcome] - 1 / (1 + np.exp(-predictor("causal", part, rows, 1)))
    # a Gaussian copula of -0.3 leaves about -0.12 between 0/1 residuals at 55 % and 9 %
    assert -0.2 < np.corrcoef(rows["any"], rows["churn"])[0, 1] < -0.06


def test_same_seed_same_bytes(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate(tmp_path / name, 300, seed)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    a, b, c = ([(tmp_path / k / name).read_bytes() for name in names] for k in "abc")
    assert a == b
    assert all(x != y for x, y in zip(a, c, strict=True))


def test_parquet_holds_what_csv_holds(tmp_path):
    for suffix in ("csv", "parquet"):
        simulate(tmp_path / suffix, 200, 1, file_format=suffix)
    for name in TIMES:
        left, right = (
            duckdb.sql(f"SELECT * FROM '{tmp_path / s / name}.{s}'").fetchall()
            for s in ("csv", "parquet")
        )
        assert left == right
        assert left


def test_study_file_loads_and_carries_the_scenario(tmp_path):
    path = simulate(tmp_path / "new" / "deep", 300, 1, scenario_ranges=True)
    assert path == tmp_path / "new" / "deep" / "study.toml"
    study = load_study(path)
    assert (study.baseline_days, study.outcome_days) == (90, 90)
    assert study.scenario.causal_share.high == 0.8
    declared = tomllib.loads(simulate(tmp_path / "plain", 300, 1).read_text())["scenario"]
    told = json.loads((tmp_path / "plain" / "truth.json").read_text())["scenario"]
    assert declared == told
    assert declared["causal_share"] == 1.0


def test_other_waves(tmp_path):
    simulate(tmp_path / "x", 400, 1, waves=["2024Q4", "2025Q1"])
    told = json.loads((tmp_path / "x" / "truth.json").read_text())
    assert list(told["by_quarter"]) == ["2024Q4", "2025Q1"]
    study = tomllib.loads((tmp_path / "x" / "study.toml").read_text())["study"]
    assert str(study["complete_from"]) == "2024-07-01"
    assert str(study["complete_until"]) == "2025-06-30"


def means(spend, retained, contacts):
    others = {"orders": 1.0, "repeat_purchase": 0.5, "churned": 1 - retained, "returns": 0.0}
    return others | {"spend": spend, "retained": retained, "contacts": contacts}


SCENARIO = {
    "share_moved": 0.1,
    "cost_per_moved": 10.0,
    "fixed_cost": 500.0,
    "gross_margin": 0.5,
    "discount_rate_annual": 0.0,
    "cost_per_contact": 10.0,
    "cost_per_return": 3.0,
}


def test_roi_by_hand():
    # two windows: from (50 - 10)(1 + .8) = 72, to (55 - 5)(1 + .9) = 95; 100 moved
    # net 100 * 23 - (100 * 10 + 500) = 800; ratio 800 / 1500
    used = Slice(7, means(100.0, 0.8, 1.0), means(110.0, 0.9, 0.5))
    roi = true_roi(used, SCENARIO | {"horizon_months": 180 / 30.4375}, 1000)
    assert roi["value_per_moved"] == pytest.approx(23.0)
    assert roi["net_value"] == pytest.approx(800.0)
    assert roi["ratio"] == pytest.approx(800 / 1500)


def test_last_window_counts_in_part_and_money_is_discounted():
    # one and a half windows: 40 * (1 + .5 * .8) = 56
    part = SCENARIO | {"horizon_months": 135 / 30.4375}
    assert customer_value(means(100.0, 0.8, 1.0), part) == pytest.approx(56.0)
    # one window, its middle after 1.4784 months: 40 * 1.21 ** -(1.4784 / 12) = 39.0715
    one = SCENARIO | {"horizon_months": 90 / 30.4375, "discount_rate_annual": 0.21}
    assert customer_value(means(100.0, 0.8, 1.0), one) == pytest.approx(39.0715, abs=1e-4)


def test_sums_split_to_the_cent():
    rng = np.random.default_rng(0)
    orders = rng.poisson(1.0, 5000)
    cents = np.where(orders > 0, orders + rng.integers(0, 30_000, 5000), 0)
    parts = split_cents(cents, orders, rng)
    assert (parts >= 1).all()
    who = np.repeat(np.arange(5000), orders)
    assert (np.bincount(who, parts, minlength=5000) == cents).all()
    assert len(split_cents(np.zeros(3, int), np.zeros(3, int), rng)) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"world": "casual"}, "Did you mean 'causal'?"),
        ({"world": "xyz"}, "Valid: causal, null, reverse, hidden, heavy,"),
        ({"customers": 99}, "100 or more"),
        ({"customers": 200.0}, "100 or more"),
        ({"customers": True}, "100 or more"),
        ({"seed": -1}, "seed is -1"),
        ({"file_format": "parket"}, "Did you mean 'parquet'?"),
        ({"waves": ["2026Q1", "2026Q3"]}, "one after the other"),
        ({"waves": ["2026Q5"]}, "one after the other"),
        ({"waves": []}, "one or more quarters"),
    ],
)
def test_refused_parameters(tmp_path, arguments, message):
    with pytest.raises(ParameterError) as refusal:
        simulate(tmp_path / "x", **({"customers": 100, "seed": 1} | arguments))
    assert message in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_an_occupied_folder_is_kept(tmp_path):
    target = tmp_path / "x"
    simulate(target, 100, 1)
    before = (target / "truth.json").read_bytes()
    with pytest.raises(OutputError, match="x exists"):
        simulate(target, 100, 2)
    assert (target / "truth.json").read_bytes() == before
    simulate(target, 100, 2, force=True)
    assert (target / "truth.json").read_bytes() != before
    (target / "thesis.docx").write_text("precious")
    with pytest.raises(OutputError, match="1 files or folders that cxroi did not write"):
        simulate(target, 100, 3, force=True)
    assert (target / "thesis.docx").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    with pytest.raises(OutputError, match="is a file"):
        simulate(target / "thesis.docx", 100, 1)


def test_an_empty_folder_is_used_and_the_current_one_refused(tmp_path, monkeypatch):
    (tmp_path / "x").mkdir()
    assert simulate(tmp_path / "x", 100, 1).exists()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="working directory"):
        simulate(Path(), 100, 1)


@pytest.mark.parametrize("step", ["before", "2026Q2", "invitations"])
def test_an_interrupted_run_leaves_nothing(tmp_path, step):
    def stop(name):
        if name == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "a" / "b", 100, 1, progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_an_output_error_and_keeps_the_earlier_run(tmp_path, monkeypatch):
    simulate(tmp_path / "x", 100, 1)
    before = (tmp_path / "x" / "truth.json").read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cxroi.simulate.simulate.write_tables", full)
    with pytest.raises(OutputError, match="No space left on device"):
        simulate(tmp_path / "x", 100, 2, force=True)
    assert (tmp_path / "x" / "truth.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_table_that_cannot_be_written_is_an_output_error(tmp_path, monkeypatch):
    class Broken:
        def write_csv(self, *arguments, **options):
            raise duckdb.IOException("no room")

    monkeypatch.setattr(duckdb.DuckDBPyRelation, "project", lambda *arguments: Broken())
    with pytest.raises(OutputError, match=r"customers\.csv cannot be written"):
        simulate(tmp_path / "x", 100, 1)
    assert not list(tmp_path.iterdir())
