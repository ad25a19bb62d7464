"""The study file (TOML) or a mapping: tables, roles, windows, outcomes, controls, scenario."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from ..errors import CxroiError, Problems, StudyError, nearest, raise_all
from .answers import several_answers
from .calendars import check_calendar
from .declared import Change, Source, Study
from .drift_rules import STOPS
from .levers import DeclaredInput, Lever, make_drivers, make_inputs, make_levers
from .outcomes import make_outcomes
from .overrides import named_scenarios
from .parts import part_of, role_of_attribute
from .pilots import DeclaredPilot, make_pilots
from .rules import check_choices, check_drift, check_engine, check_head, check_study
from .scales import make_scale
from .scenario import make_scenario
from .scores import DeclaredScore, make_scores
from .shape import UnknownKeyError, builtin, check, dotted
from .table_rules import check_tables
from .table_schema import ROLES
from .voice import check_voice, make_voice

_UNDECIDED = re.compile(
    r'\s*(?P<key>[\w-]+)\s*=\s*(?:\{.*)?"\?"[ }]*(?:#\s*decide:\s*)?(?P<what>.*)'
)
IN_PYTHON = "study declared in Python"
PLAIN_KEYS = (
    *("database", "table", "query", "files", "sheet", "delimiter", "encoding", "skip_rows"),
    *("duplicates", "decimal", "date_format", "lines", "amount_in"),
)
ROLE_KEYS = frozenset(key for keys in ROLES.values() for key in keys) | {"customer"}


def load_study(
    study: str | Path | Mapping[str, Any],
    *,
    scenario: Mapping[str, Any] = MappingProxyType({}),
    only: Mapping[str, Any] = MappingProxyType({}),
) -> Study:
    """Read and validate a study file, or a mapping of the same shape.

    Parameters
    ----------
    study
        Path of the file; or the mapping, whose dates are `datetime.date`, and whose tables need
        no path where frames stand for them: ``read_tables(study, frames={...})``. ``cxroi
        report`` needs files, of the study and of its tables.
    scenario
        Keys of ``[scenario]`` with values that take the place of those of the study file.
    only
        What takes the place of ``only`` of ``[study]``: the answers that the study is about, by
        attribute, such as ``{"segment": "Business"}``.

    Raises
    ------
    StudyError, Problems
        The file is missing or is not TOML; unknown keys, wrong types, missing or impossible
        declarations. All that is found in one pass is raised together.

    Examples
    --------
    >>> people = {"customer": "id", "score": "nps"}
    >>> spend = {"column": "spend", "kind": "amount"}
    >>> study = load_study(
    ...     {
    ...         "study": {"name": "Shop", "currency": "EUR"},
    ...         "tables": {"customers": people},
    ...         "outcomes": {"columns": {"spend": spend}},
    ...     }
    ... )
    >>> study.dated, study.origin, study.target
    (False, 'passive', 'promoter')
    """
    loaded, problems = load_despite(study, scenario, only)
    raise_all(problems)
    return cast(Study, loaded)  # there are problems where there is no study


def load_despite(
    study: str | Path | Mapping[str, Any],
    scenario: Mapping[str, Any] = MappingProxyType({}),
    only: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Study | None, list[CxroiError]]:
    """Load a study in spite of keys that nothing knows, so that more problems can be found.

    Returns
    -------
    tuple
        The study without those keys, None where nothing can be made of it; and all problems but
        those of a section with such a key, which may come from it.

    Raises
    ------
    StudyError
        The file is missing or is not TOML.
    """
    if isinstance(study, Mapping):
        document, path = builtin(study), Path(IN_PYTHON)
    else:
        path = Path(study)
        document = _parse(path)
    if only and "from_customers" not in scenario:
        _refuse_whole(document)
    changes = (
        *_change(document, "scenario", scenario),
        *_change(document, "study", {"only": only} if only else {}),
    )
    try:
        problems: list[CxroiError] = list(check(document))
    except RecursionError:
        raise _too_deep(path) from None
    unknown = [problem for problem in problems if isinstance(problem, UnknownKeyError)]
    if len(unknown) < len(problems):
        return None, problems
    for problem in unknown:
        section: Any = document
        for name in problem.section:
            section = section[name]
        del section[problem.key]
    try:
        return replace(_build(path.resolve(), document), changes=changes), problems
    except CxroiError as found:
        return None, [*problems, *beside(unknown, found)]


def _change(
    document: dict[str, Any], section: str, values: Mapping[str, Any]
) -> tuple[Change, ...]:
    """Put values into a section; return those that are others than before."""
    table = document.setdefault(section, {}) if values else {}
    if not isinstance(table, dict):
        return ()  # refused with the rest of its shape
    given = builtin(dict(values), f"[{section}]")
    before = dict(table)
    table.update(given)
    return tuple(
        Change(f"{section}.{key}", before.get(key), value)
        for key, value in given.items()
        if before.get(key) != value
    )


def _refuse_whole(document: Mapping[str, Any]) -> None:
    """Refuse a number of customers that is of all where a part of them is chosen."""
    scenario = document.get("scenario", {})
    if isinstance(scenario, dict) and "from_customers" in scenario:
        raise StudyError(
            "[scenario] from_customers counts all customers whom the programme would reach",
            "a part of them was chosen with only, and how many these are is not said",
            "Give their number: -p scenario.from_customers=...",
        )


def beside(unknown: Sequence[CxroiError], found: CxroiError) -> list[CxroiError]:
    """Return the problems of other sections than those with keys that nothing knows."""
    sections = [f"[{dotted(p.section)}]" for p in unknown if isinstance(p, UnknownKeyError)]
    problems = found.problems if isinstance(found, Problems) else (found,)
    return [p for p in problems if not any(section in str(p) for section in sections)]


def _too_deep(path: Path) -> StudyError:
    return StudyError(
        f"{path.name} holds tables or lists within one another hundreds deep",
        "a table of a study file has two or three levels",
    )


def _folder(named: str, study: Path) -> Path | None:
    return study.parent / named if named else None


def _parse(path: Path) -> dict[str, Any]:
    try:
        if path.is_file():
            text = path.read_text(encoding="utf-8-sig")
            document = tomllib.loads(text)
            raise_all(undecided(text, path.name))
            return document
    except OSError as error:
        name = f"{path.name[:100]} ..." if len(path.name) > 100 else path.name
        raise StudyError(f"the study file {name!r} cannot be read ({error.strerror})") from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:  # of TOML, of UTF-8, of a number of thousands of digits
        raise StudyError(f"{path.name} is not a TOML file in UTF-8: {error}") from None
    siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
    raise StudyError(
        f"there is no study file {str(path)!r}",
        fix=nearest(path.name, siblings) if siblings else "Check the path",
    )


def undecided(text: str, where: str) -> Iterator[StudyError]:
    """Yield a problem for each line of a drafted study file that a person has yet to decide."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _UNDECIDED.match(line)
        if found:
            yield StudyError(
                f"line {number} of {where}: {found['key']} is not decided yet",
                f'put a value in place of "?": {found["what"] or "only you can say"}',
            )


def _build(path: Path, document: dict[str, Any]) -> Study:
    head, windows = document.get("study", {}), document.get("windows", {})
    sources = {
        name: _source(name, table, path.parent, head.get("timezone", ""))
        for name, table in document["tables"].items()
    }
    problems = [*check_engine(head), *check_head(head, sources, windows), *check_tables(sources)]
    problems += check_calendar(head, sources)
    problems += check_voice(document.get("voice", {}))
    raise_all([*problems, *check_choices(document), *check_drift(document)])
    dated = "responses" in sources
    scale_table = document.get("scale", {})
    scale = make_scale(scale_table)
    scenario = make_scenario(document["scenario"], scale.labels) if "scenario" in document else None
    scenarios = named_scenarios(document.get("scenarios", {}), scenario, scale)
    churn = document.get("churn", {})
    definition = churn.get(
        "definition", "cancelled" if "subscriptions" in sources else "no_purchase"
    )
    currency, days = head.get("currency", ""), windows.get("outcome_days", 0)
    worth = bool(scenario and scenario.value_per_referral.high > 0)
    outcomes = make_outcomes(document, sources, definition, currency, days, worth)
    pair, controls = document.get("pair", {}), document.get("controls", {})
    drift = document.get("drift", {})
    columns = {name: source.columns for name, source in sources.items()}
    scores = [*make_scores(document.get("scores", {}), columns)]
    before = windows.get("baseline_days", 0)
    inputs = [*make_inputs(document.get("inputs", {}), columns, before)]
    levers = [*make_levers(document.get("levers", []))]
    pilots = [*make_pilots(document.get("pilots", []), columns, "responses" in sources)]
    raise_all(one for one in (*scores, *inputs, *levers, *pilots) if isinstance(one, StudyError))
    study = Study(
        path=path,
        name=head["name"],
        currency=currency,
        complete_from=head.get("complete_from"),
        complete_until=head.get("complete_until"),
        sources=MappingProxyType(sources),
        scale=scale,
        answers=several_answers(scale_table),
        outcomes=outcomes,
        churn=definition if dated else "",
        churn_days=churn.get("within_days", days),
        controls=tuple(controls.get("columns", ())),
        categorical=tuple(controls.get("categorical", ())),
        baseline_days=windows.get("baseline_days", 0),
        outcome_days=days,
        origin=scenario.origin if scenario else pair.get("from", scale.labels[-2]),
        target=scenario.target if scenario else pair.get("to", scale.labels[-1]),
        scenario=scenario,
        seed=document.get("analysis", {}).get("seed", 20260930),
        draws=document.get("analysis", {}).get("draws", 10_000),
        engine=head.get("engine", "duckdb"),
        engine_folder=_folder(head.get("engine_folder", ""), path),
        memory_limit=head.get("memory_limit", ""),
        fits=document.get("analysis", {}).get("fits", ""),
        timezone=head.get("timezone", ""),
        waves=head.get("waves", "quarter"),
        fiscal_year_starts=head.get("fiscal_year_starts", 1),
        prepared_by=head.get("prepared_by", ""),
        reviewed_by=head.get("reviewed_by", ""),
        scenarios=MappingProxyType(scenarios),
        drift_stop=tuple(drift.get("stop", STOPS)),
        drift_off=tuple(drift.get("off", ())),
        scores={score.name: score for score in scores if isinstance(score, DeclaredScore)},
        metrics=document.get("metrics", {}),
        inputs={one.name: one for one in inputs if isinstance(one, DeclaredInput)},
        drivers=make_drivers(document.get("drivers", {})),
        levers=tuple(lever for lever in levers if isinstance(lever, Lever)),
        pilots=tuple(pilot for pilot in pilots if isinstance(pilot, DeclaredPilot)),
        voice=make_voice(document.get("voice")),
    )
    raise_all(check_study(study, "scenario" in document and "pair" in document))
    by, only = tuple(head.get("by", ())), head.get("only", {})
    for name in by:
        role_of_attribute(study, name)
    part = part_of(study, only) if only else study
    return replace(part, scenario=scenario, by=by)


def _source(name: str, table: Mapping[str, Any], folder: Path, timezone: str) -> Source:
    plain = {key: table[key] for key in PLAIN_KEYS if key in table}
    return Source(
        name=name,
        columns={key: value for key, value in table.items() if key in ROLE_KEYS},
        path=folder / table["path"] if "path" in table else None,
        folder=folder if "files" in table else None,
        decimal_declared="decimal" in table,
        missing=tuple(table.get("missing", ())),
        yes=tuple(table.get("yes", ())),
        no=tuple(table.get("no", ())),
        timezone=timezone,
        via=tuple(table.get("via", ())),
        keep=table.get("keep", {}),
        drop=table.get("drop", {}),
        attributes=tuple(table.get("attributes", ())),
        derive=table.get("derive", {}),
        **plain,
    )
