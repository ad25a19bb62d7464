"""The change of a score since the last wave, and how much of it is who answered.

The three parts are those of Blinder (1973) and Oaxaca (1973) for segments, and add up exactly:
who answers (the mix changed, with the means of the wave before), what they say (the means
changed, with the mix of the wave before), and both at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import ident, texts
from ..errors import ModelError, nearest
from ..reading.waves import wave_of
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from .needs import enough, has
from .scores import Score, answers
from .sums import Sums, covariance, mean, normal, sums_of

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables

FEWEST = 10  # answers of a segment in each wave; smaller ones are taken together
FEW = "(few)"


@dataclass(frozen=True, repr=False)
class SinceLastWave(TidyMixin):
    """The change between two waves.

    Attributes
    ----------
    waves
        The two, earlier first.
    levels
        The score of each.
    change
        Later less earlier, tested; customers of both waves accounted.
    parts
        Who answers, what they say, and both at once: they add up to `change`. Empty without
        segments.
    segments
        The change in each segment.
    notes
        What was taken together.
    """

    waves: tuple[str, str]
    levels: tuple[Estimate, ...]
    change: Estimate
    parts: tuple[Estimate, ...]
    segments: tuple[Estimate, ...]
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return levels, change, its parts and segments, one row each."""
        return tidy_table([*self.levels, self.change, *self.parts, *self.segments])


def since_last_wave(tables: Tables, score: Score, *, by: str = "") -> SinceLastWave:
    """Test the change of a score since the wave before; part it by segment.

    Answers count alike; survey weights are not used.

    Parameters
    ----------
    by
        An attribute of customers or responses, such as ``segment``.

    Raises
    ------
    ModelError
        Fewer than two waves, 30 answers in each, or no such attribute.
    """
    tables = tables.own_session()
    source = _source(tables, score, by)
    waves = [
        wave
        for wave, _ in tables.engine.fetch(
            f"SELECT wave, min(moment) AS m FROM ({source}) AS s GROUP BY wave ORDER BY m, wave"
        )
    ]
    if len(waves) < 2:
        raise ModelError(
            f"the answers are of {len(waves)} wave", "a change needs two", "Wait for the next"
        )
    pair = (str(waves[-2]), str(waves[-1]))
    rows, notes = _rows(tables, source, pair)
    found = sums_of(tables.engine, rows)
    for wave, place in zip(pair, "01", strict=True):
        count = sum(one.rows for key, one in found.items() if key[0] == place)
        enough(count, f"answers in wave {wave}")
    whole = f"SELECT substr(part, 1, 1) AS part, unit, x, y FROM ({rows}) AS w"
    levels = [
        mean(one, f"{score.name}.wave.{pair[int(key)]}", score.unit, "mean of answers")
        for key, one in sums_of(tables.engine, whole).items()
    ]
    change, *parts = _parted(tables, score, rows, found, pair)
    segments = _segments(tables, score, rows, found, pair) if by else []
    return SinceLastWave(
        pair, tuple(levels), change, tuple(parts) if by else (), tuple(segments), tuple(notes)
    )


def _source(tables: Tables, score: Score, by: str) -> str:
    """Return the SQL of answers with ``wave`` and ``segment``."""
    wave = wave_of(tables.study, score.role, "moment")
    columns = ["wave"] if has(tables, score.role, "wave") else []
    if not by:
        asked = _with_wave(answers(tables, score, *columns), wave, columns)
        return f"SELECT *, '' AS segment FROM ({asked}) AS a"
    named = {
        role: [*source.attributes, *source.derive]
        for role, source in tables.study.sources.items()
        if role in ("customers", score.role)
    }
    role = next((role for role in named if by in named[role]), None)
    if role is None:
        every = [name for names in named.values() for name in names]
        raise ModelError(
            f"no attribute {by!r} of customers or answers is declared", fix=nearest(by, every)
        )
    segment = f"coalesce(CAST({ident(f'attr_{by}')} AS VARCHAR), 'unknown') AS segment"
    if role == score.role:
        asked = answers(tables, score, *columns, f"attr_{by}")
        return f"SELECT *, {segment} FROM ({_with_wave(asked, wave, columns)}) AS a"
    people = f"SELECT customer, {segment} FROM {tables.relation('customers')}"
    asked = _with_wave(answers(tables, score, *columns), wave, columns)
    return f"""
        SELECT a.*, coalesce(c.segment, 'unknown') AS segment FROM ({asked}) AS a
        LEFT JOIN ({people}) AS c ON c.customer = a.customer"""


def _with_wave(asked: str, wave: str, columns: list[str]) -> str:
    return asked if columns else f"SELECT *, {wave} AS wave FROM ({asked}) AS w"


def _rows(tables: Tables, source: str, pair: tuple[str, str]) -> tuple[str, list[str]]:
    """Return rows whose part is ``0.`` or ``1.`` and the segment, small ones taken together."""
    later = f"CASE WHEN wave = {texts([pair[1]])[1:-1]} THEN '1.' ELSE '0.' END"
    inside = f"SELECT *, {later} AS side FROM ({source}) AS s WHERE wave IN {texts(pair)}"
    counts = tables.engine.fetch(f"""
        SELECT segment, count(CASE WHEN side = '0.' THEN 1 END),
               count(CASE WHEN side = '1.' THEN 1 END)
        FROM ({inside}) AS i GROUP BY segment ORDER BY count(*) DESC, segment""")
    small = [str(name) for name, *sizes in counts if min(sizes) < FEWEST]
    large = [str(name) for name, *sizes in counts if min(sizes) >= FEWEST]
    sizes = {str(name): (a, b) for name, a, b in counts}
    if small and large and 0 in np.sum([sizes[name] for name in small], axis=0):
        small.append(large.pop())  # in one wave nobody is of them: the next larger joins
    segment, notes = "segment", []
    if small:
        segment = f"CASE WHEN segment IN {texts(small)} THEN '{FEW}' ELSE segment END"
        notes.append(
            f"Taken together, each with under {FEWEST} answers in a wave: "
            f"{', '.join(sorted(small))}."
        )
    return f"SELECT side || {segment} AS part, unit, value AS x, 1 AS y FROM ({inside}) AS p", notes


def _parted(
    tables: Tables, score: Score, rows: str, found: Mapping[str, Sums], pair: tuple[str, str]
) -> list[Estimate]:
    """Return the change and its three parts."""
    names = sorted({key[2:] for key in found})
    sums = [[found[f"{side}.{name}"] for name in names] for side in "01"]
    n0, n1 = (np.array([one.y for one in side]) for side in sums)
    m0, m1 = (np.array([one.ratio for one in side]) for side in sums)
    p0, p1 = n0 / n0.sum(), n1 / n1.sum()
    who, what = float((p1 - p0) @ m0), float(p0 @ (m1 - m0))
    total = float(p1 @ m1 - p0 @ m0)
    # What an answer of value v in segment s adds to the change, to who and to what: slope and
    # shift, the influence values of the means and of the mix together.
    loads: dict[str, list[tuple[float, float]]] = {}
    for s, name in enumerate(names):
        a, b = 1 / n0.sum(), 1 / n1.sum()
        loads[f"1.{name}"] = [
            (b, b * float(p1 @ m1)),
            (0.0, -b * float(m0[s] - p1 @ m0)),
            (float(p0[s] / n1[s]), float(p0[s] / n1[s] * m1[s])),
        ]
        moved = float((p1[s] - p0[s]) / n0[s])
        loads[f"0.{name}"] = [
            (-a, -a * float(p0 @ m0)),
            (moved, moved * float(m0[s]) + a * float(m0[s] - p0 @ m0)),
            (-a, -a * float(m0[s]) - a * float(m1[s] - m0[s] - what)),
        ]
    errors = covariance(tables.engine, rows, loads)
    both = np.array([1.0, -1.0, -1.0])
    figures = {
        "change": (total, errors[0, 0], "mean of the later wave less that of the earlier"),
        "who": (who, errors[1, 1], "change by who answers, with what each segment said before"),
        "what": (what, errors[2, 2], "change by what segments say, with the mix of before"),
        "both": (total - who - what, both @ errors @ both, "change by both at once"),
    }
    n = int(n0.sum() + n1.sum())
    contrast = f"{pair[1]} - {pair[0]}"
    return [
        normal(
            value, float(np.sqrt(max(variance, 0.0))), f"{score.name}.since_last_wave.{name}",
            score.unit, n, how, term=name, contrast=contrast,
        )
        for name, (value, variance, how) in figures.items()
    ]  # fmt: skip


def _segments(
    tables: Tables, score: Score, rows: str, found: Mapping[str, Sums], pair: tuple[str, str]
) -> list[Estimate]:
    made = []
    for name in sorted({key[2:] for key in found}):
        first, second = found[f"0.{name}"], found[f"1.{name}"]
        loads = {
            f"0.{name}": [(-1 / first.y, -first.ratio / first.y)],
            f"1.{name}": [(1 / second.y, second.ratio / second.y)],
        }
        error = float(np.sqrt(covariance(tables.engine, rows, loads)[0, 0]))
        made.append(
            normal(
                second.ratio - first.ratio, error, f"{score.name}.since_last_wave.segment.{name}",
                score.unit, first.rows + second.rows, "mean of the later wave less the earlier",
                term=name, contrast=f"{pair[1]} - {pair[0]}", group=name,
            )
        )  # fmt: skip
    return made
