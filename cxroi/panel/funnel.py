"""Funnel: from all who were asked to those whom a plan would move, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.formats import spread
from ..study.calendars import wave_word
from .reasons import LOST_AT

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study
    from .panel import Panel

Losses = tuple[tuple[int, str], ...]

CHOSEN = "What came before is not told: rows were chosen after the panel had been built."


@dataclass(frozen=True)
class Step:
    """So many are left, and why the others of the step before are not.

    Attributes
    ----------
    name
        Stable name: ``invited``, ``answered``, ``matched``, ``mature``, ``used``, ``group``,
        ``customers``, ``offered``, ``to_be_moved``.
    title, meaning
        For a picture, and what is counted.
    unit
        ``answers`` (one customer and wave; of the invited, asked for) or ``customers``.
    losses
        Count and reason; a count below zero is of those who were not in the step before.
    begins
        Whether the count is not what is left of the step before: the first, or a declared one.
    """

    name: str
    title: str
    count: int
    unit: str
    meaning: str
    losses: Losses = ()
    begins: bool = False

    @property
    def lost(self) -> int:
        """How many fewer these are than the step before."""
        return sum(count for count, _ in self.losses)

    @property
    def why(self) -> str:
        """Why they are fewer; of several reasons each with its count."""
        return _worded(self.losses, alone=False)


@dataclass(frozen=True, repr=False)
class Funnel(TidyMixin):
    """How the answers asked for became those that are used, and the customers a plan would move.

    The count of each step is that of the step before less what was lost, exactly.

    Attributes
    ----------
    rows, set_aside
        Rows of the table of answers, and those of them that are no answer that counts: rows less
        these are the answers. None where the panel is not the one that was built from tables.
    notes
        What is not known, or not counted, in sentences.
    """

    rows: int | None
    set_aside: Losses
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Step:
        """Return the step of a name.

        Raises
        ------
        KeyError
            The study has no such step.
        """
        return {step.name: step for step in self.steps}[name]

    @property
    def bars(self) -> tuple[tuple[str, int, str], ...]:
        """What a picture shows of each step: label, count, what was lost."""
        return tuple((step.title, step.count, _worded(step.losses)) for step in self.steps)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Each count under its stable name; counts have no interval."""
        rows = [] if self.rows is None else [_rows(self.rows, self.set_aside)]
        return tuple(
            Estimate(
                name=f"funnel.{step.name}",
                estimate=float(step.count),
                conf_low=None,
                conf_high=None,
                std_error=None,
                unit=step.unit,
                n=step.count,
                method=step.meaning,
                note=_note(step),
                term=step.title,
            )
            for step in (*rows, *self.steps)
        )

    def tidy(self) -> pd.DataFrame:
        """Return one row a step: step, title, unit, count, lost, why, meaning."""
        import pandas as pd

        rows = [(s.name, s.title, s.unit, s.count, s.lost, s.why, s.meaning) for s in self.steps]
        columns = ["step", "title", "unit", "count", "lost", "why", "meaning"]
        return pd.DataFrame(rows, columns=columns)


def funnel(panel: Panel) -> Funnel:
    """Count the steps from who was asked to whom the scenario would move.

    Answers are counted as given, one a customer and wave, whatever their weights.

    Returns
    -------
    Funnel
        Without the steps that the study cannot tell of: ``invited`` needs dated invitations,
        ``matched`` a table that all customers must be in, ``mature`` dated answers,
        ``to_be_moved`` a scenario. Of a panel whose rows are not those that were built, the steps
        from ``used`` on.

    Examples
    --------
    >>> import cxroi as cx
    >>> panel = cx.build_panel(cx.read_tables(cx.load_study(cx.demo_study())))
    >>> for title, count, lost in funnel(panel).bars[:3]:
    ...     print(title, count, lost)
    Invited 16468
    Answered 4560 −11,908 no answer
    Matched 4560
    """
    role = "responses" if panel.study.dated else "customers"
    rows = panel.ledger.rows(role, "read")
    aside = [e for e in panel.ledger.entries if (e.table, e.action) == (role, "set aside")]
    if rows - sum(e.rows for e in aside) != panel.size:
        meaning = _meaning("used", panel.study)
        used = Step("used", "Used", panel.size, "answers", meaning, begins=True)
        return Funnel(None, (), (used, *_chosen(panel, used)), (CHOSEN,))
    set_aside = tuple((e.rows, e.reason) for e in aside if not _lost_at(e.reason))
    judged = [(e.rows, *at) for e in aside if (at := _lost_at(e.reason))]
    steps = (*_answers(panel, rows, set_aside, judged),)
    return Funnel(rows, set_aside, (*steps, *_chosen(panel, steps[-1])), (*_notes(panel),))


def _lost_at(reason: str) -> tuple[str, str] | None:
    return next((at for begin, at in LOST_AT.items() if reason.startswith(begin)), None)


def _answers(
    panel: Panel, rows: int, set_aside: Losses, judged: list[tuple[int, str, str]]
) -> Iterator[Step]:
    """Yield the steps in answers up to those that are used."""
    coverage, study = panel.coverage, panel.study
    count = rows - sum(lost for lost, _ in set_aside)
    asked, losses = coverage.invitations, _some()
    if asked is not None and coverage.replied is not None:
        yield Step("invited", "Invited", asked, "answers", _meaning("invited", study), begins=True)
        when = f" in {panel.quarter}" if panel.quarter else ""
        losses = _some(
            (asked - coverage.replied, f"no answer{when}"),
            (coverage.replied - count, f"answers without an invitation of their own{when}, added"),
        )
    meaning = _meaning("answered", study) + f", from {rows:,} rows read"
    meaning += f" ({_worded(set_aside, sign='')})" if set_aside else ""
    yield Step("answered", "Answered", count, "answers", meaning, losses, begins=asked is None)
    needed = "customers" in study.sources or study.churn == "cancelled"
    steps = {"matched": needed, "mature": True} if study.dated else {}
    for name in [*(name for name, there in steps.items() if there), "used"]:
        losses = _some(*((n, why) for n, at, why in judged if at == name))
        count -= sum(n for n, _ in losses)
        yield Step(name, name.capitalize(), count, "answers", _meaning(name, study), losses)


def _chosen(panel: Panel, used: Step) -> Iterator[Step]:
    """Yield those in the group moved from: answers, then customers, then the plan."""
    study, origin = panel.study, f"'{panel.study.origin}'"
    table = panel.tidy().groupby("group", observed=True)["responses"].sum()
    others = [(int(n), f"in '{group}'") for group, n in table.items() if group != study.origin]
    count = used.count - sum(n for n, _ in others)
    meaning = f"answers in {origin}, which '{study.target}' is held against"
    yield Step("group", f"In {origin}", count, "answers", meaning, _some(*others))
    customers = panel.origin_customers
    later = count - customers, "answers that the same customer followed by a later one"
    meaning = f"customers, no longer answers: those whose latest answer is in {origin}"
    title = f"Customers in {origin}"
    yield Step("customers", title, customers, "customers", meaning, _some(later))
    if study.scenario is None:
        return
    if study.scenario.from_customers:
        customers = study.scenario.from_customers
        meaning = "customers whom the scenario declares to be reached (from_customers)"
        yield Step("offered", "Offered", customers, "customers", meaning, begins=True)
    share = study.scenario.share_moved
    moved = round(customers * share.central)
    meaning = f"a plan, not data: {spread(share.low, share.likely, share.high)} of the customers"
    losses = _some((customers - moved, "not planned"))
    yield Step("to_be_moved", "To be moved (plan)", moved, "customers", meaning, losses)


def _meaning(name: str, study: Study) -> str:
    wave = wave_word(study)
    each = f"one a customer and {wave}" if study.waved else "one a customer"
    place = ["in the customers table"] * ("customers" in study.sources)
    place += ["with a subscription"] * (study.churn == "cancelled")
    return {
        "invited": f"answers asked for, one a customer and {wave}",
        "answered": f"answers that count, {each}",
        "matched": f"answers of customers {' and '.join(place)}",
        "mature": f"answers followed by {study.outcome_days} days of data, "
        f"up to {study.complete_until}",
        "used": "answers from which gaps are taken, where the outcome is known",
    }[name]


def _notes(panel: Panel) -> Iterator[str]:
    study, coverage = panel.study, panel.coverage
    if coverage.invitations is None:
        yield _uninvited(panel)
    if coverage.strangers:
        yield (
            f"Answers of customers who occur in no other table: {coverage.strangers:,}. They are "
            "used, and their outcomes read as zero."
        )
    if "weight" in {key for source in study.sources.values() for key in source.columns}:
        yield "Answers are counted as given, whatever their survey weight."
    if study.scenario is None:
        yield "No [scenario] says how many are to be moved."


def _uninvited(panel: Panel) -> str:
    if "invitations" not in panel.study.sources:
        return "How many were asked is not known: the study has no table of invitations."
    if "invited_at" not in panel.study.sources["invitations"].columns:
        return "How many were asked is not known: the invitations have no dates."
    wave = panel.quarter or f"any {wave_word(panel.study)}"
    return f"How many were asked is not known: no invitation is known to be of {wave}."


def _note(step: Step) -> str:
    """Say how many fewer or more there are, or how many rows are no answer, and why."""
    how = "set aside" if step.begins else "fewer" if step.lost >= 0 else "more"
    lost = f"{abs(step.lost):,} {how}: {step.why}; " if step.losses else ""
    return f"{lost}not estimated, so without an interval"


def _rows(rows: int, set_aside: Losses) -> Step:
    meaning = "rows of the table of answers; those set aside are no answer that counts"
    return Step("rows", "Rows read", rows, "rows", meaning, set_aside, begins=True)


def _some(*losses: tuple[int, str]) -> Losses:
    return tuple(loss for loss in losses if loss[0])


def _worded(losses: Losses, sign: str = "−", *, alone: bool = True) -> str:
    """Word losses with their counts; with `alone`, one loss has its count too."""
    if len(losses) == 1 and not alone:
        return losses[0][1]
    return "; ".join(f"{sign if n > 0 else '+'}{abs(n):,} {why}" for n, why in losses)
