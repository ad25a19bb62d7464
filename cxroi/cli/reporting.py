"""The report command: runs it, sums it up, and says by its exit code what a scheduler must know."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError, ParameterError
from .options import given_parameters
from .telling import PLAIN

if TYPE_CHECKING:
    from ..report.summary import Summary

FAILED_ON = 3
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_LOG = logging.getLogger(__name__)


def report_command(options: argparse.Namespace) -> int:
    """Make a report; return 0, or 3 where it found what the caller asked to fail on."""
    given = given_parameters(options)
    quarter = str(given.pop("quarter", ""))
    if quarter and options.quarter and quarter != options.quarter:
        raise ParameterError("--quarter and -p quarter differ", "one of them", "Keep --quarter")
    if options.summary and not options.summary.absolute().parent.is_dir():
        raise OutputError(f"the folder of --summary {str(options.summary)!r} does not exist")
    from ..report.contents import REPORT
    from ..report.folder import report
    from ..report.kernels import leave_processors
    from ..report.summary import summary

    leave_processors()
    folder = report(
        options.study,
        options.quarter or quarter,
        options.out,
        force=options.force,
        parameters=given,
        progress=options.log_format == PLAIN,
        engine=options.engine,
        cached=not options.no_cache,
        against=options.against,
    )
    found = summary(folder)
    _write(found, options.summary)
    print(found.line)
    print(folder / REPORT, flush=True)
    failing = found.failing([kind for kinds in options.fail_on for kind in kinds])
    if not failing:
        return 0
    fields = {"path": str(folder)}
    _LOG.error("the report is written; %s", failing, extra={"event": "failed_on", "fields": fields})
    return FAILED_ON


def _write(found: Summary, path: Path | None) -> None:
    """Write the summary in Markdown where it was asked for, and to the page of a GitHub step."""
    from ..files.outputs import complete_file

    if path is not None:
        with complete_file(path, force=True) as partial:
            partial.write_text(found.markdown, encoding="utf-8")
    step = os.environ.get(STEP_SUMMARY)
    if step:
        try:
            with Path(step).open("a", encoding="utf-8") as page:
                page.write(found.markdown + "\n")
        except OSError as error:
            _LOG.warning("%s cannot be written (%s)", STEP_SUMMARY, error.strerror)
