"""Cases from the field of how dates are written, with values that pandas works out."""

from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

CASES = Path(__file__).parents[3] / "shared" / "field-cases"
REFUSED = [
    ("cancelled_at_edt", ["'cancelled_at'", "EDT (103 rows), EST (38 rows)"]),
    ("bst_read_as_bangladesh", ["'answered_at'", "BST (199 rows)"]),
    ("AM_PM_called_a_UTC_offset", ["'day'", "1 cell is not in the format of the others", "row 6"]),
    ("epoch_seconds", ["'answered_at'", "since 1970", 'date_format = "epoch"']),
]
# Folder, study file, and how pandas reads when customers cancelled and answered.
READ = [
    ("cancelled_at_lost", "study.toml", {}),
    ("cancelled_at_lost/study_ampm", "study.toml", {}),
    ("cancelled_at_lost/study_truth", "study.toml", {}),
    ("offset_after_space", "study.toml", {}),
    ("offset_after_space", "study_declared.toml", {}),
    ("declared_format_ignored", "study.toml", {"format": "%Y-%d-%m %H:%M:%S"}),
    ("null_words_in_dates", "study.toml", {}),
]


def study_of(case: str, name: str = "study.toml"):
    if not (CASES / case / name).exists():
        pytest.skip(f"the field case {case} is not here")
    return cx.load_study(CASES / case / name)


@pytest.mark.parametrize(("case", "words"), REFUSED)
def test_what_cannot_be_known_is_refused_by_name(case: str, words: list[str]) -> None:
    study = study_of(case)
    with pytest.raises(cx.CxroiError) as caught:
        cx.read_tables(study)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(("case", "name", "form"), READ)
def test_dates_are_what_pandas_reads(case: str, name: str, form: dict[str, str]) -> None:
    found = cx.read_tables(study_of(case, name))
    columns = {"responses": ("answered_at", form), "subscriptions": ("cancelled_at", {})}
    for role, (column, known) in columns.items():
        cells = pd.read_csv(CASES / case / f"{role}.csv")[column]
        meant = cells.map(lambda cell, known=known: pd.to_datetime(cell, **known), "ignore")
        meant = meant.dropna().map(lambda moment: moment.tz_localize(None))  # its own clock
        read = f"SELECT row, {column} AS read FROM clean_{role} WHERE read IS NOT NULL ORDER BY row"
        typed = found.connection.execute(read).df()
        assert len(meant) > 100
        assert list(typed["row"]) == list(meant.index)
        assert list(typed["read"]) == list(meant)
