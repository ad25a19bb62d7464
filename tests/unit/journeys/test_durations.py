import numpy as np
import pandas as pd
import pytest
from journey_tables import stand
from statsmodels.duration.survfunc import SurvfuncRight

from cxroi.journeys.durations import quantiles

ROWS = "SELECT part, customer AS unit, seconds, seen FROM clean_tickets"


def tickets(n=200, censored=True, seed=3):
    rng = np.random.default_rng(seed)
    seconds = np.ceil(rng.exponential(5000, n))
    limit = rng.uniform(0, 20000, n) if censored else np.full(n, np.inf)
    return pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(n)],
            "part": np.where(np.arange(n) % 3 == 0, "chat", "it's"),
            "seconds": np.minimum(seconds, np.ceil(limit)),
            "seen": (seconds <= limit).astype(int),
        }
    )


def of(frame, tmp_path):
    return quantiles(stand(tmp_path, {"tickets": frame}), ROWS, "time", "ticket", "minutes")


def test_quantiles_and_limits_are_those_of_statsmodels(tmp_path):
    frame = tickets()
    found = of(frame, tmp_path)
    assert list(found) == ["chat", "it's"] or set(found) == {"chat", "it's"}
    for part, rows in frame.groupby("part"):
        curve = SurvfuncRight(rows["seconds"], rows["seen"])
        for one, p in zip(found[part], (0.5, 0.9), strict=True):
            # each ticket is of another customer: a design effect near one, from above
            with np.errstate(all="ignore"):
                low, high = curve.quantile_ci(p, method="cloglog")
            assert one.estimate == pytest.approx(curve.quantile(p) / 60)
            assert one.conf_low <= low / 60 * 1.0001
            assert one.conf_high is None or one.conf_high >= high / 60 * 0.9999
            assert one.n == len(rows)
            assert f"{int((rows['seen'] == 0).sum()):,} of {len(rows):,}" in one.note


def test_without_censoring_the_median_is_the_median(tmp_path):
    frame = tickets(n=120, censored=False)
    found = of(frame, tmp_path)
    for part, rows in frame.groupby("part"):
        assert found[part][0].estimate == pytest.approx(rows["seconds"].median() / 60)
        assert found[part][0].note == ""


def test_four_tickets_by_hand(tmp_path):
    """Times 60, 120+, 180, 240+: S is 3/4 from 60 on and 3/8 from 180 on."""
    frame = pd.DataFrame(
        {"customer": list("abcd"), "part": "", "seconds": [60, 120, 180, 240], "seen": [1, 0, 1, 0]}
    )
    median, p90 = of(frame, tmp_path)[""]
    assert median.estimate == 3
    assert p90.estimate is None
    assert "Too few" in p90.note
    assert median.note.startswith("2 of 4 were not over yet.")


def test_a_customer_of_many_tickets_counts_as_one(tmp_path):
    """Every ticket ten times, of the same customer: the limits of a tenth of the rows."""
    once = tickets(n=60, censored=False).assign(part="")
    ten = pd.concat([once] * 10, ignore_index=True)
    ten_apart = ten.assign(customer=[f"c{k}" for k in range(len(ten))])
    first, same, apart = (of(frame, tmp_path)[""][0] for frame in (once, ten, ten_apart))
    assert same.estimate == first.estimate == apart.estimate
    assert (same.conf_low, same.conf_high) == (first.conf_low, first.conf_high)
    assert apart.conf_high - apart.conf_low < (same.conf_high - same.conf_low) / 2
