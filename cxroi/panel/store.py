"""Store: what was made of a panel, kept beside it so that it is made once.

A panel never changes, so whatever follows from it alone stays right as long as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from ..moments.plan import alone

T = TypeVar("T")


class Store:
    """Values by what they were made from.

    Parameters
    ----------
    limit
        Most bytes that the values may take together; those not used for longest go first.
    """

    def __init__(self, limit: float = float("inf")) -> None:
        self._limit, self._used = limit, 0
        self._held: dict[Hashable, tuple[Any, int]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held

    def get(
        self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] | None = None
    ) -> T:
        """Return the value of a key, made at the first time.

        Parameters
        ----------
        key
            Names all that the value depends on besides the panel that holds the store.
        size
            Bytes of a value; where it is not given a value takes none.
        """
        if key in self._held:
            self._held[key] = value, _ = self._held.pop(key)  # the last to go
            return value  # type: ignore[no-any-return]
        with alone():  # whoever asks meanwhile would make it a second time
            made = make()
        self._hold(key, made, size(made) if size else 0)
        return made

    def _hold(self, key: Hashable, value: object, size: int) -> None:
        if size > self._limit:
            return
        self._held[key] = value, size
        self._used += size
        while self._used > self._limit:
            self._used -= self._held.pop(next(iter(self._held)))[1]
