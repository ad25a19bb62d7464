"""The marks of tests, by folder or file: ``pytest -m "not slow"``, ``pytest -m reference``."""

from pathlib import Path

ROOT = Path(__file__).parents[1]

# Beginning of a path -> its mark; a test has every mark that fits.
MARKS = (
    ("tests/unit/", "unit"),
    ("tests/reference/", "reference"),
    ("tests/spark/", "spark"),
)
# Folders and files that take over about five seconds on two idle cores.
SLOW = (
    "notebooks/",
    "tests/end_to_end/",
    "tests/kept/",
    "tests/notebooks/",
    "tests/property/",
    "tests/recovery/",
    "tests/spark/",
    "tests/unit/checks/test_from_sums.py",
    "tests/unit/checks/test_leakage.py",
    "tests/unit/checks/test_placebo.py",
    "tests/unit/checks/test_power.py",
    "tests/unit/checks/test_run.py",
    "tests/unit/checks/test_sensitivity.py",
    "tests/unit/effects/test_doubly_robust.py",
    "tests/unit/effects/test_survival.py",
    "tests/unit/panel/test_where.py",
    "tests/unit/presentation/test_plots.py",
    "tests/unit/presentation/test_robustness.py",
    "tests/unit/report/test_folder.py",
    "tests/unit/report/test_notebooks.py",
    "tests/unit/respondents/test_nonresponse.py",
    "tests/unit/simulate/test_simulate.py",
)
# Tests that run again, over drawn or published data, what others have run: .ci/run notes
# no lines there, which would take a fifth of their time. When this was measured, 11 of the 44,000
# steps through the package that are taken by any test were taken there alone.
NOT_NOTED = (
    *("tests/property/", "tests/recovery/", "tests/reference/", "tests/kept/"),
    "tests/end_to_end/test_bad_inputs_answered.py",
    "tests/end_to_end/test_metrics_on_real_data.py",
    "tests/end_to_end/test_ordinary_flaws.py",
    *(f"tests/end_to_end/{p.name}" for p in (ROOT / "tests/end_to_end").glob("test_field_*.py")),
)


def is_noted(path: Path) -> bool:
    """Whether coverage notes the lines that the tests of a file run."""
    return not path.relative_to(ROOT).as_posix().startswith(NOT_NOTED)


def marks_of(path: Path) -> set[str]:
    """Return the marks of a test by the file it is in."""
    place = path.relative_to(ROOT).as_posix()
    marks = {mark for beginning, mark in MARKS if place.startswith(beginning)}
    return marks | ({"slow"} if place.startswith(SLOW) else set())
