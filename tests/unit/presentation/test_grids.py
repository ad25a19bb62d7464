"""The grid and the contest of scores as a reader sees them."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from scored_studies import SCORES, company, flat_study, panels_of

import cxroi as cx
from cxroi.errors import ModelError
from cxroi.grid.contest import NO_WINNER, NONE_HELPS, WINNER
from cxroi.presentation.grids import by_score

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def panels():
    rng = np.random.default_rng(4)
    frame = company(rng, 500, effect=1.2, noises=(2.0, 0.2, 3.0)).assign(quality_of_delivery=99.0)
    return panels_of(flat_study({**SCORES, "quality_of_delivery": {"kind": "csat"}}), frame)


@pytest.fixture(scope="module")
def grid(panels):
    return cx.score_grid(panels)


@pytest.fixture(scope="module")
def worth(panels):
    return cx.worth_asking(panels)


def drawn(picture):
    found = ElementTree.fromstring(picture.svg)
    return [("".join(e.itertext()), e.get("class")) for e in found.iter(f"{SVG}text")], found


def test_the_table_has_every_pair_with_its_gap_or_why_there_is_none(grid):
    table = cx.tables.score_grid(grid).frame
    assert len(table) == 12
    useful = table[(table["score"] == "CSAT") & (table["outcome"] == "spend")].iloc[0]
    cell = grid["csat", "spend"]
    assert useful["gap"] == f"EUR {cell.contrast.estimate:.2f}"
    assert useful["as they are"] == f"EUR {cell.raw.estimate:.2f}"
    assert useful["a point more"] == f"EUR {cell.trend.estimate:.2f}"
    assert useful["correlation"] == f"{cell.correlation.estimate:.2f}"
    assert useful["in SD"] == f"{cell.standardised.estimate:.2f}"
    assert (useful["verdict"], useful["n"]) == ("useful, unchecked", f"{cell.contrast.n:,}")
    refused = table[table["score"] == "quality of delivery"]
    assert set(refused["verdict"]) == {"refused"}
    assert all("holds 99" in why for why in refused["why"])
    assert set(refused["gap"]) == {"–"}


def test_the_heat_map_shows_each_gap_towards_the_better_side(grid):
    picture = cx.plots.score_heat_map(grid)
    texts, found = drawn(picture)
    shown = [words for words, look in texts if look.startswith("lab middle")]
    cells = [
        grid[score, outcome] for outcome in ("spend", "stays", "calls") for score in grid.titles
    ]
    sizes = [c.towards_better for c in cells]
    numbers = ["–" if v is None else f"{round(v, 2) + 0:.2f}" for v in sizes]
    numbers = [number.replace("-", "−") for number in numbers]
    assert shown == [*numbers, "1", "2", "3", "4"]  # names of scores are too long for a telephone
    assert any(words == "1 NPS, 2 CSAT, 3 CES, 4 Quality of delivery" for words, _ in texts)
    outlined = [e for e in found.iter(f"{SVG}rect") if e.get("class") == "outline"]
    useful = [c for c in cells if c.verdict and c.verdict.kind == "useful"]
    assert len(outlined) == len(useful) > 0
    tints = [e.get("class") for e in found.iter(f"{SVG}rect") if e.get("class") in {"p1", "p2"}]
    differs = [c for c in cells if c.verdict and c.verdict.p_adjusted < 0.05]
    assert len(tints) == len(differs)
    assert (
        f"CSAT and spend {grid['csat', 'spend'].towards_better:.2f}, useful, unchecked"
        in picture.values
    )
    assert "quality of delivery and calls not possible" in picture.values
    assert max(len(words) for words, _ in texts) <= 52  # a line of a telephone


def test_long_names_of_scores_stand_in_lines_that_a_telephone_has_room_for(grid):
    titles = {name: f"satisfaction with {name}, all told" for name in grid.titles}
    texts, _ = drawn(cx.plots.score_heat_map(replace(grid, titles=titles)))
    lines = [words for words, look in texts if look == "tick" and "atisfaction" in words]
    assert len(lines) > 1
    assert max(map(len, lines)) <= 52
    told = ", ".join(lines)
    assert all(f"{n} Satisfaction with {name}" in told for n, name in enumerate(titles, start=1))


def test_a_score_that_goes_with_worse_outcomes_is_tinted_otherwise(grid):
    cell = grid["csat", "spend"]
    turned = replace(cell, better="lower")
    cells = {**grid.cells, ("csat", "spend"): turned}
    picture = cx.plots.score_heat_map(replace(grid, cells=cells))
    tints = re.findall(r'class="(n[12])"', picture.svg)
    assert tints == ["n2" if abs(cell.towards_better) >= 0.2 else "n1"]


def test_the_grid_in_words_counts_what_differs_and_says_what_was_not_possible(grid):
    told = cx.sentences.score_grid(grid).sentences
    differ = sum(c.verdict is not None and c.verdict.p_adjusted < 0.05 for c in grid.cells.values())
    assert told[0].startswith(f"{differ} of 12 pairs of a score and an outcome differ")
    assert f"correction for {grid.tests} tests" in told[0]
    assert any("not shown to be caused by it" in one for one in told)
    assert any("No check has been run" in one for one in told)
    refused = [one for one in told if one.startswith("Not possible for quality of delivery with")]
    assert len(refused) == 1


def test_nothing_that_can_be_compared_is_no_picture(grid):
    cells = {key: replace(cell, standardised=None) for key, cell in grid.cells.items()}
    with pytest.raises(ModelError, match="see why each was refused"):
        cx.plots.score_heat_map(replace(grid, cells=cells))


def test_the_contest_in_words_names_winner_rest_and_basis(worth):
    told = cx.sentences.worth_asking(worth).sentences
    spend = worth.contests["spend"]
    gain = 100 * spend.gains["csat"].estimate
    assert spend.kind == WINNER
    assert any(
        one.startswith(f"Spend: CSAT adds {gain:.1f} pp (") and "more than each other" in one
        for one in told
    )
    assert any("500 answers of 500 customers" in one for one in told)
    assert told[-1].startswith("Quality of delivery takes no part: ")
    alike = replace(spend, kind=NO_WINNER, unbeaten=("nps", "csat"))
    none = replace(worth.contests["stays"], kind=NONE_HELPS)
    other = replace(worth, contests={"spend": alike, "stays": none}, refusals={})
    told = cx.sentences.worth_asking(other).sentences
    assert by_score([("A", "x"), ("B", "x"), ("A", "y")]) == ("A with x and y; B with x")
    assert told[0] == "No score foretells any outcome better than all the others do."
    assert "but NPS could be as good" in told[1]
    assert told[2].startswith("Stays: no score is shown to add to what is known")


def test_of_many_that_could_be_as_good_none_is_named(worth):
    spend = worth.contests["spend"]
    gains = dict.fromkeys("abcde", spend.gains["csat"])
    alike = replace(spend, kind=NO_WINNER, best="a", unbeaten=tuple("abcde"), gains=gains)
    titles = {name: name.upper() for name in "abcde"}
    other = replace(worth, contests={"spend": alike}, titles=titles)
    told = cx.sentences.worth_asking(other).sentences
    assert told[1].endswith("but none of the other 4 is shown to foretell worse.")


def test_table_and_picture_of_the_contest_show_the_same_gains(worth):
    table = cx.tables.worth_asking(worth).frame
    picture = cx.plots.score_gains(worth)
    texts, _ = drawn(picture)
    assert len(table) == 9
    first = worth.contests["spend"].gains["nps"]
    assert table["adds"][0] == f"{100 * first.estimate:.1f} pp"
    shown = f"{100 * first.estimate:.1f} points"
    assert (shown, "lab end") in [(words, look) for words, look in texts]
    assert f"Spend: NPS {shown}, from {100 * first.conf_low:.1f} points" in picture.values
    with pytest.raises(ModelError, match="no outcome could be foretold"):
        cx.plots.score_gains(replace(worth, contests={}))
