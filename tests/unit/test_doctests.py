"""The examples in docstrings hold."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["errors", "effects.multiplicity", "study.scales"])
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"cxroi.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
