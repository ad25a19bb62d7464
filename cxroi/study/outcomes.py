"""What is compared between groups: outcomes of dated tables and columns of a flat file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ..errors import StudyError, nearest, raise_all
from .journey_tables import TABLES_BESIDE

KINDS = ("amount", "count", "yes_no", "rate")

# Outcomes of a dated study: what each is, the table it needs, and which way is better.
DATED_OUTCOMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "spend": ("amount", "orders", "higher"),
        "orders": ("count", "orders", "higher"),
        "repeat_purchase": ("yes_no", "orders", "higher"),
        "retained": ("yes_no", "", "higher"),
        "churned": ("yes_no", "", "lower"),
        "contacts": ("count", "contacts", "lower"),
        "returns": ("count", "returns", "lower"),
        "referrals": ("count", "referrals", "higher"),
    }
)


# Compared only where the study names it, or its scenario says what one is worth.
ASKED_FOR = "referrals"
_PERCENT = re.compile(
    r"[%％‰]|(?:^| )(?:percent(?:age|s)?|per cents?|pct|perc|prozent(?:satz|ual)?|pourcent(?:age)?|"
    r"por ?cent(?:o|aje|agem)?|por ciento|percentuale|procent|процент(?:ы|ов)?|パーセント)(?: |$)"
)


def says_percent(header: str) -> bool:
    """Whether a header says that its numbers are in per cent.

    Examples
    --------
    >>> [says_percent(name) for name in ("used (%)", "usedPct", "Auslastung_Prozent", "percentile")]
    [True, True, True, False]
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return bool(_PERCENT.search(" ".join(re.findall(r"[^\W_]+|[%％‰]", apart)).casefold()))


@dataclass(frozen=True)
class Outcome:
    """What is compared between groups, measured after the response.

    Attributes
    ----------
    name
        As in results, such as ``spend``.
    kind
        ``amount`` (money and the like), ``count``, ``yes_no``, or ``rate``: a share of each unit,
        such as the members who leave a contract.
    unit
        Unit of its mean, such as ``EUR per customer in 90 days``.
    better
        ``higher`` or ``lower``.
    matters
        Smallest gap worth acting on, in `unit`; None where it is not declared.
    column, yes, no, missing, baseline
        For a column of a flat file: where it is, and how its codes read; `baseline` names
        the column that holds the same thing before the response.
    percent
        Whether the column of a rate holds per cent, 0 to 100, and not shares; None where it is not
        declared, which reads as shares.
    amount_in
        ``cents``, or the study's currency: what column and baseline of an amount are in.
    """

    name: str
    kind: str
    unit: str
    better: str
    matters: float | None = None
    column: str = ""
    yes: tuple[Any, ...] = ()
    no: tuple[Any, ...] = ()
    missing: tuple[Any, ...] = ()
    baseline: str = ""
    percent: bool | None = None
    amount_in: str = ""


def make_outcomes(
    document: Mapping[str, Any],
    sources: Collection[str],
    churn: str,
    currency: str,
    days: int,
    worth: bool = False,
) -> tuple[Outcome, ...]:
    """Build the outcomes of a study from its ``[outcomes]`` table and the tables it declares.

    A study that declares what only metrics read may have none: `build_panel` refuses it.

    Parameters
    ----------
    worth
        Whether the scenario says what a referral is worth.

    Raises
    ------
    StudyError, Problems
        An outcome that the tables do not allow, or a flat column that is not fully declared.
    """
    section = document.get("outcomes", {})
    columns: Mapping[str, Mapping[str, Any]] = section.get("columns", {})
    if "responses" in sources:
        if columns:
            raise StudyError(
                "[outcomes.columns] is declared in a study with a responses table",
                "outcomes of a dated study are taken from its tables, after each response",
                "Drop [outcomes.columns], or put score and outcomes into one flat customers table",
            )
        possible = {o.name: o for o in _dated_outcomes(sources, churn, currency, days)}
    else:
        possible = {
            name: _flat_outcome(name, column, currency, days) for name, column in columns.items()
        }
    names = section.get("names", [n for n in possible if n != ASKED_FOR or worth or columns])
    matters: Mapping[str, float] = section.get("matters", {})
    problems = [
        StudyError(f"[outcomes] names {name!r}", fix=nearest(name, possible))
        for name in [*names, *matters]
        if name not in possible
    ] + [
        StudyError(f"[outcomes] matters of {name} is {value:g}", "it is above 0")
        for name, value in matters.items()
        if value <= 0
    ]
    beside = not set(sources).isdisjoint(TABLES_BESIDE)
    measured = beside or document.get("scores") or document.get("metrics")
    if (names and not possible) or not (names or measured):
        problems.append(no_outcome())
    raise_all(problems)
    return tuple(_with_matters(possible[name], matters.get(name)) for name in dict.fromkeys(names))


def no_outcome(expected: str = "") -> StudyError:
    """Return the refusal of a study without an outcome."""
    return StudyError(
        "the study has no outcome",
        expected,
        "Declare an orders or subscriptions table, or [outcomes.columns.NAME]",
    )


def _with_matters(outcome: Outcome, matters: float | None) -> Outcome:
    return replace(outcome, matters=matters)


def _dated_outcomes(
    sources: Collection[str], churn: str, currency: str, days: int
) -> Iterator[Outcome]:
    for name, (kind, needs, better) in DATED_OUTCOMES.items():
        needed = needs or ("subscriptions" if churn == "cancelled" else "orders")
        if needed in sources:
            yield Outcome(name, kind, _unit(kind, name, currency, days), better)


def _unit(kind: str, name: str, currency: str, days: int) -> str:
    window = f" in {days} days" if days else ""
    if kind == "yes_no":
        return f"share of customers{window}"
    if kind == "rate":
        return f"share{window}"
    what = (currency or "currency units") if kind == "amount" else name.replace("_", " ")
    return f"{what} per customer{window}"


def _flat_outcome(name: str, table: Mapping[str, Any], currency: str, days: int) -> Outcome:
    where, kind = f"[outcomes.columns.{name}]", table.get("kind", "")
    problems = []
    if "." in name or not name.strip() or name == "score":
        problems.append(
            StudyError(
                f"[outcomes.columns] names an outcome {name!r}",
                "a name is not blank, has no dot, which parts the names of results, and is not "
                "'score'",
                "Choose another name; column = ... keeps that of the file",
            )
        )
    if not table.get("column"):
        problems.append(StudyError(f"{where} has no column", fix='Add column = "..."'))
    if kind not in KINDS:
        problems.append(StudyError(f"{where} kind is {kind!r}", fix=nearest(str(kind), KINDS)))
    if table.get("better", "higher") not in ("higher", "lower"):
        problems.append(StudyError(f"{where} better is not 'higher' or 'lower'"))
    if kind != "yes_no" and (table.get("yes") or table.get("no")):
        problems.append(StudyError(f"{where} has yes or no codes, but is of kind {kind!r}"))
    problems += _of_rates(where, kind, table)
    raise_all(problems)
    known = DATED_OUTCOMES.get(name, ("", "", "higher"))
    return Outcome(
        name=name,
        kind=kind,
        unit=table.get("unit", _unit(kind, name, currency, days)),
        better=table.get("better", known[2]),
        column=table["column"],
        yes=tuple(table.get("yes", ())),
        no=tuple(table.get("no", ())),
        missing=tuple(table.get("missing", ())),
        baseline=table.get("baseline", ""),
        percent=table.get("percent"),
        amount_in=table.get("amount_in", ""),
    )


def _of_rates(where: str, kind: str, table: Mapping[str, Any]) -> Iterator[StudyError]:
    if kind != "rate" and "percent" in table:
        yield StudyError(
            f"{where} has percent, but is of kind {kind!r}",
            "percent says how the column of a rate is written",
            "Drop it, or declare kind = 'rate'",
        )
    if kind == "rate" and not table.get("unit", "share").startswith("share"):
        yield StudyError(
            f"{where} unit is {table['unit']!r}",
            "the unit of a rate begins with share, and is shown in per cent",
            "Write what it is a share of: unit = 'share of members'",
        )
