"""The versions that a result rests on."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version


def versions() -> dict[str, str]:
    """Return the versions of Python, of cxroi and of what it depends on."""
    from .. import __version__

    found = {"python": platform.python_version(), "cxroi": __version__}
    for requirement in _requirements():
        try:
            found[requirement] = version(requirement)
        except PackageNotFoundError:
            continue
    return found


def _requirements() -> list[str]:
    try:
        declared = requires("cxroi") or []
    except PackageNotFoundError:  # a checkout that is not installed
        return ["duckdb", "numpy", "pandas", "papermill", "scipy", "statsmodels"]
    plain = [text for text in declared if "extra ==" not in text]
    return sorted(re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in plain)
