"""Orders, customers, joins and churn: what is counted of whom, in every kind of file.

Each property draws the kind of the file and the rows of the tables. The panel is held against what
plain Python makes of the same rows, or the study is refused by name.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from random import Random

import pandas as pd
import pytest
from file_kinds import DRAWN, KINDS
from hypothesis import given
from hypothesis import strategies as st

import cxroi as cx

PEOPLE = 20
AFTER = dt.timedelta(days=30)
ANSWER = dt.datetime(2026, 6, 15, 0, 7, 30)
UNTIL = dt.datetime(2026, 12, 31, 12)
STUDY = {
    "study": {"name": "tables", "currency": "EUR", "complete_until": UNTIL.date()},
    "windows": {"baseline_days": 20, "outcome_days": AFTER.days},
}
RESPONSES = {"customer": "id", "score": "nps", "answered_at": "at"}
ORDERS = {"customer": "id", "ordered_at": "at", "amount": "amount"}
seeds = st.integers(0, 2**32)


def answers(ids):
    """Answers of customers, an hour apart."""
    at = [ANSWER + dt.timedelta(hours=i) for i in range(len(ids))]
    return {"id": ids, "nps": [i % 11 for i in range(len(ids))], "at": at}


def columns(rows, *names):
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def panel_of(tables):
    return cx.build_panel(tables).frame.set_index("customer")


# --- what is an order ------------------------------------------------------------------------


@st.composite
def bookings(draw):
    kind = draw(st.sampled_from(KINDS))
    flags = [draw(st.booleans()) for _ in range(3)]
    status = draw(st.sampled_from(["", "dropped", "undeclared"]))
    days = draw(st.sampled_from([0, 20, 40]))
    return kind, *flags, status, days, draw(seeds)


def booked(rows, numbered):
    """Join the lines of an order and day, and say from when on each is no purchase."""
    lines = defaultdict(list)
    for place, (_, number, at, amount) in enumerate(rows):
        lines[(number, at.date()) if numbered else place].append((at, amount, place, number))
    joined = [(min(x)[0], sum(y[1] for y in x), x[0][2], x[0][3]) for x in lines.values()]
    undone = []
    for at, amount, place, number in joined:
        net, ends = 0, []
        same = sorted((j for j in joined if j[3] == number), key=lambda j: (j[0], -j[1], j[2]))
        for one in same if numbered else []:
            net += one[1]
            if net <= 0 and (one[0], -one[1], one[2]) >= (at, -amount, place):
                ends.append(one[0])
        refunded = numbered and any(one[1] < 0 for one in same)
        undone.append((at, amount, at if amount <= 0 else min(ends) if refunded and ends else None))
    return undone


@given(bookings())
@DRAWN
def test_only_what_is_above_nothing_is_a_purchase(read_in, drawn):
    kind, numbered, cents, quantities, status, days, seed = drawn
    random, ids = Random(seed), [f"c{i}" for i in range(PEOPLE)]
    told = answers(ids)
    rows = [("other", "x", UNTIL, 100), ("other", "y", dt.datetime(2026, 5, 12), 100)]
    for who, answered in zip(ids, told["at"], strict=True):
        for _ in range(random.randrange(6)):
            away = random.choice((-45, -25, -19, -5, -1, 0, 0, 1, 5, 29, 31))
            at = answered + dt.timedelta(days=away, seconds=random.randrange(1, 7000))
            number = f"{who}/{random.randrange(2)}"
            rows.append((who, number, at, random.choice((-2000, -1000, 0, 500, 1000, 1000, 2000))))
    times = [random.choice((1, 2)) if quantities else 1 for _ in rows]
    failed = [i > 1 and bool(status) and random.random() < 0.2 for i in range(len(rows))]
    cells = columns(rows, "id", "no", "at", "amount")
    if not cents:
        cells["amount"] = [amount / 100 for amount in cells["amount"]]
    if quantities:
        cells["n"] = times
    if status:
        cells["status"] = ["failed" if one else "succeeded" for one in failed]
    orders = ORDERS | ({"id": "no", "lines": "each"} if numbered else {"lines": "each"})
    orders |= {"amount_in": "cents"} if cents else {}
    orders |= {"quantity": "n"} if quantities else {}
    orders |= {"drop": {"status": ["failed"]}} if status == "dropped" and any(failed) else {}
    study = {**STUDY, "windows": {"baseline_days": days, "outcome_days": AFTER.days}}
    study["tables"] = {"responses": RESPONSES, "orders": orders}
    with read_in(kind, study, {"responses": told, "orders": cells}) as found:
        assert not isinstance(found, str), found
        if status == "undeclared" and any(failed):
            assert any("status" in warning for warning in found.ledger.warnings)
        frame = panel_of(found)
    good = [
        (who, number, at, amount * n)
        for (who, number, at, amount), n, bad in zip(rows, times, failed, strict=True)
        if not (bad and status == "dropped")
    ]
    first = min(row[2] for row in good).date() - dt.timedelta(days=max(7, days // 10))
    for who, answered in zip(ids, told["at"], strict=True):
        own = booked([row for row in good if row[0] == who], numbered)
        end, begin = answered + AFTER, answered - dt.timedelta(days=days)
        after = [one for one in own if answered < one[0] <= end]
        before = [
            one for one in own if begin <= one[0] < answered or (not days and one[0] < answered)
        ]
        bought = sum(one[2] is None or one[2] > end for one in after)
        had = sum(one[2] is None or one[2] >= answered for one in before)
        row = frame.loc[who]
        assert row["spend_after"] == pytest.approx(sum(one[1] for one in after) / 100)
        assert row["orders_after"] == bought
        assert row["repeat_purchase_after"] == (bought > 0)
        kept = float(bought > 0) if had else None
        assert row["retained_after"] == kept or (kept is None and pd.isna(row["retained_after"]))
        if days and begin >= dt.datetime.combine(first, dt.time()):
            assert row["orders_before"] == had
            assert row["spend_before"] == pytest.approx(sum(one[1] for one in before) / 100)
        elif days:
            assert pd.isna(row["orders_before"])


# --- who is one customer ---------------------------------------------------------------------


def with_checksum(short):
    """Return a Salesforce id of 15 characters with the three that tell its capitals."""
    parts = [short[i : i + 5] for i in (0, 5, 10)]
    bits = [sum(letter.isupper() << k for k, letter in enumerate(part)) for part in parts]
    return short + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[one] for one in bits)


IDS = {  # how ids look -> the ids, and how another table may write them
    "letters": (lambda i: f"Kd{i:03}", ("same", "upper", "lower", "spaces", "hard spaces")),
    "mails": (lambda i: f"User.{i}@x.org", ("same", "upper", "lower", "spaces")),
    "numbers": (lambda i: str(1000 + i), ("same", "numbers", "floats", "spaces", "point")),
    "zeros": (lambda i: f"{i + 1:05}", ("same", "numbers", "no zeros", "spaces")),
    "Salesforce": (lambda i: f"0035g00000Xy{'aAbBcC'[i % 6]}{'zZ'[i % 2]}{i // 6}", ("same", "18")),
}
WAYS = {
    "same": str,
    "upper": str.upper,
    "lower": str.lower,
    "spaces": lambda who: f" {who}  ",
    "hard spaces": lambda who: f"{who}\u00a0",
    "numbers": int,
    "floats": float,
    "point": lambda who: f"{who}.0",
    "no zeros": lambda who: str(int(who)),
    "18": with_checksum,
}


@st.composite
def identities(draw):
    kind, look = draw(st.sampled_from(KINDS)), draw(st.sampled_from(sorted(IDS)))
    ways = [draw(st.sampled_from(IDS[look][1])) for _ in range(2)]
    return kind, look, *ways, draw(st.integers(0, 2)), draw(st.booleans()), draw(seeds)


@given(identities())
@DRAWN
def test_a_customer_is_the_same_in_every_table_and_no_other(read_in, drawn):
    kind, look, way, again, twins, listed, seed = drawn
    random, ids = Random(seed), [IDS[look][0](i) for i in range(PEOPLE)]
    if look == "letters" and way == again == "same":
        ids += [who.upper() for who in ids[:twins]]
    rows = [
        (random.choice(ids), ANSWER + dt.timedelta(days=5, minutes=i), i + 1) for i in range(60)
    ]
    rows.append((ids[0], UNTIL, 1))
    guest = look == "letters" and way == again == "same"
    if guest:
        ids.append("guest")
        rows += [("guest", ANSWER + dt.timedelta(days=5, minutes=i), 1) for i in range(90)]
    tables = {
        "responses": {**answers(ids), "id": [WAYS[way](who) for who in ids]},
        "orders": columns([(WAYS[again](w), at, n) for w, at, n in rows], "id", "at", "amount"),
    }
    study = {**STUDY, "tables": {"responses": RESPONSES, "orders": ORDERS}}
    if listed:
        tables["customers"] = {"id": ids}
        study["tables"]["customers"] = {"customer": "id"}
    with read_in(kind, study, tables) as found:
        if isinstance(found, str):
            assert not way == again == "same", found
            assert "id" in found
            return
        built = cx.build_panel(found)
    frame = built.frame
    assert len(frame) == len(ids)
    assert guest == any("'guest' has" in warning for warning in built.ledger.warnings)
    spent = defaultdict(int)
    for who, at, amount in rows:
        spent[who] += amount if at < UNTIL else 0
    by_answer = frame.sort_values("answered_at")["spend_after"]
    assert by_answer.tolist() == [spent[who] for who in ids]


# --- which column joins which ----------------------------------------------------------------


@st.composite
def joins(draw):
    kinds = [draw(st.sampled_from(["text", "number", "decimal"])) for _ in range(4)]
    again = draw(st.sampled_from(["", "", "repeated", "contradicted"]))
    paired, lost = draw(st.booleans()), draw(st.integers(0, 3))
    return draw(st.sampled_from(KINDS)), kinds, again, paired, lost, draw(seeds)


def keyed(number, how):
    """Write a key; a decimal column is what whole numbers beside blanks become."""
    return {"text": str, "number": int, "decimal": float}[how](number)


@given(joins())
@DRAWN
def test_a_step_joins_the_columns_that_are_named(read_in, drawn):
    kind, kinds, again, paired, lost, seed = drawn
    random, people = Random(seed), list(range(500, 500 + PEOPLE))
    sales = {9000 + i: random.choice(people) for i in range(60)}
    rows = [(no, ANSWER + dt.timedelta(days=3, minutes=i), i + 1) for i, no in enumerate(sales)]
    rows.append((9000, UNTIL, 1))
    refs = [keyed(no, kinds[0]) for no, _, _ in rows]
    refs[1 : 1 + lost] = [keyed(no, kinds[0]) for no in (1, 2, 3)[:lost]]
    refs[5] = None
    person, number = ("pid", "no") if paired else ("buyer", "ref")
    told = answers([f"p{i}@x.org" for i in people])
    segments = {who: random.choice(("north", "south")) for who in people}
    tables = {
        "responses": {"buyer": [keyed(i, kinds[2]) for i in people], **told},
        "orders": {"ref": refs, **columns(rows, "-", "at", "amount")},
        "sales": {
            number: [keyed(no, kinds[1]) for no in sales],
            "buyer": [keyed(who, kinds[2]) for who in sales.values()],
        },
        "people": {
            person: [keyed(who, kinds[3]) for who in people],
            "mail": told["id"],
            "segment": list(segments.values()),
        },
    }
    del tables["responses"]["id"], tables["orders"]["-"]
    if again in ("repeated", "contradicted"):
        for name, column in tables["sales"].items():
            column.append(column[-1])
            if again == "contradicted" and name == "buyer":
                column[-1] = keyed(499, kinds[2])
    to_person = "buyer = people.pid" if paired else "people.buyer"
    to_sale = "ref = sales.no" if paired else "sales.ref"
    study = {**STUDY, "tables": {"sales": {}, "people": {}}}
    looked_up = {"customer": "mail", "via": [to_person], "attributes": ["segment"]}
    study["tables"]["responses"] = RESPONSES | looked_up
    study["tables"]["orders"] = ORDERS | {"customer": "mail", "via": [to_sale, to_person]}
    with read_in(kind, study, tables) as found:
        if again == "contradicted":
            assert "[tables.sales] holds 1 rows more" in found
            return
        assert not isinstance(found, str), found
        frame = panel_of(found)
        aside = {e.reason: e.rows for e in found.ledger.entries if e.table == "orders"}
    kept = [row for i, row in enumerate(rows) if i != 5 and not 1 <= i <= lost]
    spent = defaultdict(int)
    for no, at, amount in kept:
        spent[sales[no]] += amount if at < UNTIL else 0
    for who in people:
        row = frame.loc[f"p{who}@x.org"]
        assert (row["spend_after"], row["attr_segment"]) == (spent[who], segments[who])
    assert aside.get("no ref, by which sales is looked up") == 1
    assert aside.get("no row of sales has its ref", 0) == lost


@given(st.sampled_from(KINDS), st.sampled_from(["id", "ID", "uuid", "_id"]), st.booleans())
@DRAWN
def test_no_step_joins_the_numbers_of_the_rows(read_in, kind, own, paired):
    numbers = list(range(1, PEOPLE + 1))
    told = answers([f"p{i}" for i in numbers])
    orders = {own: numbers, "buyer": numbers[::-1], "at": [UNTIL, *told["at"][1:]]}
    tables = {
        "responses": told,
        "orders": {**orders, "amount": [1.5] * PEOPLE},
        "people": {own: numbers, "name": told["id"]},
    }
    step = f"buyer = people.{own}" if paired else f"people.{own}"
    study = {**STUDY, "tables": {"responses": RESPONSES, "people": {}}}
    study["tables"]["orders"] = {**ORDERS, "customer": "name", "via": [step]}
    with read_in(kind, study, tables) as found:
        if not paired:
            assert "the own id of [tables.orders]" in found
            return
        held = found.connection.execute("SELECT row, customer FROM clean_orders").fetchall()
    assert dict(held) == {row: f"p{who}" for row, who in enumerate(numbers[::-1])}


# --- the population of churn -----------------------------------------------------------------


@st.composite
def subscribers(draw):
    dates = draw(st.sampled_from(["days", "times", "texts"]))
    within = draw(st.sampled_from([0, 10]))
    reverse = draw(st.sampled_from([False, False, False, True]))
    return draw(st.sampled_from(KINDS)), dates, within, reverse, draw(seeds)


def state(own, answered, by_day):
    """Say why an answer is no prediction, and otherwise when the subscription ends."""
    spells = []
    for begin, end in sorted(own, key=lambda s: (s[0], s[1] or dt.datetime.max)):
        end = end or dt.datetime.max
        if spells and begin <= min(spells[-1][1], dt.datetime(9998, 1, 1)) + dt.timedelta(days=30):
            spells[-1][1] = max(spells[-1][1], end)
        else:
            spells.append([begin, end])
    if not spells:
        return "by a customer without a subscription", None
    if spells[0][0] > answered:
        return "given before the subscription began", None

    def later(end):
        return end.date() > answered.date() if by_day else end > answered

    active = [end for begin, end in spells if begin <= answered and later(end)]
    return ("", max(active)) if active else ("given after the customer had churned", None)


@given(subscribers())
@DRAWN
def test_who_is_not_subscribed_is_not_lost(read_in, drawn):
    kind, dates, within, reverse, seed = drawn
    random, ids = Random(seed), [f"c{i}" for i in range(PEOPLE)]
    told, rows = answers(ids), []
    for who, answered in zip(ids, told["at"], strict=True):
        moment = answered.replace(hour=random.randrange(24)) + dt.timedelta(days=-200)
        for _ in range(random.choice((0, 1, 1, 1, 2))):
            moment += dt.timedelta(days=random.choice((1, 20, 150, 199, 230)))
            end = moment + dt.timedelta(days=random.choice((1, 15, 50, 60, 400)))
            ended = None if random.random() < 0.4 else end
            if dates != "times":
                moment, ended = (x and dt.datetime.combine(x, dt.time()) for x in (moment, ended))
            rows.append((who, moment, ended))
            moment = end
    rows += [("always", dt.datetime(2026, 1, 1), None)]
    rows += [("gone", dt.datetime(2026, 1, 1), dt.datetime(2025, 12, 1))] * reverse
    cells = columns(rows, "id", "from", "to")
    if dates != "times":
        for column in ("from", "to"):
            days = [at and at.date() for at in cells[column]]
            cells[column] = [at and at.isoformat() for at in days] if dates == "texts" else days
    told = answers([*ids, "always", "always 2"])
    rows.append(("always 2", dt.datetime(2026, 1, 1), None))
    for name, cell in zip(
        cells, ("always 2", cells["from"][len(rows) - 2 - reverse], None), strict=True
    ):
        cells[name].append(cell)
    subscriptions = {"customer": "id", "started_at": "from", "cancelled_at": "to"}
    study = {**STUDY, "tables": {"responses": RESPONSES, "subscriptions": subscriptions}}
    study["churn"] = {"definition": "cancelled"} | ({"within_days": within} if within else {})
    with read_in(kind, study, {"responses": told, "subscriptions": cells}) as found:
        if reverse:
            assert "subscriptions whose 'to' is before their 'from' (1 row" in found
            return
        assert not isinstance(found, str), found
        built = cx.build_panel(found)
        frame = built.frame.set_index("customer")
    by_day = dates != "times" or not any(end for _, _, end in rows)
    reasons, churned = defaultdict(int), {}
    for who, answered in zip(told["id"], told["at"], strict=True):
        own = [(begin, end) for name, begin, end in rows if name == who]
        why, end = state(own, answered, by_day)
        reasons[why] += 1
        if not why:
            churned[who] = float(end <= answered + (dt.timedelta(days=within) if within else AFTER))
    assert frame["churned_after"].to_dict() == churned
    assert frame["retained_after"].to_dict() == {who: 1 - lost for who, lost in churned.items()}
    told_of = {e.reason: e.rows for e in built.ledger.entries if e.action == "set aside"}
    del reasons[""]
    assert told_of == reasons
