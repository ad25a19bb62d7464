"""The curve over the scale in words, tables and a picture: what was found, no more."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study

from cxroi.errors import ModelError
from cxroi.levers.scale.whole_scale import whole_scale
from cxroi.presentation import whole_scale as shown
from cxroi.presentation.plots import scale_curve

SVG = "{http://www.w3.org/2000/svg}"


def found(folder, curve, seed=1, n=1500):
    rng = np.random.default_rng(seed)
    score = rng.integers(2, 11, n).astype(float)
    values = 100 + np.asarray(curve)[score.astype(int)] + 4 * rng.normal(size=n)
    panel = make_panel(
        make_study(folder, {"spend": "amount"}),
        pd.DataFrame({"score": score, "spend_after": values}),
    )
    return whole_scale(panel, "spend")


@pytest.fixture(scope="module")
def bent(tmp_path_factory):
    """Nothing below 5, much from there on: cuts at 7 and 9 miss it."""
    return found(tmp_path_factory.mktemp("study"), 30.0 * (np.arange(11) >= 5))


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    return found(tmp_path_factory.mktemp("study"), np.zeros(11), seed=5)


def test_what_is_beyond_chance_is_said_with_its_place(bent):
    said = str(shown.in_words(bent))
    assert re.search(r"Spend: EUR \d+\.\d\d at 2, EUR 1\d\d.* at 10", said)
    assert re.search(r"corrected for 8 steps: from 4 to 5 EUR (29|30|31)\.\d\d", said)
    assert "One point more is not worth the same everywhere" in said
    assert re.search(r"Groups would tell more of spend if they began at 5 and \d+", said)
    assert "Of spend, slopes below and above an answer of 5 differ (p" in said
    assert (
        "Rises and falls of the same customers are not compared: the panel holds one wave" in said
    )
    assert "p_corrected" not in said
    assert "scale." not in said


def test_nothing_is_claimed_of_a_flat_curve(flat):
    said = str(shown.in_words(flat))
    assert "Spend: no difference between the answers beyond chance" in said
    assert "No single point more goes with a difference beyond chance" in said
    assert "Where cuts would be best is not said" in said
    assert "mislead" not in said


def test_cuts_of_the_scale_are_as_good_as_any_unless_beaten(bent):
    gain = replace(bent.cuts.gain, conf_low=-0.1)
    not_beaten = replace(bent, cuts=replace(bent.cuts, gain=gain))
    said = str(shown.in_words(not_beaten))
    assert "Groups that begin at 7 and 9 are as good as any, as far as can be told" in said
    same = replace(bent, cuts=replace(bent.cuts, chosen=bent.cuts.declared))
    assert "would cut where the groups begin now, at 7 and 9" in str(shown.in_words(same))


def test_a_scale_may_have_many_cuts(bent):
    cuts = replace(bent.cuts, places=bent.cuts.places[:1] * 5)
    assert " and the 5th at " in str(shown.in_words(replace(bent, cuts=cuts)))


def test_rises_and_falls_are_said_to_be_association(bent):
    turned, slope = bent.asymmetry, bent.asymmetry.kink
    pair = replace(turned, sum=slope, rise=slope, fall=slope)
    said = str(shown.in_words(replace(bent, asymmetry=pair, missing={})))
    assert "Rises and falls are not mirror images" in said
    assert "association, not effect" in said
    even = replace(pair, sum=replace(slope, p_value=0.4))
    said = str(shown.in_words(replace(bent, asymmetry=even, missing={})))
    assert "may be mirror images (p = 0.4)" in said


def test_tables_hold_every_point_and_step(bent, flat):
    points, steps = shown.points(bent).tidy(), shown.one_more(bent).tidy()
    assert points["answer"].to_list() == [str(n) for n in range(2, 11)]
    assert points["group"].to_list() == ["detractor"] * 5 + ["passive"] * 2 + ["promoter"] * 2
    assert points["n"].map(int).sum() == 1500
    assert steps["answers"].iloc[0] == "2 → 3"
    assert steps["p, corrected"].iloc[2].startswith("<")
    turned = [replace(point, monotone=None) for point in bent.points]
    free = shown.points(replace(bent, points=tuple(turned))).tidy()
    assert set(free["if it may not turn back"]) == {"–"}


def test_the_picture_shows_every_answer_its_count_and_the_cuts(bent):
    picture = scale_curve(bent)
    drawn = ElementTree.fromstring(picture.svg)
    texts = ["".join(one.itertext()) for one in drawn.iter(f"{SVG}text")]
    for point in bent.points:
        assert {point.level.label, f"{point.level.n:,}"} <= set(texts)
    assert {"passive →", "promoter →", "n"} <= set(texts)
    circles = list(drawn.iter(f"{SVG}circle"))
    heights = [float(one.get("cy")) for one in circles]
    assert len(circles) == 9
    assert min(heights[:3]) > max(heights[3:])  # downward: less is lower
    classes = [one.get("class") for one in drawn.iter(f"{SVG}path")]
    assert classes == ["band-high", "line-high", "line-mid"]
    assert "9: EUR 1" in picture.alt
    assert "n = " in picture.alt


def test_refusals_are_said_as_they_are(flat):
    missing = {**flat.missing, "across": ModelError("no slope below the middle")}
    turned = replace(flat.asymmetry, kink=None)
    said = str(shown.in_words(replace(flat, asymmetry=turned, missing=missing)))
    assert "above and below its middle is not compared: no slope below the middle." in said
