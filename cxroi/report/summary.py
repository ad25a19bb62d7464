"""Summary: a report folder in one line and in a few of Markdown, and whether it is to fail."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ..results.formats import chance, rough_money, whole_percent
from .contents import RESULTS, RUN

FAILED, WARNING, DRIFT = FAIL_ON = ("failed", "warning", "drift")
_COUNTED = {"failed": "failed", "warning": "warned", "passed": "passed"}
_FIRST_WINDOW = "_first_window"


@dataclass(frozen=True)
class Summary:
    """What a report found, in words.

    Attributes
    ----------
    about
        Study and quarter.
    verdict, wants
        ``go``, ``pilot first``, ``not yet``, ``no``; what a ``not yet`` lacks.
    roi, net_value, chance
        With their intervals; empty where there is no ROI.
    evidence, reasons
        The rating, and what it rests on.
    counts
        Checks that the rating rests on: failed, warning, passed, not possible.
    failed, warned
        Those checks by name, such as ``placebo (spend)``.
    drifts
        Sentences on what differs from the last run.
    since
        Day of that run; empty where there is none.
    """

    about: str
    verdict: str
    wants: str
    roi: str
    net_value: str
    chance: str
    evidence: str
    reasons: tuple[str, ...]
    counts: Mapping[str, int]
    failed: tuple[str, ...]
    warned: tuple[str, ...]
    drifts: tuple[str, ...]
    since: str

    @property
    def line(self) -> str:
        """All of it in one line."""
        wants = f" ({self.wants})" if self.wants else ""
        money = f" ROI {self.roi}, {self.chance} that it pays." if self.roi else ""
        told = f"Verdict: {self.verdict}{wants}.{money} Evidence: {self.evidence}."
        return f"{told} Checks: {self._counted}. Drift: {self._drifted}."

    @property
    def markdown(self) -> str:
        """All of it as a table, for the page of a scheduler's step."""
        rows = [(name, text) for name, text in self._rows() if text]
        table = "\n".join(f"| {name} | {_cell(text)} |" for name, text in rows)
        return f"## {_cell(self.about)}\n\n| | |\n|---|---|\n{table}\n"

    @property
    def _counted(self) -> str:
        return ", ".join(f"{n} {_COUNTED.get(name, name)}" for name, n in self.counts.items())

    @property
    def _drifted(self) -> str:
        if not self.since:
            return "no earlier run to compare with"
        return f"{len(self.drifts) or 'none'} since {self.since}"

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "Verdict", f"**{self.verdict}**" + (f" ({self.wants})" if self.wants else "")
        yield "ROI, with the interval of 90 % of simulations", self.roi
        yield "Net value", self.net_value
        yield "It pays with", self.chance
        yield "Evidence", f"{self.evidence}: {'; '.join(self.reasons)}"
        yield "Checks of what carries money", self._counted
        yield "Failed", ", ".join(self.failed)
        yield "Warned", ", ".join(self.warned)
        yield "Drift", " ".join([f"{self._drifted}.", *self.drifts])

    def failing(self, kinds: Collection[str]) -> str:
        """Return which of some kinds were found, in words; empty where none was.

        Parameters
        ----------
        kinds
            ``failed``: a check failed; ``warning``: one failed or warned; ``drift``: data unlike
            those of the last run.
        """
        found = []
        if {FAILED, WARNING} & set(kinds) and self.failed:
            found.append(f"failed: {', '.join(self.failed)}")
        if WARNING in kinds and self.warned:
            found.append(f"warned: {', '.join(self.warned)}")
        if DRIFT in kinds and self.drifts:
            found.append(f"drift: {' '.join(self.drifts)}")
        return "; ".join(found)


def summary(folder: Path) -> Summary:
    """Return the summary of a report folder.

    Raises
    ------
    OutputError
        It is none, or one of an earlier version.
    """
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
        found = json.loads((folder / RESULTS).read_text(encoding="utf-8"))["results"]
        return _summary(run, {entry["name"]: entry for entry in found})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{folder.name} holds no {RUN} and {RESULTS} that can be summed up",
            "a folder that this version of cxroi report has made",
        ) from error


def _summary(run: Mapping[str, Any], results: Mapping[str, Mapping[str, Any]]) -> Summary:
    verdict, rating, drift = run["verdict"], run["rating"], run["drift"]
    roi, value, likely = (
        results.get(f"roi.{name}") or results.get(f"roi.{name}{_FIRST_WINDOW}")
        for name in ("ratio", "net_value", "probability_positive")
    )
    known = roi is not None and roi["estimate"] is not None
    checks = dict(_checks(results, {*rating["outcomes"], "score"}))
    against = drift["against"]
    return Summary(
        about=", ".join(filter(None, (run["study"]["name"], run["quarter"]))),
        verdict=verdict["kind"],
        wants=verdict["wants"],
        roi=_shares(roi) if roi and known else "",
        net_value=_amounts(value, run["definitions"]["currency"]) if value and known else "",
        chance=_chance(likely["estimate"]) if likely and known else "",
        evidence=rating["level"],
        reasons=tuple(rating["reasons"]),
        counts=run["checks"]["money"],
        failed=tuple(name for name, said in checks.items() if said == FAILED),
        warned=tuple(name for name, said in checks.items() if said == WARNING),
        drifts=tuple(one["sentence"] for one in drift["found"]),
        since=against["started"][:10] if against else "",
    )


def _checks(
    results: Mapping[str, Mapping[str, Any]], outcomes: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the checks of some outcomes by name, with their verdicts."""
    for name, entry in results.items():
        parts = name.split(".")
        if parts[0] == "check" and len(parts) == 3 and parts[2] in outcomes:
            called = f"{parts[1]} ({parts[2]})".replace("_", " ")
            yield called, entry["note"].partition(":")[0]


def _shares(entry: Mapping[str, Any]) -> str:
    low, high = whole_percent(entry["conf_low"]), whole_percent(entry["conf_high"])
    part = " of the first outcome window alone" * entry["name"].endswith(_FIRST_WINDOW)
    return f"{whole_percent(entry['estimate'])} ({low} to {high}){part}"


def _amounts(entry: Mapping[str, Any], currency: str) -> str:
    value, low, high = (entry[name] for name in ("estimate", "conf_low", "conf_high"))
    ends = [rough_money(end, currency, value, low, high) for end in (value, low, high)]
    return f"{ends[0]} ({ends[1]} to {ends[2]})"


def _chance(value: float) -> str:
    odds = chance(value)
    return f"a chance of {'about ' if odds[0].isdigit() else ''}{odds}"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|").replace("<", "&lt;")
