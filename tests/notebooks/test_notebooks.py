"""The notebooks are thin, have declared parameters, and keep only what can be checked."""

import ast

import nbformat
import pytest

from cxroi.report import shipped
from cxroi.report.parameters import declared

NOTEBOOKS = shipped.notebooks()


def _code(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_every_notebook_is_of_a_report():
    named = {*shipped.REPORT_NOTEBOOKS, *shipped.MEASURING_NOTEBOOKS, *shipped.ASKED_NOTEBOOKS}
    assert [path.stem for path in NOTEBOOKS] == sorted(named)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_defines_anything_or_is_long(path):
    for cell in _code(path):
        tree = ast.parse(cell.source)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(tree) if isinstance(node, kinds)]
        assert len(cell.source.splitlines()) <= 7


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_study_and_quarter_are_parameters(path):
    assert {"study", "quarter", "scenario", "only"} <= set(declared(path))
    opened = [c.source for c in _code(path) if "cx.open_run(" in c.source]
    assert ["scenario=scenario, only=only)" in source for source in opened] == [True]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_that_shows_something_was_run_and_is_checked(path):
    """nbval has something to compare: only the versions go unchecked."""
    cells = _code(path)
    assert all(cell.execution_count for cell in cells)
    assert sum(bool(cell.outputs) for cell in cells) >= 5
    ignored = [cell.source for cell in cells if "NBVAL_IGNORE" in cell.source]
    assert all("environment" in source for source in ignored)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_are_there_when_a_notebook_opens_and_have_alternative_text(path):
    """As images in HTML, which JupyterLab shows of a notebook that it does not trust."""
    outputs = [output for cell in _code(path) for output in cell.outputs if "data" in output]
    pictures = [o for o in outputs if o.data.get("text/plain", "").startswith("[figure]")]
    assert bool(pictures) == (path.stem not in ("01_data", "08_claims", "12_evidence"))
    for output in pictures:
        assert output.metadata["image/svg+xml"]["alt"] in output.data["text/plain"]
        assert '<img src="data:image/svg+xml;base64,' in output.data["text/html"]
        assert "image/png" not in output.data
