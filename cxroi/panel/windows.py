"""Windows: outcomes and baselines of a panel's answers again, of other lengths or earlier."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..moments.engine_rows import EngineRows
from ..moments.frame_rows import FrameRows
from ..moments.rows import Rows
from .events import EVENTS, counted
from .in_engine import PanelEngineRows
from .steps import after_answers, continued, one_per_wave, windowed, windowed_select

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from .panel import Panel


SIDES = ("after", "before")


def role_of(outcome: str) -> str:
    """Return the event table that an outcome of a dated study is counted from; empty if none."""
    return next((role for role, (_, names) in EVENTS.items() if outcome in names), "")


def rebuild_windows(
    panel: Panel, *, outcome_days: int, baseline_days: int, earlier: int = 0, roles: Iterable[str]
) -> Rows:
    """Return outcomes and baselines of the panel's answers in other windows, row by row.

    Of rows in memory the statements run on a cursor, which has temporary tables of its own; of
    rows in an engine they leave one table more: those that the panel left behind stay as they are.

    Parameters
    ----------
    outcome_days, baseline_days
        Lengths of the windows.
    earlier
        Days by which both windows are moved back. The answers are the same.
    roles
        Event tables to count, such as ``orders``.

    Returns
    -------
    Rows
        Columns ``<outcome>_after`` and ``<outcome>_before``, rows as in the panel; in an engine
        with the ``response`` and ``answered_at`` of each.
    """
    given = (outcome_days, baseline_days, earlier, tuple(roles))
    return panel.store.get(("windows", *given), lambda: _rebuild(panel, *given))


def _rebuild(panel: Panel, *window: *tuple[int, int, int, tuple[str, ...]]) -> Rows:
    if isinstance(panel.rows, PanelEngineRows):
        return _rebuild_in_engine(panel, panel.rows, *window)
    return _rebuild_frame(panel, *window)


def _rebuild_frame(
    panel: Panel, outcome_days: int, baseline_days: int, earlier: int, roles: tuple[str, ...]
) -> FrameRows:
    study = panel.study
    whole = panel.tables.own_session()
    engine = whole.engine
    other = replace(study, outcome_days=outcome_days, baseline_days=baseline_days)
    elsewhere = replace(whole, study=other)
    engine.execute(one_per_wave(whole, panel.quarter))
    if study.churn == "cancelled":
        engine.execute(continued(whole))
    for statement in after_answers(whole):
        engine.execute(statement)
    engine.execute(_moved_back(earlier))
    for role in roles:
        engine.execute(windowed(elsewhere, role))
    found = engine.frame(_select(elsewhere, roles))
    merged = panel.frame[["response"]].merge(found, on="response", how="left", validate="m:1")
    return FrameRows(merged.drop(columns="response"))


def _rebuild_in_engine(
    panel: Panel,
    rows: PanelEngineRows,
    outcome_days: int,
    baseline_days: int,
    earlier: int,
    roles: tuple[str, ...],
) -> EngineRows:
    """Leave the windows in a table; the panel's own rows are the valid answers."""
    other = replace(panel.study, outcome_days=outcome_days, baseline_days=baseline_days)
    tables = replace(panel.tables, study=other)
    moved = f"answered_at - INTERVAL {earlier} DAY AS answered_at"
    answers = f"SELECT response, customer, {moved} FROM {rows.relation} AS p"
    own = f"(SELECT response, answered_at FROM {rows.relation} AS p) AS r"
    columns = counted(tables, roles, "answered_at", earlier)
    select = f"SELECT response, answered_at, {', '.join(columns)} FROM {own}"
    for role in roles:
        windows = windowed_select(tables, role, f"({answers})")
        select += f" LEFT JOIN ({windows}) AS {role}_w USING (response)"
    name = "rebuilt_" + hashlib.sha1(select.encode(), usedforsecurity=False).hexdigest()[:12]
    rows.engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
    names = [f"{n}_{side}" for role in roles for n in EVENTS[role][1] for side in SIDES]
    types = {"response": "number", "answered_at": "date"} | dict.fromkeys(names, "number")
    return EngineRows(rows.engine, name, {}, types, numbered=False, known=rows.known)


def _moved_back(days: int) -> str:
    at = f"answered_at - INTERVAL {days} DAY AS answered_at"
    return f"""
        CREATE OR REPLACE TEMP VIEW valid AS
        SELECT * EXCLUDE (answered_at), {at} FROM judged WHERE reason = ''"""


def _select(tables: Tables, roles: tuple[str, ...]) -> str:
    columns = counted(tables, roles, "answered_at")
    joins = " ".join(f"LEFT JOIN {role}_windows USING (response)" for role in roles)
    return f"SELECT {', '.join(['response', *columns])} FROM valid {joins}"
