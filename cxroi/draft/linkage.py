"""Fuzzy keys: which rows of two files are probably of one person, for somebody to look at.

Nothing in cxroi uses these pairs by itself: whoever has looked at them keeps those that hold as a
table, and declares it in a step of ``via``. The model is that of Fellegi and Sunter, "A theory for
record linkage" (1969), as splink 5 fits it by expectation maximisation; no pair need be known.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.quoting import file_read, ident, one_row, trimmed
from ..errors import DataError, ParameterError, nearest

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_READ = {".csv": "read_csv({}, all_varchar = true)", ".parquet": "read_parquet({})"}
_FEWEST = 2  # columns: agreement in one is judged by agreement in the others
_ALIKE = [0.92, 0.8]  # Jaro-Winkler similarity of a slip, and of a likeness
_FOUND = 0.7  # share of the true pairs that is taken to agree in every column
_PAIRS, _SEED = 1e6, 1  # random pairs from which agreement by chance is told


def likely_pairs(
    left: Path, right: Path, keys: tuple[str, str], columns: Sequence[str], least: float = 0.5
) -> pd.DataFrame:
    """Return pairs of rows of two files that are probably of one person, the likeliest first.

    Parameters
    ----------
    left, right
        CSV or Parquet files.
    keys
        The column of each that tells its rows apart, such as a customer number.
    columns
        Two or more that both files have, such as name, street and postcode, compared without
        capital letters and spaces around them. Rows that agree in none are no pair.
    least
        Probability, 0 to 1, below which a pair is left out.

    Returns
    -------
    DataFrame
        One row a pair: ``left`` and ``right`` key, ``probability``, and what both files hold in
        each column. A row may be in several pairs.

    Raises
    ------
    ParameterError
        splink is not installed, a column is missing in a file, or too few are named.
    DataError
        A key repeats or is blank, or the files hold nothing to learn from.

    Examples
    --------
    >>> likely_pairs(crm, shop, ("id", "number"), ["name", "post"]).to_csv(out)  # doctest: +SKIP
    """
    if importlib.util.find_spec("splink") is None:
        raise ParameterError("splink is not installed", fix='pip install "cxroi[linkage]"')
    columns = list(dict.fromkeys(columns))
    if len(columns) < _FEWEST:
        raise ParameterError(f"columns names {len(columns)}", f"{_FEWEST} or more to compare by")
    import duckdb

    connection = duckdb.connect(config={"threads": 1})  # the same pairs every time
    for name, path, key in zip(("a", "b"), (left, right), keys, strict=True):
        _read(connection, name, path, key, columns)
    alike = " AND ".join(f"a.c{n} = b.c{n}" for n in range(len(columns)))
    if not one_row(connection, f"SELECT count(*) FROM a JOIN b ON {alike}")[0]:
        raise DataError(
            "no row of one file agrees with one of the other in every column",
            "some do, from which the others are judged",
            "Compare by fewer columns, or by columns that are written alike",
        )
    found = _predicted(connection, len(columns), least)
    names = {"unique_id_l": "left", "unique_id_r": "right", "match_probability": "probability"}
    for n, column in enumerate(columns):
        names |= {f"c{n}_l": f"{column}, left", f"c{n}_r": f"{column}, right"}
    found = found.sort_values(["match_probability", "unique_id_l", "unique_id_r"], ascending=False)
    return found[list(names)].rename(columns=names).reset_index(drop=True)


def _read(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, key: str, columns: Sequence[str]
) -> None:
    """Read the key and the columns of a file, as texts."""
    if path.suffix.lower() not in _READ:
        raise ParameterError(f"{path.name} is no file to link", "it is .csv or .parquet")
    rows = _READ[path.suffix.lower()].format(file_read(path))
    held = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()]
    for column in (key, *columns):
        if column not in held:
            raise ParameterError(f"{path.name} has no column {column!r}", fix=nearest(column, held))
    shown = ", ".join(
        f"nullif(lower({trimmed(f'{ident(column)}::VARCHAR')}), '') AS c{n}"
        for n, column in enumerate(columns)
    )
    connection.execute(
        f"CREATE TABLE {name} AS SELECT {ident(key)}::VARCHAR AS unique_id, {shown} FROM {rows}"
    )
    found, different = one_row(
        connection, f"SELECT count(*), count(DISTINCT unique_id) FROM {name}"
    )
    if found > different:
        raise DataError(
            f"{key!r} of {path.name} has {different:,} different values in {found:,} rows",
            "a key tells the rows of its file apart, and is never blank",
        )


def _predicted(connection: duckdb.DuckDBPyConnection, columns: int, least: float) -> pd.DataFrame:
    """Fit the model to the two tables, and return its pairs."""
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals.exceptions import SplinkException

    names = [f"c{n}" for n in range(columns)]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[compare.JaroWinklerAtThresholds(name, _ALIKE) for name in names],
        blocking_rules_to_generate_predictions=[block_on(name) for name in names],
    )
    api = DuckDBAPI(connection)
    tables = [api.register(name, dataset_display_name=name) for name in ("a", "b")]
    linker = Linker(tables, settings, log_level="CRITICAL")
    train = linker.training
    try:
        train.estimate_probability_two_random_records_match([block_on(*names)], recall=_FOUND)
        train.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=_SEED)
        for name in names:
            train.estimate_parameters_using_expectation_maximisation(block_on(name))
        pairs = linker.inference.predict(threshold_match_probability=least)
    except SplinkException as error:
        raise DataError(
            "the files hold too little to tell likely pairs from chance",
            "hundreds of rows, some of which agree in every column",
            "Compare by other columns",
        ) from error
    return connection.execute(f"SELECT * FROM {ident(pairs.physical_name)}").df()
