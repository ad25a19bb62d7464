"""Row numbers: the id of a customer in a table that has none."""

from __future__ import annotations

from dataclasses import replace

from ...errors import DataError
from ...study.declared import Study
from ...study.table_schema import ROW_NUMBER
from .scan import Scan, SourceColumn

NUMBERED = "every row is taken for a customer of its own: nobody is known to have several"


def with_row_numbers(scan: Scan, study: Study) -> Scan:
    """Return a scan with its row numbers as a column where the study names them as the customer.

    A column of the file that is called so goes before them.

    Raises
    ------
    DataError
        The study has other tables, whose customers row numbers would be mistaken for.
    """
    if not _named(scan, study) or (ROW_NUMBER in scan.columns and scan.columns[ROW_NUMBER].sql):
        return scan
    if len(study.sources) > 1:
        raise DataError(
            f"[tables.{scan.name}] customer is the {ROW_NUMBER}, and the study has other tables",
            "only a study of one table can do without the ids of customers",
            "Name the column that says who, the same person in every table",
        )
    return replace(scan, columns={**scan.columns, ROW_NUMBER: SourceColumn(scan.row, "BIGINT")})


def is_numbered(scan: Scan, study: Study) -> bool:
    """Whether the rows of a loaded table have their numbers for ids."""
    return _named(scan, study) and scan.columns[ROW_NUMBER].sql == scan.row


def _named(scan: Scan, study: Study) -> bool:
    return study.sources[scan.name].columns.get("customer") == ROW_NUMBER
