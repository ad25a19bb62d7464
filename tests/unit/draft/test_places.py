"""Files as they are written: encodings, titles, several files, repeated rows, no ids."""

import json
import tomllib

import export_files as files
import pandas as pd
import pytest

import cxroi as cx
from cxroi.draft.drafting import draft_study
from cxroi.draft.places import pattern_of
from cxroi.study.loading import load_study

SURVEY = [["Kunden-Nr.", "Weiterempfehlung", "Antwortdatum", "Kundengruppe"]]
SURVEY += [
    [1000 + n, n % 11, f"{files.answered(n):%d.%m.%Y}", "Geschäft" if n % 2 else "Privat"]
    for n in range(40)
]
HEAD = ["Kunden-Nr.", "Bestelldatum", "Umsatz", "Bestellnr"]
ORDERS = [[1000 + n % 40, f"{files.ordered(n):%d.%m.%Y}", f"{n},5", n] for n in range(80)]


def text(rows, mark=";"):
    return "\n".join(mark.join(map(str, row)) for row in rows) + "\n"


def opened(paths, folder):
    """Draft a study of files and read what it declares; return it, its text and the panel."""
    made = draft_study(paths, folder=folder)
    (folder / "study.toml").write_text(made.text, encoding="utf-8")
    panel = cx.build_panel(cx.read_tables(load_study(folder / "study.toml")))
    return tomllib.loads(made.text)["tables"], made, panel


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("windows-1252", "Umfrage Frühjahr\nStand;01.09.2025\n\n"),
        ("utf-16", "Umfrage;;;\n"),
        ("utf-8-sig", ""),
    ],
)
def test_encodings_and_titles_are_found(encoding, title, tmp_path):
    survey, orders = tmp_path / "Umfrage.csv", tmp_path / "Bestellungen.csv"
    survey.write_text(title + text(SURVEY), encoding=encoding)
    orders.write_text(text([HEAD, *ORDERS]), encoding="utf-8")
    tables, _, panel = opened([survey, orders], tmp_path)
    responses = tables["responses"]
    assert responses.get("encoding", "utf-8-sig") == encoding
    assert responses.get("skip_rows", 0) == title.count("\n")
    assert responses["attributes"] == ["Kundengruppe"]
    assert panel.ledger.rows("responses", "used") == 40
    groups = panel.frame["attr_Kundengruppe"].value_counts().to_dict()
    assert groups == {"Geschäft": 20, "Privat": 20}


def test_a_title_of_a_sheet_is_found(tmp_path):
    path = tmp_path / "Umfrage.xlsx"
    frame = pd.DataFrame([["Umfrage 2025", *"   "], [*"    "], *SURVEY]).replace(" ", None)
    frame.to_excel(path, header=False, index=False)
    orders = tmp_path / "Bestellungen.csv"
    orders.write_text(text([HEAD, *ORDERS]), encoding="utf-8")
    tables, _, panel = opened([path, orders], tmp_path)
    assert tables["responses"]["skip_rows"] == 2
    assert panel.ledger.rows("responses", "used") == 40


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_files_with_the_same_columns_are_one_table(kind, tmp_path):
    survey, paths = tmp_path / "Umfrage.csv", []
    survey.write_text(text(SURVEY), encoding="utf-8")
    for year, rows in {2024: ORDERS[:30], 2025: ORDERS[30:]}.items():
        path = tmp_path / f"Bestellungen [{year}].{kind}"
        frame = pd.DataFrame(rows, columns=HEAD).astype(str)
        if kind == "csv":
            path.write_text(text([HEAD, *rows]))
        elif kind == "jsonl":
            path.write_text("\n".join(map(json.dumps, frame.to_dict("records"))))
        else:
            frame.to_parquet(path)
        paths.append(path)
    tables, _, panel = opened([survey, *paths], tmp_path)
    assert "path" not in tables["orders"]
    assert tables["orders"]["files"] == f"Bestellungen [[]202*].{kind}"
    assert panel.ledger.rows("orders", "used") == 80


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("o-1.csv", "o-2.csv"), "o-*.csv"),
        (("2024 o.csv", "2025 o.csv"), "202* o.csv"),
        (("o[1].csv", "o[2].csv"), "o[[]*].csv"),
        (("survey.csv", "orders.csv"), ""),
        (("left.csv", "right.csv"), ""),
    ],
)
def test_a_pattern_finds_the_files_and_no_others(names, pattern, tmp_path):
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.touch()
    assert pattern_of(paths) == pattern
    (tmp_path / names[0].replace("1", "3").replace("4", "6")).touch()
    assert not pattern_of(paths)  # which would find a third file too


def test_rows_in_several_files_count_once(tmp_path):
    survey, paths = tmp_path / "Umfrage.csv", []
    survey.write_text(text(SURVEY), encoding="utf-8")
    for month, end in {"Juni": 30, "Juli": 50, "August": 80}.items():  # each with all before it
        paths.append(tmp_path / f"Bestellungen {month}.csv")
        paths[-1].write_text(text([HEAD, *ORDERS[:end]]))
    tables, made, panel = opened([survey, *paths], tmp_path)
    assert tables["orders"]["duplicates"] == "drop"
    assert any("80 rows are in several of the files" in line for line in made.undecided)
    days = made.study().outcome_days
    spent = sum(
        n + 0.5
        for n in range(80)
        if 0 < (files.ordered(n).date() - files.answered(n % 40).date()).days <= days
    )
    assert panel.frame["spend_after"].sum() == pytest.approx(spent)


def test_rows_that_repeat_are_asked_about(tmp_path):
    survey, orders = tmp_path / "Umfrage.csv", tmp_path / "Bestellungen.csv"
    survey.write_text(text(SURVEY), encoding="utf-8")
    orders.write_text(text([HEAD, *ORDERS, ORDERS[3]]))
    made = draft_study([survey, orders])
    said = "1 row repeats another word for word: the same thing twice?"
    assert f"[tables.orders] duplicates: {said}" in made.undecided
    assert "duplicates" not in tomllib.loads(made.text)["tables"]["orders"]


def test_without_ids_every_row_is_a_customer(tmp_path):
    rows = [["nps", "age", "spent_after"]]
    rows += [[n % 11, 30 + n % 7, f"{n % 9}.5"] for n in range(60)]
    path = tmp_path / "survey.csv"
    path.write_text(text(rows, ","))
    tables, made, panel = opened([path], tmp_path)
    assert tables["customers"]["customer"] == "row number"
    assert any(line.startswith("[tables.customers] customer") for line in made.undecided)
    assert panel.ledger.rows("customers", "used") == 60


def test_outcomes_and_attributes_of_a_flat_file_are_numbers_as_they_are_written(tmp_path):
    rows = [["Kunden-Nr.", "NPS", "Vertragsjahre", "Umsatz danach"]]
    rows += [[n, n % 11, f"{n % 4},5", f"1.{n:03d},25"] for n in range(60)]
    path = tmp_path / "Umfrage.csv"
    path.write_text(text(rows))
    tables, _, panel = opened([path], tmp_path)
    assert tables["customers"]["decimal"] == ","
    assert panel.frame["spend_after"].sum() == pytest.approx(sum(1000.25 + n for n in range(60)))
    years = panel.frame["attr_Vertragsjahre"].astype(float)
    assert years.sum() == sum(n % 4 + 0.5 for n in range(60))


def test_an_outcome_in_cents_is_declared(tmp_path):
    rows = [["id", "nps", "spent_cents_after"], *([n, n % 11, 100 * n] for n in range(60))]
    path = tmp_path / "survey.csv"
    path.write_text(text(rows, ","))
    made = draft_study([path], folder=tmp_path)
    assert any(line.startswith("[study] currency") for line in made.undecided)
    (tmp_path / "study.toml").write_text(made.text.replace('"?"', '"USD"'), encoding="utf-8")
    panel = cx.build_panel(cx.read_tables(load_study(tmp_path / "study.toml")))
    assert panel.frame["spend_after"].sum() == pytest.approx(sum(range(60)))


def test_columns_of_one_name_are_left_alone(tmp_path):
    survey, orders = tmp_path / "Umfrage.csv", tmp_path / "Bestellungen.csv"
    rows = [[*SURVEY[0], "Notiz", "Notiz"], *([*row, "a", "b"] for row in SURVEY[1:])]
    survey.write_text(text(rows), encoding="utf-8")
    orders.write_text(text([HEAD, *ORDERS]), encoding="utf-8")
    _, made, panel = opened([survey, orders], tmp_path)
    assert "Notiz" not in made.text
    assert panel.ledger.rows("responses", "used") == 40


def test_orders_that_begin_after_the_survey_are_asked_about(tmp_path):
    survey, orders = tmp_path / "Umfrage.csv", tmp_path / "Bestellungen.csv"
    survey.write_text(text(SURVEY), encoding="utf-8")
    late = [[row[0], "20.08.2025", *row[2:]] for row in ORDERS]
    orders.write_text(text([HEAD, *late]), encoding="utf-8")
    made = draft_study([survey, orders])
    asked = "[study] complete_from: 0% of the answers are after 2025-08-20"
    assert any(line.startswith(asked) for line in made.undecided)
    assert tomllib.loads(made.text)["study"]["complete_from"] == "?"
