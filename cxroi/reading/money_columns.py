"""Money columns: held to one currency, and to what columns beside them say of amounts."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import fold, ident, one_row
from ..errors import DataError
from ..study.declared import Study
from .columns.blanks import NOTHING
from .columns.currencies import WRITTEN, contradict, signs_of_header
from .columns.numbers import Typed
from .columns.probe import Probe
from .staging import Cell, Stage
from .status_columns import told, toml_key

_UNITS, _ABOUT = (100, 1_000, 1_000_000), 2  # cents, thousands, millions; how near to that
_ENOUGH = 10  # customers above zero, of whom a median says something


def one_currency(
    study: Study, stage: Stage, probe: Probe, columns: list[Typed]
) -> Iterator[DataError]:
    """Yield currencies that amounts may not have: several, or another than the study's.

    Signs in the cells and headers of amounts, codes of the declared column of currencies, and
    those of an undeclared one are held against one another and against ``[study] currency``.
    """
    says = {}
    for name in [stage.source.columns.get("currency", ""), *told(stage, "currency")]:
        if name:
            codes = _codes(probe, stage.cells[name])
            if stage.scan.looks.get(name) == "currency" and name in stage.undeclared:
                codes = [code for code in codes if code in WRITTEN]
            if len(codes) > 1:
                yield _several(stage, name, codes, study.currency)
                return
            says[str(stage.cells[name])] = codes
    signs = {column.name: column.signs for column in columns}
    for name, (column, amount_in) in _amounts(study, stage).items():
        settled = amount_in and amount_in == study.currency
        held = [*signs.get(name, ()), *(() if settled else signs_of_header(column))]
        says[str(stage.cells[column])] = held
    if contradict(says, study.currency):
        found = [f"{column} says {' and '.join(held)}" for column, held in says.items() if held]
        declared = f", [study] currency says {study.currency}" if study.currency else ""
        yield DataError(
            ", ".join(found) + declared,
            "all amounts are in one currency, the study's",
            "Convert them, or declare under [study] the currency that they are in",
        )


def _amounts(study: Study, stage: Stage) -> dict[str, tuple[str, str]]:
    """Return the columns of money: name when typed -> name in the source, and what it is in."""
    if stage.role == "orders":
        return {"amount": (stage.source.columns["amount"], stage.source.amount_in)}
    if stage.role != "customers" or study.dated:
        return {}
    return {
        f"{outcome.name}_{side}": (column, outcome.amount_in)
        for outcome in study.outcomes
        for side, column in (("after", outcome.column), ("before", outcome.baseline))
        if outcome.kind == "amount" and column
    }


def _codes(probe: Probe, cell: Cell) -> list[str]:
    held = probe.ask(f"coalesce(list(DISTINCT {cell.sql}::VARCHAR), [])")[0]
    words = {fold(word) for word in held if word is not None}
    return sorted(word.upper() for word in words.difference(NOTHING))


def _several(stage: Stage, name: str, codes: list[str], currency: str) -> DataError:
    letters = [code for code in codes if len(code) == 3 and code.isalpha()]
    named = f": {', '.join(letters[:6])}" if letters else ""
    fix = f"Convert them, or keep one: keep = {{{toml_key(name)} = [...]}}"
    if name in stage.undeclared:
        where = "[tables.orders]" if stage.role == "orders" else "[outcomes.columns.NAME]"
        fix += f". Where amounts are in {currency or 'one currency'} whatever that column says, "
        fix += f'add amount_in = "{currency or "EUR"}" to {where}'
        fix += "" if currency else " and currency to [study]"
    return DataError(
        f"{stage.cells[name]} holds {len(codes)} currencies{named}",
        "amounts are in one currency",
        fix,
    )


def unlike_baselines(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage
) -> Iterator[tuple[str, int, str]]:
    """Yield warnings of baselines that seem to be in another unit than their outcomes."""
    amounts = _amounts(study, stage)
    for name in [outcome.name for outcome in study.outcomes]:
        columns = [column for column in (f"{name}_after", f"{name}_before") if column in amounts]
        if len(columns) < 2:
            continue
        middle = ", ".join(
            f"median({ident(c)}) FILTER ({ident(c)} > 0), count({ident(c)}) FILTER ({ident(c)} > 0)"
            for c in columns
        )
        after, n, before, m = one_row(connection, f"SELECT {middle} FROM clean_customers")
        if min(n, m) < _ENOUGH:
            continue
        ratio = max(after, before) / min(after, before)
        times = [size for size in _UNITS if size / _ABOUT <= ratio <= size * _ABOUT]
        if times:
            small, large = sorted(
                zip((after, before), (amounts[c][0] for c in columns), strict=True)
            )
            yield (
                "warning",
                int(min(n, m)),
                f"{stage.cells[large[1]]} is about {times[0]:,} times {small[1]!r} (medians "
                f"{large[0]:,.4g} and {small[0]:,.4g}): are they in different units, such as "
                "cents and whole units? amount_in holds for both: write them in one unit",
            )
