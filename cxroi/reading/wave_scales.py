"""Waves whose answers look as if they had been asked on another scale than the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb
import numpy as np
import numpy.typing as npt

from ..engine.quoting import ident
from ..study.declared import Study
from ..study.scales import Scale
from .waves import wave_of

_MANY = 100  # answers, of a wave and of all others together
_MOST_ANSWERS = 11  # of a scale whose single answers are looked at
_EXPECTED = 15.0  # answers at an end at which nobody answered: chance leaves none once in 3 million
_FREQUENT = 0.05
_FAR = 0.3  # share of the answers that would have to be others
Counts = npt.NDArray[np.float64]


def other_scales(
    connection: duckdb.DuckDBPyConnection, study: Study, roles: Collection[str]
) -> Iterator[str]:
    """Yield what a reader should know of waves that may have had another scale.

    A wave in which nobody gave the first or last answer of the scale, which is frequent in the
    others, may have had a shorter one; one whose answers are like those of the others counted from
    the other end, one that was turned round.

    Parameters
    ----------
    roles
        The tables that are read.
    """
    base = "responses" if study.dated else "customers"
    own = study.sources[base].columns.get("score", "")
    scores = [(base, "score", own, study.scale)]
    scores += [(s.table, f"score_{s.name}", s.column, s.scale) for s in study.scores.values()]
    for role, column, header, scale in scores:
        if role in roles and scale.maximum - scale.minimum < _MOST_ANSWERS:
            waves = _counted(connection, study, role, column, scale)
            for wave, said in _unlike(waves, scale):
                yield f"column {header!r} of [tables.{role}] in the wave {wave}: {said}"


def _counted(
    connection: duckdb.DuckDBPyConnection, study: Study, role: str, column: str, scale: Scale
) -> dict[str, Counts]:
    """Return how often each answer was given, by wave; nothing where there are no waves."""
    if not {"wave", "answered_at"} & set(study.sources[role].columns):
        return {}
    rows = connection.execute(
        f"SELECT {wave_of(study, role, 'answered_at')} AS wave, "
        f"CAST(round({ident(column)} - {scale.minimum!r}) AS INTEGER) AS place, count(*) "
        f"FROM clean_{role} WHERE {ident(column)} IS NOT NULL GROUP BY 1, 2"
    ).fetchall()
    size = round(scale.maximum - scale.minimum) + 1
    waves = {str(wave): np.zeros(size) for wave, _, _ in rows if wave is not None}
    for wave, place, n in rows:
        if wave is not None:
            waves[str(wave)][place] += n
    return waves


def _unlike(waves: dict[str, Counts], scale: Scale) -> Iterator[tuple[str, str]]:
    whole = sum(waves.values(), np.zeros(1))
    for wave in sorted(waves):
        here, n = waves[wave], waves[wave].sum()
        others = whole - here
        if n < _MANY or others.sum() < _MANY:
            continue
        usual, found = others / others.sum(), here / n
        far, turned = (np.abs(found - p).sum() / 2 for p in (usual, usual[::-1]))
        if far > _FAR and turned < far / 2:
            yield (
                wave,
                (
                    "its answers are like those of other waves counted from the other end: was its "
                    "scale turned round?"
                ),
            )
        for place in () if scale.maximum_unused else (0, -1):
            if not here[place] and usual[place] >= max(_FREQUENT, _EXPECTED / n):
                end = scale.maximum if place else scale.minimum
                share = f"{100 * usual[place]:.0f} %"
                yield (
                    wave,
                    (
                        f"none of its {n:,.0f} answers is {end:g}, which {share} of those of other "
                        "waves are: was it asked on another scale?"
                    ),
                )
