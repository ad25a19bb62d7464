"""The commands. Each imports what it needs when it runs, so that --help is immediate."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from . import __version__
from .errors import CxroiError, ParameterError, Problems
from .estimate import to_text
from .parameters import assignments, check_quarter, declared
from .shipped import notebook as shipped_notebook

_EPILOG = """\
exit codes: 0 done; 1 refused, with what to mend on stderr; 2 a wrong option or parameter;
130 interrupted; 143 terminated. A command that does not end with 0 leaves nothing behind.
"""
_NOTEBOOK = "a notebook file, or the name of a shipped one such as 04_roi"
_PARAMETERS = """\
Parameters are those of the notebook's parameters cell (cxroi params NOTEBOOK lists them). An
unknown name, a wrong type or a value out of range is refused before anything runs. Values stay
in the output: never pass a password or a connection string, the study file names the
environment variable that holds it.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(argv)
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # errors are told below
    previous = _on_termination()
    try:
        return int(options.run(options))
    except CxroiError as error:
        print(f"cxroi {options.command}: {error}", file=sys.stderr)
        return 2 if _is_usage(error) else 1
    except KeyboardInterrupt:
        print(f"cxroi {options.command}: interrupted, nothing was left", file=sys.stderr)
        return 130
    except _Terminated:
        print(f"cxroi {options.command}: terminated, nothing was left", file=sys.stderr)
        return 143
    except BrokenPipeError:  # whoever reads our output, such as head, had enough
        with suppress(OSError):
            sys.stderr.close()
        return 1
    except Exception as error:
        if options.traceback:
            raise
        print(f"cxroi {options.command}: {_unexpected(error)}", file=sys.stderr)
        return 1
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _unexpected(error: Exception) -> str:
    """Name the place of an error nobody foresaw; its text may quote a table and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == Path(__file__).parent]
    place = f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else "an unknown place"
    return (
        f"unexpected {type(error).__name__} in {place}; this is a defect of cxroi. "
        "cxroi --traceback COMMAND ... shows all of it, and may quote your data."
    )


class _Terminated(BaseException):
    """SIGTERM: as an exception, so that everything on the way out is cleaned up."""


def _on_termination() -> signal.Handlers | None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough, let it clean up
        raise _Terminated

    try:
        previous = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: whoever called has the say over signals
        return None
    return previous  # type: ignore[return-value]


def _is_usage(error: CxroiError) -> bool:
    problems = error.problems if isinstance(error, Problems) else (error,)
    return all(isinstance(problem, ParameterError) for problem in problems)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cxroi",
        description="From a customer-experience score and what customers do to an answer in money.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cxroi {__version__}")
    parser.add_argument(
        "--traceback",
        action="store_true",
        help="show where an unexpected error arose; it may quote data of a table",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (_add_check, _add_params, _add_run, _add_report, _add_simulate):
        add(commands)
    return parser


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


def _add_check(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        "read a study's tables and print what became of every row",
        "All problems found are listed at once on stderr, exit code 1.",
    )
    command.add_argument("study", type=Path, metavar="STUDY", help="study file (.toml)")
    _add_quarter(command)
    command.set_defaults(run=_check)


def _add_params(commands: Any) -> None:
    command = _command(commands, "params", "list the parameters of a notebook", _PARAMETERS)
    command.add_argument("notebook", metavar="NOTEBOOK", help=_NOTEBOOK)
    command.set_defaults(run=_params)


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
    command.set_defaults(run=_run)


def _add_report(commands: Any) -> None:
    command = _command(
        commands,
        "report",
        "run all notebooks on a study and write the report folder",
        "The folder holds report.html, results.json, run.json and notebooks/. It appears when it\n"
        "is complete, or not at all.\n\n" + _PARAMETERS,
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
    _add_parameters(command)
    command.set_defaults(run=_report)


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
        help="causal (default), null, reverse, hidden or heavy",
    )
    command.add_argument(
        "--format", choices=("csv", "parquet"), help="default: Parquet from 200,000 customers on"
    )
    _add_force(command, "replace an earlier simulation in DIR")
    command.set_defaults(run=_simulate)


def _add_quarter(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--quarter",
        default="",
        metavar="2026Q3",
        help="responses answered in this calendar quarter; default all waves together",
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


def _check(options: argparse.Namespace) -> int:
    check_quarter(options.quarter)
    from .panel import build_panel
    from .study import load_study
    from .tables import read_tables

    panel = build_panel(read_tables(load_study(options.study)), quarter=options.quarter)
    print(to_text(panel.ledger.tidy()))
    return 0


def _params(options: argparse.Namespace) -> int:
    rows = [
        (known.name, known.type, repr(known.default), known.help)
        for known in declared(_notebook(options.notebook)).values()
    ]
    table = [("name", "type", "default", "meaning"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for row in table:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        print("  ".join((*cells, row[3])).rstrip())
    return 0


def _run(options: argparse.Namespace) -> int:
    notebook = _notebook(options.notebook)
    out = options.out or Path(f"{notebook.stem}-run.ipynb")
    given = assignments(options.parameter)
    from .run import run_notebook

    print(run_notebook(notebook, given, out, force=options.force))
    return 0


def _report(options: argparse.Namespace) -> int:
    given = assignments(options.parameter)
    quarter = given.pop("quarter", "")
    if quarter and options.quarter and quarter != options.quarter:
        raise ParameterError("--quarter and -p quarter differ", "one of them", "Keep --quarter")
    from .report import report

    print(
        report(
            options.study,
            options.quarter or quarter,
            options.out,
            force=options.force,
            parameters=given,
        )
        / "report.html"
    )
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from .simulate import simulate

    print(
        simulate(
            options.directory,
            options.customers,
            options.seed,
            options.world,
            file_format=options.format,
            force=options.force,
        )
    )
    return 0


def _notebook(name: str) -> Path:
    """Return a notebook by its path, or a shipped one by its name."""
    path = Path(name)
    return path if path.is_file() else shipped_notebook(name)
