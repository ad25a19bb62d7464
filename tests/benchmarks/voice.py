"""Seconds and memory of the themes of many comments.

    PYTHONPATH=tests:tests/recovery python tests/benchmarks/voice.py --comments 100000

Of companies of `voice_study.py`, in four languages.
"""

import argparse
import resource
import time
from tempfile import TemporaryDirectory

from voice_study import company, rand_index, voice_of


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--languages", nargs="*", default=["pt", "de", "en", "it"])
    options = parser.parse_args()
    one = company(1, options.comments, tuple(options.languages))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    with TemporaryDirectory() as folder:
        found = voice_of(one, folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.comments:,} comments: {seconds:.1f} s, {peak:,.0f} MiB at most "
        f"({before:,.0f} before), {len(found.themes)} themes, adjusted Rand index "
        f"{rand_index(one, found):.2f}"
    )


if __name__ == "__main__":
    main()
