"""Reading drawn cells from drawn kinds of files."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from file_kinds import read_as
from hypothesis import reject

from cxroi.errors import CxroiError


@pytest.fixture(scope="session")
def read_in(request):
    """Return a context that reads tables of a kind, or says why they are refused."""
    try:
        uri = request.getfixturevalue("postgres")
    except pytest.skip.Exception:
        uri = ""

    @contextmanager
    def read(kind, study, tables):
        if kind == "postgres" and not uri:
            reject()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = read_as(kind, study, tables, Path(folder), uri)
            except CxroiError as refused:
                found = str(refused)
            yield found

    return read
