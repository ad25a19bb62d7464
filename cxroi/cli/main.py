"""The commands. Each imports what it needs when it runs, so that --help is immediate."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType

from ..errors import CxroiError, OutputError, ParameterError, Problems, none_left
from ..files.interrupts import ENDING, heard_at_once
from ..report.parameters import declared
from ..report.shipped import notebook as shipped_notebook
from ..results.display import to_text
from .measuring import claims, metrics
from .options import chosen, given_parameters, parser
from .over_runs import compare, index
from .piloting import plan_pilot
from .telling import told

_PACKAGE = Path(__file__).parents[1]
_LOG = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(argv)
    # Errors are told below; what libraries log would stand beside that with its traceback.
    logging.basicConfig(handlers=[logging.NullHandler()])
    log_format = getattr(options, "log_format", "")
    with told(options.command, log_format), _signals() as received:
        try:
            return _COMMANDS[options.command](options)
        except SystemExit:
            raise
        except BaseException as error:
            if options.traceback and isinstance(error, Exception) and not received:
                raise
            return _ended(error, received)


def _ended(error: BaseException, received: Sequence[int]) -> int:
    """Tell why a command ended; return its exit code.

    A library in which a signal arrived may have made another error of it: what was received
    counts.
    """
    if received or isinstance(error, KeyboardInterrupt):
        number = received[0] if received else signal.SIGINT
        how = "interrupted" if number == signal.SIGINT else "terminated"
        _LOG.error("%s, no output was left", how, extra={"event": how})
        return 128 + number
    if not isinstance(error, CxroiError) and _for_want_of_memory(error):
        error = none_left()
    if isinstance(error, CxroiError):
        _LOG.error("%s", error, extra={"event": "refused"})
        return 2 if _is_usage(error) else 1
    if isinstance(error, BrokenPipeError):  # whoever reads our output, such as head, had enough
        with suppress(OSError):
            sys.stderr.close()
        return 1
    _LOG.error("%s", _unexpected(error), extra={"event": "unexpected"})
    return 1


def _unexpected(error: BaseException) -> str:
    """Name the place of an error nobody foresaw; its text may quote a table and stays out."""
    places = ((Path(f.filename), f.lineno) for f in traceback.extract_tb(error.__traceback__))
    own = [(path, line) for path, line in places if path.is_relative_to(_PACKAGE)]
    place = "an unknown place"
    if own:
        path, line = own[-1]
        place = f"{path.relative_to(_PACKAGE).as_posix()}, line {line}"
    return (
        f"unexpected {type(error).__name__} in {place}; this is a defect of cxroi. "
        "cxroi --traceback COMMAND ... shows all of it, and may quote your data."
    )


def _for_want_of_memory(error: BaseException) -> bool:
    """Whether there was no memory: for an object, a thread, or a library to be loaded into."""
    return isinstance(error, MemoryError) or any(
        words in str(error).lower()
        for words in ("allocate memory", "failed to map segment", "bad_alloc", "start new thread")
    )


class _Terminated(BaseException):
    """SIGTERM or SIGHUP: as an exception, so that everything on the way out is cleaned up."""


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Turn the first ending signal into an exception; yield the list that it is entered in.

    A second one that comes at once with it stops no cleaning up; see `heard_at_once` of later ones.
    """
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt if number == signal.SIGINT else _Terminated

    previous = {}
    with suppress(ValueError):  # not the main thread: whoever called has the say over signals
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                previous[number] = signal.signal(number, stop)
    try:
        with heard_at_once() if previous else nullcontext():
            yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: it was not set by Python


def _is_usage(error: CxroiError) -> bool:
    problems = error.problems if isinstance(error, Problems) else (error,)
    return all(isinstance(problem, ParameterError) for problem in problems)


def _check(options: argparse.Namespace) -> int:
    from ..files import cache
    from ..files.progress import line
    from ..panel.building import build_panel
    from ..reading.whole_study import read_study, rows_beside

    cache.folder()  # refused once, not by every table
    with line("Checking the study"):
        tables = read_study(options.study, options.quarter, chosen(options.only))
        panel = build_panel(tables, quarter=options.quarter)
        beside = rows_beside(options.study, panel.ledger)
    print(to_text(panel.ledger.tidy()))
    if beside.entries:
        print("\nTables that only metrics read")
        print(to_text(beside.tidy()))
    return 0


def _init(options: argparse.Namespace) -> int:
    from ..draft.drafting import draft_study
    from ..files.outputs import complete_file
    from ..files.progress import line

    out: Path = options.out
    if out.exists() and not options.force:
        raise OutputError(
            f"{out} is there already", "a draft replaces no study file", "Name another, or --force"
        )
    with complete_file(out, options.force) as partial:
        with line("Looking into the files"):
            draft = draft_study(options.files, name=options.name, folder=out.parent)
        partial.write_text(draft.text, encoding="utf-8")
    print(out)
    for open_line in draft.undecided:
        print(f"decide: {open_line}")
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
    given = given_parameters(options)
    from ..report.notebooks import run_notebook

    print(run_notebook(notebook, given, out, force=options.force))
    return 0


def _report(options: argparse.Namespace) -> int:
    from .reporting import report_command

    return report_command(options)


def _export(options: argparse.Namespace) -> int:
    from ..export.exporting import export

    made = export(
        options.run,
        options.to,
        options.out,
        force=options.force,
        colour=options.colour,
        logo=options.logo,
    )
    print(made)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from ..simulate.simulate import simulate

    print(
        simulate(
            options.directory,
            options.customers,
            options.seed,
            options.world,
            scenario_ranges=options.ranges,
            file_format=options.format,
            journeys=options.journeys,
            force=options.force,
        )
    )
    return 0


def _schema(options: argparse.Namespace) -> int:
    if options.markdown:
        from ..study.reference import reference

        print(reference(), end="")
    else:
        from ..study.json_schema import json_schema

        print(json.dumps(json_schema(), indent=2))
    return 0


def _notebook(name: str) -> Path:
    """Return a notebook by its path, or a shipped one by its name."""
    path = Path(name)
    return path if path.is_file() else shipped_notebook(name)


def _plan_pilot(options: argparse.Namespace) -> int:
    given, prefix = given_parameters(options), "scenario."
    values = {n.removeprefix(prefix): v for n, v in given.items() if n.startswith(prefix)}
    others = [name for name in given if name != "only" and not name.startswith(prefix)]
    if others:
        raise ParameterError(
            f"-p {others[0]} is no parameter of plan-pilot",
            "values of the scenario",
            "Write -p scenario.causal_share=[0,0.5,1]",
        )
    scenario = ", ".join(f"{name} = {value}" for name, value in values.items())
    return plan_pilot(options, scenario, chosen(options.only))


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": _init,
    "check": _check,
    "params": _params,
    "run": _run,
    "report": _report,
    "export": _export,
    "simulate": _simulate,
    "schema": _schema,
    "metrics": metrics,
    "claims": claims,
    "plan-pilot": _plan_pilot,
    "compare": compare,
    "index": index,
}
