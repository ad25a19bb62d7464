"""A company whose true effects are known: its tables, a study file and ``truth.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ..errors import OutputError, ParameterError, nearest
from ..files.outputs import complete_folder
from .company import Calendar, Company, live
from .company_files import FORMATS, TABLES, scenario_of, study_text, write_tables, write_trait
from .journey_files import TABLES as JOURNEY_TABLES
from .journey_files import WIDER, file_of, write_journeys
from .journey_study import journey_study
from .journeys import journeys as draw_journeys
from .levers import Plant
from .pilot import PlantedPilot
from .truth import describe, group_names, pool
from .worlds import WORLDS, World

WAVES: Final = ("2026Q1", "2026Q2", "2026Q3")
PARQUET_FROM: Final = 200_000  # customers from which tables are Parquet unless said otherwise
FEWEST: Final = 100
STUDY: Final = "study.toml"
TRUTH: Final = "truth.json"
TRAIT: Final = "truth_trait"  # a table beside TRUTH, in the worlds with an unmeasured trait
_OWN = frozenset(
    {STUDY, TRUTH}
    | {f"{table}.{suffix}" for table in (*TABLES, TRAIT) for suffix in FORMATS}
    | {file_of(table, suffix) for table in JOURNEY_TABLES for suffix in FORMATS}
)


def simulate(
    directory: Path,
    customers: int,
    seed: int,
    world: str = "causal",
    *,
    waves: Sequence[str] = WAVES,
    file_format: str | None = None,
    scenario_ranges: bool = False,
    journeys: bool = False,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a company's tables, its study file and what is true of it.

    Where an unmeasured trait is at work, each customer's is in ``truth_trait``, a table that the
    study file does not name.

    Parameters
    ----------
    directory
        Where to; must be new or empty. It appears whole or not at all.
    customers
        How many, at least 100.
    seed
        Not negative; the same seed gives the same files, but for the last digits of the truth,
        which are those of the processor.
    world
        One of ``causal``, ``null``, ``reverse``, ``hidden``, ``heavy``, ``bent_outcome``,
        ``bent_score``, ``opposed``; see `WORLDS`.
    waves
        Consecutive quarters in which customers are asked.
    file_format
        ``csv`` or ``parquet``; by default Parquet from 200,000 customers on.
    scenario_ranges
        Give the study file ranges for the share moved and the causal share in place of the
        true values. The truth is that of the true values either way.
    journeys
        Write the tables of journeys and metrics too: ratings, calls, tickets, web, staff and so
        on, with what is planted in them under ``journeys`` in the truth, and what came before
        answers and moved their scores, with what levers on it do, under ``levers``. Contacts,
        subscriptions and invitations have further columns then; the draws of the company stay
        the same.
    force
        Replace an earlier simulation in `directory`.
    progress
        Told each step as it begins.

    Returns
    -------
    Path
        The study file.

    Raises
    ------
    ParameterError
        For an unknown world or format, too few customers, a bad seed or waves.
    OutputError
        If `directory` holds something, or cannot be written.
    """
    tell = progress or (lambda step: None)
    chosen = _known_world(world)
    _check_numbers(customers, seed)
    calendar = Calendar.of(_consecutive(waves))
    suffix = _known_format(file_format, customers)
    target = Path(directory).resolve()
    with _with_parents(target), complete_folder(target, _OWN, force) as part:
        plant = Plant.of(customers, seed, planted=chosen.name != "null") if journeys else None
        before = plant.before if plant else None
        pilot = _pilot(chosen, calendar, seed) if journeys else None
        company = live(chosen, customers, calendar, seed, tell, before, pilot)
        drawn = draw_journeys(company, chosen, calendar, seed, tell) if journeys else None
        write_tables(company, part, suffix, tell, WIDER if drawn else ())
        if drawn:
            write_journeys(drawn.tables, part, suffix, tell)
        if chosen.hidden:
            write_trait(company, part / f"{TRAIT}.{suffix}")
        title = f"Simulated company: world {chosen.name}, {customers:,} customers, seed {seed}"
        text = study_text(title, calendar, suffix, scenario_ranges)
        text = journey_study(text, suffix, scenario_ranges) if journeys else text
        (part / STUDY).write_text(text, encoding="utf-8", newline="\n")
        scenario = scenario_of(scenario_ranges)
        truth = _truth(company, chosen, calendar, customers, seed, scenario)
        truth |= {"journeys": drawn.truth} if drawn else {}
        truth |= plant.truth(scenario) if plant else {}
        truth |= {"pilot": pilot.truth} if pilot else {}
        (part / TRUTH).write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    return Path(directory) / STUDY


def _pilot(world: World, calendar: Calendar, seed: int) -> PlantedPilot:
    """Return the pilot of a company: before the answers of its last wave."""
    return PlantedPilot.of(len(calendar.waves) - 1, seed, planted=world.name != "null")


def _known_world(world: str) -> World:
    if world not in WORLDS:
        raise ParameterError(
            f"world {world!r} is not known", "a world of the simulator", nearest(str(world), WORLDS)
        )
    return WORLDS[world]


def _known_format(file_format: str | None, customers: int) -> str:
    if file_format is None:
        return "parquet" if customers >= PARQUET_FROM else "csv"
    if file_format not in FORMATS:
        raise ParameterError(
            f"file format {file_format!r} is not known",
            "csv or parquet",
            nearest(str(file_format), FORMATS),
        )
    return file_format


def _check_numbers(customers: object, seed: object) -> None:
    if not isinstance(customers, int) or isinstance(customers, bool) or customers < FEWEST:
        raise ParameterError(
            f"customers is {customers!r}",
            f"a whole number of {FEWEST} or more",
            "Give more customers; 20000 show the effects well",
        )
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ParameterError(
            f"seed is {seed!r}", "a whole number of 0 or more", "Give a seed such as 1"
        )


def _consecutive(waves: Sequence[str]) -> tuple[str, ...]:
    """Return the waves if they are quarters, one after the other."""
    named = tuple([waves] if isinstance(waves, str) else waves)
    wrong = [w for w in named if not isinstance(w, str) or not re.fullmatch(r"[12]\d{3}Q[1-4]", w)]
    numbers = [] if wrong else [int(w[:4]) * 4 + int(w[-1]) for w in named]
    if wrong or not named or numbers != list(range(numbers[0], numbers[0] + len(named))):
        raise ParameterError(
            f"waves are {list(named)}",
            "one or more quarters, one after the other",
            f"Write them such as {list(WAVES)}",
        )
    return named


@contextmanager
def _with_parents(target: Path) -> Iterator[None]:
    """Make the folders above `target`, and take those away again where the block fails."""
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
        if isinstance(error, OSError):
            raise OutputError(
                f"{target.name} cannot be written ({error.strerror or error})",
                "a folder that can be created",
            ) from error
        raise


def _truth(
    company: Company,
    world: World,
    calendar: Calendar,
    customers: int,
    seed: int,
    scenario: dict[str, float],
) -> dict[str, Any]:
    """Return what ``truth.json`` holds."""
    whole = pool(company.truths, company.from_customers())
    return {
        "world": world.name,
        "about": world.about,
        "seed": seed,
        "customers": customers,
        **group_names(),
        **describe(whole, scenario),
        "by_quarter": {
            wave: describe(truth, scenario)
            for wave, truth in zip(calendar.waves, company.truths, strict=True)
        },
        "scenario": scenario | group_names(),
    }
