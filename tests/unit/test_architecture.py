"""Imports run one way from package to package, and importing the package stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cxroi"

# From the ground up: each imports only from those before it, imports for types included.
ORDER = (
    "errors",
    "arrays",
    "results",
    "files",
    "engine",
    "study",
    "moments",
    "reading",
    "draft",
    "metrics",
    "panel",
    "models",
    "respondents",
    "journeys",
    "voice",
    "effects",
    "value",
    "analysis",
    "checks",
    "levers",
    "grid",
    "claims",
    "runs",
    "presentation",
    "report",
    "export",
    "simulate",
    "cli",
)
AT_THE_ROOT = {"__init__", "__main__", "analysis", "arrays", "errors"}
EVERYWHERE = {"", "__init__"}  # the package itself: its version


def graph(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Which modules each module imports, lazily or for types or not, by dotted name."""
    return {name_of(path, package): imports(path, package) for path in package.rglob("*.py")}


def name_of(path: Path, package: Path) -> str:
    return ".".join(path.relative_to(package).with_suffix("").parts)


def imports(path: Path, package: Path) -> set[str]:
    folder = path.relative_to(package).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [] if node.level else [node.module or ""]
        else:
            continue
        assert not [n for n in named if n.split(".")[0] == "cxroi"], f"{path}: import relatively"
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = [*folder[: len(folder) + 1 - node.level], *(node.module or "").split(".")]
        module = ".".join(part for part in base if part)
        inside = (package / module.replace(".", "/")).with_suffix(".py").is_file()
        names = {f"{module}.{alias.name}".lstrip(".") for alias in node.names}
        modules = {n for n in names if (package / n.replace(".", "/")).with_suffix(".py").is_file()}
        found |= {module} if inside else modules or {module}
    return found


def upward(found: dict[str, set[str]]) -> list[str]:
    """Imports of a package that stands above, or of one that the order does not know."""
    wrong = []
    for name, targets in found.items():
        room = name.split(".")[0]
        if room in ("__init__", "__main__"):
            continue
        for target in targets - EVERYWHERE:
            other = target.split(".")[0]
            if other not in ORDER or ORDER.index(other) > ORDER.index(room):
                wrong.append(f"{name} imports {target}")
    return sorted(wrong)


def circles(found: dict[str, set[str]]) -> list[str]:
    return sorted(name for name in found if name in _closure(name, found))


def _closure(name: str, found: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = set(found.get(name, ()))
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo |= found.get(module, set())
    return seen


def test_no_module_imports_from_a_package_above_its_own():
    found = graph()
    assert found["reading.tables"] >= {"reading.cleaning", "reading.ledger"}  # it has edges
    assert {name.split(".")[0] for name in found} <= {*ORDER, *AT_THE_ROOT}
    assert upward(found) == []


def test_no_import_goes_round_in_a_circle():
    assert circles(graph()) == []


def test_five_modules_stand_at_the_root():
    assert {path.stem for path in PACKAGE.glob("*.py")} == AT_THE_ROOT


def test_every_package_says_what_lives_there():
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent != PACKAGE:
            said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert "To be imported from here:" in said, path
            assert "Imports:" in said, path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from ..checks.run import run_checks", "models.fit imports checks.run"),
        ("from ..checks import run", "models.fit imports checks.run"),
        (
            "if TYPE_CHECKING:\n    from ..analysis import Analysis",
            "models.fit imports analysis",
        ),
        ("def f():\n    from ..newroom import x", "models.fit imports newroom"),
    ],
)
def test_one_line_breaks_the_contract(line, told, tmp_path):
    """A copy of one module with one line more: the contract names it."""
    (tmp_path / "models").mkdir()
    for name in ("checks/run.py", "analysis.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    source = (PACKAGE / "models" / "fit.py").read_text(encoding="utf-8")
    (tmp_path / "models" / "fit.py").write_text(f"{source}\n{line}\n")
    assert upward(graph(tmp_path)) == [told]


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


def test_importing_the_package_loads_no_heavy_library():
    heavy = ("pandas", "numpy", "statsmodels", "scipy", "duckdb", "matplotlib", "papermill")
    code = f"import sys, cxroi; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had():
    import cxroi

    assert {name for name in cxroi.__all__ if getattr(cxroi, name) is None} == set()
    # a second look, after the modules have been imported, gives the same things
    assert all(callable(getattr(cxroi, name)) for name in ("compare_groups", "analyse", "tidy"))


def test_earlier_names_of_namespaces_are_kept_for_one_version():
    import cxroi

    assert cxroi.words is cxroi.sentences
    assert (cxroi.trust, cxroi.who) == (cxroi.robustness, cxroi.responses)
    assert cxroi.summaries is cxroi.tables
