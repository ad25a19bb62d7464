"""Retention and churn: columns that say the one where the outcome is the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import DataError
from ...study.outcomes import Outcome
from ..staging import Cell
from .shares import percent

_LEFT = re.compile(
    r"churn|cancell?ed|cancell?ation|attrit|gek[uü]e?ndigt|k[uü]e?ndigung|abgewandert|r[eé]sili"
    r"|\b(?:left|lost|quit|gone|exited|inactive|inaktiv|lapsed|leaver|terminated|perdu|baja)\b"
)
_STAYED = re.compile(
    r"retain|retention|renew|\b(?:stay(?:s|ed)?|kept|active|aktiv|activ[oa]|geblieben|loyal)\b"
)
_NEGATED = re.compile(r"\b(?:no|not|non|never|without|nicht|kein|ohne|pas|sin)\b|\bun|\bnot|\bnon")
_SEVERAL = 20  # answers of which a share is told


def refuse_turned(cell: Cell, declared: Outcome) -> None:
    """Refuse yes and no whose column, or codes, say the contrary of the outcome.

    Raises
    ------
    DataError
        The header says that customers left where the outcome is that they stayed, or the other
        way round, and no codes are declared; or a code of yes says so.
    """
    means = _says(declared.name)
    if not means:
        return
    other, known = ("left", "retained") if means == "stayed" else ("stayed", "churned")
    instead = "churned" if known == "retained" else "retained"
    where = f"[outcomes.columns.{declared.name}]"
    turned = [str(code) for code in declared.yes if _says(str(code)) == other]
    if turned:
        raise DataError(
            f"yes of {where} holds {turned[0]!r}, which says that the customer {other}",
            f"yes of {declared.name!r} are the codes of those who {means}",
            f"Write it under no, or declare the outcome {instead!r} in its place",
        )
    if _says(cell.column) == other and not (declared.yes or declared.no):
        raise DataError(
            f"{cell} says by its name which customers {other}, and is declared as the outcome "
            f"{declared.name!r}, those who {means}",
            "it is declared which codes mean what where the two differ",
            f"Declare it as [outcomes.columns.{instead}], or the codes under {where}: yes those "
            f"of customers who {means}, no the others, such as yes = [0] and no = [1]",
        )


def warn_of_turned(
    cell: Cell, declared: Outcome, mean: float | None, held: int
) -> Iterator[tuple[int, str]]:
    """Yield a warning where most have left, or a rate has a name that says the contrary.

    Parameters
    ----------
    mean
        Share of yes, or mean of a rate from 0 to 1, over the `held` cells that are not blank.
    """
    means = _says(declared.name)
    if not means or mean is None or held < _SEVERAL:
        return
    turned = declared.kind == "rate" and _says(cell.column) not in ("", means)
    stayed = mean if means == "stayed" else 1 - mean
    if turned or stayed < 1 / 2:
        yield (
            held,
            f"By {cell} {percent(round(stayed * held), held)} of {held:,} stayed: does it say who "
            f"{'left' if means == 'stayed' else 'stayed'}, and not who {means}, as the outcome "
            f"{declared.name!r} has it?",
        )


def _says(name: str) -> str:
    """Return whether a name says that customers stayed or left; empty where it says neither."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.sub(r"[\W_\d]+", " ", words).casefold().strip()
    said = [word for word, found in (("stayed", _STAYED), ("left", _LEFT)) if found.search(words)]
    return said[0] if len(said) == 1 and not _NEGATED.search(words) else ""
