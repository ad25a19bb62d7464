"""Invitations: who was asked, what was known of them before, and who answered.

A customer counts once a calendar quarter, at the first invitation of it: a reminder is no new
invitation, and nothing that is measured before can follow from having answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .errors import ModelError, ScarceDataError
from .nonresponse_sql import (
    answers_of_invited,
    baselines,
    invitations_dated,
    invited_once,
    population,
)
from .panel_sql import EVENTS, continued, one_per_wave
from .sample import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats, Integers
    from .panel import Panel
    from .study import Study
    from .tables import Tables

DECLARE = "Declare [tables.invitations] with path, customer and invited_at"


@dataclass(frozen=True)
class Invitations:
    """Everyone invited, a row per customer and quarter.

    Attributes
    ----------
    frame
        Columns ``invitation`` (its number), ``customer``, ``answered``, ``<outcome>_before``
        (in the baseline window before the invitation) and ``attr_<name>`` of `attributes`.
    attributes
        Controls of the study that are known of every customer.
    replies
        Number of the invitation by number of the panel's answer; others answer none of these.
    notes
        What was left out, in sentences.
    """

    frame: pd.DataFrame = field(compare=False)
    attributes: tuple[str, ...]
    replies: pd.Series[int] = field(compare=False)
    notes: tuple[str, ...]

    @cached_property
    def answered(self) -> Flags:
        """Whether each of them answered."""
        return self.frame["answered"].to_numpy(dtype=bool)

    @cached_property
    def customers(self) -> Integers:
        """The customer of each row, coded from zero."""
        return np.asarray(self.frame["customer"].factorize()[0], dtype=np.int64)

    def for_answers(self, values: Floats, answers: pd.Series[int]) -> Floats:
        """Give each answer the value of its invitation; NaN where it has none."""
        import pandas as pd

        by_invitation = pd.Series(values, index=self.frame["invitation"])
        by_answer = self.replies.map(by_invitation).reindex(answers)
        return np.asarray(by_answer, dtype=np.float64)


def read_invitations(panel: Panel) -> Invitations:
    """Find everyone who was invited in the quarters of a panel, where the tables are.

    The answers are numbered anew, since another panel may have been built from the tables; the
    spells of subscriptions are as the panel left them, the same for every quarter.

    Raises
    ------
    ModelError
        Undated study, no (dated) invitations, none that can be looked at, everybody answered.
    ScarceDataError
        Fewer than 30 who answered, or who did not.
    """
    study = panel.study
    _refuse_undeclared(study)
    tables = panel.tables.apart()
    engine, attributes = tables.engine, _attributes(study)
    engine.execute(one_per_wave(tables, panel.quarter))
    if study.churn == "cancelled":
        engine.execute(continued(tables))
    engine.execute(invitations_dated(tables))
    engine.execute(invited_once(tables, panel.quarter))
    for role in EVENTS:
        if role in study.sources:
            engine.execute(baselines(tables, role))
    frame = engine.frame(population(tables, attributes))
    replies = engine.frame(answers_of_invited(tables)).set_index("response")["invitation"]
    found = Invitations(frame, tuple(attributes), replies, tuple(_notes(panel, tables, attributes)))
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
    if "invited_at" not in study.sources["invitations"].columns:
        raise ModelError(
            "[tables.invitations] has no invited_at",
            "what is known of a customer must be known before the invitation",
            'Add invited_at = "name of the column"',
        )


def _refuse_scarce(found: Invitations) -> None:
    yes, no = int(found.answered.sum()), int((~found.answered).sum())
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
