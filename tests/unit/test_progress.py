import sys

import pytest

from cxroi.progress import PLACE, steps


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.delenv(PLACE, raising=False)


def test_all_items_come_through_with_a_bar(terminal, capsys):
    assert list(steps("abc", "Letters", long=True)) == ["a", "b", "c"]
    assert "Letters" in capsys.readouterr().err


@pytest.mark.parametrize(("long", "place"), [(False, ""), (True, "off")])
def test_short_work_and_runs_without_a_reader_show_nothing(
    long, place, terminal, monkeypatch, capsys
):
    monkeypatch.setenv(PLACE, place)
    assert list(steps([1, 2], "Numbers", long=long)) == [1, 2]
    assert capsys.readouterr().err == ""
