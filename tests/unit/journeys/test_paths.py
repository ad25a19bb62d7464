import numpy as np
import pandas as pd
import pytest
from journey_tables import stand

from cxroi.errors import ModelError
from cxroi.journeys.every import Journeys, figures_of
from cxroi.journeys.paths import find_paths
from cxroi.journeys.scores import score_named
from cxroi.presentation.journeys import ways

START = pd.Timestamp("2026-01-01")


def moments(minutes):
    return START + pd.to_timedelta(np.asarray(minutes, dtype=float), unit="m")


def views(rows):
    frame = pd.DataFrame(rows, columns=["customer", "minute", "kind"])
    frame["viewed_at"] = moments(frame.pop("minute"))
    return frame.assign(page=frame["kind"], session="s", row=range(len(frame)))


@pytest.fixture
def shop(tmp_path):
    """40 customers: home, cart, cart again, then an order of every second one; later home."""
    rows, orders = [], []
    for k in range(40):
        rows += [(f"c{k}", 0, "home"), (f"c{k}", 2 + k % 2, "cart"), (f"c{k}", 5, "cart")]
        rows += [(f"c{k}", 100, "home")]
        if k % 2:
            orders.append((f"c{k}", 10))
    orders = pd.DataFrame(orders, columns=["customer", "minute"])
    orders["ordered_at"] = moments(orders.pop("minute"))
    orders = orders.assign(amount=1.0, row=range(len(orders)))
    return stand(tmp_path, {"page_views": views(rows), "orders": orders})


def test_transitions_by_hand(shop):
    found = find_paths(shop, pause_minutes=30)
    assert (found.customers, found.journeys, found.steps) == (40, 80, 140)
    assert found.roles == ("page_views", "orders")
    by = {(t.origin, t.target): t for t in found.transitions}
    assert {pair: t.n for pair, t in by.items()} == {("home", "cart"): 40, ("cart", "order"): 20}
    # of the steps `home` that any step follows; the last of a journey has none
    assert by["home", "cart"].share.estimate == 1
    # 2 and 3 minutes, 20 each; the cart is reached when it is first seen
    assert by["home", "cart"].time.estimate == pytest.approx(2.5 / 60)
    assert by["cart", "order"].time is None
    assert found.window.endswith("of more than 30 minutes")


def test_ways_by_hand(shop):
    found = find_paths(shop, pause_minutes=30, longest=2)
    ways = {one.path: (one.n, one.share.estimate) for one in found.ways}
    assert ways == {
        "home": (40, 0.5),
        "home > cart": (20, 0.25),
        "home > cart > …": (20, 0.25),
    }
    # each customer has one journey of two that is `home` alone: nothing varies
    assert found.ways[0].share.std_error == 0
    assert list(found.ways_table().columns)[:3] == ["path", "group", "n"]


def test_a_reader_sees_the_ways_taken_most_often(shop):
    found = find_paths(shop, pause_minutes=30, longest=2)
    table = ways(figures_of(Journeys({"paths": found}, {})), most=1).frame
    assert table[["way", "how often", "share of all ways"]].values.tolist() == [
        ["home", "40", "50.0 %"]
    ]
    lacking = Journeys({}, {"paths": "no table has a step"})
    assert str(ways(figures_of(lacking))) == "no table has a step"


def test_a_longer_pause_joins_journeys(shop):
    found = find_paths(shop, pause_minutes=120)
    assert found.journeys == 40
    by = {(t.origin, t.target): t.share.estimate for t in found.transitions}
    assert by["cart", "order"] == by["cart", "home"] == 0.5


def test_steps_before_answers_by_group(tmp_path):
    """Promoters saw home, detractors help, 10 days before; 100 days before counts for none."""
    day = 24 * 60
    rows = [("early", 0, "home")]
    for k in range(60):
        rows += [(f"c{k}", 20 * day, "old"), (f"c{k}", 110 * day, "home")]
        rows += [(f"c{k}", 110 * day + 60, "help")] if k < 30 else []
    answers = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(60)] + ["early"],
            "answered_at": moments([120 * day] * 60 + [30 * day]),
            "score": [3.0] * 30 + [10.0] * 30 + [9.0],
            "row": range(61),
        }
    )
    tables = stand(tmp_path, {"page_views": views(rows), "responses": answers})
    found = find_paths(tables, score=score_named(tables), days=60)
    assert found.window == "steps in the 60 days before an answer"
    assert {(w.group, w.path): w.n for w in found.ways} == {
        ("detractor", "home > help"): 30,
        ("promoter", "home"): 30,
    }
    (step,) = found.transitions
    assert (step.group, step.share.name) == ("detractor", "transition.detractor: home > help")
    assert step.time.estimate == 1


def test_no_table_of_steps_is_refused(tmp_path):
    with pytest.raises(ModelError, match="paths need one of invitations"):
        find_paths(stand(tmp_path, {"customers": pd.DataFrame({"customer": ["a"]})}))


def test_a_contact_that_is_a_ticket_too_is_one_step(tmp_path):
    """40 tickets, each a contact of the same moment; every second customer contacts us again."""
    names = [f"c{k}" for k in range(40)]
    first = pd.DataFrame({"customer": names, "opened_at": moments([0] * 40), "row": range(40)})
    again = pd.DataFrame(
        {"customer": names[::2], "opened_at": moments([60] * 20), "row": range(40, 60)}
    )
    tables = stand(tmp_path, {"contacts": pd.concat([first, again]), "tickets": first})
    found = find_paths(tables)
    assert {way.path: way.n for way in found.ways} == {"ticket": 20, "ticket > contact": 20}
