"""Builds the panel: each step one SQL statement over the relation that the step before it left.

The statements run where the tables are (see `engines`). A small panel is then fetched; the rows
of a large one stay.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import DataError, ModelError, ParameterError, nearest
from ..files.progress import step
from ..moments.operations import operations_of
from ..reading.chosen import narrowed
from ..reading.ledger import NOT_CHOSEN, Ledger
from ..study.outcomes import no_outcome
from ..study.schema import FITS
from .accounting import (
    count_coverage,
    count_of,
    enter_never_bought,
    enter_other_answers,
    enter_renewals,
    use_events,
)
from .early_answers import warn_of_early_answers
from .events import EVENTS
from .gaps import warn_of_gaps
from .in_memory import PanelFrame
from .kept import PanelCache, panel_tag
from .panel import Panel
from .reasons import UNKNOWN
from .requirements import mature_until, require_quarter, warn_of_incomplete, warn_of_unknown_past
from .rows import column_types, cut, cut_scores, make_rows
from .shared_ids import warn_of_shared_ids
from .steps import (
    after_answers,
    continued,
    one_per_wave,
    panel_select,
    windowed,
)
from .waves import name_waves

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study

ENGINE_FROM = 500_000


def build_panel(tables: Tables, quarter: str = "", *, fits: str = "") -> Panel:
    """Build the panel of a study, for one quarter or for all waves together.

    Parameters
    ----------
    quarter
        Such as ``2026Q3``: the responses of that wave (see `check_quarter`). Empty for all.
    fits
        Where models are fitted: ``rows`` (to rows in memory, by statsmodels), ``engine`` (to sums
        taken where the rows are), or, when empty, as the study says or else by size: the engine
        from 500,000 rows on. The numbers are the same.

    Raises
    ------
    ParameterError
        The quarter is not written that way, holds no response, or the study has no dates; `fits`
        is none of these.
    StudyError
        The study has no outcome.
    DataError
        No response is left to analyse; the message says where they went.
    """
    if not tables.study.outcomes:
        raise no_outcome("groups are compared by one; cxroi metrics needs none")
    require_quarter(tables, quarter)
    if fits and fits not in FITS:
        raise ParameterError(
            f"fits is {fits!r}", "it is rows, engine or empty", nearest(fits, FITS)
        )
    fits = fits or tables.study.fits
    whole, tables = tables, narrowed(tables)
    answers = tables.ledger.rows("responses" if tables.study.dated else "customers", "read")
    large = fits == "engine" or (fits != "rows" and answers >= ENGINE_FROM)
    store = PanelCache.of(tables, quarter) if large else PanelCache("")
    rows = sum(source.rows for source in tables.sources)
    with step("Building the panel", rows):
        build = _build_dated if tables.study.dated else _build_flat
        panel = store.fetch(tables, quarter) or store.keep(build(tables, quarter, fits))
    return _without_constants(replace(panel, again=partial(_again, whole, quarter, fits)))


def _again(whole: Tables, quarter: str, fits: str, study: Study) -> Panel:
    """Build the panel of another study; tables of its own: those of the other stay."""
    entries = tuple(e for e in whole.ledger.entries if not e.reason.startswith(NOT_CHOSEN))
    plain = replace(whole.own_session(), study=study, chosen={}, ledger=Ledger(entries))
    return build_panel(plain, quarter, fits=fits)


def _without_constants(panel: Panel) -> Panel:
    """Leave out controls that are the same for all of a part of the answers, and say so."""
    study, rows = panel.study, panel.rows
    if not study.only:
        return panel
    same = rows.together([partial(_is_constant, panel, name) for name in study.controls])
    constant = [name for name, one in zip(study.controls, same, strict=True) if one]
    if not constant:
        return panel
    said = f"; the same for all of them, so not held equal: {', '.join(constant)}"
    base = "responses" if study.dated else "customers"
    entries = tuple(
        replace(e, reason=e.reason + said) if (e.table, e.action) == (base, "used") else e
        for e in panel.ledger.entries
    )
    ledger = replace(panel.ledger, entries=entries)
    return replace(panel, study=study.without_controls(constant), ledger=ledger)


def _is_constant(panel: Panel, control: str) -> bool:
    rows, column = panel.rows, f"attr_{control}"
    if control in panel.study.categorical or not rows.is_number(column):
        return len(rows.levels(column)) < 2
    values, missing = rows.number(column)
    known = rows if missing is None else rows.only(rows.is_known(column))
    low, high = operations_of(values).extremes(known.values(column)) if known.count else (0, 0)
    return bool(low == high)


def build_all_waves(panel: Panel) -> Panel:
    """Return the panel of all waves, built anew where this one is of a quarter.

    Raises
    ------
    ModelError
        Rows or weights of the quarter were replaced: those of other waves are not known.
    """
    if not panel.quarter or panel.tables is None:
        return panel
    if panel.replaced:
        raise ModelError(
            f"the rows or weights of {panel.quarter} are not those of the tables",
            "what needs several waves needs all of them with the same rows and weights",
            "Build the panel without a quarter, and replace them there",
        )
    # Tables of its own: those behind this panel stay as they are.
    return panel.store.get("all waves", lambda: build_panel(panel.tables.own_session()))


def _build_dated(tables: Tables, quarter: str, fits: str) -> Panel:
    study, engine = tables.study, tables.engine
    engine.execute(one_per_wave(tables, quarter))
    ledger = enter_other_answers(tables, quarter)
    if study.churn == "cancelled":
        engine.execute(continued(tables))
        ledger = enter_renewals(tables, ledger)
    for statement in after_answers(tables):
        engine.execute(statement)
    reasons = engine.fetch(
        "SELECT reason, count(*) FROM judged WHERE reason <> '' GROUP BY ALL ORDER BY ALL"
    )
    for reason, rows in reasons:
        ledger = ledger.add("responses", "set aside", rows, reason)
    for role in EVENTS:
        if role in study.sources:
            engine.execute(windowed(tables, role))
    used = count_of(engine, "valid")
    ledger = ledger.add("responses", "used", used, "rows of the panel")
    if not used:
        raise DataError(
            f"no response is left{f' in {quarter}' if quarter else ''}: "
            + "; ".join(f"{rows:,} {reason}" for reason, rows in reasons),
            fix=mature_until(study),
        )
    ledger = warn_of_incomplete(tables, use_events(tables, ledger))
    ledger = warn_of_gaps(tables, ledger)
    ledger = enter_never_bought(tables, warn_of_unknown_past(tables, ledger))
    ledger = warn_of_early_answers(tables, warn_of_shared_ids(tables, ledger))
    answers = f"SELECT response, score, weight, cluster FROM judged WHERE reason <> '{UNKNOWN}'"
    return _finish(tables, quarter, fits, used, panel_select(tables), answers, ledger)


def _build_flat(tables: Tables, quarter: str, fits: str) -> Panel:
    engine = tables.engine
    engine.execute(one_per_wave(tables, quarter))
    read, used = count_of(engine, tables.relation("customers")), count_of(engine, "answered")
    ledger = tables.ledger.add("customers", "set aside", read - used, f"outside {quarter}")
    ledger = ledger.add("customers", "used", used, "rows of the panel")
    answers = "SELECT response, score, weight, cluster FROM answered"
    select = "SELECT * EXCLUDE (answers) FROM answered"
    return _finish(tables, quarter, fits, used, select, answers, ledger)


def _finish(
    tables: Tables, quarter: str, fits: str, used: int, select: str, answers: str, ledger: Ledger
) -> Panel:
    """Fetch the rows of a small panel; leave those of a large one where they are."""
    study, engine = tables.study, tables.engine
    cuts = cut_scores(
        study, engine.fetch(f"SELECT score, count(*) FROM ({answers}) GROUP BY score")
    )
    made = partial(
        Panel,
        study=study,
        quarter=quarter,
        ledger=ledger,
        coverage=count_coverage(tables, quarter),
        tables=tables,
    )
    if fits == "engine" or (fits != "rows" and used >= ENGINE_FROM):
        engine.execute(f"CREATE OR REPLACE TEMP TABLE joined AS {select}")
        kinds = column_types(engine, "joined")
        names = [f"attr_{name}" for name in study.controls]
        categories = [n for n in names if kinds[n] == "category" or n[5:] in study.categorical]
        make, tag = (
            partial(make_rows, engine, scale=study.scale, cuts=cuts),
            panel_tag(tables, quarter),
        )
        rows = make("joined", categories=categories, suffix=f"rows_{tag}")
        engine.execute("DROP TABLE joined")
        return made(
            rows=rows,
            answer_rows=make(f"({answers})", suffix=f"answers_{tag}"),
        )
    frame = engine.frame(f"{select} ORDER BY response")
    scores = engine.frame(f"{answers} ORDER BY response")
    if study.dated and not study.own_waves:
        frame["wave"] = name_waves(frame["wave"])
    if not study.dated:
        frame, scores = frame.drop(columns="response"), scores.drop(columns="response")
    frame["group"], scores["group"] = (cut(study, cuts, f["score"]) for f in (frame, scores))
    return made(rows=PanelFrame(frame), answer_rows=PanelFrame(scores))
