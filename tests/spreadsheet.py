"""A small evaluator of a workbook's formulas, apart from any spreadsheet program and from cxroi."""

import math

import numpy as np
import openpyxl
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries
from scipy.special import gammaln

FUNCTIONS = {
    "MAX": lambda *v: max(_numbers(v)),
    "MIN": lambda *v: min(_numbers(v)),
    "SUM": lambda *v: math.fsum(_numbers(v)),
    "SUMPRODUCT": lambda v: float(np.sum(v)),
    "COUNT": lambda *v: len(_numbers(v)),
    "AND": lambda *v: all(v),
    "ABS": abs,
    "LN": math.log,
    "EXP": math.exp,
    "GAMMALN": lambda v: float(gammaln(v)),
    "NA": lambda: float("nan"),
    "IF": lambda test, yes, no: yes() if test() else no(),
}
OPERATORS = {"^": "**", "=": "==", "<>": "!="}


class Sheets:
    """The cells of a workbook, computed when they are asked for."""

    def __init__(self, path):
        self.book = openpyxl.load_workbook(path)
        self.cached = openpyxl.load_workbook(path, data_only=True)
        self.names = {n: next(d.destinations) for n, d in self.book.defined_names.items()}
        self._known = {}

    def named(self, name):
        sheet, cell = self.names[name]
        return self.value(sheet, cell.replace("$", ""))

    def change(self, name, value):
        """Put another value into a named cell; what was computed is forgotten."""
        sheet, cell = self.names[name]
        self.book[sheet][cell.replace("$", "")].value = value
        self._known = {}

    def value(self, sheet, cell):
        if (sheet, cell) not in self._known:
            held = self.book[sheet][cell].value
            formula = isinstance(held, str) and self.book[sheet][cell].data_type == "f"
            self._known[sheet, cell] = self._computed(held, sheet) if formula else held
        return self._known[sheet, cell]

    def formulas(self, sheet):
        """Yield the address of each cell that holds a formula."""
        for row in self.book[sheet].iter_rows():
            yield from (cell.coordinate for cell in row if cell.data_type == "f")

    def _computed(self, formula, sheet):
        scope = {**FUNCTIONS, "at": lambda text: self._at(text, sheet)}
        return eval(python(formula), scope)

    def _at(self, text, sheet):
        if text in self.names:
            return self.named(text)
        if ":" not in text:
            return self.value(sheet, text)
        left, top, right, bottom = range_boundaries(text)
        cells = self.book[sheet].iter_rows(top, bottom, left, right)
        return np.array([self.value(sheet, c.coordinate) for row in cells for c in row], object)


def python(formula):
    """Turn a formula into an expression; what an IF does not take is not computed."""
    parts, opened = [], []
    for token in Tokenizer(formula).items:
        if token.subtype == "OPEN":
            opened.append(token.value == "IF(")
            parts.append(token.value + ("lambda:" if opened[-1] else ""))
        elif token.subtype == "CLOSE":
            opened.pop()
            parts.append(")")
        elif token.type == "SEP":
            parts.append(",lambda:" if opened[-1] else ",")
        else:
            parts.append(_part(token))
    return "".join(parts)


def _part(token):
    if token.type == "OPERATOR-PREFIX":
        return "(-1)*" if token.value == "-" else ""
    if token.type == "OPERATOR-INFIX":
        return OPERATORS.get(token.value, token.value)
    if token.subtype == "RANGE":
        return f"at({token.value!r})"
    if token.subtype == "TEXT":
        return repr(token.value[1:-1].replace('""', '"'))
    assert token.subtype == "NUMBER", token.value
    return repr(float(token.value))


def _numbers(values):
    flat = [v for one in values for v in (one if isinstance(one, np.ndarray) else [one])]
    return [v for v in flat if isinstance(v, int | float) and not isinstance(v, bool)]
