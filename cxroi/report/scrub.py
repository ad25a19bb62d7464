"""Take this machine out of what is left behind: folders, the home, the temporary names."""

from __future__ import annotations

import re
import sysconfig
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any


def scrub(value: Any, folders: Iterable[Path] = ()) -> Any:
    """Return JSON-like data whose texts name no folder of this machine.

    Parameters
    ----------
    value
        Text, or dicts and lists of it; pictures (keys ``image/...``) stay as they are.
    folders
        Folders to take out besides the working directory, the home and Python's own: a file
        in one of them is left with the rest of its path alone.
    """
    return _walk(value, _rules(folders))


def _rules(folders: Iterable[Path]) -> list[tuple[re.Pattern[str], str]]:
    named = dict.fromkeys((*folders, Path.cwd()), "")
    python = {Path(sysconfig.get_path(key)): "" for key in ("purelib", "platlib", "stdlib")}
    named |= python | {Path.home(): "~/"}
    forms: dict[str, str] = {}
    for folder, instead in named.items():
        for path in (str(folder.absolute()), str(folder.resolve())):
            if len(Path(path).parts) > 1:  # never the root, which every path begins with
                forms |= {path: instead, path.encode("unicode_escape").decode(): instead}
    temporary = re.escape(tempfile.gettempdir())
    rules = [(re.compile(rf"{temporary}[/\\]ipykernel_\d+[/\\]\d+\.py"), "cell")]
    for path in sorted(forms, key=len, reverse=True):
        end = r"(?:(?P<sep>[/\\]+)|(?![\w-]|\.\w))"
        rules.append((re.compile(rf"(?<![\w~.]){re.escape(path)}{end}"), forms[path]))
    return rules


def _walk(value: Any, rules: list[tuple[re.Pattern[str], str]]) -> Any:
    if isinstance(value, str):
        for pattern, instead in rules:
            value = pattern.sub(partial(_instead, instead), value)
        return value
    if isinstance(value, list):
        return [_walk(item, rules) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if str(key).startswith("image/")}
        rest = {key: _walk(item, rules) for key, item in value.items() if key not in kept}
        return type(value)({key: kept.get(key, rest.get(key)) for key in value})
    return value


def _instead(instead: str, hit: re.Match[str]) -> str:
    followed = "sep" in hit.re.groupindex and hit["sep"]
    return instead if followed or "sep" not in hit.re.groupindex else (instead.rstrip("/") or ".")
