"""Paths: which step follows which, how soon, and the most frequent ways through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.quoting import text, texts
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .durations import quantiles
from .needs import enough
from .sums import share, sums_within
from .touchpoints import STEPS, before_answers, keep_steps, split_by_pauses, stream

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

ARROW = " > "


@dataclass(frozen=True)
class Transition:
    """One step that follows another.

    Attributes
    ----------
    origin, target
        The two steps.
    group
        Of the score that the journey leads to; empty where there is none.
    n
        How often.
    share
        Of the steps `origin` that any step follows.
    time
        Median time between the two; None where they are fewer than 30.
    """

    origin: str
    target: str
    group: str
    n: int
    share: Estimate
    time: Estimate | None


@dataclass(frozen=True)
class Way:
    """A way through the steps, as ``home > cart > order``.

    Attributes
    ----------
    path, group
        Its steps; the group as in `Transition`.
    n
        Journeys that went this way.
    share
        Of all journeys of the group.
    """

    path: str
    group: str
    n: int
    share: Estimate


@dataclass(frozen=True, repr=False)
class Paths(TidyMixin):
    """The paths of customers.

    Attributes
    ----------
    transitions
        Pairs of steps, most frequent first; of each step those to the 50 that follow most often.
    ways
        The most frequent ways, most frequent first.
    roles
        The tables that steps come from.
    customers, journeys, steps
        How many there are; repeats of a step are one.
    window
        What a journey is, in words.
    """

    transitions: tuple[Transition, ...]
    ways: tuple[Way, ...]
    roles: tuple[str, ...]
    customers: int
    journeys: int
    steps: int
    window: str

    def tidy(self) -> pd.DataFrame:
        """Return one row a transition: n, share and median time with their intervals."""
        import pandas as pd

        columns = ["from", "to", "group", "n", "share", "share_low", "share_high"]
        columns += ["hours", "hours_low", "hours_high"]
        rows = [
            (t.origin, t.target, t.group, t.n, *_figures(t.share), *_figures(t.time))
            for t in self.transitions
        ]
        return pd.DataFrame(rows, columns=columns)

    def ways_table(self) -> pd.DataFrame:
        """Return one row a way: n, share, interval."""
        import pandas as pd

        rows = [(w.path, w.group, w.n, *_figures(w.share)) for w in self.ways]
        return pd.DataFrame(
            rows, columns=["path", "group", "n", "share", "share_low", "share_high"]
        )


def find_paths(
    tables: Tables,
    *,
    score: DeclaredScore | None = None,
    days: int = 90,
    pause_minutes: float = 30 * 24 * 60,
    longest: int = 5,
    most: int = 10,
) -> Paths:
    """Follow customers from step to step.

    Parameters
    ----------
    score
        Look at the steps in so many `days` before each answer to it, by its group. By default
        at all steps, cut into journeys.
    pause_minutes
        A pause after which a new journey begins, without a `score`: 30 days by default, 30 for
        sessions of a website.
    longest
        Steps of a way; longer ones are cut there.
    most
        Ways shown of each group.

    Raises
    ------
    ModelError
        No table of steps, or fewer than 30 journeys.
    """
    tables = tables.own_session()
    rows, roles = stream(tables)
    if score is None:
        keep_steps(tables, split_by_pauses(rows, pause_minutes))
        window = f"steps of a customer without a pause of more than {_spoken(pause_minutes)}"
    else:
        keep_steps(tables, before_answers(tables, rows, score, days))
        window = f"steps in the {days} days before an answer"
    journeys = f"SELECT unit, path, count(*) AS n FROM {STEPS} GROUP BY unit, path"
    [(customers, count, steps)] = tables.engine.fetch(
        f"SELECT count(DISTINCT unit), count(*), CAST(sum(n) AS BIGINT) FROM ({journeys}) AS j"
    )
    enough(count, "journeys, " + window)
    found, ways = _transitions(tables), _ways(tables, longest, most)
    tables.engine.execute(f"DROP TABLE {STEPS}")
    return Paths(found, ways, roles, customers, count, steps, window)


def _transitions(tables: Tables) -> tuple[Transition, ...]:
    followed = f"SELECT * FROM {STEPS} WHERE next_step IS NOT NULL"
    sums = sums_within(tables, followed, ["grp", "step"], "next_step")
    named = {key: _named(*key) for key in sums}
    frequent = [named[key] for key, one in sums.items() if one.x >= MINIMUM_GROUP]
    times = {}
    if frequent:
        part = f"CASE WHEN grp = '' THEN '' ELSE grp || ': ' END || step || {text(ARROW)}"
        timed = f"""
            SELECT {part} || next_step AS part, unit, 1 AS seen,
                   date_diff('second', moment, next_moment) AS seconds FROM ({followed}) AS s"""
        timed = f"SELECT * FROM ({timed}) AS t WHERE part IN {texts(frequent)}"
        times = quantiles(tables, timed, "time_between", "step")
    return tuple(
        Transition(
            origin=key[1],
            target=key[2],
            group=key[0],
            n=int(one.x),
            share=share(
                one,
                f"transition.{named[key]}",
                "share of steps",
                f"share of the steps {key[1]!r} that {key[2]!r} follows",
                named[key],
            ),
            time=times[named[key]][0] if named[key] in times else None,
        )
        for key, one in sums.items()
    )


def _ways(tables: Tables, longest: int, most: int) -> tuple[Way, ...]:
    steps = ", ".join(f"max(CASE WHEN place = {n} THEN step END)" for n in range(1, longest + 1))
    more = f"CASE WHEN count(*) > {longest} THEN {text(ARROW + '…')} ELSE '' END"
    rows = f"""
        SELECT unit, grp, concat_ws({text(ARROW)}, {steps}) || {more} AS way
        FROM {STEPS} GROUP BY unit, path, grp"""
    ways = []
    for (group, way), one in sums_within(tables, rows, ["grp"], "way", most).items():
        name = f"{group}: {way}" if group else way
        how = "share of journeys that went this way"
        figure = share(one, f"path.{name}", "share of journeys", how, name)
        ways.append(Way(way, group, int(one.x), figure))
    return tuple(ways)


def _named(group: str, origin: str, target: str) -> str:
    return f"{group}: {origin}{ARROW}{target}" if group else f"{origin}{ARROW}{target}"


def _figures(one: Estimate | None) -> tuple[float | None, ...]:
    return (None,) * 3 if one is None else (one.estimate, one.conf_low, one.conf_high)


def _spoken(minutes: float) -> str:
    return f"{minutes:g} minutes" if minutes < 1440 else f"{minutes / 1440:g} days"
