"""The change of a score since the last wave, and how much of it is who answered.

The three parts are those of Blinder (1973) and Oaxaca (1973) for segments, and add up exactly:
who answers (the mix changed, with the means of the wave before), what they say (the means
changed, with the mix of the wave before), and both at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import ident, texts
from ..errors import ModelError, ScarceDataError, nearest
from ..reading.waves import wave_of
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .contrasts import covariance, difference
from .needs import has
from .scores import answers
from .sums import Sums, mean, normal, sums_of, tidy_with_units

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

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
        return tidy_with_units([*self.levels, self.change, *self.parts, *self.segments])


def since_last_wave(tables: Tables, score: DeclaredScore, *, by: str = "") -> SinceLastWave:
    """Test the change of a score since the wave before; part it by segment.

    Answers count by their survey weight where one is declared.

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
    pair, notes = _two_waves(tables, source)
    rows, together = _rows(tables, source, pair)
    found = sums_of(tables, rows)
    unit = score.scale.score_unit
    whole = f"SELECT substr(part, 1, 1) AS part, unit, x, y FROM ({rows}) AS w"
    levels = [
        mean(one, f"{score.name}.wave.{pair[int(key)]}", unit, "mean of answers")
        for key, one in sums_of(tables, whole).items()
    ]
    change, *parts = _parted(tables, score, rows, found, pair)
    segments = _segments(tables, score, rows, found, pair) if by else ()
    return SinceLastWave(
        pair,
        tuple(levels),
        change,
        tuple(parts) if by else (),
        tuple(segments),
        (*notes, *together),
    )


def _two_waves(tables: Tables, source: str) -> tuple[tuple[str, str], list[str]]:
    """Return the last two waves of 30 answers, and which later ones have fewer."""
    counted = tables.engine.fetch(f"""
        SELECT wave, count(*), min(moment) AS m FROM ({source}) AS s
        GROUP BY wave ORDER BY m, wave""")
    waves = [str(wave) for wave, count, _ in counted if count >= MINIMUM_GROUP]
    if len(waves) < 2:
        raise ScarceDataError(
            f"{len(waves)} of {len(counted)} waves have {MINIMUM_GROUP} answers",
            "a change needs two",
            "Wait for the next",
        )
    last = [str(wave) for wave, *_ in counted].index(waves[-1])
    few = [f"{wave} ({count})" for wave, count, _ in counted[last + 1 :]]
    notes = [f"Too few answers yet to be looked at: {', '.join(few)}."] if few else []
    return (waves[-2], waves[-1]), notes


def _source(tables: Tables, score: DeclaredScore, by: str) -> str:
    """Return the SQL of answers with ``wave`` and ``segment``."""
    wave = wave_of(tables.study, score.table, "moment")
    columns = ["wave"] if has(tables, score.table, "wave") else []
    if not by:
        asked = _with_wave(answers(tables, score, *columns, needed="wave"), wave, columns)
        return f"SELECT *, '' AS segment FROM ({asked}) AS a"
    named = {
        role: [*source.attributes, *source.derive]
        for role, source in tables.study.sources.items()
        if role in ("customers", score.table)
    }
    role = next((role for role in named if by in named[role]), None)
    if role is None:
        every = [name for names in named.values() for name in names]
        raise ModelError(
            f"no attribute {by!r} of customers or answers is declared", fix=nearest(by, every)
        )
    segment = f"coalesce(CAST({ident(f'attr_{by}')} AS VARCHAR), 'unknown') AS segment"
    if role == score.table:
        asked = answers(tables, score, *columns, f"attr_{by}", needed="wave")
        return f"SELECT *, {segment} FROM ({_with_wave(asked, wave, columns)}) AS a"
    people = f"SELECT customer, {segment} FROM {tables.relation('customers')}"
    asked = _with_wave(answers(tables, score, *columns, needed="wave"), wave, columns)
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
    part = f"side || {segment} AS part, customer AS unit, w * value AS x, w AS y"
    return f"SELECT {part} FROM ({inside}) AS p", notes


def _parted(
    tables: Tables,
    score: DeclaredScore,
    rows: str,
    found: Mapping[str, Sums],
    pair: tuple[str, str],
) -> Iterator[Estimate]:
    """Yield the change and its three parts."""
    names = sorted({key[2:] for key in found})
    sums = [[found[f"{side}.{name}"] for name in names] for side in "01"]
    n0, n1 = (np.array([one.y for one in side]) for side in sums)
    m0, m1 = (np.array([one.ratio for one in side]) for side in sums)
    p0, p1 = n0 / n0.sum(), n1 / n1.sum()
    change, who, what = p1 @ m1 - p0 @ m0, (p1 - p0) @ m0, p0 @ (m1 - m0)
    errors = covariance(tables, rows, dict(_loads(names, (n0, n1), (m0, m1))))
    both = np.array([1.0, -1.0, -1.0])
    figures = {
        "change": (change, errors[0, 0], "mean of the later wave less that of the earlier"),
        "who": (who, errors[1, 1], "change by who answers, with what each segment said before"),
        "what": (what, errors[2, 2], "change by what segments say, with the mix of before"),
        "both": (change - who - what, both @ errors @ both, "change by both at once"),
    }
    n, unit = sum(one.rows for side in sums for one in side), score.scale.score_unit
    contrast = f"{pair[1]} - {pair[0]}"
    for name, (value, variance, how) in figures.items():
        error = float(np.sqrt(max(float(variance), 0.0)))
        full = f"{score.name}.since_last_wave.{name}"
        yield normal(float(value), error, full, unit, n, how, term=name, contrast=contrast)


def _loads(
    names: Sequence[str], sizes: tuple[Floats, Floats], means: tuple[Floats, Floats]
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Yield what an answer adds to the change, to who and to what: slope and shift.

    The influence values of the means and of the mix together.
    """
    (n0, n1), (m0, m1) = sizes, means
    a, b = 1 / n0.sum(), 1 / n1.sum()
    p0, p1 = a * n0, b * n1
    moved = (p1 - p0) / n0
    who_later, who_before = p1 @ m0, p0 @ m0
    what = p0 @ (m1 - m0)
    for s, name in enumerate(names):
        share = p0[s] / n1[s]
        later = (
            (b, b * (p1 @ m1)),
            (0.0, b * (who_later - m0[s])),
            (share, share * m1[s]),
        )
        yield f"1.{name}", [_floats(one) for one in later]
        before = (
            (-a, -a * who_before),
            (moved[s], moved[s] * m0[s] + a * (m0[s] - who_before)),
            (-a, -a * (m1[s] - what)),
        )
        yield f"0.{name}", [_floats(one) for one in before]


def _floats(pair: tuple[float, float]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _segments(
    tables: Tables,
    score: DeclaredScore,
    rows: str,
    found: Mapping[str, Sums],
    pair: tuple[str, str],
) -> Iterator[Estimate]:
    for name in sorted({key[2:] for key in found}):
        one = difference(
            tables,
            rows,
            found,
            (f"0.{name}", f"1.{name}"),
            name=f"{score.name}.since_last_wave.segment.{name}",
            unit=score.scale.score_unit,
            what="mean of the later wave less that of the earlier",
        )
        yield replace(one, term=name, contrast=f"{pair[1]} - {pair[0]}", group=name)
