"""The commands that look over runs made before: `compare` and `index`."""

from __future__ import annotations

import argparse


def compare(options: argparse.Namespace) -> int:
    """Print what changed between two runs, and why."""
    from ..presentation import changes
    from ..results.display import to_text
    from ..runs.compare import compare_runs

    found = compare_runs(options.before, options.after)
    print(changes.verdict(found))
    for sentence in changes.why(found).sentences:
        print(f"- {sentence}")
    print()
    print(to_text(changes.table(found).frame))
    return 0


def index(options: argparse.Namespace) -> int:
    """Write one page of all runs below a folder, and print its path."""
    from ..report.index import make_index

    print(make_index(options.folder))
    return 0
