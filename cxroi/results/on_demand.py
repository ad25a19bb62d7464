"""On demand: parts of a result that are made when they are first asked for.

A result holds findings, which can be written and read, and beside them what is fitted. A field
declared with `FITTED` holds the latter; one declared with `LATER` a finding that costs something
and is made when somebody asks, or when the result is written. Either may be given as it is, or
as an `OnDemand`; whoever reads the field gets the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_KEY = "on demand"
FITTED: Mapping[str, str] = MappingProxyType({_KEY: "fitted"})
LATER: Mapping[str, str] = MappingProxyType({_KEY: "later"})


class OnDemand(Generic[T]):
    """A value that is made when it is first asked for, once."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Callable[[], T] | None = make
        self._made: list[T] = []

    def __call__(self) -> T:
        """Return the value."""
        if self._make is not None:
            self._made.append(self._make())
            self._make = None  # with all that it held
        return self._made[0]


def later(make: Callable[[], T]) -> T:
    """Return an `OnDemand` where a field is wanted: whoever reads the field gets the value."""
    return OnDemand(make)  # type: ignore[return-value]


def on_demand(result: type[T]) -> type[T]:
    """Let the fields of a dataclass that are declared `FITTED` or `LATER` be given on demand."""
    for field in fields(result):  # type: ignore[arg-type]
        if _KEY in field.metadata:
            setattr(result, field.name, _Field(field.name))
    return result


def findings(result: Any) -> Iterator[str]:
    """Yield the names of the fields that hold findings."""
    for field in fields(result):
        if field.metadata.get(_KEY) != FITTED[_KEY] and field.init:
            yield field.name


def again(result: T, make: Callable[[], Any]) -> T:
    """Return a result that was read, with what is fitted made anew when it is asked for.

    Parameters
    ----------
    make
        Makes the whole result anew.
    """
    made = OnDemand(make)

    def of(name: str) -> OnDemand[Any]:
        return OnDemand(lambda: getattr(made(), name))

    given = {
        field.name: of(field.name)
        if field.metadata.get(_KEY) == FITTED[_KEY]
        else _held(result, field.name)
        for field in fields(result)  # type: ignore[arg-type]
    }
    return type(result)(**given)


def _held(result: Any, name: str) -> Any:
    return result.__dict__.get(f"_{name}", result.__dict__.get(name))


class _Field:
    """A field of a frozen dataclass; what it holds on demand is made when it is read."""

    def __init__(self, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, result: Any, owner: type) -> Any:
        if result is None:
            return self
        held = result.__dict__[self._name]
        return held() if isinstance(held, OnDemand) else held

    def __set__(self, result: Any, value: Any) -> None:
        result.__dict__[self._name] = value
