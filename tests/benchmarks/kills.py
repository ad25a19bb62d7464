"""Commands that are killed, or sent a signal, at random moments: what they leave, how they end.

    python tests/benchmarks/kills.py --times 30
    python tests/benchmarks/kills.py --times 30 --spark 6 --only kill

Of `--times` kills (SIGKILL) and as many signals (SIGTERM to the process; SIGINT and SIGHUP to its
group, as a terminal sends them) half go to `cxroi check` on 10 million orders and half to `cxroi
report` on 600,000, `--spark` of the latter on Spark in this machine. Each command has a temporary
folder and a cache of its own, and every second report an earlier one to replace. Prints a row for
each kind; whatever is wrong is told as it is found, and makes the exit code 1.

Wrong is: another exit code than 130, 143 or 129; a traceback, or the word defect; a file in the
temporary folder, or half an entry in the cache (after a kill: once the next command has run); an
output other than the earlier one, none, or a whole one; a process that goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from panel import make_files

import cxroi as cx

SCENARIO = """
[scenario]
from = "passive"
to = "promoter"
share_moved = [0.05, 0.1, 0.2]
cost_per_moved = 10.0
gross_margin = 0.5
causal_share = [0.3, 0.5, 0.8]
horizon_months = 12
"""
SIZES = {"check": (1_000_000, 10_000_000), "report": (60_000, 600_000), "spark": (3_000, 30_000)}
KILL, SIGNALS = signal.SIGKILL, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PATIENCE_SECONDS = 20.0  # for Java, which ends by itself


@dataclass
class Bench:
    """A folder with the studies, one whole report of each, and how long a whole run takes."""

    folder: Path
    kinds: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the studies and run each command once, to its end."""
        for kind in self.kinds:
            study = self.folder / kind
            study.mkdir()
            make_files(study, *SIZES[kind])
            with (study / "study.toml").open("a") as file:
                file.write(SCENARIO)
            begin = time.monotonic()
            process = self.start(kind, self.folder / "whole", study / "earlier")
            said = process.communicate()[1]
            if process.returncode:
                raise SystemExit(f"{kind}: {said}")
            self.seconds[kind] = time.monotonic() - begin
            print(f"{kind}: {self.seconds[kind]:.0f} s when it is let be", flush=True)

    def start(
        self, kind: str, cache: Path, out: Path, temporary: Path | None = None
    ) -> subprocess.Popen[str]:
        """Start a command in a session of its own, with the usual handlers of signals."""
        study = self.folder / kind / "study.toml"
        command = ["check", study] if kind == "check" else ["report", study, "--out", out]
        command += ["--force"] if kind != "check" else []
        command += ["--engine", "local[1]"] if kind == "spark" else []
        return _cxroi([*map(str, command)], cache, temporary or self.folder)


def _cxroi(command: list[str], cache: Path, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cxroi", *command],
        env=os.environ | {"CXROI_CACHE": str(cache), "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # What a shell runs in the background ignores the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended: what it said, and how many seconds after it was told to."""

    code: int
    said: str
    seconds: float


def attempt(
    bench: Bench, kind: str, number: signal.Signals, moment: float, earlier: bool
) -> tuple[Ended, list[str]]:
    """Start a command and stop it at a moment; return how it ended, and what is wrong."""
    place = bench.folder / "attempt"
    temporary, cache, out = place / "temporary", place / "cache", place / "out" / "r"
    for folder in (temporary, cache, out.parent):
        folder.mkdir(parents=True)
    if earlier and kind != "check":
        shutil.copytree(bench.folder / kind / "earlier", out)
    before = _content(out)
    ended = _stopped(bench.start(kind, cache, out, temporary), number, moment)
    wrong = [*_badly(ended, number), *_going_on(temporary)]
    whole = set(_content(bench.folder / kind / "earlier"))
    if ended.code and _content(out) != before and set(_content(out)) != whole:
        wrong.append(f"half an output: {sorted(_content(out))}")
    if ended.code and number == KILL:
        after = _cxroi(["check", str(cx.demo_study())], cache, temporary)
        if after.communicate()[1] or after.returncode:
            wrong.append("the next command fails")
        if kind != "check":
            bench.start(kind, bench.folder / "whole", out, temporary).communicate()
    wrong += [f"left {path.relative_to(place)}" for path in _left(temporary, cache, out)]
    shutil.rmtree(place)
    return ended, wrong


def _stopped(process: subprocess.Popen[str], number: signal.Signals, moment: float) -> Ended:
    """Wait so many seconds, and stop a process that runs still."""
    try:
        return Ended(0, process.communicate(timeout=moment)[1], 0.0)
    except subprocess.TimeoutExpired:
        alone = number in (KILL, signal.SIGTERM)
        (os.kill if alone else os.killpg)(process.pid, number)
        sent = time.monotonic()
        said = process.communicate()[1]
        return Ended(process.returncode, said, time.monotonic() - sent)


def _badly(ended: Ended, number: signal.Signals) -> Iterator[str]:
    said = ended.said.strip()[-300:]
    # Before the command has begun the signal itself ends it; a shell tells the same code of it.
    begun = number != KILL and bool(said)
    if ended.code not in (0, 128 + number if begun else -number):
        yield f"exit code {ended.code}: {said}"
    lines = said.count("\n") if number != KILL else 0  # kernels tell that they are orphans
    if "Traceback" in ended.said or "defect" in ended.said or lines:
        yield f"said {said}"


def _left(temporary: Path, cache: Path, out: Path) -> Iterator[Path]:
    yield from temporary.iterdir()
    yield from cache.glob("entries/.*")
    yield from (path for path in out.parent.iterdir() if path != out)


def _going_on(temporary: Path) -> Iterator[str]:
    """Name the processes that work in a temporary folder and go on."""
    until = time.monotonic() + PATIENCE_SECONDS
    while left := _working(temporary):
        if time.monotonic() > until:
            yield from (f"goes on: {name}" for name in left)
            return
        time.sleep(0.1)


def _working(temporary: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={temporary}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:80])
        except OSError:  # it ended meanwhile
            continue
    return [name for name in found if name]


def _content(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.rglob("*")
        if path.is_file()
    }


def main() -> None:
    """Print what happened, by command and signal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=30, help="kills, and as many signals")
    parser.add_argument("--spark", type=int, default=0, help="how many of them on Spark")
    parser.add_argument("--only", choices=["kill", "signal"], help="both when left out")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    half = given.times // 2
    kinds = ["check"] * half + ["report"] * (given.times - half)
    kinds[len(kinds) - given.spark :] = ["spark"] * given.spark
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        bench = Bench(Path(folder), list(dict.fromkeys(kinds)))
        bench.prepare()
        ends: dict[tuple[str, str], list[Ended]] = {}
        for only in [given.only] if given.only else ["kill", "signal"]:
            for i, kind in enumerate(kinds):
                number = KILL if only == "kill" else SIGNALS[i % len(SIGNALS)]
                moment = draw.uniform(0, bench.seconds[kind])
                ended, problems = attempt(bench, kind, number, moment, i % 2 == 1)
                ends.setdefault((kind, number.name), []).append(ended)
                wrong += len(problems)
                for problem in problems:
                    print(f"{kind}, {number.name} after {moment:.2f} s: {problem}", flush=True)
    for (kind, name), several in ends.items():
        codes = Counter(ended.code for ended in several)
        longest = max(ended.seconds for ended in several)
        told = ", ".join(f"{times} x {code}" for code, times in codes.items())
        print(f"{kind:7} {name:8} exit codes {told}; ended within {longest:.1f} s")
    print(f"{wrong} things wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
