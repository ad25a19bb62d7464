"""The files of a simulated company: its tables through DuckDB, its study file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ..errors import OutputError
from .company import Calendar, Columns, Company
from .truth import CURRENCY, OUTCOME_DAYS, group_names
from .worlds import REGIONS, SEGMENTS

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

COMMENTS: Final = (
    "Nobody called me back", "The price went up again", "Waited far too long",
    "Does what it should", "Fine, could be faster", "Good service, slow delivery",
    "Friendly and quick", "Would buy again", "Best support I know",
    "<script>alert(1)</script>", "=1+1", "Paid $20 where $15 was agreed",
)  # fmt: skip
PLANTED: Final = 3  # the last comments of the list, each put into one answer
FORMATS: Final = ("csv", "parquet")
CHANNELS: Final = ("phone", "chat", "email")
SCENARIO: Final[Mapping[str, float]] = {
    "share_moved": 0.10,
    "cost_per_moved": 15.0,
    "fixed_cost": 0.0,
    "gross_margin": 0.40,
    "discount_rate_annual": 0.08,
    "horizon_months": 12,
    "causal_share": 1.0,
    "cost_per_contact": 8.0,
    "cost_per_return": 6.0,
}
# Of a study with ranges, as a company would plan; its truth is as of this cost and time.
PLANNED: Final[Mapping[str, float]] = {"cost_per_moved": 12.0, "horizon_months": 24}
RANGES: Final = {"share_moved": [0.05, 0.10, 0.20], "causal_share": [0.3, 0.5, 0.8]}
PERSON: Final = "printf('C%07d', customer + 1) AS customer_id"
AT: Final = 'make_timestamp("at" * 1000000) AS '
TABLES: Final[Mapping[str, tuple[str, ...]]] = {  # columns of each table, as SQL over the draws
    "customers": (
        PERSON, "segment::VARCHAR AS segment", "region::VARCHAR AS region", "tenure_months",
    ),
    "responses": (
        "printf('R%08d', \"row\") AS response_id", PERSON, AT + "answered_at", "score",
        "comment::VARCHAR AS comment",
    ),
    "orders": (
        "printf('O%08d', \"row\") AS order_id", PERSON, AT + "ordered_at",
        "extra / 100.0 AS amount",
    ),
    "contacts": (PERSON, AT + "opened_at", "channel::VARCHAR AS channel"),
    "subscriptions": (
        PERSON, "make_timestamp(started * 1000000) AS started_at",
        "CASE WHEN cancelled > 0 THEN make_timestamp(cancelled * 1000000) END AS cancelled_at",
    ),
    "returns": (PERSON, AT + "returned_at", "extra / 100.0 AS amount"),
    "invitations": (PERSON, AT + "invited_at"),
}  # fmt: skip
MATTERS: Final = (
    "{spend = 10.0, orders = 0.05, repeat_purchase = 0.03, retained = 0.02, churned = 0.02, "
    "contacts = 0.05, returns = 0.02}"
)


STUDY_FILE: Final = """\
[study]
name = "{title}"
currency = "{currency}"
complete_from = {complete_from}
complete_until = {complete_until}

[tables.customers]
path = "customers.{suffix}"
customer = "customer_id"
attributes = ["segment", "region", "tenure_months"]

[tables.responses]
path = "responses.{suffix}"
customer = "customer_id"
score = "score"
answered_at = "answered_at"
comment = "comment"

[tables.orders]
path = "orders.{suffix}"
customer = "customer_id"
id = "order_id"
ordered_at = "ordered_at"
amount = "amount"

[tables.contacts]
path = "contacts.{suffix}"
customer = "customer_id"
opened_at = "opened_at"

[tables.subscriptions]
path = "subscriptions.{suffix}"
customer = "customer_id"
started_at = "started_at"
cancelled_at = "cancelled_at"

[tables.returns]
path = "returns.{suffix}"
customer = "customer_id"
returned_at = "returned_at"

[tables.invitations]
path = "invitations.{suffix}"
customer = "customer_id"
invited_at = "invited_at"

[scale]
kind = "nps"

[outcomes]
matters = {matters}

[churn]
definition = "cancelled"

[controls]
columns = ["segment", "region", "tenure_months"]

[windows]
baseline_days = {days}
outcome_days = {days}

[scenario]
from = "{group_from}"
to = "{group_to}"
{figures}
"""


def write_tables(
    company: Company, folder: Path, suffix: str, tell: Callable[[str], None],
    leave: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write every table through DuckDB, in the order of its rows, but for those in `leave`."""
    import duckdb

    with duckdb.connect() as engine:
        for table, columns in TABLES.items():
            if table in leave:
                continue
            tell(table)
            rows = engine.from_df(_frame(company, table)).project(", ".join(columns))
            copy_rows(rows, folder / f"{table}.{suffix}")


def write_trait(company: Company, path: Path) -> None:
    """Write each customer's unmeasured trait, which no study file names."""
    import duckdb
    import pandas as pd

    trait = company.people.trait
    frame = pd.DataFrame({"customer": np.arange(len(trait)), "trait": trait})
    with duckdb.connect() as engine:
        copy_rows(engine.from_df(frame).project(f"{PERSON}, trait"), path)


def copy_rows(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Write rows to a file: CSV, compressed where it ends in ``.gz``, or Parquet.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import duckdb

    try:
        if path.suffix == ".gz":
            rows.write_csv(str(path), header=True, compression="gzip")
        elif path.suffix == ".csv":
            rows.write_csv(str(path), header=True)
        else:
            rows.write_parquet(str(path))
    except duckdb.IOException as error:
        raise OutputError(
            f"{path.name} cannot be written",
            "a folder that can be written to, with room left",
            "Make room, or choose another folder",
        ) from error


def _frame(company: Company, table: str) -> pd.DataFrame:
    """Return the draws of a table as columns of numbers and categories."""
    import pandas as pd

    people = company.people
    if table == "customers":
        columns: dict[str, Any] = {
            "customer": np.arange(len(people.tenure)),
            "segment": named(people.segment, SEGMENTS),
            "region": named(people.region, REGIONS),
            "tenure_months": people.tenure,
        }
    elif table == "subscriptions":
        columns = {
            "customer": np.arange(len(people.tenure)),
            "started": company.started_at,
            "cancelled": company.cancelled_at,
        }
    else:
        columns = _events(company.table(table, by="at"), table)
    return pd.DataFrame(columns)


def named(codes: npt.NDArray[Any], names: Iterable[str]) -> pd.Categorical[str]:
    """Return the names at the positions given; -1 is missing."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, pd.Index(list(names)))


def _events(drawn: Columns, table: str) -> dict[str, Any]:
    columns: dict[str, Any] = dict(drawn) | {"row": np.arange(1, len(drawn["at"]) + 1)}
    if table == "contacts":
        channel = drawn["extra"] % len(CHANNELS)
        columns["channel"] = named(channel, CHANNELS)
    if table == "responses":
        columns["comment"] = named(_with_planted(drawn["comment"]), COMMENTS)
    return columns


def _with_planted(comment: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Put each awkward comment into one of the first answers."""
    planted = np.arange(len(COMMENTS) - PLANTED, len(COMMENTS))[: len(comment)]
    return np.concatenate((planted, comment[len(planted) :]))


def scenario_of(ranges: bool) -> dict[str, float]:
    """Return the scenario of a company, each value the likely one; with ranges that of a plan."""
    return {**SCENARIO, **(PLANNED if ranges else {})}


def study_text(title: str, calendar: Calendar, suffix: str, ranges: bool) -> str:
    """Return the study file, as text."""
    scenario = scenario_of(ranges) | (RANGES if ranges else {})
    figures = "\n".join(f"{key} = {value}" for key, value in scenario.items())
    return STUDY_FILE.format(
        title=title, matters=MATTERS, currency=CURRENCY, suffix=suffix, days=OUTCOME_DAYS,
        figures=figures,
        complete_from=calendar.complete_from, complete_until=calendar.complete_until,
        **{f"group_{side}": name for side, name in group_names().items()},
    )  # fmt: skip
