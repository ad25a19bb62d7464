"""The tables of a simulated company beside those of the ROI: journeys, metrics, claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .asked import asked_truth, main_survey, service_surveys
from .company import Calendar, Columns, Company
from .ground import LARGE, WEB_SHARE, Ground
from .people import people
from .ratings import ratings
from .said import expectations, mentions, said_truth, staff
from .service import service, service_truth
from .web import web, web_truth
from .worlds import Ints, World

OWN_SEEDS = 15  # beside the seed of the company: the draws of these tables are their own


@dataclass(frozen=True)
class Journeys:
    """What was drawn beside the company.

    Attributes
    ----------
    tables
        Columns of each table, in the order of its rows.
    truth
        What is planted in them.
    """

    tables: dict[str, Columns]
    truth: dict[str, Any]


def journeys(
    company: Company,
    world: World,
    calendar: Calendar,
    seed: int,
    progress: Callable[[str], None],
) -> Journeys:
    """Draw the tables beside those of the ROI, consistent with the company that has lived.

    Parameters
    ----------
    company, world, calendar
        As `live` left them. In the world ``null`` nothing is planted.
    seed
        That of the company; the draws are others.
    progress
        Told each step as it begins.
    """
    seeds = np.random.SeedSequence((seed, OWN_SEEDS)).spawn(8)
    draw = [np.random.default_rng(child) for child in seeds]
    ground = Ground(company, calendar, world.name != "null", _web_customers(company, draw[0]))
    progress("service")
    tables = service(ground, draw[1])
    progress("surveys")
    tables["invitations"] = main_survey(ground, draw[2])
    tables["rating_invitations"] = service_surveys(ground, tables, draw[3])
    tables["ratings"], rated = ratings(ground, tables, draw[4])
    progress("people")
    profiles, known = people(ground, draw[5])
    tables |= profiles
    progress("web")
    tables |= web(ground, tables["profiles"], draw[6])
    tables |= staff(ground, draw[7])
    tables["mentions"] = mentions(ground, draw[7])
    tables["expectations"] = expectations(ground, draw[7])
    tables["offers"] = company.table("offers", "at")
    answers = ground.responses
    tables["response_details"] = answers | {"row": np.arange(1, len(answers["at"]) + 1)}
    truth = {
        "planted": ground.planted,
        "web_customers": len(ground.web),
        "ratings": rated,
        **service_truth(ground, tables),
        **asked_truth(ground),
        **known,
        **web_truth(ground, tables),
        **said_truth(ground),
    }
    return Journeys(tables, truth)


def _web_customers(company: Company, rng: np.random.Generator) -> Ints:
    n = len(company.people.tenure)
    return np.sort(rng.choice(n, round(WEB_SHARE[n >= LARGE] * n), replace=False))
