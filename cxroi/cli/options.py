"""The command line: commands, options and their help."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import ParameterError, nearest
from ..report.summary import FAIL_ON
from . import help_texts, measuring, piloting
from .telling import FORMATS, PLAIN

_PARTS = ("scenario",)  # of a study, whose keys parameters may change
_NOTEBOOK = "a notebook file, or the name of a shipped one such as 04_roi"


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="cxroi",
        description="From a customer-experience score and what customers do to an answer in money.",
        epilog=help_texts.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"cxroi {__version__}")
    made.add_argument(
        "--traceback",
        action="store_true",
        help="show where an unexpected error arose; it may quote data of a table",
    )
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    adds = (_add_init, _add_check, _add_params, _add_run, _add_report, _add_export)
    for add in (*adds, _add_compare, _add_index, _add_simulate, _add_schema):
        add(commands)
    about = "list the metrics there are, or compute those that a study's tables allow"
    measuring.add_options(_command(commands, "metrics", about, measuring.ABOUT))
    about = "say which pilot would settle the programme, and draw who would be in it"
    command = _command(commands, "plan-pilot", about, piloting.ABOUT)
    piloting.add_options(command)
    _add_parameters(command)
    _add_only(command)
    about = "hold the claims of the field against a study's own tables"
    measuring.add_claim_options(_command(commands, "claims", about, measuring.ABOUT_CLAIMS))
    return made


def _command(commands: Any, name: str, about: str, epilog: str = "") -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return command


def _add_compare(commands: Any) -> None:
    command = _command(
        commands, "compare", "say what changed between two runs, and why", help_texts.COMPARE
    )
    command.add_argument("before", type=Path, metavar="A", help="report folder of the earlier run")
    command.add_argument("after", type=Path, metavar="B", help="report folder of the later one")


def _add_index(commands: Any) -> None:
    command = _command(
        commands,
        "index",
        "write one page of all runs below a folder",
        "Makes index.html and index.json in DIR, the newest run first. A folder that cannot be\n"
        "read, or was made by an earlier version, is named there with the reason.",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="with report folders below it")


def _add_init(commands: Any) -> None:
    command = _command(commands, "init", "look into files and draft a study file", help_texts.INIT)
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help="data, of any kind")
    command.add_argument(
        "--out",
        type=Path,
        default=Path("study.toml"),
        metavar="STUDY",
        help="study file to write; default study.toml here",
    )
    command.add_argument("--name", default="", metavar="NAME", help="what the report is called")
    _add_force(command, "replace an existing STUDY")


def _add_check(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        "read a study's tables and print what became of every row",
        "All problems found are listed at once on stderr, exit code 1.",
    )
    command.add_argument("study", type=Path, metavar="STUDY", help="study file (.toml)")
    _add_quarter(command)
    _add_only(command)


def _add_params(commands: Any) -> None:
    command = _command(
        commands, "params", "list the parameters of a notebook", help_texts.PARAMETERS
    )
    command.add_argument("notebook", metavar="NOTEBOOK", help=_NOTEBOOK)


def _add_run(commands: Any) -> None:
    command = _command(commands, "run", "run one notebook with papermill", help_texts.PARAMETERS)
    command.add_argument("notebook", metavar="NOTEBOOK", help=_NOTEBOOK)
    _add_parameters(command)
    _add_only(command)
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="executed notebook (.ipynb) or its page (.html); default NOTEBOOK-run.ipynb here",
    )
    _add_force(command, "replace an existing FILE once the new one is complete")


def _kinds(text: str) -> list[str]:
    """Return the kinds of --fail-on, written one by one or with commas."""
    kinds = [kind.strip() for kind in text.split(",")]
    for kind in kinds:
        if kind not in FAIL_ON:
            raise argparse.ArgumentTypeError(f"{kind!r} is none. {nearest(kind, FAIL_ON)}")
    return kinds


def _add_report(commands: Any) -> None:
    command = _command(
        commands,
        "report",
        "run all notebooks on a study and write the report folder",
        help_texts.REPORT + help_texts.PARAMETERS,
    )
    command.add_argument(
        "study",
        type=Path,
        nargs="?",
        metavar="STUDY",
        help="study file (.toml); without it the shipped demo",
    )
    _add_quarter(command)
    _add_only(command)
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to make; default report-<study>[-<quarter>]"
    )
    _add_force(command, "replace an earlier report once the new one is complete")
    command.add_argument(
        "--engine",
        default="",
        metavar="ENGINE",
        help="duckdb, local[*] or spark://host:port; default: what the study file says, or duckdb",
    )
    command.add_argument(
        "--against",
        default="",
        metavar="DIR",
        help="report folder whose data these are held against, or none; default the last run of "
        "the same study, in DIR of --out or beside it",
    )
    command.add_argument(
        "--fail-on",
        action="append",
        default=[],
        type=_kinds,
        metavar="KIND",
        help="end with exit code 3 where a check that carries money failed (failed), failed or "
        "warned (warning), or data differ from the last run's (drift); may be repeated, or "
        "several with commas. The report is written either way",
    )
    command.add_argument(
        "--summary",
        type=Path,
        metavar="FILE",
        help="write a summary in Markdown; it is also added to the file that the environment "
        "variable GITHUB_STEP_SUMMARY names, where that is set",
    )
    command.add_argument(
        "--log-format",
        choices=FORMATS,
        default=PLAIN,
        help="of what is told on stderr: plain, with the time where that is no terminal, or json, "
        "one object a line with time, level, event and message",
    )
    command.add_argument(
        "--no-cache",
        action="store_true",
        help="run every notebook afresh: nothing is taken from the cache, nothing is kept in it",
    )
    _add_parameters(command)


def _add_export(commands: Any) -> None:
    command = _command(
        commands, "export", "make a workbook, slides or a PDF of a report folder", help_texts.EXPORT
    )
    command.add_argument(
        "run", type=Path, metavar="RUN", help="a folder that cxroi report has made"
    )
    command.add_argument(
        "--to", required=True, metavar="FORMAT", help="xlsx, pptx, pdf, csv or svg"
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help="file to make, for csv and svg a folder; default named after RUN, here",
    )
    _add_force(command, "replace an earlier export once the new one is complete")
    command.add_argument(
        "--colour", default="", metavar="#RRGGBB", help="of headings and bars; default #0b57a4"
    )
    command.add_argument(
        "--logo", type=Path, metavar="FILE", help="a PNG file; for pdf an SVG file too"
    )


def _add_simulate(commands: Any) -> None:
    command = _command(
        commands,
        "simulate",
        "write the tables of a company whose true effects are known",
        "Writes the tables, study.toml and truth.json.",
    )
    command.add_argument("directory", type=Path, metavar="DIR", help="folder to make")
    command.add_argument("--customers", type=int, required=True, metavar="N", help="how many")
    command.add_argument(
        "--seed", type=int, required=True, metavar="S", help="same seed, same files"
    )
    command.add_argument(
        "--world",
        default="causal",
        metavar="NAME",
        help="causal (default), null, reverse, hidden, opposed, heavy, bent_outcome or bent_score",
    )
    command.add_argument(
        "--format", choices=("csv", "parquet"), help="default: Parquet from 200,000 customers on"
    )
    command.add_argument(
        "--ranges", action="store_true", help="a scenario with ranges instead of the true values"
    )
    command.add_argument(
        "--journeys",
        action="store_true",
        help="also the tables of journeys and metrics: ratings, calls, tickets, web, staff ...",
    )
    _add_force(command, "replace an earlier simulation in DIR")


def _add_schema(commands: Any) -> None:
    command = _command(
        commands, "schema", "print what a study file may say, as a JSON Schema", help_texts.SCHEMA
    )
    command.add_argument(
        "--markdown", action="store_true", help="print it as a reference to be read instead"
    )


def _add_quarter(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--quarter",
        default="",
        metavar="2026Q3",
        help="responses of this wave: a calendar quarter, or what the study file says is a wave; "
        "default all waves together",
    )


def _add_parameters(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a notebook parameter, or a value of the scenario as in "
        "-p scenario.cost_per_moved=5; may be repeated",
    )


def _add_only(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only answers with this value of an attribute, such as segment=Business; may be "
        "repeated, with the same attribute for several values",
    )


def _add_force(command: argparse.ArgumentParser, about: str) -> None:
    command.add_argument("--force", action="store_true", help=about)


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """Return the ``name=value`` texts of a command line as a mapping.

    Raises
    ------
    ParameterError
        A text without ``=``, a name that is no identifier, or a name given twice.
    """
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise ParameterError(f"-p {text!r} has no value", "-p name=value")
        part, point, key = name.partition(".")
        if not (key if point and part in _PARTS else name).isidentifier():
            raise ParameterError(f"{name!r} is not a parameter name", "a plain name, -p name=value")
        if name in given:
            raise ParameterError(f"parameter {name!r} is given twice", "each name once")
        given[name] = value
    return given


def chosen(texts: Iterable[str]) -> dict[str, Any]:
    """Return the ``attribute=value`` texts of ``--only`` as a study file has them.

    Raises
    ------
    ParameterError
        A text without ``=`` or without a value.

    Examples
    --------
    >>> chosen(["segment=Business", "region=north", "region=south"])
    {'segment': ['Business'], 'region': ['north', 'south']}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and name and value):
            raise ParameterError(f"--only {text!r} has no value", "--only attribute=value")
        found.setdefault(name, []).append(value)
    return found


def given_parameters(options: argparse.Namespace) -> dict[str, object]:
    """Return the parameters of a command line, those that choose answers among them.

    Raises
    ------
    ParameterError
        Answers are chosen twice.
    """
    given: dict[str, object] = {**assignments(options.parameter)}
    if options.only and given.get("only"):
        raise ParameterError("--only and -p only both choose", "one of them", "Keep --only")
    return given | ({"only": chosen(options.only)} if options.only else {})
