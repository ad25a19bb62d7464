"""Sentences on the trend over the whole score: said where it must be known, else not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.effects.trend import Trend
from cxroi.presentation.trends import claims, table, trend_sentences

CASES = Path(__file__).parents[4] / "shared" / "field-cases"
FIELD = CASES / "trend_against_the_score_unsaid" / "study.toml"
# Churn by score 1 to 5, a case from the field: the worse the higher, and too little data for
# neutral against satisfied.
CHURN = {1: 0.107, 2: 0.133, 3: 0.174, 4: 0.140, 5: 0.183}


def study_of(folder, kind="csat", **scale):
    rows = [
        (score, int(n < round(share * 1_120)))
        for score, share in CHURN.items()
        for n in range(1_120)
    ]
    frame = pd.DataFrame(rows, columns=["score", "churn"])
    if scale.get("better") == "lower":
        frame["score"] = 6 - frame["score"]
    frame.assign(id=np.arange(len(frame))).to_csv(Path(folder) / "d.csv", index=False)
    people = {"path": str(Path(folder) / "d.csv"), "customer": "id", "score": "score"}
    churn = {"column": "churn", "kind": "yes_no", "yes": [0], "no": [1]}
    document = {
        "study": {"name": "trend"},
        "tables": {"customers": people},
        "scale": {"kind": kind, **scale},
        "outcomes": {"columns": {"retained": churn}},
    }
    return cx.load_study(document)


@pytest.fixture(scope="module")
def worse(tmp_path_factory):
    study = study_of(tmp_path_factory.mktemp("worse"))
    return cx.analyse(cx.build_panel(cx.read_tables(study)))


def test_an_outcome_that_worsens_as_the_score_rises_is_said(worse):
    [sentence] = trend_sentences(worse)
    # Slope by hand: sum of (s - 3) * retained share over 10 = -(.183*2 + .140 - .133 - .107*2)/10
    assert worse.trends["retained"].slopes["raw"].estimate == pytest.approx(-0.0159, abs=2e-4)
    assert sentence.startswith(
        "Retained gets worse as the CSAT gets better: over all answers, each point better goes "
        "with 1.6 pp less (p < 0.0001)."
    )
    assert "held equal" not in sentence  # nothing was
    assert "caus" not in sentence
    assert str(claims(worse)) == sentence


def test_the_case_from_the_field_is_said():
    if not FIELD.exists():
        pytest.skip("the field case trend_against_the_score_unsaid is not here")
    analysis = cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(FIELD))))
    # The means of retained at 1 to 5, and a p value of 2e-6 by a logit or plain least squares.
    means = [0.893, 0.867, 0.826, 0.860, 0.817]
    frame = analysis.panel.frame
    found = frame.groupby("score")["retained_after"].mean()
    assert found.to_numpy() == pytest.approx(means, abs=6e-4)
    assert 1e-7 < analysis.trends["retained"].slopes["raw"].p_value < 1e-5
    assert "Retained gets worse as the CSAT gets better" in str(claims(analysis))


def test_better_means_lower_where_the_scale_says_so(tmp_path):
    study = study_of(tmp_path, "custom", minimum=1, maximum=5, cuts=[3, 4], better="lower")
    analysis = cx.analyse(cx.build_panel(cx.read_tables(study)))
    assert analysis.trends["retained"].slopes["raw"].estimate > 0  # a point more is worse
    [sentence] = trend_sentences(analysis)
    assert "each point better goes with 1.6 pp less" in sentence


def with_slopes(analysis, better=None, **slopes):
    """The analysis with some figures of its trend replaced."""
    trend = analysis.trends["retained"]
    base = trend.slopes["raw"]
    made = dict(trend.slopes) | {n: replace(base, **figures) for n, figures in slopes.items()}
    changed = replace(analysis, trends={"retained": Trend("retained", made, {})})
    if better:
        study = analysis.study
        outcomes = tuple(replace(o, better=better) for o in study.outcomes)
        overview = replace(analysis.overview, study=replace(study, outcomes=outcomes))
        changed = replace(changed, overview=overview)
    return changed


def test_a_trend_that_the_pair_misses_is_said_with_its_verdict(worse):
    [verdict] = worse.verdicts
    assert verdict.kind == "too little data"
    [sentence] = trend_sentences(with_slopes(worse, better="lower"))
    assert sentence == (
        "Retained goes with the whole CSAT: over all answers, each point better goes with 1.6 pp "
        "less (p < 0.0001). Of 'satisfied' against 'neutral' alone the verdict is too little data: "
        "a trend over all answers is no gap between these two groups."
    )


def test_what_stands_against_a_trend_is_said(worse):
    useful = replace(worse.verdicts[0], kind="useful")
    raw, before = {"estimate": -0.02}, {"estimate": -0.03, "p_value": 0.001}
    within = {"estimate": 0.0, "conf_low": -0.004, "conf_high": 0.004, "p_value": 1.0}
    made = with_slopes(worse, better="lower", raw=raw, placebo=before, two_way=within)
    [sentence] = trend_sentences(replace(made, verdicts=(useful,)))
    assert "the 95 % interval is -0.4 pp to 0.4 pp a point" in sentence
    assert "at least as strongly: each point better goes with 3.0 pp less." in sentence
    assert "verdict" not in sentence
    shown = with_slopes(made, better="lower", two_way=within | {"conf_low": -0.1})
    assert not [*trend_sentences(replace(shown, verdicts=(useful,)))]


@pytest.mark.parametrize(("p", "said"), [(0.049, True), (0.05, False), (None, False)])
def test_only_what_chance_does_not_explain_is_said(worse, p, said):
    made = with_slopes(worse, raw={"p_value": p}, adjusted={"p_value": p})
    assert bool([*trend_sentences(made)]) is said
    assert str(claims(made)).startswith("Retained" if said else "No outcome gets worse")


def test_churned_is_not_told_again_beside_retained(demo_analysis):
    analysis = demo_analysis
    worse = {n: -(t.best.estimate or 0) for n, t in analysis.trends.items()}
    turned = {
        n: replace(t, slopes={"adjusted": replace(t.best, estimate=worse[n])})
        for n, t in analysis.trends.items()
    }
    told = [*trend_sentences(replace(analysis, trends=turned))]
    assert any(sentence.startswith("Retained") for sentence in told)
    assert not any(sentence.startswith("Churned") for sentence in told)


def test_the_table_has_a_row_an_outcome_and_a_column_a_rung(worse):
    [row] = table(worse).frame.to_dict("records")
    assert row["outcome"] == "retained"
    # By hand: 1.96 times the root of .126 / (5,600 * 2) is 0.7 pp.
    assert row["raw"] == "-1.6 pp (-2.2 pp to -0.9 pp)"
    assert row["within customers"] == row["before the answer"] == "–"
