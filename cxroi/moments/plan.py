"""One plan of sums: what several estimates ask of the same rows is asked at once.

Estimates are written one after the other, as if each were alone. Under a plan each runs until it
asks its engine for something and then waits while the others run as far; when all of them wait,
what they ask of the same rows, grouped alike, becomes one statement. So rounds of Newton's method
go in step over all outcomes. One estimate runs at a time (its thread holds the baton), in the
order given, so that nothing depends on timing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from .wide_statements import Ask, answer_all

if TYPE_CHECKING:
    from ..engine.answers import Records

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_HERE = threading.local()


class _Stopped(BaseException):
    """Raised inside a task of a plan that failed elsewhere, so that its thread ends."""


@dataclass(eq=False)
class _Task(Generic[T_co]):
    """One estimate: its thread, what it waits for, and how it ended."""

    plan: _Plan
    make: Callable[[], T_co]
    parent: _Task[object] | None
    baton: threading.Event = field(default_factory=threading.Event)
    ask: Ask | None = None
    answer: Records = field(default_factory=list)
    children: int = 0
    ended: bool = False
    value: list[T_co] = field(default_factory=list)
    error: BaseException | None = None

    def run(self) -> None:
        """Run in a thread of its own."""
        _HERE.task = self
        self.baton.wait()
        try:
            if not self.plan.stopped:
                self.value.append(self.make())
        except BaseException as error:  # handed to whoever asked for the result
            self.error = error
        self.ended = True
        if self.parent is not None:
            self.parent.children -= 1
        self.plan.turn.set()

    def wait(self) -> None:
        """Give the baton back until it comes again."""
        self.baton.clear()
        self.plan.turn.set()
        self.baton.wait()
        if self.plan.stopped:
            raise _Stopped

    def result(self) -> T_co:
        """Return the value, or raise what the task raised."""
        if self.error is not None:
            raise self.error
        return self.value[0]


@dataclass(eq=False)
class _Plan:
    """The tasks under way; its thread hands the baton round."""

    tasks: list[_Task[object]] = field(default_factory=list)
    turn: threading.Event = field(default_factory=threading.Event)
    stopped: bool = False

    def begin(
        self, makes: Sequence[Callable[[], T]], parent: _Task[object] | None
    ) -> list[_Task[T]]:
        """Start the threads of more tasks; none runs before it has the baton."""
        begun = [_Task(self, make, parent) for make in makes]
        for task in begun:
            threading.Thread(target=task.run, daemon=True, name="cxroi plan").start()
        self.tasks += begun
        if parent is not None:
            parent.children += len(begun)
        return begun

    def run(self) -> None:
        """Hand the baton round until every task has ended."""
        try:
            while self.tasks:
                self._let_run()
                waiting = [task for task in self.tasks if task.ask is not None]
                asks = [task.ask for task in waiting if task.ask is not None]
                for task, answer in zip(waiting, answer_all(asks), strict=True):
                    task.ask, task.answer = None, answer
        except BaseException:
            self.stopped = True
            while self.tasks:
                for task in self.tasks:
                    task.ask, task.children = None, 0
                self._let_run()
            raise

    def _let_run(self) -> None:
        """Let each task run that can, and those that it began, until all wait or have ended."""
        ready = self._ready()
        while ready:
            for task in ready:
                self.turn.clear()
                task.baton.set()
                self.turn.wait()
            self.tasks = [task for task in self.tasks if not task.ended]
            ready = self._ready()

    def _ready(self) -> list[_Task[object]]:
        return [task for task in self.tasks if task.ask is None and not task.children]


def together(makes: Sequence[Callable[[], T]]) -> list[T]:
    """Make several results from the same engine, their asks united; return them in order.

    Inside a plan they join it. The first error, in the order given, is raised.

    Examples
    --------
    >>> together([lambda: 1, lambda: 2])
    [1, 2]
    """
    if len(makes) < 2:
        return [make() for make in makes]
    parent: _Task[object] | None = getattr(_HERE, "task", None)
    if parent is not None and not getattr(_HERE, "alone", False):
        begun = parent.plan.begin(makes, parent)
        parent.wait()
        return [task.result() for task in begun]
    plan = _Plan()
    begun = plan.begin(makes, None)
    plan.run()
    return [task.result() for task in begun]


def answered(ask: Ask) -> Records:
    """Return the answer to an ask: at once, or with those of the others under a plan."""
    task: _Task[object] | None = getattr(_HERE, "task", None)
    if task is None or getattr(_HERE, "alone", False):
        return answer_all([ask])[0]
    task.ask = ask
    task.wait()
    return task.answer


@contextmanager
def alone() -> Iterator[None]:
    """Ask at once, without the others: for what must be made once and then be there for all."""
    before = getattr(_HERE, "alone", False)
    _HERE.alone = True
    try:
        yield
    finally:
        _HERE.alone = before


class cached_property(Generic[T]):  # noqa: N801  as in functools
    """A property that is computed once, without the lock that functools has up to Python 3.11.

    A task that waits inside a locked property would keep all others from it for good.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        if self._name not in instance.__dict__:
            instance.__dict__[self._name] = self._make(instance)
        found: T = instance.__dict__[self._name]
        return found
