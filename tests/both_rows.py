"""The same rows in memory and in an engine, and their vectors as arrays in the rows' order."""

import numpy as np
import pandas as pd
from engine_panels import engine_of
from hypothesis import strategies as st

from cxroi.moments.columns import Column
from cxroi.moments.frame_rows import FrameRows
from cxroi.panel.rows import make_rows
from cxroi.study.scales import make_scale

SCALE = make_scale({"kind": "nps"})
PLANS = ["north", "it's", 'a "b"', "Ü; --", "", " north", "North", "(missing)"]
CATEGORIES = ("attr_plan", "attr_loyal", "attr_code")
MOMENTS = [pd.Timestamp("2026-01-31 23:59:59.5"), pd.Timestamp("2026-02-01"), pd.NaT]


@st.composite
def frames(draw, most=25):
    """Draw a few answers with ties, blanks, categories, weights and clusters."""
    n = draw(st.integers(2, most))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    amounts = st.sampled_from([np.nan, 0.0, -2.5, 1e-9, 3.25, 40.125, 1e6])
    frame = pd.DataFrame(
        {
            "score": np.array(column(st.integers(0, 10)), dtype=float),
            "attr_plan": pd.Series(column(st.sampled_from([*PLANS, None])), dtype=object),
            "attr_loyal": pd.Series(column(st.sampled_from([True, False, None])), dtype=object),
            "attr_code": column(st.sampled_from([1.0, 2.5, 1234567.0, np.nan])),
            "attr_tenure": column(amounts),
            "attr_age": np.array(column(st.integers(-3, 70)), dtype=np.int64),
            "spend_after": column(amounts),
            "bought": column(st.booleans()),
            "answered_at": pd.Series(column(st.sampled_from(MOMENTS)), dtype="datetime64[us]"),
            "weight": column(st.sampled_from([0.5, 1.0, 3.0])),
        }
    )
    units = column(st.integers(0, 8)) if draw(st.booleans()) else range(n)
    frame["cluster"] = np.array(units, dtype=np.int64)
    for name, known in (("attr_plan", "north"), ("attr_loyal", True)):
        if frame[name].isna().all():  # of nothing but blanks an engine cannot tell the kind
            frame.loc[0, name] = known
    return frame


def group_of(frame):
    """The position of each row's group, by hand."""
    return (frame["score"] >= 7).to_numpy() * 1 + (frame["score"] >= 9).to_numpy() * 1


def both_rows(frame, categories=CATEGORIES):
    """Rows of a frame in memory, and in an engine with some categories in cells."""
    group = pd.Categorical.from_codes(group_of(frame), list(SCALE.labels), ordered=True)
    engine = engine_of(frame.assign(response=np.arange(len(frame))))
    made = {"scale": SCALE, "cuts": SCALE.cuts, "categories": categories}
    return FrameRows(frame.assign(group=group)), make_rows(engine, "joined", **made)


def each(vector):
    """What a vector holds for each row, as it is; conditions as numbers."""
    if not isinstance(vector, Column):
        return list(np.asarray(vector) * 1)
    inner = {"v": vector, "n": vector.rows.column("response")}
    return [v for v, _ in vector.rows.ask(f"{vector.rows.text(['v', 'n'], inner)} ORDER BY n")]


def in_order(vector):
    """The numbers of a vector, row by row; NaN where there is none."""
    return np.array([np.nan if value is None else value for value in each(vector)], dtype=float)
