"""Two groups of a score, such as good and bad: everything that compares groups, on both paths."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from ordinary_cases import of_study
from scipy import stats

import cxroi as cx
from cxroi.presentation import tables, trends

SCENARIO = {
    "share_moved": 0.1,
    "cost_per_moved": 1.0,
    "gross_margin": 0.4,
    "causal_share": 0.5,
}
FITS = ("rows", "engine")


def thumbs(size=240):
    """Customers who answered good or bad, by tenure; the good spend and stay more."""
    rng = np.random.default_rng(3)
    tenure = rng.gamma(2.0, 12.0, size).round(1)
    good = rng.random(size) < 1 / (1 + np.exp(-(tenure - 24) / 20))
    return pd.DataFrame(
        {
            "id": np.arange(size),
            "score": np.where(good, "Good", "bad"),
            "tenure": tenure,
            "spend": np.maximum(0, 20 + 0.3 * tenure + 12 * good + rng.normal(0, 9, size)).round(2),
            "stay": (rng.random(size) < 0.7 + 0.15 * good).astype(int),
        }
    )


def flat(fits, scale, origin="bad", target="good"):
    return cx.load_study(
        {
            "study": {"name": "thumbs", "currency": "EUR"},
            "tables": {"customers": {"customer": "id", "score": "score", "attributes": ["tenure"]}},
            "outcomes": {
                "columns": {
                    "spend": {"column": "spend", "kind": "amount"},
                    "retained": {"column": "stay", "kind": "yes_no"},
                }
            },
            "scale": scale,
            "controls": {"columns": ["tenure"]},
            "windows": {"outcome_days": 90},
            "scenario": {**SCENARIO, "from": origin, "to": target},
            "analysis": {"fits": fits, "draws": 200},
        }
    )


@pytest.fixture(scope="module", params=FITS)
def found(request):
    study = flat(request.param, {"answers": {"good": 1, "bad": 0}})
    checked = request.param == "rows"
    return of_study(study, request.param, {"customers": thumbs()}, checked=checked)


def test_every_figure_of_two_groups_is_the_plain_one(found):
    analysis, _, _ = found
    frame = thumbs()
    good, bad = (frame.loc[frame["score"] == word, "spend"] for word in ("Good", "bad"))
    comparison = analysis.comparisons["spend"]
    assert list(comparison.groups()["group"]) == ["bad", "good"]
    assert list(comparison.groups()["mean"]) == pytest.approx([bad.mean(), good.mean()])
    [row] = comparison.pairwise.to_dict("records")
    welch = stats.ttest_ind(good, bad, equal_var=False).pvalue
    assert row["p_value"] == row["p_holm"] == pytest.approx(welch)
    # Of two groups the studentised range is Student's t times the root of two.
    assert row["p_games_howell"] == pytest.approx(welch, rel=1e-3)
    assert comparison.omnibus.p_value == pytest.approx(welch)
    stay = pd.crosstab(frame["score"], frame["stay"])
    chi = stats.chi2_contingency(stay, correction=False)
    assert analysis.comparisons["retained"].omnibus.statistic == pytest.approx(chi.statistic)
    score, *shares = analysis.scores
    assert score.unit == "% good"
    assert score.estimate == pytest.approx(100 * len(good) / len(frame))
    assert [s.estimate for s in shares] == pytest.approx([len(bad) / 240, len(good) / 240])


def test_the_trend_over_two_answers_is_the_gap(found):
    analysis, _, _ = found
    frame = thumbs()
    means = frame.groupby("score")["spend"].mean()
    gap = means["Good"] - means["bad"]
    trend = analysis.trends["spend"].slopes
    assert trend["raw"].estimate == pytest.approx(gap)
    assert analysis.regressions["spend"].raw.estimate == pytest.approx(gap)
    held = np.column_stack([np.ones(240), (frame["score"] == "Good") * 1.0, frame["tenure"]])
    by_hand = np.linalg.lstsq(held, frame["spend"], rcond=None)[0][1]
    assert trend["adjusted"].estimate == pytest.approx(by_hand)
    assert analysis.regressions["spend"].adjusted.estimate == pytest.approx(by_hand)
    told = str(trends.claims(analysis))
    assert "the trend over them is the gap between the two groups" in told
    assert "alone the verdict" not in told


def test_two_groups_have_their_roi_and_their_answer(found):
    analysis, checks, answer = found
    assert analysis.refusals == {}
    contrast = analysis.regressions["spend"].contrast
    assert 6 < contrast.estimate < 18  # 12 were put in, with an error of about 1.2
    assert contrast.contrast == "good - bad"
    assert analysis.roi["net_value"].n == 240
    assert "Score, % good" in str(tables.key_numbers(analysis))
    assert [e.contrast for e in analysis.comparisons["spend"].gaps] == ["good - bad"]
    if checks:
        assert not [c for c in checks.checks if c.verdict == "failed"]
        assert "the customers in 'bad' to 'good'" in answer


@pytest.mark.parametrize("fits", FITS)
def test_a_trend_over_two_answers_is_shown_where_the_gap_is(fits):
    frame = thumbs().assign(score=["bad"] * 29 + ["good"] * 211)
    study = flat(fits, {"answers": {"good": 1, "bad": 0}})
    panel = cx.build_panel(cx.read_tables(study, frames={"customers": frame}), fits=fits)
    assert cx.compare_groups(panel, "spend").gaps == ()
    trend = cx.score_trend(panel, "spend")
    assert trend.slopes == {}
    assert "fewer than 30 customers" in str(trend.missing["raw"])


def quantile_groups(scores, quantiles, fits):
    scale = {"kind": "custom", "minimum": 0, "maximum": 10, "quantiles": quantiles}
    names = ["low", "middle", "high"] if quantiles == 3 else ["low", "high"]
    study = flat(fits, {**scale, "labels": names}, "low", "high")
    frame = thumbs().assign(score=scores)
    return cx.build_panel(cx.read_tables(study, frames={"customers": frame}), fits=fits)


@pytest.mark.parametrize("fits", FITS)
def test_halves_are_cut_at_the_middle_answer(fits):
    panel = quantile_groups([2, 5, 7, 10] * 60, 2, fits)
    sizes = {m.term: m.n for m in cx.compare_groups(panel, "spend").means}
    assert sizes == {"low": 120, "high": 120}


@pytest.mark.parametrize(("quantiles", "fix"), [(2, "Declare cuts"), (3, "Declare fewer")])
def test_two_answers_of_which_one_is_rare_have_no_halves(quantiles, fix):
    with pytest.raises(cx.CxroiError, match=f"too few different values .*{fix}"):
        quantile_groups([0, 0, 1] * 80, quantiles, "rows")


@pytest.mark.parametrize("fits", FITS)
@pytest.mark.parametrize("scale", [{"quantiles": 2}, {"cuts": [9]}])
def test_nps_is_nps_whatever_the_groups(scale, fits):
    study = flat(fits, {"kind": "nps", "labels": ["bad", "good"], **scale})
    frame = thumbs().assign(score=[10, 9, 9, 8, 7, 1] * 40)
    panel = cx.build_panel(cx.read_tables(study, frames={"customers": frame}), fits=fits)
    assert cx.score(panel)[0].estimate == pytest.approx(100 * (3 - 1) / 6)


@pytest.mark.parametrize("fits", FITS)
def test_dated_answers_in_two_groups_move_between_waves(fits):
    rng = np.random.default_rng(8)
    first, again = rng.random(150) < 0.5, rng.random(150) < 0.5
    days = [pd.Timestamp("2026-01-15"), pd.Timestamp("2026-04-15")]
    answers = pd.concat(
        pd.DataFrame({"id": range(150), "score": np.where(good, "👍", "👎"), "day": day})
        for good, day in zip((first, again), days, strict=True)
    )
    orders = answers.assign(amount=rng.gamma(2, 10, 300).round(2) + 5 * (answers["score"] == "👍"))
    orders["day"] += pd.Timedelta(days=5)
    study = cx.load_study(
        {
            "study": {"name": "faces", "complete_until": dt.date(2026, 5, 16)},
            "tables": {
                "responses": {"customer": "id", "score": "score", "answered_at": "day"},
                "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
            },
            "scale": {"answers": {"👍": 1, "👎": 0}, "labels": ["bad", "good"]},
            "windows": {"baseline_days": 30, "outcome_days": 30},
            "outcomes": {"names": ["spend"]},
            "pair": {"from": "bad", "to": "good"},
            "analysis": {"fits": fits},
        }
    )
    frames = {"responses": answers, "orders": orders[["id", "day", "amount"]]}
    panel = cx.build_panel(cx.read_tables(study, frames=frames), fits=fits)
    shares = {m.name: m.estimate for m in cx.count_moves(panel).transitions}
    assert shares == pytest.approx(
        {
            f"moves.{a}.{b}": float((again == y)[first == x].mean())
            for a, x in (("bad", False), ("good", True))
            for b, y in (("bad", False), ("good", True))
        }
    )
    # Within customers by hand: two-way fixed effects of two waves are differences of differences.
    spend = orders["amount"].to_numpy().reshape(2, 150)
    change, up = spend[1] - spend[0], again * 1.0 - first
    design = np.column_stack([np.ones(150), up])
    by_hand = np.linalg.lstsq(design, change, rcond=None)[0][1]
    trend = cx.score_trend(panel, "spend").slopes["two_way"]
    assert trend.estimate == pytest.approx(by_hand)
    within = cx.change_within(panel, cx.regress_outcome(panel, "spend"))
    assert within.estimate.estimate == pytest.approx(by_hand)
