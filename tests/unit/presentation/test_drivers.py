"""What moves the score, for readers: told as found, as association, with nothing left out."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from driver_tables import company, study_of, table_of

from cxroi.errors import ModelError
from cxroi.levers.drivers.found import find_drivers
from cxroi.presentation import driver_plots, drivers

SVG = "{http://www.w3.org/2000/svg}"
TABLES = (
    drivers.importance,
    drivers.group_odds,
    drivers.must_haves,
    drivers.standing,
    drivers.beyond_halo,
)


@pytest.fixture(scope="module")
def found():
    score, inputs, own = company(missing=0.1)
    inputs["segment"] = np.where(np.arange(600) % 3 == 0, "business", "private")
    table = table_of(
        score, inputs, better={"days_late": "higher"}, groups={"help": "service"}, **own
    )
    return find_drivers(replace(table, refused={"agent_name": "it is unknown"}))


@pytest.fixture(scope="module")
def rated():
    """Ratings that follow one mood, two of which move the score, one of them only the fall."""
    rng = np.random.default_rng(2)
    mood = rng.normal(size=900)
    names = ("food", "seats", "staff")
    ratings = {n: np.clip(np.round(3 + mood + 0.7 * rng.normal(size=900)), 1, 5) for n in names}
    fall = np.where(ratings["food"] <= 2, 4.0, 0.0) * (rng.random(900) < 0.7)
    score = np.clip(
        np.round(8.3 - fall + 0.6 * (ratings["staff"] - 3) + rng.normal(size=900)), 0, 10
    )
    return find_drivers(table_of(score, ratings, study_of(ratings=names)))


def test_sentences_say_what_was_found_and_not_that_it_causes(found):
    said = str(drivers.in_words(found)).split("\n")
    total = found.r_squared
    assert said[0].startswith("Of the differences in NPS between 600 answers of 2")
    assert f"4 inputs together go with {100 * total.estimate:.1f} %" in said[0]
    share = found["help"].importance["lmg_share"]
    size, slope = found["help"].deviation, found["help"].slope.estimate
    assert said[1].startswith(f"Help accounts for {100 * share.estimate:.0f} %")
    assert f"each {size:.2g} days more goes with a score {slope:.2g} points better" in said[1]
    assert "points worse" in said[2]
    assert drivers_caveat(said)
    assert "Not used: agent name: it is unknown" in said
    assert any("Days late is declared to be better higher, and the score is" in s for s in said)
    assert not re.search(r"\bcauses?\b|\braises?\b|\bleads? to\b", " ".join(said))


def drivers_caveat(said):
    return any(s.startswith("An input goes with the score; that it moves the score") for s in said)


def test_where_nothing_goes_with_it_that_is_said():
    score, inputs, own = company(5, effects=(0.0, 0.0, 0.0))
    found = find_drivers(table_of(score, inputs, **own))
    said = str(drivers.in_words(found))
    assert "No driver was found: none goes with it beyond all others" in said
    assert driver_plots.importance_bars(found).claim == "No driver of NPS was found"
    assert "none can be a must-have" in str(drivers.must_haves(found))
    assert "known which end is better" in str(drivers.standing(found))
    with pytest.raises(ModelError, match="which end is better"):
        driver_plots.importance_and_standing(found)


def test_the_importance_table_has_every_input_and_group(found):
    rows = drivers.importance(found).frame
    assert rows["input"].tolist() == [
        *(one.driver.title for one in found.ranked),
        "Group: service",
    ]
    lmg = found.ranked[0].importance["lmg"]
    assert rows["of all differences"][0] == f"{100 * lmg.estimate:.1f} %"
    assert rows["goes with the score"].tolist() == ["yes", "yes", *["no driver found"] * 2, "–"]
    assert rows["one standard deviation more goes with"][3] == "–"


def test_odds_of_each_step_stand_beside_the_one_for_all(found, rated):
    rows = drivers.group_odds(found).frame
    [business] = rows[rows["input"] == "Segment = business"].to_dict("records")
    assert business["for each"] == "against private"
    one = found.odds.steps["help"][0]
    [help_row] = rows[rows["input"] == "Help"].to_dict("records")
    assert help_row["every step"].startswith(f"{one.estimate:.3g} (")
    assert help_row["one ratio serves"] == "yes"
    assert {"any group but detractor", "promoter rather than passive"} <= set(rows.columns)
    apart = drivers.group_odds(rated).frame.set_index("input")["one ratio serves"]
    assert apart["Food"] == "no"
    said = str(drivers.in_words(rated))
    assert re.search(r"Food .*not go with every step between groups alike: leaving 'detr", said)


def test_odds_that_were_refused_are_said():
    score, inputs, own = company()
    found = find_drivers(table_of(np.where(score < 7, 7, score), inputs, **own))
    assert found.odds.whole is None  # two groups have one step
    assert set(drivers.group_odds(found).frame["one ratio serves"]) == {"–"}
    same = find_drivers(table_of(score / 20 + 9, inputs, **own))
    assert "Odds of the groups were not possible: all answers are of one group" in str(
        drivers.group_odds(same)
    )


def test_halo_is_warned_of_and_what_lies_beyond_it_is_shown(found, rated):
    assert rated.halo.strong
    share = f"it carries {100 * rated.halo.share:.0f} % of their differences (halo)"
    assert share in str(drivers.in_words(rated))
    rows = drivers.beyond_halo(rated).frame.set_index("input")
    beyond = rated["staff"].importance["lmg_beyond_halo"].estimate
    assert rows["beyond the common impression"]["Staff"] == f"{100 * beyond:.1f} %"
    assert "Fewer than three inputs are ratings" in str(drivers.beyond_halo(found))


def test_a_must_have_is_told_with_how_many_had_too_little():
    rng = np.random.default_rng(8)
    works = rng.normal(size=500)
    liking = 8 + 1.5 * rng.normal(size=500)
    score = np.clip(np.round(np.where(works < 0, np.minimum(liking, 6), liking)), 0, 10)
    found = find_drivers(table_of(score, {"works": works}, better={"works": "higher"}))
    short = found["works"].must_have.short
    said = str(drivers.in_words(found))
    assert f"Works is a must-have: of {short} answers with less than" in said
    assert "none is 'promoter', which is seen only with at least that" in said
    assert drivers.must_haves(found).frame["must-have"].tolist() == ["yes"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_tables_show_no_raw_names_and_no_blanks(rated, table):
    frame = table(rated).frame
    assert len(frame) == 3
    assert not frame.isna().any().any()
    assert not frame.map(lambda cell: "_" in str(cell) or "nan" in str(cell)).any().any()


def test_the_picture_places_every_input_where_it_stands(rated):
    picture = driver_plots.importance_and_standing(rated)
    root = ElementTree.fromstring(picture.svg)
    texts = ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]
    for number, one in enumerate(rated.ranked, start=1):
        assert f"{number} {one.driver.title}" in texts
        stands = f"stands at {100 * one.performance.estimate:.0f} %"
        assert f"{100 * one.importance['lmg_share'].estimate:.1f} %, {stands}" in picture.values
    marks = [e for e in root.iter() if (e.get("class") or "").startswith("dot-")]
    assert len(marks) == 3


def test_bars_carry_their_values_in_words(found):
    picture = driver_plots.importance_bars(found)
    assert picture.claim == "Help goes with NPS most"
    share = found["help"].importance["lmg_share"]
    low, high = 100 * share.conf_low, 100 * share.conf_high
    assert f"Help {100 * share.estimate:.0f} %, from {low:.0f} to {high:.0f} %" in picture.values
