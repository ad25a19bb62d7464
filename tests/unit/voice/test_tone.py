"""Tone, contradictions and stems, each by hand."""

import numpy as np
import pytest

from cxroi.results.estimate import Estimate
from cxroi.voice.languages import languages_of
from cxroi.voice.misread import contradictions
from cxroi.voice.shares import share_of, trend
from cxroi.voice.stems import Reader, stems_of
from cxroi.voice.tone import agreement, tone_of


def test_tone_is_learned_and_noise_is_not():
    rng = np.random.default_rng(1)
    bad = rng.random(400) < 0.5
    texts = [
        f"word{rng.integers(9)} {'awful slow' if one else 'lovely quick'} thing" for one in bad
    ]
    units, ones = np.arange(400), np.ones(400)
    scores = np.where(bad, 2.0, 9.0) + rng.normal(size=400)
    assert agreement(tone_of(texts, scores, ones, units), scores, ones, units).conf_low > 0.9
    noise = rng.normal(size=400)
    heard = agreement(tone_of(texts, noise, ones, units), noise, ones, units)
    assert heard.conf_low < 0.05


def test_who_writes_twice_does_not_teach_their_own_tone():
    """Each has a word of their own, whose score only their other comments could tell."""
    rng = np.random.default_rng(2)
    letters = np.array(list("bcdfghjklmnp"))
    texts = np.repeat(["".join(rng.choice(letters, 8)) for _ in range(150)], 4).tolist()
    scores = np.repeat(rng.normal(size=150), 4)
    units, ones = np.repeat(np.arange(150), 4), np.ones(600)
    alone = agreement(tone_of(texts, scores, ones, np.arange(600)), scores, ones, units)
    together = agreement(tone_of(texts, scores, ones, units), scores, ones, units)
    assert alone.estimate > 0.5 > abs(together.estimate)


def test_the_correlation_is_numpys_and_its_error_that_of_bootstrap():
    rng = np.random.default_rng(3)
    x = rng.normal(size=500)
    y = x + rng.normal(size=500)
    found = agreement(x, y, np.ones(500), np.arange(500))
    assert found.estimate == pytest.approx(np.corrcoef(x, y)[0, 1])
    draws = [np.corrcoef(x[i], y[i])[0, 1] for i in rng.integers(0, 500, (400, 500))]
    assert found.std_error == pytest.approx(np.std(draws), rel=0.15)


def test_praise_beside_the_worst_score_contradicts_it():
    good = np.r_[np.ones(5), np.zeros(2), -np.ones(5)]
    tone = np.array([9, 9, 8, 8, 1, 5, 5, 2, 2, 1, 1, 8.5])
    level = Estimate("t", 0.8, 0.7, 0.9, 0.05, "correlation", 12, "")
    found, why = contradictions(tone, good, level)
    # Medians 8 and 2, so from 7.4 and to 2.6: the fifth, of the best, and the last, of the worst.
    assert np.flatnonzero(found).tolist() == [4, 11]
    assert why == ""
    found, why = contradictions(tone, good, Estimate("t", 0.3, 0.1, 0.5, 0.1, "", 12, ""))
    assert not found.any()
    assert "too little" in why
    assert contradictions(tone, np.zeros(12), level)[1].startswith("no comment of the best")


def test_a_negation_is_joined_to_the_word_it_denies_and_accents_do_not_matter():
    read = Reader("pt")
    assert dict(read("Não chegou, nao recebi")) == {"≠cheg": "não chegou", "≠receb": "nao recebi"}
    assert dict(read("chegou")) == {"cheg": "chegou"}
    assert [stem for stem, _ in Reader("en")("It didn't arrive. Delivery")] == [
        "≠arriv",
        "deliveri",
    ]
    assert [stem for stem, _ in Reader("en", ["Acme"])("acme delivery [name]")] == ["deliveri"]


def test_a_word_of_fewer_than_five_customers_is_no_stem():
    texts = ["schmidt delivery"] * 20
    four = stems_of(texts, np.repeat(np.arange(4), 5), "en")
    five = stems_of(texts, np.repeat(np.arange(5), 4), "en")
    assert four.words == ()
    assert set(five.words) == {"schmidt", "delivery"}


def test_short_comments_are_of_a_language_that_occurs():
    texts = ["A entrega chegou muito atrasada e o produto veio quebrado"] * 60 + ["ok", "super"]
    assert set(languages_of(texts)) == {"pt"}
    assert languages_of(["x"], ["de"]) == ["de"]


def test_shares_and_trends_by_hand():
    """Two customers of two comments each; 1 of 4 has it, then slope over waves of 0, 0, 1, 1."""
    flags = np.array([True, False, False, False])
    units = np.array([0, 0, 1, 1])
    one = share_of(flags, np.ones(4), units, "s", "share", "x")
    assert (one.estimate, one.n) == (0.25, 4)
    # Linearised: residuals of customers 1 - .25 * 2 = .5 and -.5, over Y = 4, times 2 / 1.
    assert one.std_error == pytest.approx(np.sqrt(2 * (0.5**2 + 0.5**2)) / 4)
    waves = ["a", "a", "b", "b", "c", "c"]
    flags = np.array([False, False, False, True, True, True])
    blank = Estimate("t", None, None, None, None, "share a wave", 6, "")
    slope = trend(flags, np.ones(6), np.arange(6), waves, ("a", "b", "c"), blank)
    assert slope.estimate == pytest.approx(0.5)
    assert trend(flags, np.ones(6), np.arange(6), waves, ("a", "b"), blank).estimate is None
