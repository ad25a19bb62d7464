"""Fixtures shared by all tests; this file also puts `panels` on the path of the tests."""

import pytest
from panels import make_panel, make_study


@pytest.fixture
def panel_of(tmp_path):
    """Make a panel of a flat study from a frame and {outcome: kind}."""

    def make(frame, outcomes, **study):
        return make_panel(make_study(tmp_path, outcomes, **study), frame)

    return make
