"""Parts of a table, a shop or one of several files, whose rows end before the others'."""

import pandas as pd
import pytest
from customer_files import KINDS, ROLES, STUDY, WINDOWS, entries, tables_of

import cxroi as cx

IDS = [f"c{i}" for i in range(20)]
ANSWERS = pd.DataFrame({"id": IDS, "nps": [8, 10] * 10, "day": "2026-02-15"})
DAYS = pd.date_range("2026-01-01", "2026-04-05")


def orders(begins, ends, value=None, header="shop"):
    """One order a day from one day to another, of one shop."""
    days = DAYS[(begins <= DAYS) & (ends >= DAYS)]
    ids = [IDS[i % 20] for i in range(len(days))]
    frame = pd.DataFrame({"id": ids, "day": days, "amount": [10.0 + i for i in range(len(ids))]})
    return frame if value is None else frame.assign(**{header: value})


def told(folder, *parts, kind="frame", role="orders", **declared):
    frames = {"responses": ANSWERS, "orders": orders(*parts[0][:2])}
    frames[role] = pd.concat([orders(*part) for part in parts])
    frames[role]["amount"] = range(1, len(frames[role]) + 1)
    tables = tables_of(folder, frames, kind, tables={role: declared})
    return [reason for reason in entries(tables, "warning") if "would lie at their pace" in reason]


ALL, EARLY = ("2026-01-01", "2026-04-05"), ("2026-01-01", "2026-02-28")


@pytest.mark.parametrize("kind", KINDS)
def test_a_shop_that_ends_early_is_told_of(kind, tmp_path):
    # 59 orders in 59 days, and 36 days to the fifth of April.
    assert told(tmp_path, (*ALL, "Graz"), (*EARLY, "Wien"), kind=kind) == [
        "The 59 rows of [tables.orders] with 'shop' = \"Wien\" end on 2026-02-28, those of others "
        "on 2026-04-05, by when about 36 more would lie at their pace: is a part of the export "
        "missing? What is missing is taken for zero"
    ]


@pytest.mark.parametrize("role", ["orders", "contacts"])
@pytest.mark.parametrize("header", ["Country", "sales_channel", "Source name"])
def test_other_columns_and_tables(header, role, tmp_path):
    [said] = told(tmp_path, (*ALL, "A", header), (*EARLY, "B", header), role=role)
    assert f'[tables.{role}] with {header!r} = "B" end on 2026-02-28' in said


@pytest.mark.parametrize(
    "parts",
    [
        [(*ALL, "Graz"), ("2026-01-01", "2026-03-25", "Wien")],  # a quiet end
        [(*EARLY, "old shop"), ("2026-03-02", "2026-04-05", "new shop")],  # one after the other
        [(*ALL, "Graz"), ("2026-01-01", "2026-01-05", None), (*ALL, "Wien")],
        [(*ALL, "Graz", "clerk"), (*EARLY, "Wien", "clerk")],  # people leave
    ],
)
def test_ordinary_parts_are_not_worth_a_word(parts, tmp_path):
    assert told(tmp_path, *parts) == []


def test_a_part_that_is_left_out_needs_no_word(tmp_path):
    assert told(tmp_path, (*ALL, "Graz"), (*EARLY, "Wien"), drop={"shop": ["Wien"]}) == []


def of_files(folder, kind, *parts):
    folder.mkdir()
    ANSWERS.to_csv(folder / "responses.csv", index=False)
    for i, part in enumerate(parts):
        write = getattr(orders(*part), {"xlsx": "to_excel"}.get(kind, f"to_{kind}"))
        write(folder / f"orders-{i}.{kind}", index=False)
    tables = {
        "responses": ROLES["responses"] | {"path": f"{folder}/responses.csv"},
        "orders": ROLES["orders"] | {"files": f"{folder}/orders-*.{kind}", "lines": "each"},
    }
    document = {"study": STUDY, "windows": WINDOWS, "tables": tables}
    return [
        reason
        for reason in entries(cx.read_tables(cx.load_study(document)), "warning")
        if "would lie at their pace" in reason
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_one_of_several_files_that_ends_early_is_told_of(kind, tmp_path):
    [said] = of_files(tmp_path / "shops", kind, ALL, EARLY)
    assert f"The 59 rows of orders-1.{kind} ([tables.orders]) end on 2026-02-28" in said
    assert of_files(tmp_path / "months", kind, EARLY, ("2026-03-01", "2026-04-05")) == []
