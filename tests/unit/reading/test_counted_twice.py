"""Orders whose lines say their money twice: net and gross, or lines and their total."""

import pandas as pd
import pytest
from customer_files import rows, tables_of

from cxroi.errors import DataError

PEOPLE = [f"c{n:02}" for n in range(24)]
ANSWERS = pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 8, "day": "2026-02-01"})
NET = [round(3.37 * (n + 1), 2) for n in range(24)]


def lines(*of_order):
    """Return orders of which each has the amounts that are given for it."""
    return pd.DataFrame(
        [
            {"id": PEOPLE[n], "no": f"A{n}", "day": "2026-02-20", "amount": amount, "line": i}
            for n, amounts in enumerate(of_order)
            for i, amount in enumerate(amounts)
        ]
    )


def taxed(rate, *of_order):
    return [round(net * rate, 2) for net in of_order]


TWICE = {
    "net and gross": [(x, *taxed(1.19, x)) for x in NET],
    "two rates": [(x, *taxed((1.19, 1.07)[n % 2], x)) for n, x in enumerate(NET)],
    "gross first": [(*taxed(1.081, x), x) for x in NET],
    "yen": [(round(100 * x), round(110 * x)) for x in NET],
    "two goods": [(x, 2 * x + 1, *taxed(1.25, x, 2 * x + 1)) for x in NET],
    "net, tax, gross": [(x, round(0.2 * x, 2), x + round(0.2 * x, 2)) for x in NET],
    "untaxed": [(x, 0, x) if n % 2 else (x, 1.5, x + 1.5) for n, x in enumerate(NET)],
    "goods and total": [(x, 5.0, x + 5) if n % 3 else (x, x) for n, x in enumerate(NET)],
    "with a discount": [(x, 5.0, -1.0, x + 4) for x in NET],
}
ONCE = {
    "net and tax": [(x, round(0.19 * x, 2)) for x in NET],
    "other goods": [(x, y) for x, y in zip(NET, reversed(NET), strict=True)],
    "goods and carriage": [(x, 4.9) for x in NET],
    "a bundle": [(50.0, 60.0)] * 24,
    "two prices": [(2.5, 3.0), (2.5, 2.5), (3.0, 3.0)] * 8,
    "few": [(x, *taxed(1.19, x)) for x in NET[:9]],
}


def read(orders, kind="frame", folder=None, **table):
    return tables_of(
        folder, {"responses": ANSWERS, "orders": orders}, kind, tables={"orders": table}
    )


@pytest.mark.parametrize(("kind", "table"), [("csv", {"id": "no"}), ("frame", {})])
def test_net_and_gross_are_asked_about(table, kind, tmp_path):
    asked = r"twice in 24 of 24 orders .*lines are 1\.19 times another .*lines = \"each\""
    with pytest.raises(DataError, match=asked):
        read(lines(*TWICE["net and gross"]), kind, tmp_path, **table)


@pytest.mark.parametrize("what", TWICE)
def test_money_that_is_said_twice_is_asked_about(what):
    with pytest.raises(DataError, match="seems to say the money of an order twice in 24 of 24"):
        read(lines(*TWICE[what]), id="no")


@pytest.mark.parametrize("what", ONCE)
def test_money_that_is_said_once_is_added_up(what):
    total = sum(map(sum, ONCE[what]))
    tables = read(lines(*ONCE[what]), id="no")
    assert rows(tables, "SELECT sum(amount) FROM clean_orders")[0][0] == pytest.approx(total)


def test_the_declaration_decides(tmp_path):
    orders = lines(*TWICE["net and gross"])
    gross = read(orders, "csv", tmp_path, id="no", keep={"line": ["1"]})
    assert rows(gross, "SELECT sum(amount) FROM clean_orders") == [
        (pytest.approx(sum(taxed(1.19, *NET))),)
    ]
    both = read(orders, "frame", id="no", lines="each")
    assert rows(both, "SELECT count(*), sum(amount) FROM clean_orders") == [
        (24, pytest.approx(sum(NET) + sum(taxed(1.19, *NET))))
    ]
