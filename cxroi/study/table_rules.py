"""What is wrong with the tables of a study file: places, keys of each, and lookups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import StudyError, nearest
from .table_schema import DUPLICATES, LINES, REQUIRED, SKIP_ROWS

if TYPE_CHECKING:
    from .declared import Source

_ENCODINGS = ("utf-8", "utf-16", "windows-1252", "latin-1", "shift_jis", "gb18030", "mac-roman")


def check_tables(sources: Mapping[str, Source]) -> Iterator[StudyError]:
    """Yield what is wrong with the tables: two places, no required column, a step to nowhere."""
    for name, source in sources.items():
        where = f"[tables.{name}]"
        yield from _check_place(source, where)
        if source.database and bool(source.table) == bool(source.query):
            yield StudyError(f"{where} takes either table or query from its database")
        if source.decimal not in (".", ","):
            yield StudyError(f"{where} decimal is {source.decimal!r}", "it is '.' or ','")
        required = REQUIRED.get(name, ())
        if name == "customers" and "responses" not in sources:
            required = (*required, "score")
        for key in required:
            if key not in source.columns:
                yield StudyError(f"{where} has no {key}", fix=f'Add {key} = "name of the column"')
        if name == "customers" and "responses" in sources:
            yield from _check_beside_responses(source, sources["responses"])
        yield from _check_via(source, sources)
        yield from _check_lines(source)
    yield from _check_lookups(sources)


def _check_place(source: Source, where: str) -> Iterator[StudyError]:
    """Yield what is wrong with where a table is and how its file is read."""
    places = {"path": source.path, "files": source.files, "database": source.database}
    declared = [key for key, value in places.items() if value]
    if len(declared) > 1:
        both = "both " if len(declared) == 2 else ""
        found = f"{where} has {both}{' and '.join(declared)}"
        yield StudyError(found, "one says where the table is")
    if source.encoding and not _is_encoding(source.encoding):
        fix = nearest(source.encoding, _ENCODINGS)
        yield StudyError(
            f"{where} encoding is {source.encoding!r}, which Python does not know", fix=fix
        )
    for key, of_file in {"encoding": source.encoding, "skip_rows": source.skip_rows}.items():
        if source.database and of_file:
            yield StudyError(f"{where} has both database and {key}", "of a file alone it is said")
    low, high = SKIP_ROWS
    if not low <= source.skip_rows <= high:
        yield StudyError(f"{where} skip_rows is {source.skip_rows}", f"it is {low} to {high:,}")
    if source.duplicates not in DUPLICATES:
        fix = nearest(source.duplicates, DUPLICATES)
        yield StudyError(f"{where} duplicates is {source.duplicates!r}", fix=fix)


def _is_encoding(name: str) -> bool:
    try:
        return isinstance("".encode(name), bytes) and isinstance(b"".decode(name), str)
    except (LookupError, ValueError):
        return False


def _check_lines(source: Source) -> Iterator[StudyError]:
    """Yield what is wrong with how the lines of an order are declared."""
    where = f"[tables.{source.name}] lines"
    if source.lines not in ("", *LINES):
        yield StudyError(f"{where} is {source.lines!r}", fix=nearest(source.lines, LINES))
    elif source.lines == "total" and "id" not in source.columns:
        yield StudyError(
            f"{where} is 'total' and no id is declared",
            "lines of one order have its number",
            'Add id = "name of the column"',
        )
    elif source.lines == "total" and "quantity" in source.columns:
        yield StudyError(
            f"{where} is 'total' and quantity is declared",
            "with a quantity the amount is the price of one, and no total of an order",
            "Delete one of the two",
        )


def _check_beside_responses(customers: Source, responses: Source) -> Iterator[StudyError]:
    """Yield what only one of the two tables has, or neither in a dated study."""
    if "score" in customers.columns:
        yield StudyError(
            "both [tables.customers] and [tables.responses] have a score", "one of them has it"
        )
    if "wave" in customers.columns:
        yield StudyError(
            "[tables.customers] has a wave in a study with a responses table",
            "the wave of an answer stands beside the answer",
            "Declare wave in [tables.responses]",
        )
    yield from _check_weights(customers, responses)


def _check_weights(customers: Source, responses: Source) -> Iterator[StudyError]:
    of_customers, of_answers = (s.columns.get("weight") for s in (customers, responses))
    if of_customers and of_answers:
        yield StudyError(
            f"both [tables.customers] and [tables.responses] have a weight: {of_customers!r} and "
            f"{of_answers!r}",
            "one of them says how much an answer counts",
            "Delete one of the two",
        )


def _check_via(source: Source, sources: Mapping[str, Source]) -> Iterator[StudyError]:
    if len(source.steps) < len(source.via):
        yield StudyError(
            f"[tables.{source.name}] via is {list(source.via)!r}",
            "a step is written table.column, or column = table.column where the keys have "
            "different names",
        )
    for step in source.steps:
        if step.table not in sources or step.table == source.name:
            others = [name for name in sources if name != source.name]
            yield StudyError(
                f"[tables.{source.name}] via names the table {step.table!r}",
                fix=nearest(step.table, others),
            )


def _check_lookups(sources: Mapping[str, Source]) -> Iterator[StudyError]:
    """Yield what is declared of a table and would be read by nobody."""
    looked_up = {step.table for source in sources.values() for step in source.steps}
    for name, source in sources.items():
        made = [key for key in ("attributes", "derive") if getattr(source, key)]
        if made and name not in ("customers", "responses"):
            users = [n for n, s in sources.items() if name in {step.table for step in s.steps}]
            yield StudyError(
                f"[tables.{name}] declares {' and '.join(made)}, which nothing reads there",
                "attributes are of customers or of responses",
                f"Declare them under [tables.{(users or ['customers'])[0]}], which looks columns "
                f"up in {name}"
                if users
                else f"Declare them under [tables.customers] or [tables.responses], with a step of "
                f"via to {name}",
            )
        if name not in REQUIRED and name not in looked_up:
            yield StudyError(
                f"[tables.{name}] is looked up by no other table",
                "a table of another name than "
                + ", ".join(REQUIRED)
                + " is named in a step of via",
                nearest(name, REQUIRED),
            )
