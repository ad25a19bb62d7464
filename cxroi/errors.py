"""Every refusal: what was found, what is expected, how to fix it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Self, TypeVar

T = TypeVar("T")


class CxroiError(Exception):
    """A refusal with a message fit for the person who has to mend the input.

    Parameters
    ----------
    found
        What was found, naming the table, column or key. Never a customer's data.
    expected
        What is expected instead.
    fix
        What to do about it.
    """

    def __init__(self, found: str, expected: str = "", fix: str = "") -> None:
        self.found = found
        self.expected = expected
        self.fix = fix
        parts = [found, expected]
        message = "; ".join(part.rstrip(".;") for part in parts if part) + "."
        super().__init__(f"{message} {_sentence(fix)}".strip())

    def about(self, place: str, instead: str) -> Self:
        """Return the same refusal, said of another place."""
        parts = (self.found, self.expected, self.fix)
        return type(self)(*(part.replace(place, instead) for part in parts))


class StudyError(CxroiError):
    """The study file, or a parameter that stands for a part of it, cannot be used."""


class DataError(CxroiError):
    """A declared table cannot be read or holds what the analysis must not use."""


class ModelError(CxroiError):
    """A model cannot be fitted honestly: separation, collinearity, no convergence ..."""


class OverlapError(ModelError):
    """Hardly anybody in the one group is like the customers of the other."""


class TooManyRowsError(ModelError):
    """More rows than may be brought into memory, for a step that reads them one by one."""


class ScarceDataError(ModelError):
    """Too few rows or events to fit anything honestly; more data would mend it."""


class RareEventError(ScarceDataError):
    """Enough rows, but too few of them with the event."""


class ParameterError(CxroiError):
    """A notebook parameter or command option that cannot be used."""


class OutOfMemoryError(CxroiError):
    """DuckDB needs more memory than it may use."""


def none_left() -> OutOfMemoryError:
    """Return what is told where the system has no more memory to give."""
    return OutOfMemoryError(
        "this process got no more memory from the system",
        fix="Free some or raise its limit (ulimit -v, that of a container); with memory_limit "
        'of [study], such as "1GB", more is spilled to disk',
    )


class OutputError(CxroiError):
    """An output that cannot or must not be written."""


class Problems(CxroiError):
    """Several refusals found in one pass.

    Attributes
    ----------
    problems
        The refusals, in the order in which they were found.
    """

    def __init__(self, problems: Iterable[CxroiError]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        Exception.__init__(self, f"{len(self.problems)} problems found:\n{lines}")
        self.found, self.expected, self.fix = str(self), "", ""

    def about(self, place: str, instead: str) -> Self:
        """Return the same refusals, said of another place."""
        return type(self)(one.about(place, instead) for one in self.problems)


def raise_all(problems: Iterable[CxroiError]) -> None:
    """Raise nothing, the one problem itself, or all of them, each once, as `Problems`."""
    found = tuple({str(problem): problem for problem in problems}.values())
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)


def nearest(name: str, valid: Iterable[str]) -> str:
    """Offer the nearest valid name, or list the valid ones.

    Examples
    --------
    >>> nearest("quater", ["quarter", "study"])
    "Did you mean 'quarter'?"
    >>> nearest("xyz", ["quarter", "study"])
    'Valid: quarter, study.'
    """
    names = list(dict.fromkeys(valid))
    folded = {candidate.strip().casefold(): candidate for candidate in reversed(names)}
    close = difflib.get_close_matches(name.strip().casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {folded[close[0]]!r}?"
    return f"Valid: {', '.join(names)}." if names else "There is none to choose from."


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!")) else text + "."


def attempt(make: Callable[[], T]) -> T | CxroiError:
    """Return what is made, or the refusal of it, which holds nothing of what it came from."""
    try:
        return make()
    except CxroiError as refusal:
        refusal.__context__ = None
        return refusal.with_traceback(None)  # frames would hold every row that they saw
