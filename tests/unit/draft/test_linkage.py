"""Likely pairs of two files: planted ones are found, and hardly any others."""

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.draft.linkage import likely_pairs

pytest.importorskip("splink")
FIRST = ["anna", "bert", "carl", "dora", "emil", "frida", "gustav", "hanna", "igor", "jana"]
BEGIN = ["mei", "schul", "wag", "beck", "hoff", "rich", "klei", "wol", "schro", "neu"]
END = ["er", "mann", "berg", "feld", "ling", "stein", "dorf", "bach", "hardt", "wald"]
COLUMNS = ["first", "last", "post"]


def people(rng, size, letter):
    last = [a + b for a, b in zip(rng.choice(BEGIN, size), rng.choice(END, size), strict=True)]
    post = rng.integers(10_000, 10_200, size).astype(str)
    key = [f"{letter}{i}" for i in range(size)]
    return pd.DataFrame({"id": key, "first": rng.choice(FIRST, size), "last": last, "post": post})


def slipped(rng, word):
    place = rng.integers(1, len(word))
    return word[:place] + "x" + word[place + 1 :]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """400 people in both files, a tenth with a slip, a tenth moved; 200 in each file alone."""
    folder, rng = tmp_path_factory.mktemp("linkage"), np.random.default_rng(5)
    ours = people(rng, 600, "A")
    theirs = ours[:400].assign(number=[f"B{i}" for i in range(400)])
    kind = rng.random(400)
    slip = [slipped(rng, word) for word in theirs["last"]]
    theirs["last"] = np.where(kind < 0.1, slip, theirs["last"])
    theirs["post"] = theirs["post"].where(kind < 0.9, "99999")
    theirs["first"] = theirs["first"].str.upper() + " "
    alone = people(rng, 200, "N").rename(columns={"id": "number"})
    theirs = pd.concat([theirs.drop(columns="id"), alone])
    ours.to_csv(folder / "ours.csv", index=False)
    theirs.to_parquet(folder / "theirs.parquet", index=False)
    return folder / "ours.csv", folder / "theirs.parquet"


def test_planted_pairs_are_found_and_hardly_any_others(files):
    pairs = likely_pairs(*files, ("id", "number"), COLUMNS)
    right = pairs["left"].str[1:] == pairs["right"].str.removeprefix("B")
    assert right.sum() > 0.8 * 400
    assert right.mean() > 0.95
    slips = pairs[right & (pairs["last, left"] != pairs["last, right"])]
    assert len(slips) > 20  # of about 40, which no exact key finds
    assert pairs["probability"].between(0.5, 1).all()
    assert pairs["probability"].is_monotonic_decreasing
    assert pairs.equals(likely_pairs(*files, ("id", "number"), COLUMNS))  # whoever looks later


@pytest.mark.parametrize(
    ("keys", "columns", "said"),
    [
        (("id", "number"), ["first"], "columns names 1; 2 or more"),
        (("id", "nmber"), COLUMNS, "theirs.parquet has no column 'nmber'. Did you mean 'number'"),
        (("first", "number"), COLUMNS, "'first' of ours.csv has 10 different values in 600 rows"),
    ],
)
def test_what_cannot_be_compared_is_refused(files, keys, columns, said):
    with pytest.raises(cx.CxroiError, match=said):
        likely_pairs(*files, keys, columns)


def test_files_that_share_nothing_are_refused(files, tmp_path):
    other = pd.DataFrame({"id": ["1", "2"], "first": "x", "last": "y", "post": "z"})
    other.to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(cx.CxroiError, match="no row of one file agrees with one of the other"):
        likely_pairs(files[0], tmp_path / "other.csv", ("id", "id"), COLUMNS)
