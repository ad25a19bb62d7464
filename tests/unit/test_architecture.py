"""Imports run one way, and importing the package stays light."""

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "cxroi"

# Left may be imported by right, never the other way round.
FLOW = (
    "errors",
    "outputs",
    "progress",
    "cache",
    "quarters",
    "estimate",
    "formats",
    "ledger",
    "scales",
    "scenario",
    "outcomes",
    "engine_rows",
    "spark_sql",
    "spark",
    "engines",
    "study_checks",
    "study",
    "tables",
    "sql_values",
    "columns",
    "moments",
    "design_columns",
    "order_statistics",
    "families",
    "moment_fits",
    "influence",
    "panel_sql",
    "panel_checks",
    "panel_ledger",
    "panel_rows",
    "panel",
    "panel_cache",
    "panel_building",
    "sample",
    "compare",
    "covariates",
    "design_matrix",
    "fit_refusals",
    "fit",
    "outcome_models",
    "contrasts",
    "regress",
    "propensity",
    "doubly_robust",
    "answered_again",
    "within",
    "survival_steps",
    "cox_sums",
    "survival",
    "verdicts",
    "roi_value",
    "roi_sensitivity",
    "roi_estimates",
    "roi",
    "analysis",
    "wave_pairs",
    "pair_estimates",
    "moves",
    "invitations",
    "response_balance",
    "nonresponse",
    "confounding",
    "checking.result",
    "checks",
    "caveats",
    "words",
    "trust",
    "who",
    "figures",
    "plots",
    "run",
    "executed",
    "report",
    "cli",
)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _imports(path: Path) -> set[str]:
    """Modules of the package that a file imports at run time, lazily or not."""
    folder = path.relative_to(PACKAGE).parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*folder[: len(folder) + 1 - node.level], *(node.module or "").split(".")]
            module = ".".join(part for part in base if part)
            inside = (PACKAGE / module.replace(".", "/")).with_suffix(".py").is_file()
            names = {f"{module}.{alias.name}".lstrip(".") for alias in node.names}
            found |= {module} if inside else names
    return found


def _graph() -> dict[str, set[str]]:
    return {_name(path): _imports(path) for path in PACKAGE.rglob("*.py")}


def test_no_module_imports_what_is_downstream_of_it():
    imports = _graph()
    assert set(FLOW) <= set(imports)
    reachable = {name: _closure(name, imports) for name in FLOW}
    backwards = [
        f"{early} imports {late}"
        for position, early in enumerate(FLOW)
        for late in FLOW[position + 1 :]
        if late in reachable[early]
    ]
    assert not backwards


def test_no_import_goes_round_in_a_circle():
    imports = _graph()
    assert imports["tables"] >= {"reading.cleaning", "reading.sources"}  # the graph has edges
    assert not [name for name in imports if name in _closure(name, imports)]


def _closure(name: str, imports: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = set(imports.get(name, ()))
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo |= imports.get(module, set())
    return seen


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
