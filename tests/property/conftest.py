"""Reading drawn cells from drawn kinds of files."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from file_kinds import read_as
from hypothesis import reject

from cxroi.errors import CxroiError


@pytest.fixture(scope="session")
def uri_of(request):
    """Return the URI of the server of a kind, if it has one; skip where that cannot be started."""
    return lambda kind: request.getfixturevalue("postgres") if kind == "postgres" else ""


@pytest.fixture(scope="session")
def read_in(uri_of):
    """Return a context that reads tables of a kind, or says why they are refused.

    Examples of a kind whose server cannot be started are left out.
    """

    @contextmanager
    def read(kind, study, tables):
        try:
            uri = uri_of(kind)
        except pytest.skip.Exception:
            reject()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = read_as(kind, study, tables, Path(folder), uri)
            except CxroiError as refused:
                found = str(refused)
            yield found

    return read
