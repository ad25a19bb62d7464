"""The formulas, computed by an evaluator of the tests, against `value.money` and by hand."""

import math

import numpy as np
import pytest
from report_folders import inputs_of, report_folder
from spreadsheet import Sheets

from cxroi.export.brand import Brand
from cxroi.export.folder import open_folder
from cxroi.export.workbook import write_workbook
from cxroi.value.money import evaluate, payback_months

FIGURES = {
    "value_per_moved": "value",
    "cost": "cost",
    "net_value": "net",
    "roi": "ratio",
    "break_even_cost_per_moved": "break_even_cost",
}
NEVER = "not within the horizon"
LONG = {"horizon_months": 14.0, "retained": 0.8, "retained_gap": 0.05, "discount_rate_annual": 0.1}
SERVED = {"contacts": 0.5, "contacts_gap": -0.9, "returns": 0.2, "cost_per_contact": 4.0}
CASES = {
    "one window": {},
    "windows with retention, service and fixed cost": LONG | SERVED | {"fixed_cost": 150.0},
    "an effect that grows and fades": LONG | {"ramp_up_months": 4.0, "persistence": 0.4},
    "an effect gone at once": LONG | {"persistence": 0.0},
    "customers who differ": LONG | {"retention_mixing": 0.3},
    "customers who differ, other periods": LONG | {"retention_mixing": 0.3, "churn_days": 200},
    "nobody stays": LONG | {"retained": 0.0, "retained_gap": 0.0, "retention_mixing": 0.2}
    | {"churn_days": 200},
    "paid over months": LONG | {"programme_months": 9.0, "cost_per_moved": 30.0},
    "paid within the hour": LONG | {"programme_months": 0.00125, "cost_per_moved": 30.0},
    "a gap of the other sign": LONG | {"spend_gap": -7.0, "causal_share": -0.3},
}  # fmt: skip


def sheets_of(folder, **changes):
    inputs = inputs_of(**changes)
    path = folder / "w.xlsx"
    write_workbook(open_folder(report_folder(folder / "run", inputs)), path, Brand())
    return inputs, Sheets(path)


def agree(sheets, inputs):
    money, payback = evaluate(inputs), float(payback_months(inputs))
    for name, field in FIGURES.items():
        assert sheets.named(name) == pytest.approx(float(getattr(money, field)), rel=1e-11), name
    found = sheets.named("payback")
    assert found == NEVER if math.isinf(payback) else found == pytest.approx(payback, rel=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_formulas_give_what_the_arithmetic_gives(case, tmp_path):
    inputs, sheets = sheets_of(tmp_path, **CASES[case])
    agree(sheets, inputs)


@pytest.mark.parametrize(
    "case", ["an effect that grows and fades", "customers who differ, other periods"]
)
def test_the_value_beside_each_formula_is_what_it_gives(case, tmp_path):
    _, sheets = sheets_of(tmp_path, **CASES[case])
    cells = list(sheets.formulas("Value"))
    assert len(cells) > 200
    for cell in cells:
        found, beside = sheets.value("Value", cell), sheets.cached["Value"][cell].value
        same = found == (beside or "") if isinstance(found, str | bool) else False
        assert same or found == pytest.approx(beside, rel=1e-11, abs=1e-13), cell


def test_one_window_by_hand(tmp_path):
    """Of 90 days (2.957 months) two months count: 10 more spend, half of it margin, at 2 each."""
    _, sheets = sheets_of(tmp_path)
    value = 10 * 0.5 * 2 / (90 / (365.25 / 12))
    assert sheets.named("value_per_moved") == pytest.approx(value, rel=1e-12)
    assert sheets.named("net_value") == pytest.approx(10 * (value - 2), rel=1e-12)
    assert sheets.named("roi") == pytest.approx(value / 2 - 1, rel=1e-12)
    assert sheets.named("payback") == pytest.approx(2 * 2 / value, rel=1e-12)


@pytest.mark.parametrize(
    "changed",
    [
        {"cost_per_moved": 5.0},
        {"share_moved": 0.3, "fixed_cost": 40.0},
        {"horizon_months": 20.0, "persistence": 0.7},
    ],
)
def test_a_changed_assumption_moves_the_return_and_takes_simulated_figures_away(changed, tmp_path):
    inputs, sheets = sheets_of(tmp_path, **CASES["windows with retention, service and fixed cost"])
    assert decision(sheets, "Return on cost (ROI)")[1:] == [-0.5, 0.9]
    for name, value in changed.items():
        sheets.change(name, value)
    plain = {n: v for n, v in changed.items() if n == "horizon_months"}
    new = inputs_of(**{**vars(inputs), **changed}) if plain else inputs.with_values(**changed)
    agree(sheets, new)
    ratio, *ends = decision(sheets, "Return on cost (ROI)")
    assert ratio == pytest.approx(float(evaluate(new).ratio), rel=1e-11)
    assert ends == ["report again", "report again"]
    assert decision(sheets, "Chance that it pays")[0] == "report again"


def test_a_horizon_beyond_the_rows_gives_no_number(tmp_path):
    _, sheets = sheets_of(tmp_path)
    sheets.change("horizon_months", 500.0)
    assert sheets.named("covered") is False
    assert math.isnan(sheets.named("value_per_moved"))


def decision(sheets, words):
    """Return likely value and both ends of a figure on the first sheet."""
    for row in sheets.book["Decision"].iter_rows():
        if row[0].value == words:
            return [sheets.value("Decision", cell.coordinate) for cell in row[1:4]]
    raise AssertionError(words)


def test_the_evaluator_knows_what_an_if_leaves_out():
    from spreadsheet import FUNCTIONS, python

    scope = {**FUNCTIONS, "at": {"A1": 0.0}.get}
    assert eval(python('=IF(A1=0,"none",1/A1)'), scope) == "none"
    assert eval(python("=2^(-(3-1)/2)"), scope) == 0.5
    assert eval(python("=SUMPRODUCT(--(A1<>1))"), scope) == 1
    assert np.isclose(eval(python("=GAMMALN(5)"), scope), math.log(24))
