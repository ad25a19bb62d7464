"""Which score is worth asking: folds by hand, planted winners, and none where there is none."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scored_studies import company, flat_study, panels_of, refilled

import cxroi as cx
from cxroi.errors import ModelError, ScarceDataError
from cxroi.grid.asking import worth_asking
from cxroi.grid.contest import NO_WINNER, NONE_HELPS, WINNER
from cxroi.grid.folds import FOLDS, REPEATS, Losses, cross_validated
from cxroi.grid.joint import join_scores, official_values, official_words
from cxroi.grid.panels import ScorePanels
from cxroi.runs import codec
from cxroi.study.scales import make_scale


@pytest.fixture(scope="module")
def worth():
    """Ask of a company of 500 customers whose truth is planted."""
    panels = panels_of(flat_study(), company(np.random.default_rng(1), 500))

    def ask(seed, effect, noises):
        rng = np.random.default_rng(seed)
        return worth_asking(refilled(panels, company(rng, 500, effect, noises)))

    return ask


@pytest.fixture(scope="module")
def better(worth):
    return worth(2, 1.5, (2.0, 0.1, 3.0))


def test_losses_from_sums_are_those_of_least_squares_row_by_row():
    rng = np.random.default_rng(3)
    columns, weights = rng.normal(size=(90, 3)), rng.uniform(0.5, 2.0, 90)
    values = columns @ [1.0, 0.5, 0.0] + rng.normal(size=90)
    units = np.arange(90) // 2
    found = cross_validated(values, columns, {"two": [0, 2]}, weights, units, seed=8)
    deal, expected = np.random.default_rng(8), []
    mean = np.average(values, weights=weights)
    variance = np.average((values - mean) ** 2, weights=weights)
    design = np.column_stack([np.ones(90), columns[:, [0, 2]]])
    for _ in range(REPEATS):
        fold = (deal.permutation(45) % FOLDS)[units]
        for one in range(FOLDS):
            root, seen, unseen = np.sqrt(weights), fold != one, fold == one
            scaled = root[seen, None] * design[seen], root[seen] * values[seen]
            params = np.linalg.lstsq(*scaled)[0]
            errors = (values[unseen] - design[unseen] @ params) ** 2
            expected.append(np.average(errors, weights=weights[unseen]) / variance)
    assert found.by_model["two"] == pytest.approx(expected, rel=1e-9)


def test_answers_of_one_customer_are_never_on_both_sides():
    """A column a customer foretells their other answer, unless it was kept apart."""
    rng = np.random.default_rng(6)
    units = np.repeat(np.arange(40), 3)
    values, columns = rng.normal(size=40)[units], np.eye(40)[units]
    models, ones = {"who": range(40)}, np.ones(120)
    together = cross_validated(values, columns, models, ones, units, seed=1)
    apart = cross_validated(values, columns, models, ones, np.arange(120), seed=1)
    assert together.explained("who")[0] < 0.05 < 0.9 < apart.explained("who")[0]


def test_the_interval_of_a_difference_has_the_corrected_variance():
    """Nadeau and Bengio (2003): s² (1 / J + n_test / n_train), here J = 50, one to four."""
    rng = np.random.default_rng(1)
    one, other = rng.uniform(0.4, 0.6, 50), rng.uniform(0.5, 0.7, 50)
    lead, error, dof = Losses({"one": one, "other": other}).difference("one", "other")
    assert lead == pytest.approx(np.mean(other - one))
    assert error == pytest.approx(np.std(other - one, ddof=1) * np.sqrt(1 / 50 + 1 / 4))
    assert dof == 49


def test_the_score_that_shows_the_trait_best_wins(better):
    spend = better.contests["spend"]
    assert (spend.kind, spend.best, spend.unbeaten) == (WINNER, "csat", ("csat",))
    assert better.winners["spend"] == "csat"
    lead = spend.differences[0]
    assert lead.name.startswith("worth.spend.csat.over.")
    half = stats.t.ppf(0.975, 49) * lead.std_error
    assert (lead.conf_low, lead.conf_high) == pytest.approx(
        (lead.estimate - half, lead.estimate + half)
    )
    gains = spend.gains["csat"].estimate - spend.gains[lead.contrast.split(" - ")[1]].estimate
    assert lead.estimate == pytest.approx(gains)
    assert "Holm over 3" in lead.method


def test_of_scores_that_are_alike_none_wins(worth):
    found = worth(5, 1.0, (0.6, 0.6, 0.6)).contests
    assert {contest.kind for contest in found.values()} == {NO_WINNER}
    assert found["spend"].unbeaten == ("nps", "csat", "ces")


def test_where_no_score_tells_anything_none_helps(worth):
    found = worth(1, 0.0, (1.0, 1.0, 1.0)).contests
    assert {contest.kind for contest in found.values()} == {NONE_HELPS}


def test_every_figure_has_its_own_name_and_an_interval(better):
    names = [e.name for e in better.estimates]
    assert len(set(names)) == len(names)
    assert {"worth.calls.nothing", "worth.calls.ces", "worth.calls.nps.official"} < set(names)
    assert {"worth.calls.all", "worth.calls.nps+csat", "worth.calls.all.over.csat"} < set(names)
    assert all(e.conf_low <= e.estimate <= e.conf_high for e in better.estimates)
    assert better.rows == better.customers == 500
    assert len(better.tidy()) == 9


@pytest.mark.parametrize(
    ("given", "answers", "counted", "words"),
    [
        ({"kind": "nps"}, [0, 6, 7, 8, 9, 10], [-1, -1, 0, 0, 1, 1], "promoters +1, detractors -1"),
        ({"kind": "csat"}, [1, 2, 3, 4, 5], [0, 0, 0, 1, 1], "satisfied (4 to 5) or not"),
        (
            {"kind": "ces", "better": "lower"},
            [1, 3, 4, 5, 7],
            [1, 1, 0, 0, 0],
            "easy (1 to 3) or not",
        ),
    ],
)
def test_the_official_way_counts_as_the_headline_does(given, answers, counted, words):
    scale = make_scale(given)
    position = np.searchsorted(scale.cuts, answers, side="right")
    groups = pd.Series([scale.labels_by_number[at] for at in position])
    assert official_values(scale, pd.Series(answers), groups).tolist() == counted
    assert official_words(scale) == words


def rows_of(scores, days, spend):
    count = len(scores)
    return pd.DataFrame(
        {
            "customer": list("abcd")[:count],
            "wave": ["2026Q1"] * count,
            "answered_at": pd.to_datetime(days),
            "score": scores,
            "group": pd.Categorical(["promoter"] * count),
            "weight": 1.0,
            "cluster": range(count),
            "spend_after": spend,
            "spend_before": [1.0] * count,
        }
    )


def test_outcomes_are_counted_from_the_last_of_a_customers_answers():
    study = flat_study()
    made = {
        "nps": rows_of([9.0, 10.0, 7.0], ["2026-01-05", "2026-02-05", "2026-01-01"], [1, 2, 3]),
        "csat": rows_of([4.0, 5.0], ["2026-01-20", "2026-01-20"], [40, 50]),
    }
    panels = {n: SimpleNamespace(frame=f, study=study) for n, f in made.items()}
    joint = join_scores(ScorePanels(study, tuple(made), panels, {}))
    assert joint.rows.frame["customer"].tolist() == ["a", "b"]  # c has no CSAT
    assert joint.rows.frame["spend_after"].tolist() == [40, 2]
    assert joint.numbers["csat"].tolist() == [4.0, 5.0]
    apart = {"nps": made["nps"], "csat": made["csat"].assign(wave="2026Q2")}
    panels = {n: SimpleNamespace(frame=f, study=study) for n, f in apart.items()}
    with pytest.raises(ModelError, match="no customer has all of nps, csat in one wave"):
        join_scores(ScorePanels(study, tuple(made), panels, {}))


def test_fewer_than_two_scores_are_no_contest():
    frame = company(np.random.default_rng(1), 60).assign(csat=99.0)
    found = worth_asking(panels_of(flat_study({"csat": {"kind": "csat"}}), frame))
    assert (found.contests, found.rows) == ({}, 0)
    assert list(found.refusals) == ["csat", "spend", "stays", "calls"]
    assert "1 of 2 scores can be used (csat: " in str(found.refusals["calls"])
    told = cx.sentences.worth_asking(found).sentences
    assert told[0] == "No outcome could be foretold."
    assert told[1].startswith("CSAT takes no part: ")
    assert told[2].startswith("Spend, stays and calls take no part: 1 of 2 scores")


def test_what_was_found_is_kept_and_read_as_it_was(better):
    again = codec.read(codec.write(better), better.study)
    assert again == better
    assert again.tidy().equals(better.tidy())


def test_outcomes_of_too_few_customers_or_events_are_refused():
    frame = company(np.random.default_rng(1), 149)
    few = worth_asking(panels_of(flat_study(), frame))
    assert not few.contests
    assert isinstance(few.refusals["spend"], ScarceDataError)
    assert "known of 149 customers" in str(few.refusals["spend"])
    frame = company(np.random.default_rng(1), 200).assign(stays=np.arange(200) < 24, calls=1)
    rare = worth_asking(panels_of(flat_study(), frame.assign(stays=frame["stays"].astype(int))))
    assert "24 of 200" in str(rare.refusals["stays"])
    assert "does not vary" in str(rare.refusals["calls"])
    assert list(rare.contests) == ["spend"]
