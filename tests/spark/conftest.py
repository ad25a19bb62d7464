"""The cluster that all tests here share."""

import importlib.util
import os
import shutil

import pytest
from cluster import JAVA, Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    for name in ("pyspark", "sqlglot"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"Spark is not tested: {name} is not installed")
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        pytest.skip("Spark is not tested: there is no Java")
    patch = pytest.MonkeyPatch()
    patch.setenv("JDK_JAVA_OPTIONS", JAVA)
    with Cluster(tmp_path_factory.mktemp("cluster")) as one:
        yield one
    patch.undo()
