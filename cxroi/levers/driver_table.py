"""One row an answer, with what may have moved it: known at the time of the answer.

An input is an attribute of the customer or the answer, a score in the same row, or what happened
in the days before the answer: rows of a table, or time that passed in them. Time that was not
over at the answer counts up to the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CxroiError, ModelError, attempt
from ..moments.rows import worded
from ..reading.stages import of_customers
from ..results.display import TidyMixin
from ..results.thresholds import MINIMUM_GROUP
from ..study.lever_rules import asked_inputs
from ..study.levers import COUNTED
from .inputs import answers_sql, in_words, input_sql

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.levers import DeclaredInput

MOST_LEVELS = 50
PREFIX = "x_"


@dataclass(frozen=True)
class Driver:
    """An input that may move the score.

    Attributes
    ----------
    title, unit
        For readers; the unit is empty where it is not known.
    better
        ``higher``, ``lower``, or empty.
    is_number
        Whether its values are numbers, and not names.
    group
        The group of inputs that it belongs to, or nothing.
    source
        Where it comes from, in words.
    """

    name: str
    title: str
    unit: str
    better: str
    is_number: bool
    group: str
    source: str

    @property
    def column(self) -> str:
        """Its column in the frame of a `DriverTable`."""
        return PREFIX + self.name


@dataclass(frozen=True, repr=False)
class DriverTable(TidyMixin):
    """Answers with their inputs.

    Attributes
    ----------
    frame
        One row an answer: ``answer`` (its row in its table), ``customer``, ``cluster`` (numbers of
        accounts, or of customers), ``answered_at``, ``wave``, ``weight``, ``score``,
        ``group`` (place in the labels of the scale, lowest first), and ``x_<input>`` each:
        numbers with NaN, or texts with None, where it is not known.
    drivers
        The inputs, in the order of the study file.
    refused
        By input that cannot be had: why.
    """

    study: Study
    frame: pd.DataFrame
    drivers: tuple[Driver, ...]
    refused: Mapping[str, str]

    def driver(self, name: str) -> Driver | None:
        """Return an input by name; None where it cannot be had."""
        return next((one for one in self.drivers if one.name == name), None)

    def tidy(self) -> pd.DataFrame:
        """Return the frame."""
        return self.frame


def driver_table(
    tables: Tables, *, quarter: str = "", unread: Mapping[str, str] | None = None
) -> DriverTable:
    """Return the answers to the main score with the inputs that the study declares.

    As in a panel, what prospects said, and customers before they became one, is left out.

    Parameters
    ----------
    tables
        All of them: ``read_for_metrics(study)``.
    quarter
        The wave whose answers are used; empty for all.
    unread
        By table that could not be read: why.

    Raises
    ------
    ModelError
        The study declares no input; or fewer than 30 answers are there.

    Examples
    --------
    >>> import cxroi as cx
    >>> tables, unread = cx.read_for_metrics(cx.load_study("study.toml"))  # doctest: +SKIP
    >>> cx.driver_table(tables, unread=unread).frame.head()  # doctest: +SKIP
    """
    study, names = tables.study, asked_inputs(tables.study)
    if not names:
        raise ModelError(
            "the study declares nothing that may move the score",
            "[drivers] inputs names attributes, scores or [inputs]",
            'Add [drivers] inputs = ["..."]',
        )
    tables = of_customers(tables)
    frame = _answers(tables, quarter)
    found, refused = [], {}
    for name in names:
        made = attempt(partial(_read, tables, name, frame, unread or {}))
        if isinstance(made, CxroiError):
            refused[name] = str(made)
        else:
            values, driver = made
            frame[driver.column] = values
            found.append(driver)
    return DriverTable(study, frame, tuple(found), refused)


def _answers(tables: Tables, quarter: str) -> pd.DataFrame:
    frame = tables.engine.frame(answers_sql(tables))
    frame = frame[frame["wave"] == quarter] if quarter else frame
    if len(frame) < MINIMUM_GROUP:
        raise ModelError(f"{len(frame)} answers", f"nothing is said of under {MINIMUM_GROUP}")
    frame = frame.sort_values("answer", ignore_index=True)
    frame.insert(2, "cluster", frame.pop("unit").factorize()[0])
    return frame


def _read(
    tables: Tables, name: str, frame: pd.DataFrame, unread: Mapping[str, str]
) -> tuple[pd.Series[Any], Driver]:
    """Return an input of each answer; refuse one that is hardly known, or is nearly the same."""
    study = tables.study
    table = study.inputs[name].table if name in study.inputs else ""
    if table in unread:
        raise ModelError(f"[tables.{table}] cannot be read: {unread[table]}")
    column = tables.engine.frame(input_sql(tables, name)).set_index("answer")["x"]
    values = column.reindex(frame["answer"]).reset_index(drop=True)
    if name in study.inputs:
        values = _completed(study, study.inputs[name], values, frame["answered_at"])
    is_number = values.dtype.kind in "biuf" and name not in study.categorical
    values = values.astype(float) if is_number else _texts(values)
    counts = values.value_counts()
    if counts.sum() - counts.max() < MINIMUM_GROUP if len(counts) else True:
        raise ModelError(
            f"fewer than {MINIMUM_GROUP} answers differ in it from the rest, or know it",
            "what hardly varies moves nothing that could be seen",
        )
    if not is_number and len(counts) > MOST_LEVELS:
        raise ModelError(f"it has {len(counts)} values", f"names have at most {MOST_LEVELS}")
    return values, _driver(study, name, is_number)


def _completed(
    study: Study, one: DeclaredInput, values: pd.Series[Any], moments: pd.Series[Any]
) -> pd.Series[Any]:
    """Return values with that of no row; not known where the days begin before the data."""
    filled = values if one.none is None else values.fillna(one.none)
    if study.complete_from is None:
        return filled
    days = (moments - np.datetime64(study.complete_from, "us")).dt.days
    summed = one.take in (*COUNTED, "sum")
    return filled.mask((days < one.days) & (summed | values.isna()))


def beside_outcomes(table: DriverTable, panel: Panel) -> pd.DataFrame:
    """Return the rows of a panel with the inputs of the answer that each of them is.

    Where a customer answered several times in a wave it is the one that counts for the panel; of
    their mean, the latest.

    Returns
    -------
    DataFrame
        The frame of the panel, its rows in their order, and ``x_<input>`` each.

    Raises
    ------
    ModelError
        A row of the panel is no answer of the table: they are of two studies or two waves.
    """
    latest = panel.study.answers != "first"
    order = ["answered_at", "score", "answer"]
    columns = ["customer", "wave", *(one.column for one in table.drivers)]
    one_each = (
        table.frame.sort_values(order, ascending=[not latest, True, True], kind="stable")
        .drop_duplicates(["customer", "wave"])[columns]
        .assign(known=True)
    )
    rows = panel.frame.assign(wave=panel.frame["wave"].astype(str))
    both = rows.merge(one_each, on=["customer", "wave"], how="left", validate="many_to_one")
    if both["known"].isna().any():
        raise ModelError(
            "answers of the panel are not among those whose inputs were read",
            "both are of one study and one wave",
            "Make the panel and the inputs from the same study and quarter",
        )
    return both.drop(columns="known")


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    known = values.astype(object).where(values.notna(), None)
    return known.map(worded, na_action="ignore")


def _driver(study: Study, name: str, is_number: bool) -> Driver:
    drivers, score = study.drivers, study.scores.get(name)
    happened = study.inputs.get(name)
    derived = any(name in source.derive for source in study.sources.values())
    better = happened.better if happened else score.scale.better if score else ""
    unit = happened.unit if happened else "points" if score else "days" if derived else ""
    title = happened.title if happened else score.title if score else name.replace("_", " ")
    return Driver(
        name=name,
        title=title,
        unit=unit if is_number else "",
        better=drivers.better.get(name, better),
        is_number=is_number,
        group=drivers.group_of(name),
        source=in_words(study, name),
    )
