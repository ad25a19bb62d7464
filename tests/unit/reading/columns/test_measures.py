"""Attributes that are numbers with a unit."""

import pandas as pd
import pytest
from customer_files import KINDS, entries, rows, tables_of

import cxroi as cx

IDS = [f"c{i}" for i in range(40)]
ANSWERS = pd.DataFrame({"id": IDS, "nps": [8, 10] * 20, "day": "2026-03-02"})
ORDERS = pd.DataFrame({"id": IDS, "day": "2026-03-10", "amount": range(1, 41)})


def read(folder, cells, kind="frame", role="customers", flat=False, **controls):
    """Read an attribute of customers or of answers; return the tables and its values."""
    frames = {"customers": pd.DataFrame({"id": IDS}), "responses": ANSWERS, "orders": ORDERS}
    declared = {role: {"attributes": ["tenure"]}}
    more = {}
    if flat:
        frames = {"customers": ANSWERS.assign(kept=[0, 1, 1, 1] * 10)}
        declared["customers"]["score"] = "nps"
        more = {"outcomes": {"columns": {"kept": {"column": "kept", "kind": "yes_no"}}}}
    frames[role] = frames[role].assign(tenure=cells)
    controls = {"columns": ["tenure"], **controls}
    tables = tables_of(folder, frames, kind, tables=declared, controls=controls, **more)
    return tables, [
        v for (v,) in rows(tables, f"SELECT attr_tenure FROM clean_{role} ORDER BY row")
    ]


MONTHS = [f"{i} months" if i > 1 else "1 month" for i in range(1, 41)]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_one_unit_are_numbers(kind, tmp_path):
    tables, values = read(tmp_path, MONTHS, kind)
    assert values == [float(i) for i in range(1, 41)]
    said = "tenure: numbers with the unit 'month' or 'months' read as numbers of it"
    assert entries(tables, "repaired") == {said: 40}


@pytest.mark.parametrize("form", ["{}m", "{} yrs", "{} Jahre", "{}.5 Monate", "{} mois", "{}kg"])
def test_units_of_other_words(form, tmp_path):
    _, values = read(tmp_path, [form.format(i) for i in range(40)], role="responses")
    assert values == [i + 0.5 * (".5" in form) for i in range(40)]


def test_a_flat_study_reads_units_alike(tmp_path):
    assert read(tmp_path, MONTHS, flat=True)[1] == [float(i) for i in range(1, 41)]


def test_a_decimal_comma_before_a_unit_is_no_thousand(tmp_path):
    with pytest.raises(cx.CxroiError, match='Add decimal = ","'):
        read(tmp_path, [f"{i},5 Jahre" for i in range(40)])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["2 years", "6 months"], "'months' (20 rows), 'years' (20 rows)"),
        ([f"{i} years" if i < 5 else f"{i} mths" for i in range(40)], "'mths' (35 rows), 'years'"),
        (["2 years 6 months", "1 yr, 3 mos."], "'years months' (20 rows), 'yr mos' (20 rows)"),
        (["24", "6 months"], "'months' (20 rows) and none (20 rows)"),
        (["10k", "1.2m"], "'k' (20 rows), 'm' (20 rows)"),
    ],
)
def test_several_units_are_refused(cells, words, tmp_path):
    cells = (cells * 20)[:40]
    with pytest.raises(cx.CxroiError, match="holds numbers with several units") as caught:
        read(tmp_path, cells, "csv")
    assert "declare categorical = ['tenure']" in str(caught.value)
    assert words in str(caught.value)
    assert read(tmp_path / "other", cells, categorical=["tenure"])[1] == cells


@pytest.mark.parametrize(
    "cells",
    [
        ["12 months", "24 months"],  # terms of a contract: two groups
        ["7a", "7b", "8c"],  # classes
        ["10+ years", "< 1 year", "3 years"],  # bands
        ["0-12 months", "13-24 months"],
        [f"{i} Main St" for i in range(40)],
    ],
)
def test_names_of_groups_stay_so(cells, tmp_path):
    cells = (cells * 20)[:40]
    tables, values = read(tmp_path, cells)
    assert values == cells
    assert not entries(tables, "repaired")


@pytest.mark.parametrize("kind", ["frame", "duckdb"])
def test_lengths_of_time_are_days(kind, tmp_path):
    hours = [36.0 * i for i in range(40)]
    tables, values = read(tmp_path, pd.to_timedelta([*hours[:-1], None], "h"), kind)
    assert values == [*(hour / 24 for hour in hours[:-1]), None]
    assert entries(tables, "repaired") == {"tenure: lengths of time read as days": 39}


def test_categories_of_a_frame_are_read_alike(tmp_path):
    assert read(tmp_path, pd.Categorical(MONTHS))[1] == [float(i) for i in range(1, 41)]
