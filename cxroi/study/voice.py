"""How comments are read: the section ``[voice]`` of a study file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StudyError, nearest

THEMES = (2, 40)
LANGUAGES = {
    **{"pt": "Portuguese", "de": "German", "en": "English", "it": "Italian", "ru": "Russian"},
    **{"hr": "Croatian", "ro": "Romanian", "es": "Spanish", "fr": "French", "nl": "Dutch"},
    **{"sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "hu": "Hungarian"},
    **{"pl": "Polish", "cs": "Czech", "tr": "Turkish", "el": "Greek", "ca": "Catalan"},
}


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
    asked
        Whether the study has the section, so that its report reads comments.
    """

    languages: tuple[str, ...] = ()
    themes: int = 0
    quotes: bool = False
    stop_words: tuple[str, ...] = ()
    asked: bool = False


def make_voice(section: Mapping[str, Any] | None) -> VoiceSettings:
    """Return what ``[voice]`` of a study file says; None where there is none."""
    table = section or {}
    return VoiceSettings(
        tuple(table.get("languages", ())),
        table.get("themes", 0),
        table.get("quotes", False),
        tuple(table.get("stop_words", ())),
        section is not None,
    )


def check_voice(table: Mapping[str, Any]) -> Iterator[StudyError]:
    """Yield languages of [voice] that nothing is known of, and a number of themes that is none."""
    for code in table.get("languages", ()):
        if code not in LANGUAGES:
            yield StudyError(
                f"[voice] languages has {code!r}",
                "a code of two letters of a language with stems and stop words, such as 'en'",
                nearest(code, LANGUAGES),
            )
    themes = table.get("themes", THEMES[0])
    if not THEMES[0] <= themes <= THEMES[1]:
        yield StudyError(f"[voice] themes is {themes}", f"it is {THEMES[0]} to {THEMES[1]}")
