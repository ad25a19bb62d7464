"""The command line: commands, options and their help."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import ParameterError

_EPILOG = """\
exit codes: 0 done; 1 refused, with what to mend on stderr; 2 a wrong option or parameter;
130 interrupted; 143 terminated. A command that does not end with 0 leaves no output behind.
"""
_INIT = """\
Exports of survey tools, shops, billing and support systems are recognised by their headers.
Of other files, headers and cells tell which table of a study each could be, on which columns
they join, the scale, the windows. Each guess has its ground beside it; lines marked decide: are
what only a person can say. The scenario, without which there is no ROI, is left commented out.

Then: cxroi check STUDY, which names every line that is still open, and cxroi report STUDY.
"""
_NOTEBOOK = "a notebook file, or the name of a shipped one such as 04_roi"
_PARAMETERS = """\
Parameters are those of the notebook's parameters cell (cxroi params NOTEBOOK lists them). An
unknown name, a wrong type or a value out of range is refused before anything runs. Values stay
in the output: never pass a password or a connection string, the study file names the
environment variable that holds it.
"""
_REPORT = """\
The folder holds report.html, results.json, run.json and notebooks/. It appears when it
is complete, or not at all.

Every notebook that has run is kept in a cache under its study, data, parameters and versions.
So a report on unchanged data takes seconds, and one that was stopped goes on where it was. The
cache is in your own cache folder, for you alone; the environment variable CXROI_CACHE names
another (off: none), CXROI_CACHE_SIZE the most it may take (5GB). What was not used for longest
goes first, and all of it may be deleted at any time. A study with tables in a database has no
cache.

"""
_COMPARE = """\
Prints whether the return on cost changed beyond noise, what each cause adds (data, definitions,
who answered, gaps, assumptions), and every figure compared. All comes from the two folders.
"""
_SCHEMA = """\
Editors complete and check TOML by it: cxroi schema > study.schema.json, and in the first line of
the study file beside it

    #:schema ./study.schema.json

Even Better TOML and other editors that use taplo read that line. cxroi check finds more than a
schema can say.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="cxroi",
        description="From a customer-experience score and what customers do to an answer in money.",
        epilog=_EPILOG,
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
    adds = (_add_init, _add_check, _add_params, _add_run, _add_report, _add_simulate, _add_schema)
    for add in (*adds, _add_compare, _add_index):
        add(commands)
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
    command = _command(commands, "compare", "say what changed between two runs, and why", _COMPARE)
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
    command = _command(commands, "init", "look into files and draft a study file", _INIT)
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


def _add_params(commands: Any) -> None:
    command = _command(commands, "params", "list the parameters of a notebook", _PARAMETERS)
    command.add_argument("notebook", metavar="NOTEBOOK", help=_NOTEBOOK)


def _add_run(commands: Any) -> None:
    command = _command(commands, "run", "run one notebook with papermill", _PARAMETERS)
    command.add_argument("notebook", metavar="NOTEBOOK", help=_NOTEBOOK)
    _add_parameters(command)
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="executed notebook (.ipynb) or its page (.html); default NOTEBOOK-run.ipynb here",
    )
    _add_force(command, "replace an existing FILE once the new one is complete")


def _add_report(commands: Any) -> None:
    command = _command(
        commands,
        "report",
        "run all notebooks on a study and write the report folder",
        _REPORT + _PARAMETERS,
    )
    command.add_argument(
        "study",
        type=Path,
        nargs="?",
        metavar="STUDY",
        help="study file (.toml); without it the shipped demo",
    )
    _add_quarter(command)
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
        "--no-cache",
        action="store_true",
        help="run every notebook afresh: nothing is taken from the cache, nothing is kept in it",
    )
    _add_parameters(command)


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
    _add_force(command, "replace an earlier simulation in DIR")


def _add_schema(commands: Any) -> None:
    command = _command(
        commands, "schema", "print what a study file may say, as a JSON Schema", _SCHEMA
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
        help="set a notebook parameter; may be repeated",
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
        if not name.isidentifier():
            raise ParameterError(f"{name!r} is not a parameter name", "a plain name, -p name=value")
        if name in given:
            raise ParameterError(f"parameter {name!r} is given twice", "each name once")
        given[name] = value
    return given
