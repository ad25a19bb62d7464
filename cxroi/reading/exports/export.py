"""What is known of one kind of export: the headers it is recognised by, what its columns mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Export:
    """One kind of file that a vendor's software exports.

    Attributes
    ----------
    name
        Vendor and kind, as a reader is told of it.
    role
        Table of a study that it is: ``responses``, ``orders``, ``contacts`` ...
    headers
        Columns that together occur in no other export; letters large or small.
    questions
        Whether other columns are headed by questions, texts of several words.
    columns
        Key of the table -> columns that may hold it, the first that is there counts. Of
        ``customer``, the one that joins best. A key that is missing here is guessed.
    keep, drop
        Column -> values, as in a study file.
    one_of
        Columns of which a study keeps one value, such as the kind of a survey.
    scale
        Section ``[scale]``, where the vendor has one scale alone.
    also
        Other roles of the same file -> their columns, such as invitations of a table of ratings.
    cents
        Whether amounts are in the smallest unit of the currency.
    refunded
        Columns of what was paid back, which the amount still holds.
    notes
        What to know about it, a sentence each.
    """

    name: str
    role: str
    headers: tuple[str, ...]
    questions: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    scale: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    cents: bool = False
    refunded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def fits(self, names: Iterable[str]) -> bool:
        """Whether a file with these columns is such an export."""
        folded = {name.strip().casefold() for name in names}
        others = folded - set(self.headers)
        return set(self.headers) <= folded and (
            not self.questions or any(" " in name for name in others)
        )
