"""Cases from the field about local days: the folder's own files, against pandas."""

from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


def case(name, quarter=""):
    folder = CASES / name
    if not (folder / "study.toml").exists():
        pytest.skip(f"the field case {name} is not here")
    panel = cx.build_panel(cx.read_tables(cx.load_study(folder / "study.toml")), quarter)
    answers, orders = (pd.read_csv(folder / f"{table}.csv") for table in ("responses", "orders"))
    return panel, answers, orders


def after(answers, orders):
    """Spend of each customer in the 90 local days after the day of the answer."""
    both = orders.merge(answers, on="customer_id")
    days = pd.to_datetime(both["ordered_at"].str[:10]) - pd.to_datetime(
        both["answered_at"].str[:10]
    )
    return both["amount"][days.dt.days.between(1, 90)].sum()


@pytest.mark.parametrize("place", ["", "ny", "tokyo_naive"])
def test_orders_of_the_day_of_the_answer_are_on_neither_side(place):
    panel, answers, orders = case(f"same_local_day_offset/{place}")
    expected = after(answers, orders)
    assert panel.frame["spend_after"].sum() == pytest.approx(expected)
    assert (expected > 0) == (place == "ny")  # west of Greenwich the next day's were dropped


def test_the_evening_of_31_march_is_of_the_first_quarter():
    panel, answers, _ = case("quarter_in_utc", "2026Q1")
    assert panel.size == len(answers)
    assert panel.waves == ("2026Q1",)
