"""Small notebooks for the tests of what runs and renders them."""

import nbformat
from nbformat import v4

PARAMETERS = """\
study: str = ""  # study file
quarter: str = ""  # calendar quarter
share: float = 0.5  # share, 0 to 1
"""
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def code(source, *outputs, tags=()):
    return v4.new_code_cell(
        source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)}
    )


def shown(alt=None, **data):
    metadata = {} if alt is None else {"image/png": {"alt": alt}}
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return v4.new_output("display_data", data=data, metadata=metadata)


def stderr(text):
    return v4.new_output("stream", name="stderr", text=text)


def notebook(*cells, parameters=None):
    cells = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    if parameters is not None:
        cells.insert(0, code(parameters, tags=["parameters"]))
    made = v4.new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata.language_info = {"name": "python"}
    return made


def write(path, *sources, parameters=PARAMETERS):
    nbformat.write(notebook(*map(code, sources), parameters=parameters), path)
    return path
