"""Every test has the marks of its folder, and no mark stands for a file that is gone."""

from pathlib import Path

import pytest
from marks import MARKS, NOT_NOTED, ROOT, SLOW, is_noted, marks_of

PYTEST_OWN = {"parametrize", "skipif", "usefixtures"}


def test_this_test_is_a_unit_test_that_is_not_slow(request):
    assert {mark.name for mark in request.node.iter_markers()} - PYTEST_OWN == {"unit"}


@pytest.mark.parametrize(
    ("place", "marks"),
    [
        ("tests/spark/test_spark.py", {"spark", "slow"}),
        ("tests/reference/test_nist.py", {"reference"}),
        ("tests/unit/report/test_folder.py", {"unit", "slow"}),
        ("tests/kept/test_kept.py", {"slow"}),
        ("notebooks/01_data.ipynb", {"slow"}),
    ],
)
def test_marks_follow_folders_and_files(place, marks):
    assert (ROOT / place).is_file()
    assert marks_of(ROOT / place) == marks


def test_every_file_and_folder_that_has_a_mark_is_there():
    places = [*(beginning for beginning, _ in MARKS), *SLOW, *NOT_NOTED]
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_lines_are_noted_but_where_others_run_them_too():
    assert is_noted(ROOT / "tests/unit/test_marks.py")
    assert not is_noted(ROOT / "tests/recovery/test_recovery.py")


def test_marks_are_declared(request):
    declared = {line.split(":")[0] for line in request.config.getini("markers")}
    assert {"unit", "reference", "spark", "slow"} <= declared
    assert request.config.option.strict_markers or request.config.getini("strict_markers")


def test_every_folder_of_tests_is_known():
    folders = {p.parent.relative_to(ROOT).parts[1] for p in Path(ROOT, "tests").rglob("test_*.py")}
    known = {place.split("/")[1] for place in (*(b for b, _ in MARKS), *SLOW)}
    assert folders <= known
