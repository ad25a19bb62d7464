"""What amounts of orders are in a drafted study: prices, totals on each line, cents, currencies."""

import datetime as dt
import tomllib

import export_files as files
import pytest

import cxroi as cx
from cxroi.draft.drafting import draft_study

SURVEY = [["customer_id", "nps", "answered_at"]]
SURVEY += [[f"C{n:02d}", n % 11, files.answered(n)] for n in range(40)]


def made(folder, orders):
    """Draft a study of a survey and orders."""
    paths = [files.write(folder, f"{n}.csv", t) for n, t in {"survey": SURVEY, "o": orders}.items()]
    draft = draft_study([paths[0], paths[1].rename(folder / "orders.csv")], folder=folder)
    return draft, tomllib.loads(draft.text)


def spend(folder, text):
    """Return all spend that a study file reads after the answers, and the same by hand."""
    (folder / "study.toml").write_text(text, encoding="utf-8")
    study = cx.load_study(folder / "study.toml")
    panel = cx.build_panel(cx.read_tables(study))
    return panel.frame["spend_after"].sum(), dt.timedelta(days=study.outcome_days)


def by_hand(window, amount, bought=range(80)):
    return pytest.approx(
        sum(
            amount(n)
            for n in bought
            if files.answered(n % 40) < files.ordered(n) <= files.answered(n % 40) + window
        )
    )


def rows(header, row, lines=1):
    told = ["order_id", "customer_id", "ordered_at", *header]
    one = [[n, f"C{n % 40:02d}", files.ordered(n)] for n in range(80)]
    return [told, *([*held, *row(held[0], k)] for held in one for k in range(lines))]


def test_a_price_of_one_is_taken_so_many_times(tmp_path):
    draft, study = made(tmp_path, rows(["UnitPrice", "Quantity"], lambda n, _: [n + 0.5, 3]))
    assert study["tables"]["orders"]["quantity"] == "Quantity"
    found, window = spend(tmp_path, draft.text)
    assert found == by_hand(window, lambda n: 3 * (n + 0.5))


@pytest.mark.parametrize(("decided", "times"), [('quantity = "qty"', 3), ("", 1)])
def test_a_price_beside_a_quantity_is_decided_by_a_person(decided, times, tmp_path):
    draft, _ = made(tmp_path, rows(["price", "qty"], lambda n, _: [n + 0.5, 3]))
    with pytest.raises(cx.CxroiError, match=r'quantity is not decided yet.*"qty" if price is'):
        draft.study()
    (line,) = (one for one in draft.text.splitlines() if one.startswith("quantity = "))
    found, window = spend(tmp_path, draft.text.replace(line, decided))
    assert found == by_hand(window, lambda n: times * (n + 0.5))


@pytest.mark.parametrize("name", ["order_total", "amount"])
def test_an_amount_on_each_line_is_the_total_or_asked_about(name, tmp_path):
    draft, study = made(tmp_path, rows([name, "line"], lambda n, k: [n + 0.5, k], lines=3))
    assert study["tables"]["orders"]["lines"] == ("total" if name == "order_total" else "?")
    assert any("80 of 80 orders hold one amount on all lines" in one for one in draft.undecided)
    found, window = spend(tmp_path, draft.text.replace('lines = "?"', 'lines = "each"'))
    times = 1 if name == "order_total" else 3
    assert found == by_hand(window, lambda n: times * (n + 0.5))


def test_lines_with_amounts_of_their_own_are_added_up(tmp_path):
    draft, study = made(tmp_path, rows(["amount"], lambda n, k: [n + k], lines=2))
    assert "lines" not in study["tables"]["orders"]
    found, window = spend(tmp_path, draft.text)
    assert found == by_hand(window, lambda n: 2 * n + 1)


@pytest.mark.parametrize(("currency", "parts"), [("USD", 100), ("JPY", 1), ("", 100)])
def test_cents_are_declared(currency, parts, tmp_path):
    """As Stripe writes them, of yen whole ones; or by the name of the column."""
    if currency:
        orders = [["id", "amount", "amount_refunded", "balance_transaction_id", "created"]]
        orders[0] += ["currency", "customer_id", "status"]
        for n in range(80):
            status = "failed" if n == 3 else "succeeded"
            told = [files.ordered(n), currency.lower(), f"C{n % 40:02d}", status]
            orders.append([f"ch_{n}", 1000 + n, 0, "txn", *told])
    else:
        orders = rows(["amount_cents"], lambda n, _: [1000 + n])
    draft, study = made(tmp_path, orders)
    assert study["tables"]["orders"]["amount_in"] == "cents"
    assert study["study"]["currency"] == (currency or "?")
    found, window = spend(tmp_path, draft.text.replace('currency = "?"', 'currency = "EUR"'))
    bought = [n for n in range(80) if n != 3 or not currency]
    assert found == by_hand(window, lambda n: (1000 + n) / parts, bought)


def test_of_several_currencies_the_commonest_is_kept(tmp_path):
    money = ["amount", "currency"]
    draft, study = made(tmp_path, rows(money, lambda n, _: [n + 1, "SEK" if n % 8 == 0 else "EUR"]))
    assert study["tables"]["orders"]["keep"] == {"currency": ["EUR"]}
    assert study["study"]["currency"] == "EUR"
    told = "[tables.orders] keep: currency: the commonest alone; is it the one?"
    assert told in draft.undecided
    found, window = spend(tmp_path, draft.text)
    assert found == by_hand(window, lambda n: n + 1, [n for n in range(80) if n % 8])
