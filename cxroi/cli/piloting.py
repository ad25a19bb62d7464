"""The command `plan-pilot`: which pilot would settle a programme, and who would be in it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.display import to_text

if TYPE_CHECKING:
    from ..panel.panel import Panel

ABOUT = """\
Pilots of several sizes: the smallest effect that each would show, what it costs, and what its
answer is worth (the expected value of sample information: what better decisions earn in the mean).
With --write FILE.csv the list of who is offered the programme and who is not: drawn by lot from
the group that is moved from, in the same shares of --by, the same whenever it is drawn again.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `plan-pilot` to its parser."""
    command.add_argument("study", type=Path, metavar="STUDY", help="study file (.toml)")
    command.add_argument(
        "--quarter", default="", metavar="2026Q3", help="answers of this wave; default all"
    )
    command.add_argument(
        "--share", type=float, default=0.5, metavar="0.5", help="share offered; default 0.5"
    )
    command.add_argument(
        "--offered", type=int, default=0, metavar="N", help="customers offered; default the best"
    )
    command.add_argument(
        "--by", action="append", default=[], metavar="CONTROL", help="alike in it; may be repeated"
    )
    command.add_argument("--seed", type=int, help="of the lot; default that of the study")
    command.add_argument("--write", type=Path, metavar="FILE.csv", help="the list of customers")
    command.add_argument("--force", action="store_true", help="replace FILE.csv")


def plan_pilot(options: argparse.Namespace, scenario: str, only: Mapping[str, Any]) -> int:
    """Print the pilots of a scenario and a part of the answers, and write the list of one."""
    from ..errors import ParameterError
    from ..evidence.planning import plan_pilot as planned
    from ..presentation import pilots as shown
    from ..runs.opening import open_run

    _check(options)
    run = open_run(options.study, options.quarter, scenario=scenario, only=only)
    roi = run.analysis.roi
    if roi is None:
        raise ParameterError(
            "the study has no ROI that a pilot could settle",
            str(run.analysis.refusals.get("roi", "it declares no [scenario]")),
            "See cxroi report",
        )
    plans = planned(roi, run.panel, share_offered=options.share)
    print(to_text(shown.plan(plans, run.study.currency, run.study.outcome_days).frame))
    print()
    for sentence in shown.plan_said(plans, run.study).sentences:
        print(f"- {sentence}")
    if options.write:
        _write(options, run.panel, options.offered or plans[0].offered)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Refuse options before anything is read."""
    from ..errors import OutputError, ParameterError

    if not 0 < options.share < 1:
        raise ParameterError(f"--share is {options.share:g}", "some are offered, some held out")
    if options.write and options.write.exists() and not options.force:
        raise OutputError(
            f"{options.write.name} exists", "a list is never overwritten by itself", "Add --force"
        )
    if options.write and options.write.suffix.lower() != ".csv":
        raise OutputError(
            f"{options.write.name} does not end in .csv",
            "the list is a CSV file",
            f"Write {options.write.with_suffix('.csv').name}",
        )


def _write(options: argparse.Namespace, panel: Panel, offered: int) -> None:
    from ..evidence.assignment import assign, eligible
    from ..files.outputs import complete_file

    by = tuple(options.by)
    held_out = round(offered * (1 - options.share) / options.share)
    seed = panel.study.seed if options.seed is None else options.seed
    drawn = assign(eligible(panel, by), offered, held_out, seed=seed, by=by)
    with complete_file(options.write, options.force) as partial:
        drawn.to_csv(partial, index=False)
    print(f"- {options.write}: {offered:,} offered, {held_out:,} held out, seed {seed}.")
