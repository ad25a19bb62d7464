"""The workbook as a reader finds it: numbers are numbers, texts are texts, nothing runs."""

import csv

import openpyxl
import pytest
from report_folders import inputs_of, report_folder, results_of

from cxroi.export.brand import Brand, brand, contrast
from cxroi.export.csv_files import write_csv
from cxroi.export.folder import open_folder
from cxroi.export.workbook import write_workbook

HARMFUL = ("=1+1", "-2 days old", "@careful")


def book_of(folder, inputs, mark=None):
    path = folder / "w.xlsx"
    run = report_folder(folder / "run", inputs)
    write_workbook(open_folder(run), path, mark or Brand())
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return book_of(tmp_path_factory.mktemp("book"), inputs_of())


def rows(book, sheet):
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def test_sheets_and_every_entry_of_the_results(book):
    names = ["Decision", "Assumptions", "Value", "Results", "Checks", "Ledger", "Sources"]
    assert book.sheetnames == names
    entries = results_of(inputs_of())
    found = {row[9]: row for row in rows(book, "Results")[4:]}
    assert list(found) == [entry["name"] for entry in entries]
    for entry in entries:
        name = entry["name"]
        ends = [entry["estimate"], entry["conf_low"], entry["conf_high"], None]
        known = [cell for cell in ends if cell is not None]
        assert [c is None for c in found[name][1:5]] == [c is None for c in ends], name
        assert [c for c in found[name][1:5] if c is not None] == pytest.approx(known, rel=1e-15)
        assert found[name][5:7] == [entry["unit"], 40]
    assert found["roi.ratio"][0] == "Return on cost (ROI)"


def test_a_number_has_the_format_of_its_unit(book):
    formats = {row[9].value: row[1].number_format for row in book["Results"].iter_rows(min_row=5)}
    assert formats["mean.spend.passive"] == "#,##0.00"
    assert formats["roi.net_value"] == "#,##0"
    assert formats["roi.ratio"] == "0.0%"
    assert formats["score.nps"] == "0.0"


def test_no_text_is_a_formula_or_a_link(book):
    formulas = ("Decision", "Assumptions", "Value")
    texts = []
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or sheet.title in formulas, cell.coordinate
                assert cell.hyperlink is None
                texts += [cell.value] if cell.data_type == "s" else []
    assert set(HARMFUL) <= set(texts)


def test_what_is_assumed_says_where_it_comes_from(book):
    found = {row[7]: row for row in rows(book, "Assumptions")[4:] if row[7]}
    assert found["share_moved"][1:7] == [0.1, 0.1, 0.05, 0.2, "share", "assumed"]
    assert found["spend_gap"][6] == "measured"
    assert found["fixed_cost"][6] == "default"
    assert found["horizon_months"][5:7] == ["months", "set by the study"]
    assert "20.0 % none" in found["causal_share"][6]


def test_the_first_sheet_counts_checks_and_gives_no_interval_to_a_chance(book):
    found = rows(book, "Decision")
    said = [row[0] for row in found]
    assert "It is open whether it pays. One more sentence." in said
    assert "Of 3 checks, 1 failed, 1 came back with a warning, 1 passed." in said
    chance = next(row for row in found if row[0] == "Chance that it pays")
    assert chance[2:5] == [None, None, "none: a share of simulated outcomes"]


def test_checks_come_with_what_failed_first_and_the_ledger_as_it_is(book):
    assert [row[2] for row in rows(book, "Checks")[4:]] == ["failed", "warning", "passed"]
    assert rows(book, "Ledger")[5] == ["orders", "set aside", 3, "-2 days old"]
    sources = dict(row[:2] for row in rows(book, "Sources")[4:])
    assert sources["Table orders"] == "orders.csv, 10 rows, SHA-256 ab"
    assert sources["Seed of the simulation"] == 7


def test_without_a_roi_there_is_nothing_to_compute(tmp_path):
    found = book_of(tmp_path, None)
    assert found.sheetnames == ["Decision", "Results", "Checks", "Ledger", "Sources"]
    assert not [c for s in found for row in s.iter_rows() for c in row if c.data_type == "f"]


def test_colour_and_logo(tmp_path):
    from PIL import Image

    Image.new("RGB", (200, 100), "#ffcc00").save(tmp_path / "l.png")
    mark = brand("#FFCC00", tmp_path / "l.png")
    found = book_of(tmp_path, inputs_of(), mark)
    assert found["Checks"]["A4"].fill.fgColor.rgb == "FFFFCC00"
    assert found["Checks"]["A4"].font.color.rgb == "FF14202B"  # dark on a light colour
    assert len(found["Decision"]._images) == 1


def test_text_on_the_colour_can_be_read():
    """Contrasts of #767676, #0000ff and #ffcc00 on white as WCAG calculators give them."""
    for colour, known in (("#767676", 4.54), ("#0000ff", 8.59), ("#ffcc00", 1.51)):
        assert contrast(colour, "#ffffff") == pytest.approx(known, abs=0.01)
        assert contrast(Brand(colour).ink, colour) >= 4.5
        assert contrast(Brand(colour).text, "#ffffff") >= 4.5


def test_tables_as_csv_hold_every_digit_and_no_formula(tmp_path):
    inputs = inputs_of()
    run = open_folder(report_folder(tmp_path / "run", inputs))
    write_csv(run, tmp_path)
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {row["name"]: row for row in csv.DictReader(file)}
    for entry in results_of(inputs):
        row = found[entry["name"]]
        for name in ("estimate", "conf_low", "conf_high", "n"):
            assert row[name] == ("" if entry[name] is None else repr(entry[name]))
    assert found["contrast.spend.doubly_robust"]["note"] == "'=1+1"
    assert found["contrast.spend.doubly_robust"]["conf_low"] == "-1.0"
    with (tmp_path / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[2] == ["orders", "set aside", "3", "'-2 days old"]
