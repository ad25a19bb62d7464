"""A run as later ones are held against it: what its folder wrote down, read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError
from ..results.estimate import Estimate
from ..value.kept_inputs import from_dict

if TYPE_CHECKING:
    import pandas as pd

    from ..value.money import Inputs

RESULTS, RUN = "results.json", "run.json"
AGAIN = "Make it again with this version: cxroi report STUDY"
FIRST_WINDOW = "_first_window"


@dataclass(frozen=True)
class Remembered:
    """What a run left behind.

    Attributes
    ----------
    where
        Name of its folder; empty of a run that has none yet.
    quarter
        Empty for all waves together.
    results
        Every key number by its name.
    inputs, covariance
        What the ROI was computed from, and the covariance of those inputs that the data tells;
        None where there was no ROI.
    answered
        Who the analysed answers are of, as `runs.results_file.answered` has it.
    run
        The content of run.json: definitions, assumptions, tables, profile, verdict, rating.
    """

    where: str
    study: str
    quarter: str
    currency: str
    compared: tuple[str, str]
    results: Mapping[str, Estimate]
    inputs: Inputs | None
    covariance: pd.DataFrame | None
    answered: Mapping[str, Any]
    run: Mapping[str, Any]

    def result(self, name: str) -> Estimate | None:
        """Return an entry as verdicts and ROI take it: with survey weights where there are any."""
        return self.results.get(f"{name}.weighted") or self.results.get(name)

    def roi(self, name: str) -> Estimate | None:
        """Return a figure of the ROI, such as ``ratio``, over whichever horizon; None without."""
        found = (self.results.get(f"roi.{name}{end}") for end in ("", FIRST_WINDOW))
        return next((one for one in found if one is not None and one.estimate is not None), None)


def remembered(place: str | Path) -> Remembered:
    """Read what a run left in its report folder, or beside its results.json.

    Raises
    ------
    ParameterError
        There is no run, it cannot be read, or an earlier version wrote down too little.
    """
    path = Path(place)
    folder = path.parent if path.is_file() else path
    missing = [name for name in (RESULTS, RUN) if not (folder / name).is_file()]
    if missing:
        what = f"holds no {missing[0]}" if folder.exists() else "does not exist"
        raise ParameterError(
            f"{path.name or path} is no report folder: it {what}",
            "a folder that cxroi report has made",
            "Name one, or make it: cxroi report STUDY",
        )
    try:
        results, run = (json.loads((folder / n).read_text("utf-8")) for n in (RESULTS, RUN))
        return remember(results, run, folder.resolve().name)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"the {RESULTS} or {RUN} of {folder.name} cannot be read, or is of an earlier version",
            "what a run rests on, written down beside its results",
            AGAIN,
        ) from error


def remember(results: Mapping[str, Any], run: Mapping[str, Any], where: str = "") -> Remembered:
    """Return the run with this content of results.json and run.json; `LookupError` if it lacks."""
    roi = results["roi"]
    entries = [Estimate(**entry) for entry in results["results"]]
    for key in ("definitions", "assumptions", "profile", "tables"):
        run[key]
    return Remembered(
        where=where,
        study=results["study"],
        quarter=results["quarter"] or "",
        currency=results["currency"] or "",
        compared=(results["compared"]["from"], results["compared"]["to"]),
        results=MappingProxyType({entry.name: entry for entry in entries}),
        inputs=from_dict(roi["inputs"]) if roi else None,
        covariance=_covariance(roi["covariance"]) if roi else None,
        answered=results["answered"],
        run=run,
    )


def _covariance(kept: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(kept["values"], index=kept["inputs"], columns=kept["inputs"])
