"""A notebook's declared parameters, and the checks that values pass before anything runs.

papermill executes parameter *names* as code, enforces no type and runs on when a name is
misspelt. So names, types and ranges are checked here first, against the cell tagged
``parameters``, whose lines read ``name: type = value  # meaning, unit, range``. The cell is
parsed, never executed. In the comment, ``0 to 1`` is a range and ``one of a, b`` a choice.
"""

from __future__ import annotations

import ast
import io
import json
import math
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import CxroiError, ParameterError, attempt, nearest, raise_all
from ..study.loading import load_study
from ..study.quarters import check_quarter
from .shipped import demo_study
from .study_changes import PARTS, folded, load_changed, table

Scalar = str | int | float | bool
Value = Scalar | list[Scalar]

_SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
TYPES = (*_SCALARS, *(f"list[{name}]" for name in _SCALARS))

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"(?<![\w.])({_NUMBER}) to ({_NUMBER})(?![\w])")
_CHOICES = re.compile(r"\bone of ([^;()]+)")
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a notebook.

    Attributes
    ----------
    name, type, default, help
        As the parameters cell has them; `type` is one of `TYPES`.
    low, high
        Inclusive range of a number, None where the comment gives none.
    choices
        The allowed texts, empty where the comment gives none.
    """

    name: str
    type: str
    default: Value
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def declared(notebook: Path) -> dict[str, Parameter]:
    """Return the parameters that a notebook declares, by name.

    Raises
    ------
    ParameterError
        The file is no notebook, or its parameters cell cannot be read without running it.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        source = "".join(tagged[0]["source"]) if tagged else ""
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"{notebook.name} cannot be read as a notebook ({type(error).__name__})",
            "a Jupyter notebook (.ipynb, format 4)",
            "Name a notebook file, or a shipped notebook such as 04_roi",
        ) from error
    return parse_cell(source, notebook.name)


def parse_cell(source: str, where: str) -> dict[str, Parameter]:
    """Return the parameters that the source of a parameters cell declares, by name."""
    try:
        statements = ast.parse(source).body
        comments = _comments(source)
    except (SyntaxError, tokenize.TokenError) as error:
        raise ParameterError(
            f"the parameters cell of {where} is not plain Python",
            "lines like: name: type = value  # meaning, unit, range",
        ) from error
    found: dict[str, Parameter] = {}
    for node in statements:
        parameter = _parameter(node, comments.get(node.end_lineno or 0, ""), where)
        if parameter is not None:
            found[parameter.name] = parameter
    return found


def checked(known: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Return the given values, typed, when each is declared and allowed.

    Parameters
    ----------
    known
        The declared parameters.
    given
        Values by name; a text stands for a value of the declared type.

    Raises
    ------
    ParameterError
        An unknown name, an ill-typed value or one outside its range; `Problems` when several.
    """
    values: dict[str, Value] = {}
    problems: list[CxroiError] = []
    for name, value in folded(given).items():
        try:
            values[name] = check_value(_known(known, name), value)
        except ParameterError as error:
            problems.append(error)
    raise_all([*problems, *_check_study(values)])
    return values


def _check_study(values: Mapping[str, Value]) -> Iterator[CxroiError]:
    """Yield what the study could not have; a study that is wrong says so itself."""
    quarter, path = values.get("quarter", ""), values.get("study", "")
    changes = {part: table(values.get(part, ""), part) for part in PARTS}
    try:
        study = load_study(str(path)) if path else None
    except CxroiError:
        return
    if any(changes.values()):
        changed = attempt(lambda: load_changed(Path(str(path) or demo_study()), changes))
        if isinstance(changed, CxroiError):
            yield changed
    try:
        check_quarter(str(quarter), study)
    except ParameterError as error:
        yield error


def check_value(parameter: Parameter, value: object) -> Value:
    """Return one value in the parameter's type, or raise `ParameterError`."""
    if parameter.type.startswith("list["):
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise _refusal(parameter, value, f"a list ({parameter.type}), such as a,b")
        return [_scalar(parameter, part, parameter.type[5:-1]) for part in parts if part != ""]
    return _scalar(parameter, value, parameter.type)


def _known(known: Mapping[str, Parameter], name: str) -> Parameter:
    if name not in known:
        raise ParameterError(f"unknown parameter {_shown(name)}", fix=nearest(str(name), known))
    return known[name]


def _scalar(parameter: Parameter, value: object, wanted: str) -> Scalar:
    typed = _typed(value.strip() if isinstance(value, str) and wanted != "str" else value, wanted)
    if typed is None:
        raise _refusal(parameter, value, _KINDS[wanted])
    if isinstance(typed, float) and not math.isfinite(typed):
        raise _refusal(parameter, value, "a finite number")
    if typed != parameter.default:
        _within(parameter, typed)
    if parameter.name == "study" and typed and not Path(str(typed)).is_file():
        raise _refusal(
            parameter, value, "an existing study file (.toml), or nothing for the shipped demo"
        )
    return typed


_KINDS = {
    "str": "a text that can be written as UTF-8",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}


def _typed(value: object, wanted: str) -> Scalar | None:
    """Return the value in the wanted type, None when it is none of that type."""
    if wanted == "bool":
        return _WORDS.get(value.casefold()) if isinstance(value, str) else _only(value, bool)
    if isinstance(value, bool):
        return None
    if wanted == "str":
        text = _only(value, str)
        return text if text is not None and _encodable(str(text)) else None
    if wanted == "int":
        whole = isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]{1,18}", value)
        return int(str(value)) if whole else _only(value, int)
    if isinstance(value, str):
        return float(value) if re.fullmatch(rf"{_NUMBER}|[-+]?(nan|inf)", value, re.I) else None
    return float(value) if isinstance(value, int | float) else None


def _only(value: object, wanted: type) -> Scalar | None:
    return value if isinstance(value, wanted) else None  # type: ignore[return-value]


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _within(parameter: Parameter, typed: Scalar) -> None:
    if parameter.choices and str(typed) not in parameter.choices:
        raise _refusal(
            parameter,
            typed,
            f"one of {', '.join(parameter.choices)}",
            nearest(str(typed), parameter.choices),
        )
    low, high = parameter.low, parameter.high
    if low is None or high is None or isinstance(typed, str):
        return
    if not low <= typed <= high:
        raise _refusal(parameter, typed, f"{low:g} to {high:g}")


def _refusal(parameter: Parameter, value: object, expected: str, fix: str = "") -> ParameterError:
    fix = fix or (f"Its meaning: {parameter.help}" if parameter.help else "")
    return ParameterError(
        f"parameter {parameter.name!r} is {_shown(value)}", f"it must be {expected}", fix
    )


def _shown(value: object) -> str:
    text = ascii(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _parameter(node: ast.stmt, comment: str, where: str) -> Parameter | None:
    target: ast.expr
    if isinstance(node, ast.AnnAssign):
        target, annotation = node.target, ast.unparse(node.annotation).strip("'\"")
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, annotation = node.targets[0], ""
    else:
        return None
    if not isinstance(target, ast.Name) or node.value is None:
        return None
    try:
        default = ast.literal_eval(node.value)
    except ValueError as error:
        raise ParameterError(
            f"the default of parameter {target.id!r} in {where} is computed",
            "a plain value: a text, a number, true or false, or a list of them",
        ) from error
    return _declare(target.id, annotation or type(default).__name__, default, comment, where)


def _declare(name: str, kind: str, default: object, comment: str, where: str) -> Parameter:
    if kind not in TYPES or (isinstance(default, str) and kind != "str"):
        raise ParameterError(
            f"parameter {name!r} in {where} is declared as {kind}", f"one of {', '.join(TYPES)}"
        )
    numbers = kind not in ("str", "bool", "list[str]", "list[bool]")
    span = _RANGE.search(comment) if numbers else None
    choice = _CHOICES.search(comment) if not numbers else None
    if isinstance(default, list) and kind.startswith("list["):
        items = [_typed(item, kind[5:-1]) for item in default]
        value: Value | None = None if None in items else [v for v in items if v is not None]
    else:
        value = _typed(default, kind)
    if value is None:
        raise ParameterError(
            f"the default of parameter {name!r} in {where} is {_shown(default)}",
            f"a value of the declared type, {kind}",
        )
    return Parameter(
        name,
        kind,
        value,
        comment,
        float(span[1]) if span else None,
        float(span[2]) if span else None,
        tuple(part.strip().strip("\"'.") for part in choice[1].split(",")) if choice else (),
    )
