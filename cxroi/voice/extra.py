"""What the extra ``voice`` installs, asked for before anything is read."""

from __future__ import annotations

import importlib.util

from ..errors import ParameterError

_LIBRARIES = {
    "sklearn": "scikit-learn",
    "snowballstemmer": "snowballstemmer",
    "stopwordsiso": "stopwordsiso",
    "py3langid": "py3langid",
}


def require_extra() -> None:
    """Refuse where a library that comments need is missing.

    Raises
    ------
    ParameterError
        It says which, and how to install it.
    """
    missing = [name for module, name in _LIBRARIES.items() if not importlib.util.find_spec(module)]
    if missing:
        raise ParameterError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed",
            "comments need the extra voice",
            'pip install "cxroi[voice]"',
        )
