"""What comes with the package: the notebooks and the demo study.

In a wheel they lie in ``cxroi/shipped_files``; in a checkout the package uses those of the
repository, so that a notebook under edit is the one that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import OutputError, ParameterError, nearest
from ..study.declared import Study
from ..study.lever_rules import asked_inputs
from ..study.parts import measures

_PACKAGE = Path(__file__).resolve().parents[1]

REPORT_NOTEBOOKS = (
    "01_data",
    "02_groups",
    "03_regression",
    "04_roi",
    "05_checks",
    "quarterly_report",
)


# Of a study that declares what only metrics read.
MEASURING_NOTEBOOKS = ("06_metrics", "07_journeys", "08_claims")


# Of a study that asks what they answer.
ASKED_NOTEBOOKS: Mapping[str, Callable[[Study], bool]] = {
    "09_levers": lambda study: bool(asked_inputs(study)),
    "10_segments": lambda study: bool(study.outcomes and (study.by or study.levers)),
    "11_voice": lambda study: study.voice.asked,
    "12_evidence": lambda study: bool(study.outcomes and study.pilots),
}


def of_report(study: Study) -> list[Path]:
    """Return the notebooks that a study's report is made of, the report itself last."""
    first, last = REPORT_NOTEBOOKS[:-1], REPORT_NOTEBOOKS[-1]
    more = MEASURING_NOTEBOOKS if measures(study) else ()
    parts = {name for name, asked in ASKED_NOTEBOOKS.items() if asked(study)}
    own = (name for name in ASKED_NOTEBOOKS if name in parts)
    return [notebook(name) for name in (*first, *more, *own, last)]


def notebooks() -> list[Path]:
    """Return the shipped notebooks, in the order of their names."""
    return sorted((_root() / "notebooks").glob("*.ipynb"))


def notebook(name: str) -> Path:
    """Return the shipped notebook of a name such as ``04_roi``, with or without ``.ipynb``.

    Raises
    ------
    ParameterError
        No shipped notebook has this name.
    """
    known = {path.stem: path for path in notebooks()}
    found = known.get(name.removesuffix(".ipynb"))
    if found is None:
        raise ParameterError(
            f"no file and no shipped notebook is called {name!r}",
            fix=nearest(name, known),
        )
    return found


def demo_study() -> Path:
    """Return the study file of the shipped demo.

    Raises
    ------
    OutputError
        The installation lacks the demo.
    """
    path = _root() / "data" / "demo" / "study.toml"
    if not path.is_file():
        raise OutputError(
            "the demo study is missing from this installation",
            "data/demo/study.toml in a checkout, cxroi/shipped_files/data/demo in a wheel",
            "Install the package again, or name your own study file",
        )
    return path


def _root() -> Path:
    inside = _PACKAGE / "shipped_files"
    return inside if inside.is_dir() else _PACKAGE.parent
