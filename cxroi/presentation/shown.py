"""What was found, or in its place why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import CxroiError
from ..results.display import Text
from ..results.formats import titled

T = TypeVar("T")


def shown(found: Any, show: Callable[..., T], *more: Any) -> T | Text:
    """Return what a function makes of what was found, or the refusal in words.

    Parameters
    ----------
    found
        Such as ``run.drivers``; a refusal, or nothing, is said and not shown.
    show
        Such as ``cx.driver_tables.importance``.
    more
        Further arguments of it.

    Examples
    --------
    >>> print(shown(None, len))
    Nothing was asked for.
    """
    if found is None:
        return Text(("Nothing was asked for.",))
    if isinstance(found, CxroiError):
        return Text((titled(f"{str(found).rstrip('.')}."),))
    return show(found, *more)
