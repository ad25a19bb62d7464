"""The examples in docstrings hold."""

import doctest
import importlib

import pytest

NAMES = (
    *("errors", "results.multiplicity", "study.scales", "draft.words"),
    *("reading.exports.catalogue", "reading.exports.header_rows", "results.formats"),
    *("export.brand", "export.csv_files", "export.fixed_svg", "export.labels", "export.charts"),
    *("cli.options", "study.overrides", "report.study_changes", "journeys.change_points"),
    *("models.lifetime.bg_nbd", "models.lifetime.gamma_gamma", "models.lifetime.contracts"),
    *("models.composites.reliability", "models.composites.quality_index"),
    *("claims.rule", "claims.money"),
    *("levers.whom.random_effects", "levers.whom.policy_tree", "study.levers"),
)


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"cxroi.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
