"""Fixtures shared by all tests; this file also puts `panels` on the path of the tests."""

import os
import sys

import pytest

# Two test processes share the machine: threads of the linear algebra would only wait for one
# another. Read when numpy is first imported, so before `panels`.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# Tests compute; those of the cache name a folder of their own, and the demo's notebooks share one.
os.environ["CXROI_CACHE"] = "off"

from databases import running_postgres  # noqa: E402
from demo_run import KernelsOfNotebooks  # noqa: E402
from marks import is_noted, marks_of  # noqa: E402
from panels import make_panel, make_study  # noqa: E402

import cxroi as cx  # noqa: E402


def pytest_configure(config):
    config.pluginmanager.register(KernelsOfNotebooks(config))


def pytest_collection_modifyitems(items):
    for item in items:
        for mark in marks_of(item.path):
            item.add_marker(mark)


@pytest.fixture(scope="module", autouse=True)
def noted(request):
    """Let coverage rest, if it is at work, where it has nothing to learn."""
    coverage = sys.modules.get("coverage")
    at_work = coverage and coverage.Coverage.current()
    if not at_work or is_noted(request.path):
        yield
        return
    patch = pytest.MonkeyPatch()
    patch.delenv("COVERAGE_PROCESS_START", raising=False)  # nor in processes that are started
    at_work.stop()
    yield
    at_work.start()
    patch.undo()


@pytest.fixture(scope="session")
def postgres():
    """URI of a throwaway PostgreSQL; skipped where none can be started."""
    with running_postgres() as uri:
        yield uri


@pytest.fixture(scope="session")
def demo_analysis():
    """The shipped demo, analysed on rows; tests change nothing of it."""
    return cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(cx.demo_study()))))


@pytest.fixture(scope="session")
def demo_checks(demo_analysis):
    """Every check of the shipped demo."""
    return cx.run_checks(demo_analysis)


@pytest.fixture
def panel_of(tmp_path):
    """Make a panel of a flat study from a frame and {outcome: kind}."""

    def make(frame, outcomes, **study):
        return make_panel(make_study(tmp_path, outcomes, **study), frame)

    return make
