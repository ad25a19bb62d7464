"""How comments are read: the section ``[voice]`` of a study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class VoiceSettings:
    """How comments are read.

    Attributes
    ----------
    languages
        Codes of those that occur; empty: found.
    themes
        How many are looked for in each language; 0: found.
    quotes
        Whether masked comments may be shown.
    stop_words
        Words that tell nothing in this study.
    """

    languages: tuple[str, ...] = ()
    themes: int = 0
    quotes: bool = False
    stop_words: tuple[str, ...] = ()


def make_voice(table: Mapping[str, Any]) -> VoiceSettings:
    """Return what ``[voice]`` of a study file says."""
    return VoiceSettings(
        tuple(table.get("languages", ())),
        table.get("themes", 0),
        table.get("quotes", False),
        tuple(table.get("stop_words", ())),
    )
