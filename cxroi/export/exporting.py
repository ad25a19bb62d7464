"""A report folder -> a file or folder to take away, whole or not at all."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ..errors import OutputError, ParameterError, nearest
from ..files.outputs import complete_file, complete_folder
from .brand import Brand, brand
from .folder import RunFolder, open_folder


@dataclass(frozen=True)
class Format:
    """A format to export to.

    Attributes
    ----------
    needs
        The library that writes it; empty for none.
    logos
        Suffixes of the logos that it can hold; empty where none has a place.
    is_folder
        Whether several files are made, in a folder.
    """

    needs: str = ""
    logos: tuple[str, ...] = ()
    is_folder: bool = False


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "xlsx": Format("xlsxwriter", (".png",)),
        "pptx": Format("pptx", (".png",)),
        "pdf": Format("weasyprint", (".png", ".svg")),
        "csv": Format(is_folder=True),
        "svg": Format(is_folder=True),
    }
)
_INSTALL = "pip install 'cxroi[export]'"
_PANGO = "Install it from the system: on Debian apt-get install libpango-1.0-0 libpangoft2-1.0-0"


def export(
    run: str | Path,
    to: str,
    out: str | Path | None = None,
    *,
    force: bool = False,
    colour: str = "",
    logo: str | Path | None = None,
) -> Path:
    """Export a report folder; only what lies in it is read, and nothing is fitted.

    Parameters
    ----------
    run
        A folder that `cxroi report` has made.
    to
        ``xlsx``, ``pptx``, ``pdf``, ``csv`` or ``svg``.
    out
        The file, or for ``csv`` and ``svg`` the folder, to make; by default named after the
        report folder, in the working directory.
    force
        Replace an earlier export.
    colour, logo
        ``#rrggbb`` of headings and bars, and a PNG file; for ``pdf`` an SVG file too.

    Returns
    -------
    Path
        What was made.

    Raises
    ------
    ParameterError
        `run` is no report folder, the format is unknown, its library is missing, or the colour
        or logo cannot be used.
    OutputError
        `out` exists, or cannot be written.

    Examples
    --------
    >>> export("report-demo", "xlsx")  # doctest: +SKIP
    PosixPath('report-demo.xlsx')
    """
    known = FORMATS.get(to)
    if known is None:
        raise ParameterError(f"there is no export to {to!r}", fix=nearest(to, FORMATS))
    if known.needs:
        _load(known.needs, to)
    mark = _brand(to, known, colour, Path(logo) if logo else None)
    folder = open_folder(Path(run))
    target = Path(out) if out else _default(folder, to, known)
    if known.is_folder:
        _write_folder(folder, to, target.absolute(), force)
    else:
        _write_file(folder, to, target.absolute(), force, mark)
    return target


def _brand(to: str, known: Format, colour: str, logo: Path | None) -> Brand:
    if not known.logos and (colour or logo):
        taking = ", ".join(name for name, one in FORMATS.items() if one.logos)
        raise ParameterError(f"{to} has no place for a colour or logo", f"they are of {taking}")
    return brand(colour, logo, formats=known.logos)


def _load(library: str, to: str) -> None:
    """Refuse a format whose library, or what that needs of the system, is missing."""
    try:
        importlib.import_module(library)
    except ImportError as error:
        raise ParameterError(
            f"{to} needs {library}, which is not installed", fix=_INSTALL
        ) from error
    except OSError as error:  # a library of the system that it is bound to
        raise ParameterError(
            f"{to} needs Pango, which {library} does not find", fix=_PANGO
        ) from error


def _default(folder: RunFolder, to: str, known: Format) -> Path:
    name = folder.path.resolve().name
    return Path(f"{name}-{to}" if known.is_folder else f"{name}.{to}")


def _write_file(folder: RunFolder, to: str, out: Path, force: bool, mark: Brand) -> None:
    if not out.parent.is_dir():
        raise OutputError(
            f"the folder {out.parent.name!r}, in which {out.name!r} shall lie, does not exist"
        )
    if out.exists() and (out.is_dir() or not force):
        what = "is a folder" if out.is_dir() else "exists"
        raise OutputError(
            f"{out.name} {what}", fix="Name another --out, or replace a file with --force"
        )
    with complete_file(out, force) as partial:
        _writer(to)(folder, partial, mark)


def _writer(to: str) -> Callable[[RunFolder, Path, Brand], None]:
    if to == "xlsx":
        from .workbook import write_workbook

        return write_workbook
    if to == "pptx":
        from .slides import write_slides

        return write_slides
    from .paged import write_pdf

    return write_pdf


def _write_folder(folder: RunFolder, to: str, out: Path, force: bool) -> None:
    earlier = frozenset(path.name for path in out.glob(f"*.{to}")) if out.is_dir() else frozenset()
    if to == "svg":
        from .pictures import svg_files

        files = svg_files(folder)
        with complete_folder(out, earlier, force) as partial:
            for name, text in files.items():
                (partial / name).write_text(text, encoding="utf-8")
        return
    from .csv_files import write_csv

    with complete_folder(out, earlier, force) as partial:
        write_csv(folder, partial)
