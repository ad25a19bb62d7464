"""Drift: what a run read that differs from what the last run of the same study read.

Profiles are compared (`cxroi.reading.profile`), not rows. A table's rows are held against those of
the same closed periods of last time, so that another quarter in it is none. What differs by less
than chance would, or than matters, is none either; see `cxroi.study.drift_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import DataError
from ..study.declared import Study
from .drift_of_columns import of_columns
from .drift_of_tables import of_tables
from .drift_sides import Finding, Side, Table, span

WARNING, STOP = "warning", "stop"


@dataclass(frozen=True)
class Drift:
    """One way in which the data of this run are not like those of the last.

    Attributes
    ----------
    rule
        A name in `cxroi.study.drift_rules`.
    table, column
        Where; the column as the file calls it, empty where it is the whole table.
    found, was
        The figure now and last time: rows, a share, a number, a date (ISO 8601) or a name; None
        where there was none.
    sentence
        The same for a reader.
    level
        ``warning``, or ``stop``: no report is made.
    """

    rule: str
    table: str
    column: str
    found: float | str | None
    was: float | str | None
    sentence: str
    level: str


def drift(study: Study, profile: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[Drift, ...]:
    """Return in what the data of a run differ from those of the last one.

    Parameters
    ----------
    study
        Of this run; its ``[drift]`` says which rules stop a run and which are off.
    profile
        Of this run, as `cxroi.reading.profile` returns it.
    last
        The last run, as its ``run.json`` holds it.

    Returns
    -------
    tuple of Drift
        Those that stop the run first; none where nothing differs.

    Examples
    --------
    >>> record = json.loads(Path("report/run.json").read_text())  # doctest: +SKIP
    >>> drift(study, record["profile"], record)  # doctest: +SKIP
    ()
    """
    found = [_drift(study, role, finding) for role, finding in _findings(study, profile, last)]
    kept = [one for one in found if one.rule not in study.drift_off]
    return tuple(sorted(kept, key=lambda one: one.level != STOP))


def refuse_drift(found: tuple[Drift, ...], since: str, *, same_study: bool = True) -> None:
    """Raise where one of the findings stops the run.

    Parameters
    ----------
    since
        When the last run was made (ISO 8601).
    same_study
        Whether its study file was the same.

    Raises
    ------
    DataError
        With all that differs, and how to go on where it is right.
    """
    if not any(one.level == STOP for one in found):
        return
    told = "\n".join(f"  - [{one.rule}] {one.sentence}" for one in found)
    raise DataError(
        f"the data are not like those of the last run of this study, of {since[:10]}:\n{told}\n"
        f"{'' if same_study else 'The study file has changed since. '}No report was made",
        fix="Mend the data. Where they are right: --against none for this once, or name the rule "
        "in off = [...] under [drift] of the study file",
    )


def recorded(found: tuple[Drift, ...], last: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what run.json says: which run it was held against, if any, and what differs."""
    against = {"started": last["started"], "quarter": last.get("quarter", "")} if last else None
    return {"against": against, "found": [asdict(one) for one in found]}


def _drift(study: Study, role: str, finding: Finding) -> Drift:
    level = STOP if finding.rule in study.drift_stop else WARNING
    return Drift(
        finding.rule, role, finding.column, finding.found, finding.was, finding.sentence, level
    )


def _findings(
    study: Study, profile: Mapping[str, Any], last: Mapping[str, Any]
) -> Iterator[tuple[str, Finding]]:
    declared = last["definitions"]
    then = span(declared["complete_from"], declared["complete_until"])
    for role, before in last["profile"].items():
        if role not in profile:
            said = f"The table {role} of last time is not there."
            yield role, Finding("columns", "", None, role, said)
            continue
        now = Side(profile[role], study.complete_from, study.complete_until)
        table = Table(role, now, Side(before, *then))
        for finding in (*of_tables(table), *of_columns(table)):
            yield role, finding
