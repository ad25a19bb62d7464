"""Money columns: held to one currency, and to what columns beside them say of amounts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..engine.quoting import text, texts, trimmed
from ..errors import DataError
from ..study.declared import Study
from .columns.currencies import contradict, signs_of_header
from .columns.numbers import Typed, share
from .columns.probe import Probe
from .staging import Cell, Stage

# Words of a status under which no money changed hands, or went back.
_NO_PURCHASE = (
    "failed failure error declined rejected cancelled canceled void voided pending refunded "
    "reversed expired abandoned unpaid incomplete uncaptured requires_payment_method "
    "charged_back chargeback wc-failed wc-cancelled wc-pending wc-refunded storniert abgebrochen "
    "erstattet"
)


def one_currency(
    study: Study, stage: Stage, probe: Probe, columns: list[Typed]
) -> Iterator[DataError]:
    """Yield currencies that amounts may not have: several, or another than the study's.

    Signs in the cells and headers of amounts, codes of the declared column of currencies, and
    those of an undeclared one are held against one another and against ``[study] currency``.
    """
    says = {}
    for name in [stage.source.columns.get("currency", ""), *_told(stage, "currency")]:
        if name:
            codes = _codes(probe, stage.cells[name])
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


def _told(stage: Stage, what: str) -> list[str]:
    return [name for name, told in stage.undeclared.items() if told == what]


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
    code = f"nullif(upper({trimmed(f'{cell.sql}::VARCHAR')}), '')"
    return sorted(probe.ask(f"coalesce(list(DISTINCT {code}) FILTER ({code} IS NOT NULL), [])")[0])


def _several(stage: Stage, name: str, codes: list[str], currency: str) -> DataError:
    letters = [code for code in codes if len(code) == 3 and code.isalpha()]
    named = f": {', '.join(letters[:6])}" if letters else ""
    fix = f"Convert them, or keep one: keep = {{{_key(name)} = [...]}}"
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


def warn_of_undeclared(stage: Stage, probe: Probe) -> Iterator[tuple[str, int, str]]:
    """Yield warnings of rows of no purchase by an undeclared status, and of quantities unread."""
    for name in _told(stage, "status"):
        yield from _of_status(stage, probe, stage.cells[name])
    amount = stage.source.columns.get("amount", "")
    for name in _told(stage, "quantity"):
        cell = stage.cells[name]
        rows, odd = probe.ask(
            "count(*)", f"count_if(try_cast({cell.sql}::VARCHAR AS DOUBLE) NOT IN (0, 1))"
        )
        if odd:
            reason = (
                f"{cell} is not 1 ({share(odd, rows)}) and not read: if {amount!r} is the price "
                f"of one, add quantity = {json.dumps(name, ensure_ascii=False)} to [tables.orders]"
            )
            yield "warning", int(odd), reason


def _of_status(stage: Stage, probe: Probe, cell: Cell) -> Iterator[tuple[str, int, str]]:
    held = trimmed(f"{cell.sql}::VARCHAR")
    found = probe.connection.execute(
        f"SELECT {held} AS status, count(*) AS n FROM {stage.relation} WHERE fate = 0 AND "
        f"replace(lower({held}), ' ', {text('_')}) IN {texts(_NO_PURCHASE.split())} "
        "GROUP BY status ORDER BY n DESC, status LIMIT 10"
    ).fetchall()
    if not found:
        return
    rows = sum(n for _, n in found)
    words = ", ".join(f"{status!r} ({n:,})" for status, n in found)
    drop = json.dumps([status for status, _ in found], ensure_ascii=False)
    back = any(status.casefold().endswith("refunded") for status, _ in found)
    reason = (
        f"{rows:,} rows count as orders though {cell} says {words}: to leave them out add "
        f"drop = {{{_key(cell.column)} = {drop}}} to [tables.orders]"
    )
    reason += ", without 'refunded' where refunds are rows of their own" if back else ""
    yield "warning", rows, reason


def _key(name: str) -> str:
    """Write a column as a key of TOML."""
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    return name if bare else json.dumps(name, ensure_ascii=False)
