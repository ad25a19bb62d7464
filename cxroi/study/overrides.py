"""A scenario with some of its keys changed: checked as the study file is."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import CxroiError, StudyError, raise_all
from .scenario import FIXED_PAIR, NamedScenario, Scenario, make_scenario
from .schema import SECTIONS
from .shape import builtin, check_section

if TYPE_CHECKING:
    from .scales import Scale


def changed(scenario: Scenario, scale: Scale, values: Mapping[str, Any]) -> Scenario:
    """Return a scenario with the values of some keys of ``[scenario]`` in place of its own.

    Parameters
    ----------
    values
        As the study file writes them; None of them names the pair of groups.

    Raises
    ------
    StudyError, Problems
        An unknown key, a value of the wrong type, or one that ``[scenario]`` may not have.
    """
    given = builtin(dict(values), "[scenario]")
    raise_all(_pair_changed("scenario", given))
    raise_all(check_section(("scenario",), given, SECTIONS["scenario"].keys))
    return make_scenario(scenario.declared() | given, scale.labels)


def named_scenarios(
    tables: Mapping[str, Mapping[str, Any]], base: Scenario | None, scale: Scale
) -> dict[str, NamedScenario]:
    """Return the scenarios of ``[scenarios.NAME]``, each ``[scenario]`` with some keys changed.

    Raises
    ------
    StudyError, Problems
        There is no ``[scenario]`` to change, a name that results cannot carry, or a value that
        ``[scenario]`` may not have.
    """
    if tables and base is None:
        raise StudyError(
            "[scenarios] changes a [scenario] that is not there",
            "each of its tables holds what differs from [scenario]",
            "Add [scenario], or delete [scenarios]",
        )
    made: dict[str, NamedScenario] = {}
    problems: list[CxroiError] = []
    for name, table in tables.items():
        given = {key: value for key, value in table.items() if key != "title"}
        try:
            raise_all([*_named_wrongly(name), *_pair_changed(f"scenarios.{name}", given)])
            scenario = make_scenario(base.declared() | given, scale.labels) if base else None
        except CxroiError as error:
            problems += [_placed(name, one) for one in getattr(error, "problems", (error,))]
            continue
        if scenario:
            title = table.get("title", name.replace("_", " ").replace("-", " "))
            made[name] = NamedScenario(name, title, scenario, tuple(given))
    raise_all(problems)
    return made


def parsed(text: str) -> Any:
    """Return a value as TOML reads it; what is no TOML stands for itself, as a text.

    Examples
    --------
    >>> parsed("[0.05, 0.1, 0.2]"), parsed("observed")
    ([0.05, 0.1, 0.2], 'observed')
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def parsed_table(text: str, where: str) -> dict[str, Any]:
    """Return a table as TOML writes it on one line, braces left out.

    Raises
    ------
    StudyError
        It is none.

    Examples
    --------
    >>> parsed_table("cost_per_moved = 5, share_moved = 0.1", "scenario")
    {'cost_per_moved': 5, 'share_moved': 0.1}
    """
    try:
        table: dict[str, Any] = tomllib.loads(f"table = {{{text}}}")["table"]
    except tomllib.TOMLDecodeError:
        raise StudyError(
            f"{where} = {text!r:.100} cannot be read",
            "keys and values as in the study file, with commas between them",
            'Write it such as cost_per_moved = 5, persistence = "observed"',
        ) from None
    return table


def written(value: Mapping[str, Any]) -> str:
    """Return a value as TOML writes it on one line; of a table what is between its braces.

    Examples
    --------
    >>> written({"cost_per_moved": 5, "causal_share": {"none": 0.3, "likely": 0.5}})
    'cost_per_moved = 5, causal_share = {none = 0.3, likely = 0.5}'
    """
    return ", ".join(f"{_key(key)} = {_written(item)}" for key, item in value.items())


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isalnum() and bare.isascii() else _written(key)


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{written(value)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    # TOML has the escapes of JSON but for pairs of surrogates, and escapes one character more.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pair_changed(section: str, values: Mapping[str, Any]) -> Iterator[StudyError]:
    for key in FIXED_PAIR:
        if key in values:
            yield StudyError(
                f"[{section}] has {key!r}",
                "the pair of groups is that of [scenario]: another pair is another comparison",
                f"Leave {key} out, or run the study with another [scenario]",
            )


def _named_wrongly(name: str) -> Iterator[StudyError]:
    if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        yield StudyError(
            f"[scenarios] names one {name!r:.60}",
            "a name of letters, digits, - and _, as results.json carries it",
            'Give what readers see as title = "..."',
        )


def _placed(name: str, problem: CxroiError) -> StudyError:
    """Say of a problem of [scenario] in which named one it is."""
    found = problem.found.replace("[scenario]", f"[scenarios.{name}]", 1)
    return StudyError(found, problem.expected, problem.fix)
