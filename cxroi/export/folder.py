"""A report folder as it is read: results, what the ROI rests on, ledger, sources, page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import CxroiError, ParameterError
from ..report.contents import NOTEBOOKS, REPORT, RESULTS, RUN
from ..results.estimate import Estimate
from ..study.scenario import Prior, Range
from ..value.kept_inputs import from_dict
from ..value.money import Inputs, evaluate
from ..value.scenarios import FIRST_WINDOW

_AGAIN = "Name a folder that cxroi report has made, or make it again: cxroi report STUDY"
_OF_RUN = ("started", "seed", "tables", "parameters", "warnings", "versions")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_GAPS = ("contrast.", "difference.")
# Figures that follow from the inputs alone may differ by rounding, on another machine.
SAME = 1e-9


@dataclass(frozen=True)
class RunFolder:
    """What a report folder holds.

    Attributes
    ----------
    study, quarter
        What the report is of; `quarter` is empty for all waves.
    currency
        Empty where none is declared.
    groups, compared
        All groups from the worst to the best; the one moved from and the one moved to.
    results
        Every key number by its name.
    inputs
        Every input of the ROI at its likely value; None where there is no ROI.
    assumed, defaults
        The ranges of the scenario by name, and the names of those that the study leaves out.
    tornado
        Rows ``input, low, high, roi_low, roi_high``, the widest first.
    ledger
        Rows ``table, action, rows, reason``.
    run
        The content of run.json.
    page
        The report as HTML.
    """

    path: Path
    study: str
    quarter: str
    currency: str
    groups: tuple[str, ...]
    compared: tuple[str, str]
    results: Mapping[str, Estimate]
    inputs: Inputs | None
    assumed: Mapping[str, Range]
    defaults: frozenset[str]
    tornado: Sequence[Mapping[str, Any]]
    notes: tuple[str, ...]
    ledger: Sequence[Mapping[str, Any]]
    run: Mapping[str, Any]
    page: str

    @property
    def title(self) -> str:
        """The study, and the quarter where it is of one."""
        return f"{self.study}, {self.quarter}" if self.quarter else self.study

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """What the report answers first: the verdict, or its first paragraph; may be empty."""
        from bs4 import BeautifulSoup

        verdict = self.results.get("verdict.overall")
        if verdict and verdict.note:
            return (verdict.note,)
        first = BeautifulSoup(self.page, "html.parser").select_one(".answer")
        return (" ".join(first.get_text(" ").split()),) if first else ()

    @property
    def outcome(self) -> str:
        """The outcome that the answer rests on: spend, or the first that has a gap."""
        known = [n.split(".")[1] for n in self.results if n.startswith(("contrast.", "mean."))]
        return "spend" if "spend" in known or not known else known[0]

    @property
    def whole_horizon(self) -> bool:
        """Whether the ROI is over the whole horizon, not the first window only."""
        return f"roi.ratio{FIRST_WINDOW}" not in self.results

    def roi(self, name: str) -> Estimate | None:
        """Return a figure of the ROI, such as ``ratio``, over whichever horizon; None without."""
        figures = (self.results.get(f"roi.{name}{end}") for end in ("", FIRST_WINDOW))
        return next((found for found in figures if found is not None), None)

    def result(self, name: str) -> Estimate | None:
        """Return an entry as verdicts and ROI take it: with survey weights where there are any."""
        return self.results.get(f"{name}.weighted") or self.results.get(name)

    def checks(self, *outcomes: str) -> Iterator[tuple[str, str, str, str]]:
        """Yield name, outcome, verdict and finding of each check, of some outcomes or of all."""
        for name, entry in self.results.items():
            kind, _, rest = name.partition(".")
            check, _, outcome = rest.partition(".")
            if kind == "check" and (not outcomes or outcome in outcomes):
                verdict, _, sentence = entry.note.partition(": ")
                yield check, outcome, verdict, sentence


def open_folder(path: Path) -> RunFolder:
    """Read a report folder.

    Raises
    ------
    ParameterError
        It is none, is incomplete, was made by an earlier version, or its inputs do not give the
        ROI that stands in it.
    """
    missing = [name for name in (RESULTS, RUN, REPORT, NOTEBOOKS) if not (path / name).exists()]
    if missing:
        what = "does not exist" if not path.exists() else f"holds no {missing[0]}"
        raise ParameterError(f"{path.name or path} is no report folder: it {what}", fix=_AGAIN)
    try:
        texts = ((path / name).read_text(encoding="utf-8") for name in (RESULTS, RUN))
        folder = _folder(path, *(_printable(json.loads(text)) for text in texts))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"the {RESULTS} or {RUN} of {path.name} cannot be read, or is of an earlier version",
            fix=_AGAIN,
        ) from error
    _hold(folder)
    return folder


def _printable(value: Any) -> Any:
    """Return what was read with a space for each control character, which no format can hold."""
    if isinstance(value, str):
        return _CONTROL.sub(" ", value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return value


def _folder(path: Path, content: Mapping[str, Any], run: Mapping[str, Any]) -> RunFolder:
    roi = content["roi"] or {"inputs": None, "assumed": {}, "tornado": [], "notes": []}
    entries = [_estimate(entry) for entry in content["results"]]
    if not entries or not run["study"]["file"] or not all(name in run for name in _OF_RUN):
        raise ValueError
    return RunFolder(
        path=path,
        study=content["study"],
        quarter=content["quarter"] or "",
        currency=content["currency"] or "",
        groups=tuple(content["groups"]),
        compared=(content["compared"]["from"], content["compared"]["to"]),
        results=MappingProxyType({entry.name: entry for entry in entries}),
        inputs=from_dict(roi["inputs"]) if roi["inputs"] else None,
        assumed={name: _range(value) for name, value in roi["assumed"].items()},
        defaults=frozenset(name for name, value in roi["assumed"].items() if value["default"]),
        tornado=roi["tornado"],
        notes=tuple(roi["notes"]),
        ledger=content["ledger"],
        run=run,
        page=(path / REPORT).read_text(encoding="utf-8"),
    )


def _estimate(entry: Mapping[str, Any]) -> Estimate:
    gap = "gap" if entry["name"].startswith(_GAPS) else ""
    return Estimate(**entry, contrast=gap)


def _range(value: Mapping[str, Any]) -> Range:
    numbers = {name: number for name, number in value.items() if name != "default"}
    return Prior(**numbers) if "none" in numbers else Range(**numbers)


def _hold(folder: RunFolder) -> None:
    """Refuse a folder whose inputs do not give the figures that stand in it."""
    if folder.inputs is None:
        return
    found = evaluate(folder.inputs)
    for name, value in (("ratio", found.ratio), ("value_per_moved", found.value)):
        kept = folder.roi(name)
        stands = kept.estimate if kept else None
        if stands is None or abs(float(value) - stands) > SAME * max(1.0, abs(stands)):
            raise _differ(folder, name)


def _differ(folder: RunFolder, name: str) -> CxroiError:
    return ParameterError(
        f"the inputs in {RESULTS} of {folder.path.name} do not give its roi.{name}",
        "a folder as one version of cxroi has made it",
        "Make the report again with this version: cxroi report STUDY",
    )
