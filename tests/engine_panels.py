"""Rows of a data frame in an engine, and panels whose rows stay there, for the tests."""

from dataclasses import replace
from itertools import count

import duckdb
import numpy as np

from cxroi.engine.engines import DuckDB
from cxroi.moments.engine_rows import EngineRows
from cxroi.panel.rows import make_rows

# Databases within it share no table; another DuckDB for each would cost 15 ms.
SHARED = duckdb.connect()
SHARED.execute("SET threads = 1")
NUMBERS = count()


def engine_of(frame, name="joined"):
    """A database of its own that holds a frame as a table; NaN becomes NULL, as for files."""
    connection, own = SHARED.cursor(), f"engine{next(NUMBERS)}"
    connection.execute(f"ATTACH ':memory:' AS {own}")
    connection.execute(f"USE {own}")
    connection.register("registered", frame)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM registered")
    connection.unregister("registered")
    return DuckDB(connection)


def plain_rows(frame, cells=None, **more):
    """Rows of a frame that has the number of the cell of each row, or one cell for all."""
    frame = frame if "cell" in frame else frame.assign(cell=0)
    return EngineRows(engine_of(frame), "joined", cells or {"grp": (0,)}, **more)


def in_engine(panel, categories=None, kept=True):
    """The same panel with its rows in an engine, grouped and numbered there."""
    study = panel.study
    frame = panel.frame.drop(columns="group")
    frame = frame.assign(cluster=panel.clusters, response=np.arange(len(frame)))
    answers = panel.scores.assign(response=np.arange(len(panel.scores)))
    answers["cluster"] = answers["cluster"].factorize()[0]
    engine = engine_of(frame)
    engine.connection.register("registered", answers.drop(columns="group"))
    engine.execute("CREATE TABLE answers AS SELECT * FROM registered")
    if categories is None:
        categories = [f"attr_{name}" for name in study.controls if name in study.categorical]
    made = {"scale": study.scale, "cuts": study.scale.cuts}
    rows = make_rows(engine, "joined", categories=categories, kept=kept, **made)
    answer_rows = make_rows(engine, "answers", suffix="answers", **made)
    return replace(panel, rows=rows, answer_rows=answer_rows)
