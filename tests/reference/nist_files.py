"""Read NIST's reference sets: data and certified values, where the header of each file says."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "nist"


@dataclass(frozen=True)
class Certified:
    values: np.ndarray
    design: np.ndarray
    names: list[str]
    estimates: np.ndarray
    std_errors: np.ndarray


def names():
    """Names of the linear regressions."""
    return sorted(path.stem for path in FOLDER.glob("*.dat") if path.stem != "AtmWtAgt")


def rows(name, section):
    """Lines of a file from the first to the last one that its header gives for a section."""
    lines = (FOLDER / f"{name}.dat").read_text(encoding="ascii").splitlines()
    span = re.search(rf"{section}\s+\(lines\s+(\d+)\s+to\s+(\d+)\)", "\n".join(lines[:12]))
    return lines[int(span[1]) - 1 : int(span[2])]


def data(name):
    return np.array([[float(part) for part in line.split()] for line in rows(name, "Data")])


def read(name):
    """One regression: a polynomial of x, or one column for each of several predictors."""
    table = [line.split() for line in rows(name, "Certified Values") if re.match(r" *B\d", line)]
    columns, found = [row[0] for row in table], data(name)
    powers = [int(column[1:]) for column in columns]
    x = found[:, 1:]
    ones = np.ones((len(x), 1))
    design = x ** np.array(powers) if x.shape[1] == 1 else np.hstack([ones, x])
    estimates, errors = (np.array([float(row[i]) for row in table]) for i in (1, 2))
    return Certified(found[:, 0], design, columns, estimates, errors)


def digits(found, certified):
    """Correct digits of the worst figure: log relative error, absolute where zero is certified."""
    off = np.abs(np.asarray(found) - certified)
    size = np.where(np.asarray(certified) == 0, 1, np.abs(certified))
    return -np.log10(np.max(off / size) + 1e-16)
