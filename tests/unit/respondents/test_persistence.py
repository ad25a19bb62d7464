"""How long a move lasts: by hand from a table of transitions, in memory and in an engine."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine

from cxroi.errors import ModelError, ScarceDataError
from cxroi.respondents.persistence import observe_persistence

GROUPS = ("detractor", "passive", "promoter")
# Customers by group in the first wave (rows) and in the second (columns).
TABLE = np.array([[30, 20, 10], [15, 45, 40], [8, 32, 60]])


def answers(table=TABLE, waves=("2026Q1", "2026Q2"), start=0):
    rows = []
    for i, j in np.ndindex(table.shape):
        for _ in range(table[i, j]):
            name = f"c{start + len(rows)}"
            rows += [(name, waves[0], GROUPS[i]), (name, waves[1], GROUPS[j])]
    frame = pd.DataFrame(rows, columns=["customer", "wave", "group"])
    return frame.assign(spend_after=0.0)


@pytest.fixture(params=["memory", "engine"])
def seen_in(panel_of, request):
    def make(frame):
        panel = panel_of(frame, {"spend": "amount"})
        if request.param == "engine":
            panel = in_engine(panel)
            panel.__dict__["frame"] = None  # no row may be fetched
        return observe_persistence(panel)

    return make


def test_the_excess_of_those_who_stay_over_those_who_come_anyway(seen_in):
    # Of 100 promoters 60 are promoters again, of 100 passives 40 became promoters.
    seen = seen_in(answers())
    assert (seen.stayed.estimate, seen.came.estimate) == (0.6, 0.4)
    assert seen.excess.estimate == pytest.approx(0.2)
    # Two independent shares; G / (G - 1) of the 200 customers behind them.
    error = np.sqrt((0.24 / 100 + 0.24 / 100) * 200 / 199)
    assert seen.excess.std_error == pytest.approx(error, rel=1e-9)
    assert seen.wave_months == 3


def test_survey_weights_count_each_pair_as_often(seen_in):
    frame = answers()
    again = frame.groupby("customer")["group"].transform("last") == "promoter"
    seen = seen_in(frame.assign(weight=np.where(again, 3.0, 1.0)))
    # 60 * 3 of 60 * 3 + 40 promoters, 40 * 3 of 40 * 3 + 60 passives.
    assert seen.stayed.estimate == pytest.approx(180 / 220)
    assert seen.excess.estimate == pytest.approx(180 / 220 - 120 / 180)


def test_waves_half_a_year_apart_are_so_counted(seen_in):
    assert seen_in(answers(waves=("2025Q4", "2026Q2"))).wave_months == 6


def test_one_wave_or_too_few_pairs_show_nothing(seen_in):
    one = answers().drop_duplicates("customer").assign(wave="2026Q1")
    with pytest.raises(ModelError, match="the only wave up to here is 2026Q1"):
        seen_in(one)
    few = TABLE.copy()
    few[2] = [9, 10, 10]
    with pytest.raises(ScarceDataError, match="29 customers of group 'promoter'"):
        seen_in(answers(few))
