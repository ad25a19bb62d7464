"""Waves that were asked on another scale are told of; those that were not are not."""

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

USUAL = {1: 20, 2: 40, 3: 90, 4: 300, 5: 150}  # answers of a wave


def ledger(changed, **scale):
    """The warnings of three waves, of which the first is changed; a rating beside is not."""
    rows = np.repeat([*USUAL], [*USUAL.values()])
    waves = [pd.DataFrame({"year": 2015 + k, "whole": rows, "food": rows[::-1]}) for k in range(3)]
    waves[0]["whole"] = waves[0]["whole"].map(changed)
    frame = pd.concat(waves)
    frame["who"] = [f"p{n}" for n in range(len(frame))]
    people = {"customer": "who", "wave": "year", "score": "whole"}
    study = {
        "study": {"name": "Ratings"},
        "tables": {"customers": people},
        "scale": {"kind": "csat"} | scale,
        "scores": {"food": {"kind": "csat"}},
    }
    return cx.read_tables(cx.load_study(study), frames={"customers": frame}, every=True).ledger


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda x: max(x - 1, 1), "none of its 600 answers is 5, which 25 % of those of other"),
        (lambda x: 6 - x, "are like those of other waves counted from the other end"),
    ],
)
def test_a_shorter_or_turned_scale_of_one_wave_is_told_of(changed, said):
    [warning] = [w for w in ledger(changed).warnings if "in the wave" in w]
    assert "'whole' of [tables.customers] in the wave 2015" in warning
    assert said in warning


def test_alike_waves_and_an_end_that_is_rare_are_not_told_of():
    assert not [w for w in ledger(lambda x: x).warnings if "in the wave" in w]
    assert not [w for w in ledger(lambda x: max(x, 2)).warnings if "in the wave" in w]


def test_an_end_that_is_declared_unused_is_not_told_of():
    told = ledger(lambda x: min(x, 4), maximum_unused=True).warnings
    assert not [w for w in told if "in the wave" in w]
