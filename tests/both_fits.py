"""The same study with its rows in memory and in their engine, and checks of both compared."""

from dataclasses import replace

import numpy as np
from panels import make_study

from cxroi.analysis import analyse
from cxroi.panel.building import build_panel
from cxroi.reading.tables import read_tables
from cxroi.study.loading import load_study

FIGURES = ("estimate", "conf_low", "conf_high", "std_error", "statistic", "n")


def analyse_both(study, *outcomes):
    """Analyse a study twice: with models fitted to rows, and to sums taken in the engine.

    Parameters
    ----------
    outcomes
        Those analysed; all by default.
    """
    if outcomes:
        study = replace(study, outcomes=tuple(study.outcome(name) for name in outcomes))
    return tuple(analyse(build_panel(read_tables(study), fits=fits)) for fits in ("rows", "engine"))


def analyse_frame(folder, frame, outcomes, controls, declared=""):
    """Write a frame of customers as a table, and analyse it twice.

    `declared` is put beside the score, such as ``weight = "weight"``.
    """
    names = {column: column.removeprefix("attr_").removesuffix("_after") for column in frame}
    frame = frame.replace({"score": {9.0: 10.0}})  # a scale whose end nobody gave is refused
    frame.rename(columns=names).to_csv(folder / "customers.csv", index_label="id")
    make_study(folder, outcomes, controls=controls)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('score = "score"', f'score = "score"\n{declared}'), "utf-8")
    return analyse_both(load_study(path))


def assert_same(one, other, tolerance=1e-8):
    """Hold two checks against one another: verdict, sentence, figures and table."""
    assert (one.verdict, one.sentence) == (other.verdict, other.sentence)
    figures = [[getattr(check.estimate, name) for name in FIGURES] for check in (one, other)]
    for found, expected in zip(*figures, strict=True):
        assert (found is None) == (expected is None)
        assert found is None or np.isclose(found, expected, rtol=tolerance, atol=tolerance)
    assert list(one.table) == list(other.table)
    for column in one.table:
        found, expected = one.table[column], other.table[column]
        if found.dtype.kind in "fiu":
            found, expected = found.to_numpy(dtype=float), expected.to_numpy(dtype=float)
            assert np.allclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
        else:
            assert found.fillna("").tolist() == expected.fillna("").tolist()
