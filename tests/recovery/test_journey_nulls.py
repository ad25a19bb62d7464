"""A few companies of the study of false alarms; see tests/recovery/README.md."""

import pandas as pd
import pytest
from journey_nulls import called
from scipy.stats import binom


def test_nothing_is_called_more_often_than_chance_would():
    table = called(4, first=500)
    tests = int(table["asked"].sum())
    assert tests >= 60
    alarms = round((table["called"] * table["asked"]).sum())
    # some tests of a company go together: as many as happen once in 10,000 if they did not
    assert alarms <= binom.ppf(0.9999, tests, 0.05)


def test_what_was_planted_is_found():
    share: pd.Series = called(2, planted=True, first=500)["called"]
    planted = ["change_point", "response_rate.often.differs", "fell.period_0"]
    assert share[planted].tolist() == pytest.approx([1, 1, 1])
