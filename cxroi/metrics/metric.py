"""Metric: what is asked of which tables, in words and in SQL; a metric is data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SECTIONS = ("attitude", "behaviour", "service", "outcome")


@dataclass(frozen=True)
class Band:
    """What an article calls good, or usual.

    Attributes
    ----------
    low, high
        In the unit of the metric; None where an end is open.
    said
        In words, such as ``75 to 85 %``.
    article
        Which says so: A0 to A4.
    low_is_good
        Whether it is said of scores alone whose low end is good.
    """

    low: float | None
    high: float | None
    said: str
    article: str
    low_is_good: bool = False


@dataclass(frozen=True)
class Metric:
    """One metric of the catalogue.

    Attributes
    ----------
    name, title
        As in results; for readers.
    section
        One of `SECTIONS`.
    question, formula
        The question that it answers, and how it is computed, in words.
    unit
        Of the estimate; ``{currency}`` stands for that of the study, ``{days}`` for the length of
        the period, ``{now_days}`` and ``{like_days}`` for those of `Period.previous` and `like`.
    kind
        What is made of the rows: a key of `kinds.KINDS`, or ``function``.
    needs
        Role, or relation of `unions.UNIONS`, -> columns without which it cannot be computed;
        ``scores:csat`` is a declared score of that kind, ``scores:`` with columns one whose table
        has them.
    rows
        SQL (DuckDB) with ``{role}`` for relations, ``{start}`` and ``{end}`` for the period,
        ``{days}`` and ``{months}`` for its length, ``{until}`` for the end of all data: one row an
        observation, with ``customer`` (the independent unit), ``seen_at`` (a time that must lie in
        the period, or NULL), and the columns of the kind; where it has ``part``, the metric is
        computed of each part. Other places are those of `period.places`.
    better
        ``higher``, ``lower``, or empty where it depends.
    band
        What an article calls good.
    articles
        Which ask for it, such as ``A0``; or another source.
    options
        Name -> value -> SQL that stands in for ``{name}`` in `rows`; the first is the default.
    value, columns
        Of kind ``function``: from the sums of so many columns, ``x1``, ``x2`` ..., to the estimate.
    counted
        Of kind ``function``: the column, from 1, that is not 0 in the rows of a part; 0 where every
        row is of it.
    weighted
        Whether rows are answers: they have ``weight``, ``wave``, ``answer`` and ``home``.
    parts
        What the parts are, such as ``reason``; empty where there are none.
    optional
        Columns that are read where they are declared, NULL otherwise.
    of
        What the independent units are, in words; only customers have attributes and accounts.
    divisible
        Whether it may be told apart by an attribute: not, where a row depends on all others.
    clock
        Role and column of a time without whose time of day it says nothing.
    """

    name: str
    title: str
    section: str
    question: str
    formula: str
    unit: str
    kind: str
    needs: Mapping[str, tuple[str, ...]]
    rows: str
    better: str = "higher"
    band: Band | None = None
    articles: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    value: Callable[..., Any] | None = None
    columns: int = 0
    counted: int = 0
    weighted: bool = False
    parts: str = ""
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: str = "customers"
    divisible: bool = True
    clock: tuple[str, str] = ("", "")
