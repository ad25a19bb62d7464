"""What the documents name is there: files, names in files, packages, commands."""

import re
from pathlib import Path

import pytest

from cxroi.cli.main import _COMMANDS

ROOT = Path(__file__).parents[2]
FOLDERS = ("cxroi", "tests", "notebooks", "data")
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md")))
    if "shipped_files" not in path.parts
)
FILE = re.compile(r"`([\w./-]+\.(?:py|ipynb|md|toml|json\.gz|j2))`")
PATH = re.compile(r"`((?:cxroi|tests|notebooks|data)/[\w./-]*)`")
LINK = re.compile(r"\]\(([\w./-]+)\)")
NAMED = re.compile(
    r"((?:`\w+`(?:, | and )?)+) (?:in|of) `([\w./]+\.py)`",
)
MADE = {"study.toml", "run.json", "results.json", "truth.json"}  # files that a run leaves or takes


def ids(path):
    return path.relative_to(ROOT).as_posix()


def found(name, document):
    """Whether a name is a path from the root or the document, or that of a file somewhere."""
    places = (ROOT / name, document.parent / name)
    if any(place.exists() for place in places):
        return True
    return "/" not in name and any(next((ROOT / f).rglob(name), None) for f in FOLDERS)


def unknown(document):
    text = document.read_text(encoding="utf-8")
    named = {*FILE.findall(text), *PATH.findall(text), *LINK.findall(text)} - MADE
    return sorted(name for name in named if not found(name, document))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_file_that_a_document_names_is_there(document):
    assert unknown(document) == []


def test_a_file_that_is_not_there_is_found_out(tmp_path):
    document = tmp_path / "x.md"
    document.write_text("`cxroi/gone.py`, `gone_too.py`, [x](gone/README.md), `cxroi/errors.py`")
    assert unknown(document) == ["cxroi/gone.py", "gone/README.md", "gone_too.py"]


def test_names_are_in_the_files_in_which_contributors_are_sent_to_look():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    pairs = [
        (name, path) for names, path in NAMED.findall(text) for name in re.findall(r"\w+", names)
    ]
    assert ("FAMILIES", "cxroi/models/families.py") in pairs
    missing = []
    for name, path in pairs:
        places = [ROOT / path] if "/" in path else list((ROOT / "cxroi").rglob(path))
        if not any(re.search(rf"\b{name}\b", p.read_text(encoding="utf-8")) for p in places):
            missing.append((name, path))
    assert missing == []


def test_every_folder_of_the_package_has_its_place_in_the_architecture():
    text = (ROOT / "cxroi" / "README.md").read_text(encoding="utf-8")
    table = text.split("| package |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)
    order = (ROOT / "tests/unit/test_architecture.py").read_text(encoding="utf-8")
    order = order.split("ORDER = (")[1].split("\n)")[0]
    assert rows == re.findall(r'"(\w+)"', order)
    folders = {path.parent.name for path in (ROOT / "cxroi").glob("*/__init__.py")}
    assert folders <= set(rows)


def test_the_readme_is_short_and_has_every_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count("\n") < 180
    table = readme.split("## Commands")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `cxroi ([\w-]+)", table, flags=re.MULTILINE)) == set(_COMMANDS)


@pytest.mark.parametrize("heading", ["### Make the demo report", "### Pass the tests"])
def test_the_two_commands_are_one_line_each(heading):
    """`.ci/run` takes the second from there, as a reader would paste it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split(f"{heading}\n\n```sh\n")[1].split("\n```")[0]
    assert block.startswith('VENV="${VENV:-')
    assert block.count("\n") == 0
