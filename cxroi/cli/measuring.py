"""The command `metrics`: what the catalogue holds, and what a study's tables come to."""

from __future__ import annotations

import argparse
from pathlib import Path
from textwrap import shorten

from ..results.display import to_text

ABOUT = """\
Without STUDY the catalogue: every metric, what it asks, and the tables it needs. With STUDY all
that its tables allow, each with its 95 % interval; which rows are set aside, and what is missing
for the rest, is said below.
--by tells customers apart by an attribute (segment), or shows each wave by itself (quarter).
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `metrics` to its parser."""
    command.add_argument(
        "study", type=Path, nargs="?", metavar="STUDY", help="study file (.toml); left out: a list"
    )
    command.add_argument(
        "--metric",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one; may be repeated",
    )
    command.add_argument(
        "--by", default="", metavar="ATTRIBUTE", help="tell customers apart, or quarter: each wave"
    )
    command.add_argument(
        "--quarter", default="", metavar="2026Q3", help="only this wave; default all"
    )


def metrics(options: argparse.Namespace) -> int:
    """Print the catalogue, or the metrics of a study."""
    from ..presentation import metrics as shown

    if options.study is None:
        print(to_text(shown.catalogue(options.metric)))
        return 0
    from ..files.progress import line
    from ..runs.beside import all_tables
    from ..runs.opening import open_run

    run = open_run(options.study, options.quarter)
    with line("Reading and measuring"):
        found = run.measure(options.metric, options.by)
    print(to_text(shown.table(found).frame))
    left_out = shown.left_out(all_tables(run)[0].ledger)
    for sentence in (*left_out.sentences, *shown.missing(found).sentences):
        print(f"- {sentence}")
    return 0


WIDTH = 70  # of a claim in the table; below it stands in full
ABOUT_CLAIMS = """\
Each claim of the articles (that effort predicts loyalty 1.8 times as well as satisfaction, say)
beside what the tables of STUDY say, with a 95 % interval: it holds, does not hold, or these tables
cannot tell; or which table or column it needs. Below stands what each original rests on.
"""


def add_claim_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `claims` to its parser."""
    command.add_argument("study", type=Path, metavar="STUDY", help="study file (.toml)")
    command.add_argument(
        "--claim",
        action="append",
        default=[],
        metavar="NAME",
        help="show only this one, such as lost_in_five_years; may be repeated. Its "
        "verdict is the one among all",
    )


def claims(options: argparse.Namespace) -> int:
    """Print the claims beside what the tables of a study say."""
    from ..claims.examining import examine_claims
    from ..files.progress import line
    from ..metrics.reading import read_for_metrics
    from ..presentation import claims as shown
    from ..study.loading import load_study

    study = load_study(options.study)
    with line("Reading the tables"):
        tables, left_out = read_for_metrics(study)
    with line("Holding the claims against them"):
        found = examine_claims(tables, left_out=left_out).only(options.claim)
    table = shown.table(found).frame
    print(to_text(table.assign(claim=[shorten(claim, WIDTH) for claim in table["claim"]])))
    print()
    for sentence in (*shown.summary(found).sentences, *shown.sentences(found).sentences):
        print(f"- {sentence}")
    return 0
