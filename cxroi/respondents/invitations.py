"""Invitations: who was asked, what was known of them before, and who answered.

A customer counts once a wave, at the first invitation of it: a reminder is no new
invitation, and nothing that is measured before can follow from having answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ModelError, ScarceDataError
from ..moments.engine_rows import EngineRows
from ..moments.frame_rows import FrameRows
from ..moments.plan import cached_property
from ..panel.events import EVENTS
from ..panel.in_engine import PanelEngineRows
from ..panel.replies import invitations_dated
from ..panel.rows import column_types
from ..panel.steps import continued, one_per_wave
from ..results.thresholds import MINIMUM_GROUP
from .invitations_sql import (
    answers_of_invited,
    baselines,
    invited_once,
    population,
)

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..moments.rows import Rows
    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study

DECLARE = "Declare [tables.invitations] with path, customer and invited_at"


@dataclass(frozen=True)
class Invitations:
    """Everyone invited, a row per customer and wave.

    Attributes
    ----------
    source
        Columns ``invitation`` (its number), ``customer``, ``answered``, ``<outcome>_before``
        (in the baseline window before the invitation) and ``attr_<name>`` of `attributes`; in
        the engine where the rows of the panel stay in one.
    attributes
        Controls of the study that are known of every customer.
    replies
        Number of the ``invitation`` that an answer of the panel, by its number ``response``,
        replies to; answers that are not there reply to none of these. A relation in the engine.
    notes
        What was left out, in sentences.
    """

    source: Rows = field(compare=False)
    attributes: tuple[str, ...]
    replies: pd.DataFrame | str = field(compare=False)
    notes: tuple[str, ...]

    @cached_property
    def answered(self) -> Vector:
        """Whether each of them answered."""
        return self.source.flags("answered")

    @property
    def customers(self) -> Vector | None:
        """The customer of each row, coded from zero if an array."""
        return self.source.clusters


def read_invitations(panel: Panel) -> Invitations:
    """Find everyone who was invited in the waves of a panel, where the tables are.

    The answers are numbered anew, since another panel may have been built from the tables; the
    spells of subscriptions are as the panel left them, the same for every wave.

    Raises
    ------
    ModelError
        Undated study, no (dated) invitations, none that can be looked at, everybody answered.
    ScarceDataError
        Fewer than 30 who answered, or who did not.
    """
    study = panel.study
    _refuse_undeclared(study)
    # Rows in an engine are joined where they are; what is fetched leaves nothing behind.
    rows = panel.rows
    tables = panel.tables.own_session() if panel.in_memory else panel.tables
    engine, attributes = tables.engine, _attributes(study)
    engine.execute(one_per_wave(tables, panel.quarter))
    if study.churn == "cancelled":
        engine.execute(continued(tables))
    engine.execute(invitations_dated(tables))
    engine.execute(invited_once(tables, panel.quarter))
    for role in EVENTS:
        if role in study.sources:
            engine.execute(baselines(tables, role))
    everybody, replies = population(tables, attributes), answers_of_invited(tables)
    notes = tuple(_notes(panel, tables, attributes))
    if isinstance(rows, PanelEngineRows):
        name, answers = (f"{rows.relation}_{part}" for part in ("invited", "replies"))
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {answers} AS {replies}")
        each = f"SELECT *, customer AS cluster, 0 AS cell FROM ({everybody}) AS p"
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {each}")
        types = column_types(engine, name)
        invited = EngineRows(engine, name, {"grp": (0,)}, types, known=rows.known)
        found = Invitations(invited, tuple(attributes), answers, notes)
    else:
        frame = engine.frame(everybody)
        source = FrameRows(frame.assign(cluster=frame["customer"]))
        found = Invitations(source, tuple(attributes), engine.frame(replies), notes)
    _refuse_scarce(found)
    return found


def _notes(panel: Panel, tables: Tables, attributes: list[str]) -> Iterator[str]:
    engine = tables.engine
    undated = f"SELECT count(*) FROM {tables.relation('invitations')} WHERE invited_at IS NULL"
    reasons = engine.fetch(
        "SELECT reason, count(*) FROM invited WHERE reason <> '' GROUP BY ALL ORDER BY ALL"
    )
    for reason, rows in [*reasons, ("without a date", engine.fetch(undated)[0][0])]:
        if rows:
            yield f"Invitations {reason}: {rows:,} left out."
    lost = [name for name in panel.study.controls if name not in attributes]
    if lost:
        yield f"Known only of those who answered, so not in the response model: {', '.join(lost)}."


def _attributes(study: Study) -> list[str]:
    source = study.sources.get("customers")
    known = {*source.attributes, *source.derive} if source else set()
    return [name for name in study.controls if name in known]


def _refuse_undeclared(study: Study) -> None:
    if not study.dated:
        raise ModelError(
            "the study has no dates of answers: who was asked and did not answer is not known",
            "response weights need responses and invitations, each in a table of its own",
            DECLARE,
        )
    if "invitations" not in study.sources:
        raise ModelError(
            "the study has no invitations: who was asked and did not answer is not known",
            fix=DECLARE,
        )
    if study.only_answers:
        raise ModelError(
            f"only answers of {study.only_said} are looked at: who was asked and did not give one "
            "is not known",
            "customers may be chosen for this, not answers",
            "Choose by attributes of customers",
        )
    if "invited_at" not in study.sources["invitations"].columns:
        raise ModelError(
            "[tables.invitations] has no invited_at",
            "what is known of a customer must be known before the invitation",
            'Add invited_at = "name of the column"',
        )
    if study.own_waves and "wave" not in study.sources["invitations"].columns:
        raise ModelError(
            "[tables.invitations] has no wave, but [tables.responses] has one",
            "a customer counts once a wave, at the first invitation of it",
            'Add wave = "name of the column"',
        )


def _refuse_scarce(found: Invitations) -> None:
    yes = int(found.answered.sum())
    no = found.source.count - yes
    if yes + no == 0:
        raise ModelError(
            "no invitation can be looked at",
            fix=" ".join(found.notes) or "Check the dates in [tables.invitations]",
        )
    if no == 0:
        raise ModelError(
            f"everyone invited answered: all {yes:,} invitations",
            "weights are for those who did not",
            "Check that [tables.invitations] holds everybody who was asked",
        )
    if min(yes, no) < MINIMUM_GROUP:
        few, what = (yes, "answered") if yes < no else (no, "did not answer")
        raise ScarceDataError(
            f"{few} of {yes + no:,} customers invited {what}",
            f"a response model needs {MINIMUM_GROUP} who did and {MINIMUM_GROUP} who did not",
            "Pool more waves",
        )
