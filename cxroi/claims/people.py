"""Claims about those who complain, and about staff."""

from __future__ import annotations

import numpy as np

from ..errors import ScarceDataError
from ..metrics.intervals import critical
from ..results.estimate import Estimate
from .claim import Claim, Said
from .evidence import Evidence

FEWEST = 5


def _complaining(evidence: Evidence) -> Estimate:
    return evidence.metric("unhappy_who_complain")


def _staff_and_service(evidence: Evidence) -> Estimate:
    """Return the score of customers for each point of the score of the staff who served them.

    Least squares over teams, or over staff where no team is known: those of a team share much, so
    that each is not a case of its own. Student's t.
    """
    teams = "team" in evidence.study.sources["staff_answers"].columns
    who = "coalesce(team, staff)" if teams else "staff"
    relation = evidence.tables.relation("staff_answers")
    scores = "SELECT customer, seen_at, agent, level FROM {scores} WHERE agent IS NOT NULL"
    rows = (
        f"SELECT s.customer, s.seen_at, w.team AS team, w.mood AS mood, 100 * s.level AS y FROM ("
        f"{scores}) AS s JOIN (SELECT a.staff, a.team, m.mood FROM (SELECT DISTINCT staff, {who} "
        f"AS team FROM {relation}) AS a JOIN (SELECT {who} AS team, avg(score) AS mood FROM "
        f"{relation} GROUP BY 1) AS m ON m.team = a.team) AS w ON w.staff = s.agent"
    )
    found = evidence.frame(rows, {"ratings": ("agent",)})
    by_team = found.groupby("team", sort=True).agg(x=("mood", "first"), y=("y", "mean"))
    count = len(by_team)
    if count < FEWEST or by_team["x"].nunique() < 2:
        raise ScarceDataError(
            f"{count} {'teams' if teams else 'members of staff'} both answered and were rated",
            f"at least {FEWEST} are needed",
        )
    x, y = (by_team[name].to_numpy(dtype=float) for name in ("x", "y"))
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    residual = y - y.mean() - slope * centred
    error = float(np.sqrt(residual @ residual / (count - 2) / (centred @ centred)))
    half = critical(count - 2) * error
    of, whose = ("teams", "the team's") if teams else ("members of staff", "their")
    return Estimate(
        "",
        slope,
        slope - half,
        slope + half,
        error,
        f"points of 100 for each point of {whose} own satisfaction (0 to 10)",
        count,
        f"mean score of the customers served on mean score of the staff, over {count} {of}; least "
        "squares, Student's t",
        note=f"rests on {count} {of} only, whatever the number of answers ({len(found):,})",
    )


PEOPLE = (
    Claim(
        "few_complain",
        "Only 1 unhappy customer in 26 complains; the rest leave in silence",
        "1 in 26, 3.8 %",
        ("A0",),
        "an American survey of consumers; its authors say it was misquoted: 96 % with a problem of "
        "little money do not complain to the head office, but half do to somebody (John Goodman "
        "of TARP in Quality Progress)",
        "share of the worst group of the score with a complaint within 90 days before or after",
        Said(1 / 26, 1 / 26),
        _complaining,
        {"scores:": ("answered_at",), "complaints": ()},
    ),
    Claim(
        "staff_and_service",
        "Satisfied staff give better service",
        "more",
        ("A4",),
        "companies or branches beside one another; good business also pleases staff",
        "how much better customers rate those whose own satisfaction is a point higher",
        Said(least=0.5),
        _staff_and_service,
        {"staff_answers": ("staff", "score"), "ratings": ("agent",), "scores:": ()},
    ),
)
