"""Everything a reader is told of a study, as plain data: what must not move by itself.

    python tests/kept/findings.py                    writes the kept files anew
    python tests/kept/findings.py --check            compares all of them; worlds on rows alone
    python tests/kept/findings.py --check --engine 'local[2]' demo    the same on Spark

`of` runs analysis and checks and gathers every entry of `results.json` with every sentence and
table of the notebooks; `differences` compares two gatherings: numbers to 1e-9 of their size or of
their standard error, words as they stand. Run it after a change that is meant to move numbers,
and read what moved before it is kept.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cxroi as cx
from cxroi.simulate.simulate import simulate

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
OLIST = ROOT.parent / "shared" / "data" / "olist_sample"
WORLDS = (
    "causal", "null", "hidden", "opposed", "bent_outcome", "bent_score", "reverse", "heavy",
)  # fmt: skip
STUDIES = ("demo", "sfo_2017", "sfo_2018", "olist", *WORLDS)
BACKENDS = ("rows", "engine")
WORLD_CUSTOMERS, WORLD_SEED = 1_500, 11
TOLERANCE = 1e-9

Findings = dict[str, Any]


def study_of(name: str, folder: Path) -> Path:
    """Return the study file of a kept study; simulated ones and Olist's are written to `folder`."""
    if name == "demo":
        return cx.demo_study()
    if name.startswith("sfo"):
        return ROOT / "data" / "sfo" / ("study.toml" if name == "sfo_2017" else "study_2018.toml")
    if name == "olist":
        path = folder / "olist.toml"
        path.write_text(_olist(), encoding="utf-8")
        return path
    made = simulate(folder / name, WORLD_CUSTOMERS, WORLD_SEED, name, file_format="parquet")
    return Path(made)


def _olist() -> str:
    spec = importlib.util.spec_from_file_location("olist", ROOT / "tests/end_to_end/test_olist.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.STUDY.format(data=OLIST))


def of(study: Path, backend: str, engine: str = "") -> Findings:
    """Analyse a study and gather what is told of it.

    Parameters
    ----------
    backend
        ``rows`` or ``engine``: where models are fitted.
    """
    panel = cx.build_panel(cx.read_tables(cx.load_study(study), engine=engine), fits=backend)
    analysis = cx.analyse(panel)
    checks = cx.run_checks(analysis)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "results.json"
        cx.write_results(analysis, path, also=checks.estimates)
        results = json.loads(path.read_text(encoding="utf-8"))["results"]
    texts = dict(texts_of(analysis, checks))
    return {"results": results, "texts": {k: _plain(v).split("\n") for k, v in texts.items()}}


def texts_of(analysis: Any, checks: Any) -> Iterator[tuple[str, object]]:
    for name in ("scope", "what_would_change", "method", "limits", "refused"):
        yield f"words.{name}", getattr(cx.words, name)(analysis)
    yield "words.answer", cx.words.answer(analysis, checks)
    for name in ("verdicts", "roi"):
        yield f"summaries.{name}", getattr(cx.summaries, name)(analysis, checks)
    tables = ("groups", "pairs", "ladder", "gaps", "controls", "coefficients")
    for name in (*tables, "bridge", "assumptions", "key_numbers"):
        yield f"summaries.{name}", getattr(cx.summaries, name)(analysis)
    for name in ("how_far", "table", "headline"):
        yield f"trust.{name}", getattr(cx.trust, name)(analysis, checks)
    for name in dict.fromkeys(check.name for check in checks.checks):
        yield f"check.{name}", cx.trust.every_check(analysis, checks, name)
        yield f"details.{name}", cx.trust.details(checks, name, cx.trust.main_outcome(analysis))
    for name in ("with_responses", "moves", "moves_by_segment", "movers"):
        yield f"who.{name}", getattr(cx.who, name)(analysis, checks)
    for name in ("answered", "balance", "transitions"):
        yield f"who.{name}", getattr(cx.who, name)(checks)
    yield "ledger", analysis.panel.ledger
    yield "panel", analysis.panel
    yield "described", analysis.panel.describe()
    for kind, refusals in {"analysis": analysis, "checks": checks}.items():
        for name, refusal in refusals.refusals.items():
            yield f"refusal.{kind}.{name}", refusal


def _plain(shown: object) -> str:
    return str(shown) if isinstance(shown, Exception) else repr(shown)


def kept(name: str, backend: str) -> Findings:
    """Return what was kept of a study."""
    with gzip.open(FOLDER / f"{name}.{backend}.json.gz", "rt", encoding="utf-8") as stream:
        return json.load(stream)


def keep(name: str, backend: str, found: Findings) -> None:
    """Write what was found as what is to be kept."""
    text = json.dumps(found, indent=0, sort_keys=True).encode("utf-8")
    (FOLDER / f"{name}.{backend}.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


def differences(found: Findings, expected: Findings, engine: str = "DuckDB") -> Iterator[str]:
    """Yield a line for every number that moved and every sentence that reads otherwise."""
    one, two = ({e["name"]: e for e in side["results"]} for side in (found, expected))
    yield from _missing("entry", one, two)
    for name in one.keys() & two.keys():
        for field in one[name].keys() | two[name].keys():
            a, b = one[name].get(field), two[name].get(field)
            if isinstance(a, str) and isinstance(b, str):
                a = a.replace(engine, "DuckDB")
            if a != b and not _close(a, b, two[name]):
                yield f"{name} {field}: {a!r}, kept {b!r}"
    yield from _missing("text", found["texts"], expected["texts"])
    for name in found["texts"].keys() & expected["texts"].keys():
        lines = [line.replace(engine, "DuckDB") for line in found["texts"][name]]
        for a, b in zip(lines, expected["texts"][name], strict=False):
            if a.split() != b.split():
                yield f"{name}: {a!r}, kept {b!r}"
        if len(lines) != len(expected["texts"][name]):
            yield f"{name}: {len(lines)} lines, kept {len(expected['texts'][name])}"


def _missing(what: str, one: dict[str, Any], two: dict[str, Any]) -> Iterator[str]:
    for name in one.keys() - two.keys():
        yield f"{what} {name} is new"
    for name in two.keys() - one.keys():
        yield f"{what} {name} is gone"


def _close(a: object, b: object, entry: dict[str, Any]) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b))
    if not numbers:
        return False
    size = max(abs(a), abs(b), abs(entry.get("std_error") or 0.0))
    return abs(a - b) <= TOLERANCE * size


def main() -> None:
    """Write or compare the kept files; exit 1 where something moved."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("studies", nargs="*", default=STUDIES, metavar="STUDY")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--backend", choices=BACKENDS, action="append")
    parser.add_argument("--engine", default="", help="duckdb, local[*] or spark://host:port")
    given = parser.parse_args()
    moved = 0
    for name in given.studies:
        if name == "olist" and not OLIST.is_dir():
            print("olist: its data is not here")
            continue
        for backend in given.backend or (BACKENDS[:1] if name in WORLDS else BACKENDS):
            begin = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                found = of(study_of(name, Path(folder)), backend, given.engine)
            took = time.perf_counter() - begin
            if not given.check:
                keep(name, backend, found)
            found = json.loads(json.dumps(found))
            lines = list(differences(found, kept(name, backend), _name(given.engine)))
            moved += len(lines)
            print(f"{name} {backend}: {len(found['results'])} entries, {len(found['texts'])} texts")
            print(f"  {took:.1f} s, {len(lines)} differences", *lines[:20], sep="\n  ", flush=True)
    sys.exit(1 if moved else 0)


def _name(engine: str) -> str:
    return "Spark" if engine.startswith(("local", "spark")) else "DuckDB"


if __name__ == "__main__":
    main()
