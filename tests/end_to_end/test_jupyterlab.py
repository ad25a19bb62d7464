"""The shipped notebooks in JupyterLab, as an analyst opens and runs them."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from demo_run import kept_demo_run

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
# One in every run of the tests; all of them with NOTEBOOKS=all.
CHOSEN = NAMES if os.environ.get("NOTEBOOKS") == "all" else ["quarterly_report"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab over a copy of the notebooks; return its address."""
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("JupyterLab is not installed: the extra lab has it")
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, folder / "notebooks")
    quiet = ["--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.password="]
    command = [sys.executable, "-m", "jupyterlab", *quiet, f"--ServerApp.root_dir={folder}"]
    log = folder / "log.txt"
    with log.open("w", encoding="utf-8") as stream, kept_demo_run(noted=False):
        server = subprocess.Popen(command, stderr=stream, stdout=stream, cwd=folder)
    try:
        yield _address(server, log), folder
    finally:
        server.terminate()
        server.wait(30)


def _address(server, log):
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://(?:localhost|127\.0\.0\.1):\d+", log.read_text(encoding="utf-8"))
        if found:
            return found[0]
        time.sleep(0.5)
    pytest.skip("JupyterLab did not start within two minutes")


@pytest.mark.parametrize("name", CHOSEN)
def test_a_notebook_runs_in_jupyterlab_and_shows_itself(browser, lab, name, tmp_path):
    address, folder = lab
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    _wait_for(page, address, lambda looks: looks[-1] == "idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    _wait_for(page, address, lambda looks: "busy" in looks and looks[-2:] == ["idle", "idle"])
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2_000)
    page.screenshot(path=os.environ.get("SHOTS", str(tmp_path)) + f"/{name}.png")
    context.close()
    notebook = json.loads((folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = [o for c in notebook["cells"] if c["cell_type"] == "code" for o in c["outputs"]]
    assert len(outputs) > 5
    assert [o for o in outputs if o["output_type"] == "error"] == []
    outside = [u for u in asked if not u.startswith((address, "data:", "blob:"))]
    assert [u for u in outside if "localhost" not in u and "127.0.0.1" not in u] == []


def _wait_for(page, address, enough):
    """Wait until what was seen of the kernel, a look every second, is enough."""
    end, looks = time.monotonic() + 240, [""]
    while time.monotonic() < end and not enough(looks):
        page.wait_for_timeout(1_000)
        sessions = page.request.get(f"{address}/api/sessions").json()
        looks += [session["kernel"]["execution_state"] for session in sessions[-1:]]
    assert enough(looks), looks[-5:]
