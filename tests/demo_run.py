"""The run of the shipped demo, which the report computes and the notebooks only open.

JupyterLab, nbval and the report show one run of one study. All processes of a session of tests
share a cache for it, so that whoever is first computes it, in whole, and the others read it, as the
notebooks of an analyst do. Everything else that is tested computes for itself.
"""

import os
import tempfile
from contextlib import contextmanager

import pytest

_FOLDER = "CXROI_TESTS_DEMO_RUN"


@contextmanager
def kept_demo_run(noted=True):
    """Let processes that are started meanwhile keep and open the run, noted by coverage or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXROI_CACHE", os.environ[_FOLDER])
        if not noted:
            patch.delenv("COVERAGE_PROCESS_START", raising=False)
        yield


class KernelsOfNotebooks:
    """A plugin, for nbval's items lie outside of the tests: their kernels open the demo's run.

    Coverage does not note them: the report runs the same cells.
    """

    def __init__(self, config):
        if not hasattr(config, "workerinput"):  # the workers have it from who starts them
            folder = tempfile.TemporaryDirectory()
            os.environ[_FOLDER] = folder.name
            config.add_cleanup(folder.cleanup)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        if item.path.suffix != ".ipynb":
            return (yield)
        with kept_demo_run(noted=False):
            return (yield)
