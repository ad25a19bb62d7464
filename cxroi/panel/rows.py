"""The rows of a panel left in their engine, ready for sums: groups, cells, a subsample of them.

A panel of millions of rows is never fetched. Its rows get the position of their group and the
number of their cell: the combination of group and categories that they are in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..engine.literals import literal, numbering
from ..engine.quoting import ident
from ..errors import DataError
from .in_engine import PanelEngineRows

if TYPE_CHECKING:
    import pandas as pd

    from ..engine.engines import Engine
    from ..study.declared import Study
    from ..study.scales import Scale

# Above it a category is not made part of the cells, but a column of its own.
MOST_CELLS = 20_000
LOOKED_AT = 200_000
SUBSAMPLE_ROWS = 1_000_000  # near enough to all rows for three passes, however many these are
_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL)\b")


def make_rows(
    engine: Engine,
    relation: str,
    *,
    scale: Scale,
    cuts: Sequence[float],
    categories: Sequence[str] = (),
    kept: bool = True,
    suffix: str = "rows",
) -> PanelEngineRows:
    """Return the rows of a relation with their groups and cells.

    Parameters
    ----------
    relation
        With the columns of a panel; what stands after FROM.
    cuts
        Lowest scores of all groups but the lowest.
    categories
        Columns that may enter a model as categories.
    kept
        Keep the rows with their cells in a table of the engine; else they are read from
        `relation` at each pass, which suits one that is wide and read in place.
    suffix
        Part of the names of temporary tables, so that several may stand side by side.
    """
    types = column_types(engine, relation)
    grouped = f"(SELECT *, {group_sql(scale, cuts)} AS grp FROM {relation} AS p)"
    cells, sizes = _cells(engine, grouped, _few(engine, relation, categories))
    types |= {"grp": "number", "cell": "number"}
    name, subsample = f"panel_{suffix}", ""
    select = f"SELECT r.*, c.cell FROM {grouped} AS r JOIN {numbering(cells)}"
    if kept:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
        subsample = make_subsample(engine, name, f"{name}_subsample", sum(sizes))
    elif step := subsample_step(sum(sizes)):
        subsample, share = f"{name}_subsample", f"TABLESAMPLE SYSTEM ({100 / step} PERCENT)"
        some = select.replace(" AS p)", f" AS p {share})", 1)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {subsample} AS {some}")
    return PanelEngineRows(
        engine, name if kept else grouped, cells, types, kept, sizes, subsample=subsample
    )


def make_subsample(engine: Engine, relation: str, subsample: str, count: int) -> str:
    """Keep some of many rows in a table of their own; return its name, empty for few rows."""
    step = subsample_step(count)
    if not step:
        return ""
    # Responses are numbered by customer and wave: as they come, a subsample may be of one wave.
    mixed = f"CAST(floor(response * 7919e0 / 1024e0) AS BIGINT) % {step} = 0"
    some = f"SELECT * FROM {relation} WHERE {mixed}"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {subsample} AS {some}")
    return subsample


def subsample_step(count: int) -> int:
    """Return one row of how many is in the subsample; zero for no subsample of few rows."""
    step = count // SUBSAMPLE_ROWS
    return step if step >= 4 else 0


def _cells(
    engine: Engine, grouped: str, categories: list[str]
) -> tuple[dict[str, tuple[object, ...]], tuple[int, ...]]:
    """Return the combinations of group and categories that occur, and how often each does."""
    while True:
        keys = ["grp", *categories]
        chosen = ", ".join(map(ident, keys))
        found = engine.fetch(f"SELECT {chosen}, count(*) FROM {grouped} AS g GROUP BY {chosen}")
        if len(found) <= MOST_CELLS or not categories:
            break
        categories = categories[:-1]
    ordered = sorted(found, key=lambda row: [(value is not None, value) for value in row[:-1]])
    cells = {key: tuple(row[n] for row in ordered) for n, key in enumerate(keys)}
    return cells, tuple(int(row[-1]) for row in ordered)


def column_types(engine: Engine, relation: str) -> dict[str, str]:
    """Return what each column of a relation holds: ``number``, ``category`` or ``date``."""
    found = {}
    for name, kind, *_ in engine.fetch(f"DESCRIBE SELECT * FROM {relation} AS p"):
        dated = kind.upper().startswith(("DATE", "TIME"))
        number = _NUMBER.match(kind.upper())
        found[name] = "date" if dated else "number" if number else "category"
    return found


def group_sql(scale: Scale, cuts: Sequence[float]) -> str:
    """Return the SQL of the position of a score's group among the scale's labels, worst first."""
    above = [f"(CASE WHEN score >= {literal(cut)} THEN 1 ELSE 0 END)" for cut in cuts]
    higher = " + ".join(above) or "0"
    sql = higher if scale.better == "higher" else f"{len(scale.labels) - 1} - ({higher})"
    return f"CAST({sql} AS INTEGER)"


def _few(engine: Engine, relation: str, categories: Sequence[str]) -> list[str]:
    """Return the categories whose combinations stay few, by a look at some rows, fewest first."""
    if not categories:
        return []
    counts = ", ".join(f"count(DISTINCT {ident(name)})" for name in categories)
    names = ", ".join(map(ident, categories))
    seen = f"SELECT {names} FROM {relation} AS p LIMIT {LOOKED_AT}"
    [sizes] = engine.fetch(f"SELECT {counts} FROM ({seen}) AS s")
    room, chosen = MOST_CELLS // 3, []
    for size, name in sorted(zip(sizes, categories, strict=True)):
        room //= int(size) + 1
        if room < 1:
            break
        chosen.append(name)
    return chosen


def cut_scores(study: Study, counts: Sequence[tuple[float, int]]) -> Sequence[float]:
    """Return the lowest scores of all groups but the lowest.

    Parameters
    ----------
    counts
        Each score of all valid answers, and how often it was given.

    Raises
    ------
    DataError
        Quantile groups are declared, and there are too few different scores for them.
    """
    scale = study.scale
    if not scale.quantiles:
        return scale.cuts
    scores, sizes = map(np.array, zip(*sorted(counts), strict=True))
    places = np.ceil(np.arange(1, scale.quantiles) / scale.quantiles * (sizes.sum() - 1))
    cuts = np.unique(scores[np.searchsorted(np.cumsum(sizes), places, side="right")])
    if len(cuts) + 1 < scale.quantiles or cuts[0] <= scores[0]:
        raise DataError(
            f"the scores have too few different values for {scale.quantiles} quantile groups",
            fix=f"Declare {'fewer quantiles, or ' * (scale.quantiles > 2)}cuts = [...] in [scale]",
        )
    return [float(one) for one in cuts]


def cut(study: Study, cuts: Sequence[float], scores: pd.Series[float]) -> pd.Categorical[str]:
    """Cut scores in memory into groups, worst first."""
    import pandas as pd

    labels = list(study.scale.labels)
    position = np.searchsorted(np.asarray(cuts), scores.to_numpy(dtype=float), side="right")
    codes = position if study.scale.better == "higher" else len(labels) - 1 - position
    return pd.Categorical.from_codes(codes, pd.Index(labels), ordered=True)
