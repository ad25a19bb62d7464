"""Drivers and levers of a million answers with ten inputs, in memory: seconds and peak memory.

OMP_NUM_THREADS=1 PYTHONPATH=tests python tests/benchmarks/levers.py --answers 1000000
"""

import argparse
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from lever_panels import make_lever, make_levered

from cxroi.levers.drivers.found import find_drivers
from cxroi.levers.estimate import estimate_levers

INPUTS = 10


def company(n, seed=1):
    """Answers whose ten inputs move the score less and less; spend follows the score."""
    rng = np.random.default_rng(seed)
    inputs = rng.gamma(2.0, 1.0, (n, INPUTS)).round(2)
    liking = 2.0 - inputs @ (0.5 ** np.arange(INPUTS)) * 0.8 + rng.logistic(size=n)
    step = np.digitize(liking, [-0.4, 1.2])
    frame = pd.DataFrame({"score": np.array([4.0, 8.0, 10.0])[step]})
    frame["spend_after"] = 60 + np.array([0, 12, 30])[step] + rng.normal(0, 15, n)
    names = ["wait", *(f"input{k}" for k in range(1, INPUTS))]
    return frame.assign(**{f"x_{name}": inputs[:, k] for k, name in enumerate(names)})


def timed(what, make):
    """Print seconds and processor seconds of a step, and the peak memory so far."""
    begin, used = time.perf_counter(), time.process_time()
    found = make()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = time.process_time() - used
    print(f"{what}: {time.perf_counter() - begin:.1f} s, {spent:.1f} s CPU, peak {peak:,.0f} MB")
    return found


def main():
    """Time drivers and levers."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--answers", type=int, default=1_000_000)
    n = given.parse_args().answers
    lever = make_lever(at_most=1.0)
    with tempfile.TemporaryDirectory() as folder:
        panel, table = make_levered(Path(folder), company(n), [lever])
    whole = table.frame.assign(
        weight=1.0, cluster=np.arange(n), group=np.digitize(table.frame["score"], [7, 9])
    )
    table = replace(table, frame=whole)
    timed("drivers", lambda: find_drivers(table))
    [found] = timed("lever", lambda: estimate_levers(panel, table))
    print(found["share_moved"].estimate, found["roi"].estimate if found.money else found.unpriced)


if __name__ == "__main__":
    main()
