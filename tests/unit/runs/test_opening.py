"""A run that was kept says what the one that made it says, and needs nothing but what is kept."""

import json
import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from alike import same
from demo_run import kept_demo_run
from findings import texts_of
from notebook_files import write as write_notebook

import cxroi as cx
from cxroi.effects import within
from cxroi.errors import OutputError, StudyError
from cxroi.files import cache
from cxroi.models import propensity, shared
from cxroi.moments.array_design import ArrayDesign
from cxroi.panel import building
from cxroi.report import shipped
from cxroi.report.notebooks import run_notebook
from cxroi.respondents import nonresponse
from cxroi.runs.shelves import HANDED, HandedShelf

ROOT = Path(__file__).parents[3]
STUDIES = {"demo": shipped.demo_study(), "sfo": ROOT / "data" / "sfo" / "study.toml"}
FLAT = """
[study]
name = "flat"
[tables.customers]
path = "flat.csv"
customer = "id"
score = "nps"
[outcomes.columns.spend]
column = "spend"
kind = "amount"
"""


OWN = ["overview", "analysis", "checks", "profile"]
# What the demo has beside the ROI, those first on which others stand.
BESIDE = ["metrics", "metrics_by_quarter", "metric_changes", "linked"]
BESIDE += ["sources", "journeys", "claims", "score_grid", "worth_asking"]
BESIDE += ["drivers", "levers", "portfolio", "targeting", "pooled", "curves", "pilots", "evidenced"]


@pytest.fixture(scope="module", params=STUDIES)
def kept(request, tmp_path_factory):
    """A run as it was made, every model that it fitted, and the same run as it was kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXROI_CACHE", str(tmp_path_factory.mktemp("cache")))
        fits = count_fits(patch)
        made = cx.open_run(STUDIES[request.param])
        for part in OWN:
            getattr(made, part)
        yield SimpleNamespace(made=made, fits=list(fits), read=cx.open_run(STUDIES[request.param]))


@pytest.fixture(scope="module")
def finished():
    """The names of all parts of the demo's run, which is finished by then."""
    with kept_demo_run():
        return list(cx.open_run(STUDIES["demo"]).fill())


def count_fits(patch):
    """Note the content of every model that is fitted to rows."""
    made = []
    for module in (shared, within, nonresponse):
        fit = module.fit_glm

        def noted(family, values, design, weights, clusters, *, outcome, rows=None, fit=fit):
            part = slice(None) if rows is None else rows
            arrays = (values, design.matrix, weights, clusters)
            made.append(content(family, *(array[part] for array in arrays)))
            return fit(family, values, design, weights, clusters, outcome=outcome, rows=rows)

        patch.setattr(module, "fit_glm", noted)
    fit_together = propensity.fit_together

    def noted_propensity(models, design):
        if isinstance(design, ArrayDesign):  # of rows in an engine its answers are kept
            made.extend(content("propensity", m.values, design.matrix, m.weights) for m in models)
        return fit_together(models, design)

    patch.setattr(propensity, "fit_together", noted_propensity)
    return made


def content(family, *arrays):
    found = blake2b(family.encode())
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def test_each_distinct_model_is_fitted_once(kept):
    assert len(kept.fits) > 10
    assert len(kept.fits) == len(set(kept.fits))


def test_what_is_read_is_what_was_written(kept):
    for part in ("overview", "analysis", "checks", "profile"):
        assert same(getattr(kept.made, part), getattr(kept.read, part)), part


def test_every_sentence_and_table_is_the_same(kept):
    made, read = (
        {name: repr(said) for name, said in texts_of(run.analysis, run.checks)}
        for run in (kept.made, kept.read)
    )
    assert made == read
    assert len(made) > 30


def test_findings_are_read_without_the_panel(kept, monkeypatch):
    monkeypatch.setattr(building, "build_panel", lambda *_, **__: pytest.fail("it was built"))
    again = cx.open_run(kept.made.study.path)
    assert again.checks.estimates == kept.made.checks.estimates
    assert again.analysis.estimates == kept.made.analysis.estimates
    assert str(cx.sentences.scope(again.analysis)) == str(cx.sentences.scope(kept.made.analysis))


def test_what_is_fitted_is_made_when_it_is_asked_for(kept):
    one, two = kept.made.analysis, kept.read.analysis
    outcome = next(iter(one.regressions))
    first, second = one.regressions[outcome], two.regressions[outcome]
    assert list(first.models) == list(second.models)
    part = next(iter(first.models))
    assert np.array_equal(first.models[part].params, second.models[part].params)
    assert "Std. Error" in str(second.models[part].summary()) or second.models[part].summary()
    assert np.array_equal(first.influence[1], second.influence[1])
    assert np.array_equal(first.robust.influence, second.robust.influence)
    assert np.array_equal(first.robust.pull, second.robust.pull)
    assert two.panel.size == one.panel.size
    if kept.made.checks.nonresponse:
        weights = kept.read.checks.nonresponse.weights
        assert np.array_equal(kept.made.checks.nonresponse.weights, weights)


READING = """
import ast, json, sys
path, space = sys.argv[1], {}
for cell in json.load(open(path))["cells"]:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, path, "exec"), space)
    if last:
        shown = eval(compile(ast.Expression(last.value), path, "eval"), space)
        repr(shown), getattr(shown, "_repr_html_", str)(), getattr(shown, "html", None)
heavy = ("statsmodels.base", "scipy.stats", "duckdb", "seaborn", "matplotlib", "pyspark")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""


def test_all_parts_are_filled_those_first_on_which_others_stand(finished):
    assert finished == OWN + BESIDE


@pytest.mark.parametrize(
    "name", [*shipped.REPORT_NOTEBOOKS, "06_metrics", "09_levers", "10_segments", "12_evidence"]
)
def test_a_notebook_of_a_finished_run_loads_nothing_that_fits(finished, name):
    command = [sys.executable, "-c", READING, str(shipped.notebook(name))]
    with kept_demo_run():
        environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.fixture
def flat(tmp_path, monkeypatch):
    """A study file with a small table, and a cache of its own."""
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(1)
    rows = [f"{n},{rng.integers(0, 11)},{rng.gamma(2, 9):.2f}" for n in range(300)]
    (tmp_path / "flat.csv").write_text("id,nps,spend\n" + "\n".join(rows) + "\n")
    (tmp_path / "study.toml").write_text(FLAT)
    return tmp_path / "study.toml"


def from_cache(run):
    return run.shelf.fetch("analysis") is not None


def test_what_changed_is_made_anew(flat):
    before = cx.open_run(flat).analysis.scores
    assert from_cache(cx.open_run(flat))
    assert not from_cache(cx.open_run(flat, engine="local[2]"))
    data = flat.with_name("flat.csv")
    data.write_text(data.read_text().replace("\n0,", "\nnew,"))
    assert not from_cache(cx.open_run(flat))
    data.write_text(data.read_text().replace("\nnew,", "\n0,"))
    flat.write_text(FLAT + "[analysis]\nseed = 8\n")
    assert not from_cache(cx.open_run(flat))
    assert cx.open_run(flat).analysis.scores == before


def test_another_scenario_is_another_run_and_the_same_values_are_the_same(flat):
    scenario = 'from = "passive"\nto = "promoter"\ncost_per_moved = 5\n'
    more = "share_moved = 0.1\ngross_margin = 0.5\ncausal_share = 1\nhorizon_months = 2\n"
    flat.write_text(f"{FLAT}[windows]\noutcome_days = 90\n[scenario]\n{scenario}{more}")
    planned = cx.open_run(flat).analysis.roi
    assert from_cache(cx.open_run(flat, scenario={"cost_per_moved": 5}))
    other = cx.open_run(flat, scenario="cost_per_moved = 2")
    assert not from_cache(other)
    assert other.analysis.roi["ratio"] == planned.what_if(cost_per_moved=2)["ratio"]
    assert from_cache(cx.open_run(flat, scenario={"cost_per_moved": 2}))
    assert cx.open_run(flat, scenario="cost_per_moved = 2").analysis.roi == other.analysis.roi
    with pytest.raises(StudyError, match="Give them to load_study"):
        cx.open_run(cx.load_study(flat), scenario={"cost_per_moved": 2})


def test_nothing_is_kept_of_data_that_changed_meanwhile(flat):
    run = cx.open_run(flat)
    flat.with_name("flat.csv").open("a").write("999,9,5.0\n")
    assert run.analysis.scores
    assert not from_cache(cx.open_run(flat))
    assert not from_cache(run)


def test_nothing_is_kept_without_a_cache_or_of_a_mapping(flat, monkeypatch):
    study = cx.load_study(flat)
    assert cx.open_run(study).analysis.scores
    monkeypatch.setenv("CXROI_CACHE", "off")
    assert cx.open_run(flat).analysis.scores
    monkeypatch.setenv("CXROI_CACHE", str(flat.with_name("cache")))
    assert not from_cache(cx.open_run(flat))


def test_settings_that_change_no_number_change_no_key(flat, monkeypatch):
    assert cx.open_run(flat).analysis.scores
    monkeypatch.setenv("CXROI_PROGRESS", "off")
    monkeypatch.setenv(HANDED, "/nowhere")
    assert from_cache(cx.open_run(flat))


def test_a_run_is_handed_over_in_a_folder_of_ones_own(flat, tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", "off")
    folder = tmp_path / "run"
    run = cx.open_run(flat).handed(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(run.fill()) == ["overview", "analysis", "checks", "profile"]
    monkeypatch.setenv(HANDED, str(folder))
    read = cx.open_run(flat)
    assert isinstance(read.shelf, HandedShelf)
    assert read.checks.estimates == run.checks.estimates
    assert same(read.analysis, run.analysis)
    for other in ({"quarter": "2026Q1"}, {"engine": "local[2]"}):
        assert not isinstance(cx.open_run(flat, **other).shelf, HandedShelf)
    flat.write_text(FLAT.replace("flat", "other", 1))
    assert not isinstance(cx.open_run(flat).shelf, HandedShelf)


def test_what_was_asked_for_before_is_handed_over_too(flat, tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", "off")
    whole = cx.open_run(flat)
    panel, profile = whole.panel, whole.profile
    run = whole.handed(tmp_path / "run")
    assert run.panel is panel
    assert list(run.fill())[-1] == "profile"
    monkeypatch.setenv(HANDED, str(tmp_path / "run"))
    assert cx.open_run(flat).profile == profile


def test_who_waits_for_a_run_that_ended_is_told(flat, tmp_path, monkeypatch):
    cx.open_run(flat).handed(tmp_path / "run")
    monkeypatch.setenv(HANDED, str(tmp_path / "run"))
    run = cx.open_run(flat)
    (tmp_path / "run" / "about").unlink()
    (tmp_path / "run").rmdir()
    with pytest.raises(OutputError, match="has ended"):
        _ = run.analysis


def test_what_is_kept_can_be_had_from_the_cache_alone(flat, tmp_path):
    first = cx.open_run(flat)
    assert first.analysis.scores
    second = cx.open_run(flat).handed(tmp_path / "run")
    assert second.analysis.scores == first.analysis.scores
    assert (tmp_path / "run" / "analysis").is_file()
    assert cache.folder() in (tmp_path / "cache" / "entries",)


def test_a_run_of_sums_in_the_engine_comes_back(flat):
    flat.write_text(FLAT + '[analysis]\nfits = "engine"\n')
    made = cx.open_run(flat)
    assert list(made.fill()) == ["overview", "analysis", "checks", "profile"]
    assert made.panel.rows is not None
    read = cx.open_run(flat)
    assert from_cache(read)
    for part in ("overview", "analysis", "checks", "profile"):
        assert same(getattr(made, part), getattr(read, part)), part
    models = made.analysis.regressions["spend"].models
    again = read.analysis.regressions["spend"].models
    assert {name: list(m.params) for name, m in models.items()} == {
        name: list(m.params) for name, m in again.items()
    }


def test_a_notebook_on_its_own_takes_the_kept_run(flat, tmp_path):
    parameters = 'study: str = ""\nquarter: str = ""\nengine: str = ""\n'
    source = write_notebook(
        tmp_path / "n.ipynb",
        "import cxroi as cx; run = cx.open_run(study, quarter, engine)",
        "print(run.shelf.fetch('analysis') is not None, len(run.analysis.estimates) > 5)",
        parameters=parameters,
    )
    said = []
    for name in ("first", "second"):
        out = run_notebook(source, {"study": str(flat)}, tmp_path / f"{name}.ipynb")
        said += ["".join(c["outputs"][0]["text"]) for c in cells_of(out) if c.get("outputs")]
    assert said == ["False True\n", "True True\n"]
    assert from_cache(cx.open_run(flat))


def cells_of(path):
    return json.loads(path.read_text())["cells"]


def test_a_run_says_what_it_is_on(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FLAT)
    assert repr(cx.open_run(path)) == "Run of flat (mine.toml): all answers, computed by DuckDB"
    said = repr(cx.open_run(path, "2026Q3", "local[2]"))
    assert said == "Run of flat (mine.toml): answers of 2026Q3, computed by Spark at local[2]"
