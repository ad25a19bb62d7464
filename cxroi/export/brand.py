"""The colour and the logo of whoever shows the numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import ParameterError

COLOUR = "#0b57a4"
DARK, LIGHT = "#14202b", "#ffffff"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Brand:
    """Colour of headings and bars, and a logo.

    Attributes
    ----------
    colour
        ``#rrggbb``.
    logo
        A PNG or an SVG file; None for none.
    """

    colour: str = COLOUR
    logo: Path | None = None

    @property
    def ink(self) -> str:
        """The colour of text on `colour`: light or dark, whichever is told from it better."""
        return max((LIGHT, DARK), key=lambda ink: contrast(ink, self.colour))

    @property
    def text(self) -> str:
        """The colour of headings on white: `colour` where it can be read there, or dark."""
        return self.colour if contrast(self.colour, LIGHT) >= 4.5 else DARK

    @property
    def tint(self) -> str:
        """`colour` halfway to white: of bars on which dark lines are to be seen."""
        parts = (int(self.colour[n : n + 2], 16) for n in (1, 3, 5))
        return "#" + "".join(f"{(part + 255) // 2:02x}" for part in parts)


def brand(colour: str = "", logo: Path | None = None, *, formats: tuple[str, ...] = ()) -> Brand:
    """Return a brand after a look at what was given.

    Parameters
    ----------
    formats
        Suffixes of logos that can be used; all that are known when empty.

    Raises
    ------
    ParameterError
        The colour is not ``#rrggbb``, or the logo no such picture.
    """
    if colour and not _HEX.fullmatch(colour):
        raise ParameterError(
            f"--colour {colour!r} is no colour", "six hexadecimal digits, such as #0b57a4"
        )
    if logo is not None:
        _check_logo(logo, formats or (".png", ".svg"))
    return Brand(colour.lower() or COLOUR, logo)


def _check_logo(logo: Path, formats: tuple[str, ...]) -> None:
    shown = " or ".join(suffix.removeprefix(".").upper() for suffix in formats)
    if not logo.is_file():
        raise ParameterError(f"--logo {logo.name!r} is no file", f"a picture ({shown})")
    if logo.suffix.casefold() not in formats:
        raise ParameterError(
            f"--logo {logo.name!r} cannot be used here", f"a picture ({shown})", "Convert it"
        )
    head = logo.read_bytes()[:2000]
    fits = head.startswith(_PNG) if logo.suffix.casefold() == ".png" else b"<svg" in head
    if not fits:
        raise ParameterError(f"--logo {logo.name!r} holds no {shown}", "what its name says")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2).

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
