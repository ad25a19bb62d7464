import numpy as np
import pandas as pd
import pytest
from journey_tables import stand
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from cxroi.errors import ModelError
from cxroi.journeys.effort import observed_effort
from cxroi.journeys.service import (
    call_abandonment,
    cart_abandonment,
    service_times,
    task_completion,
)

START = pd.Timestamp("2026-01-01")
END = pd.Timestamp("2027-01-01")  # complete_until of the study, and a day


def seconds(numbers):
    return START + pd.to_timedelta(np.asarray(numbers, dtype=float), unit="s")


def named(found):
    return {one.name: one for one in found.figures}


def wilson(x, n):
    """Of n customers with a row each: worth n - 1 of a known variance."""
    low, high = proportion_confint(x / n * (n - 1), n - 1, method="wilson")
    return pytest.approx((low, high))


def test_times_of_tickets_are_kaplan_meiers(tmp_path):
    rng = np.random.default_rng(1)
    n = 91
    opened = rng.uniform(0, 300 * 86400, n).round()
    took = rng.exponential(86400, n).round()
    resolved = pd.Series(seconds(opened + took)).where(np.arange(n) % 3 > 0)
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(n)],
            "opened_at": seconds(opened),
            "resolved_at": resolved,
            "channel": np.where(np.arange(n) % 2, "chat", "mail"),
        }
    )
    tables = stand(tmp_path, {"tickets": frame})
    found = named(service_times(tables))
    end = (END - START).total_seconds()
    lasted = np.where(resolved.isna(), end - opened, took) / 3600
    curve = SurvfuncRight(lasted, resolved.notna().astype(int))
    assert found["resolution_time.median"].estimate == pytest.approx(curve.quantile(0.5))
    assert found["resolution_time.p90"].estimate is None  # a third is not resolved
    assert "31 of 91 were not over yet." in found["resolution_time.median"].note
    assert service_times(tables).notes[0].startswith("first response time: needs")
    apart = named(service_times(tables, by="channel"))
    chat = frame["channel"] == "chat"
    one = SurvfuncRight(lasted[chat], resolved.notna().astype(int)[chat]).quantile(0.5)
    assert apart["resolution_time.median.chat"].estimate == pytest.approx(one)


def test_tickets_that_end_before_they_begin_are_told(tmp_path):
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(41)],
            "opened_at": seconds([10] + [20] * 40),
            "resolved_at": seconds([5] + [3620] * 40),
        }
    )
    found = service_times(stand(tmp_path, {"tickets": frame}))
    assert found.notes[1] == "resolution time: tickets that end before they begin, left out: 1."
    assert (found.figures[0].n, found.figures[0].estimate) == (40, 1)


def test_parts_of_few_tickets_are_not_shown(tmp_path):
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(45)],
            "opened_at": seconds([0] * 45),
            "resolved_at": seconds([3600] * 45),
            "channel": ["chat"] * 40 + ["mail"] * 5,
        }
    )
    found = service_times(stand(tmp_path, {"tickets": frame}), by="channel")
    assert {one.group for one in found.figures} == {"chat"}
    assert found.notes[1] == "resolution time: parts of fewer than 30 tickets, left out: 1."
    with pytest.raises(ModelError, match="resolved_at of 30 tickets is needed"):
        service_times(stand(tmp_path, {"tickets": frame.head(20)}))


def test_calls_by_waiting_time_and_patience(tmp_path):
    """40 calls of 10 seconds, all answered; 40 of 100 seconds, 30 given up."""
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(80)],
            "waited_seconds": [10.0] * 40 + [100.0] * 40,
            "abandoned": [0] * 40 + [1] * 30 + [0] * 10,
            "resolved": [1] * 30 + [0] * 10 + [None] * 40,
        }
    )
    result = call_abandonment(stand(tmp_path, {"calls": frame}))
    found = named(result)
    assert found["call_abandonment"].estimate == 30 / 80
    low_high = found["call_abandonment"].conf_low, found["call_abandonment"].conf_high
    assert low_high == wilson(30, 80)
    assert found["call_abandonment.under 30 seconds"].estimate == 0
    assert found["call_abandonment.1 to 3 minutes"].estimate == 0.75
    # of those who waited 100 seconds three quarters gave up: half of the callers by then
    assert found["patience.median"].estimate == pytest.approx(100 / 60)
    assert found["call_resolved"].estimate == 0.75


def test_carts_by_reason_and_value(tmp_path):
    """100 carts, 60 not bought, of which 5 are too young; two reasons, 40 and 10 carts."""
    created = [0.0] * 95 + [(END - START).total_seconds() - 3600] * 5
    reasons = [None] * 40 + ["shipping"] * 40 + ["payment"] * 10 + [None] * 10
    frame = pd.DataFrame(
        {
            "customer": [f"c{k % 50}" for k in range(100)],
            "created_at": seconds(created),
            "bought_at": [seconds(60)] * 40 + [pd.NaT] * 60,
            "value": [10.0] * 40 + [30.0] * 60,
            "reason": reasons,
        }
    )
    result = cart_abandonment(stand(tmp_path, {"carts": frame}))
    found = named(result)
    assert result.notes == ("Carts younger than 24 hours, not judged yet: 5.",)
    assert found["cart_abandonment"].estimate == 55 / 95
    assert found["cart_value_abandoned"].estimate == 55 * 30 / (55 * 30 + 400)
    assert found["cart_reason.shipping"].estimate == 0.8
    assert found["cart_reason.payment"].n == 50


def test_tasks_in_the_time_expected(tmp_path):
    """50 tasks: 20 done in time, 10 late, 15 never, 5 of which nobody said how long."""
    took = [30.0] * 20 + [90.0] * 10 + [np.nan] * 15 + [30.0] * 5
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(50)],
            "started_at": seconds([0] * 50),
            "completed_at": seconds(took),
            "expected_seconds": [60.0] * 45 + [np.nan] * 5,
        }
    )
    found = named(task_completion(stand(tmp_path, {"tasks": frame})))
    assert found["task_completion"].estimate == 35 / 50
    in_time = found["task_completion_in_time"]
    assert (in_time.estimate, in_time.n) == (20 / 45, 45)
    assert (in_time.conf_low, in_time.conf_high) == wilson(20, 45)


def test_effort_per_issue(tmp_path):
    """40 issues, each a ticket by chat and one by mail, and a call by every second customer."""
    k = np.repeat(np.arange(40), 2)
    tickets = pd.DataFrame(
        {
            "customer": [f"c{one}" for one in k],
            "issue": "bill",
            "opened_at": seconds(np.tile([3600.0, 7200.0], 40)),
            "began_at": seconds(np.tile([0.0, 7200.0], 40)),
            "resolved_at": seconds(np.tile([5000.0, 10800.0], 40)),
            "channel": np.tile(["chat", "mail"], 40),
            "transfers": np.tile([1.0, 2.0], 40),
        }
    )
    calls = pd.DataFrame(
        {
            "customer": [f"c{2 * one}" for one in range(20)] + ["c1"],
            "issue": ["bill"] * 20 + [None],
            "called_at": seconds([4000.0] * 21),
            "minutes": 6.0,
        }
    )
    result = observed_effort(stand(tmp_path, {"tickets": tickets, "calls": calls}))
    found = named(result)
    values = {name: one.estimate for name, one in found.items()}
    assert values["effort.channels"] == 2.5
    assert values["effort.calls"] == 0.5
    assert values["effort.tickets"] == 2
    assert values["effort.transfers"] == 3
    assert values["effort.minutes"] == 3
    assert values["effort.until_solved.median"] == 3  # hours from 0 to 10,800 seconds
    # half 0, half 1: standard error of a mean of 40
    assert found["effort.calls"].std_error == pytest.approx(0.5 / np.sqrt(39))
    assert result.notes == ("Tickets and calls without an issue, left out: 1.",)


def test_effort_that_is_unknown_is_not_none(tmp_path):
    """40 issues of two calls each, of 6 minutes; of five of the issues one call has no minutes."""
    calls = pd.DataFrame(
        {
            "customer": np.repeat([f"c{k}" for k in range(40)], 2),
            "issue": "bill",
            "called_at": seconds([4000.0, 8000.0] * 40),
            "minutes": np.where(np.arange(80) < 10, [np.nan, 6.0] * 40, 6.0),
            "transfers": np.where(np.arange(80) < 50, np.nan, 1.0),
        }
    )
    result = observed_effort(stand(tmp_path, {"calls": calls}))
    minutes = named(result)["effort.minutes"]
    assert (minutes.estimate, minutes.n) == (12, 35)
    assert "effort.transfers" not in named(result)  # known of 15
    assert result.notes[:2] == (
        "Issues of which not all transfers are known, left out: 25.",
        "Issues of which not all minutes are known, left out: 5.",
    )


@pytest.mark.parametrize(
    ("make", "role", "missing"),
    [
        (service_times, "tickets", "opened_at"),
        (call_abandonment, "calls", "waited_seconds"),
        (cart_abandonment, "carts", "bought_at"),
        (task_completion, "tasks", "completed_at"),
        (observed_effort, "calls", "issue"),
    ],
)
def test_a_missing_column_is_named(make, role, missing, tmp_path):
    with pytest.raises(ModelError, match=missing):
        make(stand(tmp_path, {role: pd.DataFrame({"customer": ["a"]})}))
