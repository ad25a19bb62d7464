"""What a panel refuses or warns of: a quarter without answers, tables that end too early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DataError, ParameterError, nearest
from ..reading.waves import wave_of
from ..study.calendars import wave_word
from ..study.quarters import check_quarter
from .events import EVENTS, begins, first_events, reaches, slack

if TYPE_CHECKING:
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables
    from ..study.declared import Study


def require_quarter(tables: Tables, quarter: str) -> None:
    """Refuse a wave in which nobody answered; an empty one stands for all.

    Raises
    ------
    ParameterError
        It is not written as the study's waves are, holds no response, or the study has none.
    """
    study = tables.study
    if not check_quarter(quarter, study):
        return
    role = "responses" if study.dated else "customers"
    own = study.own_waves
    if not own and "answered_at" not in study.sources[role].columns:
        raise ParameterError(
            f"quarter is {quarter!r}, but the study has no dates of answers",
            fix="Leave the quarter empty, or declare answered_at",
        )
    waves = [
        row[0]
        for row in tables.engine.fetch(
            f"SELECT DISTINCT {wave_of(study, role, 'answered_at')} AS wave FROM "
            f"{tables.relation(role)} {'' if own else 'WHERE answered_at IS NOT NULL'} "
            "ORDER BY wave"
        )
    ]
    if quarter not in waves:
        raise ParameterError(
            f"no response was given in {quarter}",
            f"there are responses in {', '.join(waves) if own else f'{waves[0]} to {waves[-1]}'}"
            if waves
            else "",
            nearest(quarter, waves),
        )


def warn_of_incomplete(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn where the last event of a table lies well before the day it is complete until.

    Raises
    ------
    DataError
        It lies more than an outcome window before: every answer would look as if nothing came
        after it.
    """
    study, engine = tables.study, tables.engine
    until = study.complete_until
    for role, (at, _) in EVENTS.items():
        if role not in study.sources or until is None:
            continue
        # What lies beyond, such as one order of 2062, says nothing of the days before.
        inside = f"{at}::DATE <= DATE '{until}'"
        [(last,)] = engine.fetch(
            f"SELECT max({at})::DATE FROM {tables.relation(role)} WHERE {inside}"
        )
        late = (until - last).days if last else 0
        if late > study.outcome_days and role == "orders":
            raise DataError(
                f"the last order is of {last}, but complete_until is {until}",
                "up to that day every table is complete",
                "Set complete_until to the last day of the extract",
            )
        if late > slack(study.outcome_days):
            ledger = ledger.add(
                role, "warning", 1, f"The last of {role} is of {last}, complete_until is {until}."
            )
    return ledger


def warn_of_unknown_past(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn where baselines begin before an event table does: they are not known, or not likely.

    Raises
    ------
    DataError
        The first order lies more than a baseline after complete_from, and baselines of answers
        begin before it: what is not known would be read as zero.
    """
    study, engine = tables.study, tables.engine
    firsts, answers = first_events(tables), ledger.rows("responses", "used")
    ledger = _warn_of_answers_before(tables, ledger, firsts, answers)
    if not study.baseline_days:
        return ledger

    def beginning_before(day: str) -> int:
        inside = reaches("answered_at", study.baseline_days, day)
        return int(engine.fetch(f"SELECT count(*) FROM valid WHERE NOT {inside}")[0][0])

    for role, day in begins(tables).items():
        first = firsts[role]
        without = beginning_before(day)
        starts = f"The first of {role} is of {first}" if first else f"There are no {role}"
        if without:
            reason = (
                f"{starts}: the baseline of {without:,} of {answers:,} answers begins before, and "
                "is not known (not zero). Declare complete_from if the table reaches farther back."
            )
            ledger = ledger.add(role, "warning", without, reason)
        elif study.complete_from and _late(first, study.complete_from, study.baseline_days):
            if role == "orders" and first:
                early = first - dt.timedelta(days=slack(study.baseline_days))
                _refuse_late(study, first, beginning_before(f"{early}"), answers)
            reason = (
                f"{starts}, complete_from is {study.complete_from}: nothing until then is taken "
                "for zero."
            )
            ledger = ledger.add(role, "warning", 1, reason)
    return ledger


def _warn_of_answers_before(
    tables: Tables, ledger: Ledger, firsts: Mapping[str, dt.date | None], answers: int
) -> Ledger:
    """Warn of answers well before the first event, after which nothing is known until then."""
    study, days = tables.study, tables.study.outcome_days
    if study.complete_from and study.baseline_days:  # held against the first event below
        return ledger
    for role, first in firsts.items():
        if not first:
            continue
        early, whole = (
            f"answered_at < DATE '{first - dt.timedelta(days=n)}'" for n in (slack(days), days)
        )
        [(rows, wholly)] = tables.engine.fetch(
            f"SELECT count(*), count(CASE WHEN {whole} THEN 1 END) FROM valid WHERE {early}"
        )
        reason = (
            f"{rows:,} of {answers:,} answers were given before the first of {role}, which is of "
            f"{first}, {wholly:,} of them more than {days} days before: that nothing followed them "
            "until then is taken for zero. Does the table begin later than the answers?"
        )
        ledger = ledger.add(role, "warning", rows, reason)
    return ledger


def _refuse_late(study: Study, first: dt.date, answers: int, of: int) -> None:
    """Refuse a first order that lies more than a baseline after complete_from."""
    begin = study.complete_from
    if not answers or begin is None or (first - begin).days <= study.baseline_days:
        return
    raise DataError(
        f"the first order is of {first}, but complete_from is {begin}: the baselines of "
        f"{answers:,} of {of:,} answers begin well before that order",
        "from complete_from on every table is complete",
        "Set complete_from to the first day of the extract",
    )


def _late(first: dt.date | None, begin: dt.date, days: int) -> bool:
    return first is None or (first - begin).days > max(slack(days), days // 2)


def mature_until(study: Study) -> str:
    """Say up to which day answers have a complete outcome window; empty without dates."""
    if study.complete_until is None:
        return ""
    last = study.complete_until - dt.timedelta(days=study.outcome_days)
    return (
        f"With complete_until = {study.complete_until} and outcome_days = {study.outcome_days}, "
        f"answers count up to {last}: take an earlier {wave_word(study)} or a shorter window"
    )
