import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine

from cxroi.panel.mix import FEW, control_mix


@pytest.mark.parametrize("place", ["rows", "engine"])
def test_of_whom_the_answers_are(panel_of, place):
    """80 of 1, 3 blank, 40 of 4: mean 240 / 120 = 2, mean square 720 / 120 = 6, sd sqrt(2)."""
    rows = 123
    frame = pd.DataFrame(
        {
            "customer": np.arange(rows),
            "score": np.tile([3.0, 7.0, 10.0], 41),
            "attr_plan": ["S"] * 70 + ["M"] * 40 + ["L"] * 13,
            "attr_age": np.array([1.0] * 80 + [np.nan] * 3 + [4.0] * 40),
            "attr_code": np.arange(rows).astype(str),
            "spend_after": np.ones(rows),
        }
    )
    controls = ["plan", "age", "code"]
    panel = panel_of(frame, {"spend": "amount"}, controls=controls, categorical=["plan", "code"])
    panel = in_engine(panel) if place == "engine" else panel
    found = control_mix(panel)
    assert found["plan"] == {"S": 70.0, "M": 40.0, FEW: 13.0}
    assert found["age"] == pytest.approx({"n": 120.0, "mean": 2.0, "sd": 2**0.5})
    assert "code" not in found  # as many levels as customers
