"""The SQL of answers, and of each input at the time of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.literals import literal
from ..engine.quoting import ident
from ..errors import ModelError
from ..journeys.scores import answers, score_named
from ..metrics.own import NamedColumns
from ..metrics.relations import unit_of
from ..reading.waves import wave_of
from ..study.levers import COUNTED, UNITS

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study
    from ..study.levers import DeclaredInput

_TAKES = {
    "mean": "avg(v)",
    "sum": "sum(v)",
    "highest": "max(v)",
    "lowest": "min(v)",
    "last": "avg(CASE WHEN place = 1 THEN v END)",
    "count": "CAST(count(v) AS DOUBLE)",
    "any": "max(1e0)",
}


def answers_sql(tables: Tables) -> str:
    """Return the SQL of the answers to the main score.

    Columns ``answer`` (the row), ``customer``, ``unit`` (account, else customer), ``answered_at``,
    ``wave``, ``weight``, ``score`` and ``group`` (place of the group in the labels of the scale).
    """
    study, role = tables.study, _role(tables.study)
    own = ("wave",) if study.own_waves else ()
    rows = answers(tables, score_named(tables), "row", *own, needed="customer")
    dated = "answered_at" in study.sources[role].columns
    wave = wave_of(study, role, "moment") if own or dated else "'all'"
    accounts = unit_of(tables)
    unit, joined = "a.customer", ""
    if accounts:
        unit = "coalesce(u.unit, a.customer)"
        joined = f"LEFT JOIN ({accounts}) AS u ON u.customer = a.customer"
    return (
        f"SELECT a.row AS answer, a.customer, {unit} AS unit, a.moment AS answered_at, {wave} AS "
        f'wave, a.w AS weight, a.score, CAST(a.grp AS INTEGER) AS "group" FROM ({rows}) AS a '
        f"{joined}"
    )


def input_sql(tables: Tables, name: str) -> str:
    """Return the SQL of an input: columns ``answer`` and ``x``, one row an answer with one.

    Raises
    ------
    ModelError
        Rows before the answer are asked for, and answers have no dates.
    StudyError
        A column that its table does not have.
    """
    study = tables.study
    if name in study.inputs:
        return _happened(tables, study.inputs[name])
    role = _role(study)
    column = f"score_{name}" if name in study.scores else f"attr_{name}"
    if name in study.scores or study.attributes.get(name) == role:
        return f"SELECT row AS answer, {ident(column)} AS x FROM {tables.relation(role)}"
    first = (
        f"SELECT customer, {ident(column)} AS x, row_number() OVER (PARTITION BY customer ORDER "
        f"BY row) AS place FROM {tables.relation('customers')}"
    )
    return (
        f"SELECT a.row AS answer, c.x FROM {tables.relation(role)} AS a JOIN ({first}) AS c "
        "ON c.customer = a.customer AND c.place = 1"
    )


def _role(study: Study) -> str:
    return "responses" if study.dated else "customers"


def _happened(tables: Tables, one: DeclaredInput) -> str:
    """Return the SQL of what happened in the days before an answer."""
    study, role = tables.study, _role(tables.study)
    if "answered_at" not in study.sources[role].columns:
        raise ModelError(
            "answers have no dates, so that what came before them is not known",
            "an input of a table needs them",
            f"Add answered_at to [tables.{role}]",
        )
    of = NamedColumns(study, one.table, f"[inputs.{one.name}]")
    chosen = of.holds(one.where).format()
    named = {(one.table, key) for key in (one.at, one.begin, one.end) if key}
    bare = (named | {(role, "answered_at")}) & tables.date_only
    moment, at = (f"date_trunc('day', {c})" if bare else c for c in ("a.answered_at", "e.at"))
    if one.begin:
        ended = "least(coalesce(e.ended, a.answered_at), a.answered_at)"
        ended = f"date_trunc('day', {ended})" if bare else ended
        value = f"date_diff('second', {at}, {ended}) / {literal(float(UNITS[one.unit]))}"
    else:
        value = "e.v"
    number = of.number(one.column).format() if one.column else "1e0"
    rows = (
        f"SELECT customer, row, {one.at} AS at, {one.end or 'CAST(NULL AS TIMESTAMP)'} AS ended, "
        f"{number} AS v FROM {tables.relation(one.table)} WHERE {chosen} AND {one.at} IS NOT NULL"
    )
    before = (
        f"SELECT a.row AS answer, {value} AS v, row_number() OVER (PARTITION BY a.row ORDER BY "
        f"e.at DESC, e.row DESC) AS place FROM {tables.relation(role)} AS a JOIN ({rows}) AS e ON "
        f"e.customer = a.customer AND {at} < {moment} AND {at} >= {moment} - INTERVAL {one.days} "
        "DAY"
    )
    return f"SELECT answer, {_TAKES[one.take]} AS x FROM ({before}) AS b GROUP BY answer"


def in_words(study: Study, name: str) -> str:
    """Return where an input comes from, for a reader."""
    if name in study.scores:
        return "answered in the same survey"
    if name not in study.inputs:
        whose = "answer" if study.attributes[name] == _role(study) else "customer"
        return f"known of each {whose}"
    one = study.inputs[name]
    rows = f"{one.table.replace('_', ' ')} in the {one.days} days before the answer"
    if one.take in COUNTED:
        return f"{'number of' if one.take == 'count' else 'whether there were'} {rows}"
    what = one.column.replace("_", " ")
    if one.begin:
        what = f"{one.unit} from {_plain(one.begin)} to {_plain(one.end)}"
    return f"{what}, {one.take} of the {rows}"


def _plain(key: str) -> str:
    return key.removesuffix("_at").replace("_", " ")
