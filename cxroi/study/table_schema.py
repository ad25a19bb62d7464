"""Every key of a table of the study file: where it is, how it is read, what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .journey_tables import COLUMNS_BESIDE, NO_CUSTOMER, TABLES_BESIDE
from .keys import (
    AMOUNT_IN,
    DERIVE,
    FILTER,
    SCALARS,
    TEXT,
    TEXT_OR_TEXTS,
    TEXTS,
    WHOLE,
    Key,
    Keys,
    Section,
    column,
)

SKIP_ROWS = (0, 1_000)
DUPLICATES = ("keep", "drop")
ROW_NUMBER = "row number"
LINES = ("each", "total")
_PLACE: Keys = {
    "path": Key(
        TEXT,
        "file, relative to the study file: `.csv` (also `.csv.gz`, `.zst`, `.bz2`, `.zip`), "
        "`.json`, `.jsonl`, `.parquet`, `.xlsx`, `.ods`, `.duckdb` ...",
    ),
    "files": Key(
        TEXT,
        "several files of one kind with the same columns, read as one table, in place of `path`: "
        "a pattern such as `orders-*.csv`, or a folder",
    ),
    "table": Key(TEXT, "table of a DuckDB file or of a database"),
    "database": Key(
        TEXT,
        "name of the environment variable that holds a `sqlite:///` or `postgresql://` address; "
        "with `table` or `query`, and no `path`",
    ),
    "query": Key(TEXT, "query for the database, in place of `table`"),
    "sheet": Key(
        TEXT, "sheet of an Excel file; left out: the first, where no other has the same columns"
    ),
    "encoding": Key(
        TEXT,
        "of a text file, such as `windows-1252`, `utf-16` or `shift_jis`; left out: UTF-8",
    ),
    "skip_rows": Key(
        WHOLE,
        "lines above the header of a CSV or Excel file, such as a title; left out: none, or "
        "Excel's own `sep=;`",
        bounds=SKIP_ROWS,
    ),
    "duplicates": Key(
        TEXT,
        "`drop`: rows that repeat another word for word, in columns that are not read too, are "
        "set aside; left out: `keep`",
        choices=DUPLICATES,
    ),
    "delimiter": Key(TEXT, "of a CSV file; left out: found from the header"),
    "decimal": Key(TEXT, "decimal mark of numbers; left out: `.`", choices=(".", ",")),
    "date_format": Key(
        TEXT_OR_TEXTS,
        'how dates are written, such as `"%d/%m/%Y"` or `"%d/%m/%y %H:%M %z"`, `"excel"` for '
        'serial numbers of Excel, `"epoch"` for seconds (or milli-, micro-, nanoseconds) since '
        '1970; for some columns alone: `{answered_at = "epoch"}`, as the file names them; left '
        "out: as 2026-09-30",
    ),
    "missing": Key(
        SCALARS,
        'what stands for a blank in dates and numbers, such as `["-", "active", "9999-12-31"]`; '
        "null, none, na, n/a, nan, nat and \\N do so anyway",
    ),
}
_WHAT: Keys = {
    "via": Key(
        TEXTS,
        "look columns up through other tables, step by step: "
        '`["purchases.order_id", "people.customer_id"]`; where the two keys have different names '
        'both are written: `["requester_id = users.id"]`. E-mail addresses are compared in small '
        "letters; what fits several customers is set aside",
    ),
    "keep": Key(FILTER, "only rows whose column holds one of these values"),
    "drop": Key(FILTER, "no rows whose column holds one of these values"),
    "yes": Key(SCALARS, "codes for yes, in columns that say yes or no; left out: yes, y, true, 1"),
    "no": Key(SCALARS, "codes for no there; left out: no, n, false, 0"),
    "attributes": Key(TEXTS, "columns that may be controls; of customers and responses"),
    "derive": Key(
        DERIVE,
        'attributes made of two dates, in days: `{days_late = {from = "promised", to = '
        '"delivered"}}`',
    ),
}
# Of orders, and no columns.
_READ: Keys = {
    "lines": Key(
        TEXT,
        "what `amount` of a line is where orders have several: `each`, its own, all added up, or "
        "`total`, that of the whole order, counted once; needed where nearly all orders hold the "
        "same amount on each line",
        choices=LINES,
    ),
    "amount_in": AMOUNT_IN,
}
_SCORE = "the answer, a number of the scale"
_CUSTOMER = (
    "who; always text, the same person in every table. In a study of one table without such a "
    f'column: `"{ROW_NUMBER}"`, every row a customer of its own'
)
_WAVE = "round of the survey, in the order of its answers' dates"
_CLUSTER = (
    "the account a customer belongs to, which holds whole customers; blank: the customer alone"
)
_WEIGHT = "survey weight, 0 or more"


def _table(meaning: str, roles: Keys, customer_required: bool = True) -> Section:
    customer = {"customer": column(_CUSTOMER, customer_required, cells="")}
    return Section(meaning, {**_PLACE, **customer, **_WHAT, **roles})


# What the ROI is made of; whatever else a study declares is read where metrics are asked for.
_CORE: Mapping[str, Section] = {
    "customers": _table(
        "one row a customer; in a flat study with the score and the outcomes in it, one row a "
        "customer and wave where it has `wave` or `answered_at`",
        {
            "score": column(f"{_SCORE}; in a flat study only, and needed there", cells="score"),
            "answered_at": column("when it was answered; in a flat study", cells="time"),
            "wave": column(
                f"{_WAVE}, or of its name, such as a year, where there are none; in a flat study; "
                "left out: the quarter or month of `answered_at`",
                cells="wave",
            ),
            "weight": column(f"{_WEIGHT}; where responses have none", cells="weight"),
            "cluster": column(f"{_CLUSTER}; where responses declare none"),
        },
    ),
    "responses": _table(
        "one row an answer to a survey; makes the study a dated one",
        {
            "score": column(_SCORE, required=True, cells="score"),
            "answered_at": column("when it was answered", required=True, cells="time"),
            "wave": column(
                f"{_WAVE}; left out: the quarter or month of `answered_at`", cells="wave"
            ),
            "comment": column("what the customer wrote"),
            "weight": column(_WEIGHT, cells="weight"),
            "cluster": column(_CLUSTER),
        },
    ),
    "orders": _table(
        "one row an order, or a line of one",
        {
            "ordered_at": column("when it was ordered", required=True, cells="time"),
            "amount": column(
                "money, in the study's currency; negative: goods returned; only what is above 0 is "
                "a purchase",
                required=True,
                cells="amount",
            ),
            "id": column("number of the order; lines of one number and day are added up"),
            "quantity": column(
                "how many; `amount` is then the price of one", cells="number", blank=False
            ),
            "currency": column("code of the currency; more than one is refused", cells="currency"),
            **_READ,
        },
    ),
    "contacts": _table(
        "one row a contact with customer service",
        {"opened_at": column("when it was opened", required=True, cells="time")},
    ),
    "returns": _table(
        "one row a return",
        {"returned_at": column("when it was returned", required=True, cells="time")},
    ),
    "subscriptions": _table(
        "one row a subscription; one that begins within 30 days of another's end continues it",
        {
            "started_at": column("when it began", required=True, cells="time"),
            "cancelled_at": column(
                "when it ended; blank: it goes on", required=True, cells="time", blank=True
            ),
        },
    ),
    "invitations": _table(
        "one row an invitation to answer",
        {
            "invited_at": column("when the customer was asked", cells="time"),
            "wave": column("round of the survey, where responses have one", cells="wave"),
        },
    ),
}
# Tables and columns that the ROI reads; referrals where they are an outcome.
CORE: Mapping[str, frozenset[str]] = {
    **{name: frozenset(table.keys) for name, table in _CORE.items()},
    "referrals": frozenset(("customer", "referred_at")),
}
TABLES: Mapping[str, Section] = {
    **{
        name: Section(table.meaning, {**table.keys, **COLUMNS_BESIDE.get(name, {})})
        for name, table in _CORE.items()
    },
    **{
        name: _table(meaning, keys, customer_required=name not in NO_CUSTOMER)
        for name, (meaning, keys) in TABLES_BESIDE.items()
    },
}
ROLES: dict[str, tuple[str, ...]] = {
    name: tuple(key for key, known in table.keys.items() if known.cells and key != "customer")
    for name, table in TABLES.items()
}
REQUIRED: dict[str, tuple[str, ...]] = {
    name: tuple(key for key, known in table.keys.items() if known.required)
    for name, table in TABLES.items()
}
_OF_ANY: Keys = {key: known for table in _CORE.values() for key, known in table.keys.items()}
LOOKUP = _table(
    "a table of any other name: columns to be looked up by `via`",
    {
        role: replace(_OF_ANY[role], required=False)
        for role in sorted(
            key for key, known in _OF_ANY.items() if known.cells and key != "customer"
        )
    },
    customer_required=False,
)
