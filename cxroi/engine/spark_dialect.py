"""Translates statements from DuckDB's dialect into Spark's, so that they mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


def relation(statement: Expr) -> str:
    """Return the name of the relation that a statement leaves or drops."""
    from sqlglot import exp

    table = statement.find(exp.Table)
    return table.name if table else ""


def parsed(sql: str) -> Expr:
    """Read a statement in DuckDB's dialect, with forms that Spark reads otherwise put right.

    Raises
    ------
    ValueError
        The statement has a form that Spark has no exact equal of.

    Examples
    --------
    >>> parsed("SELECT 0.5 * x, date_trunc('day', t) FROM a ORDER BY b").sql("spark")
    "SELECT 0.5e0 * x, CAST(DATE_TRUNC('DAY', t) AS TIMESTAMP_NTZ) FROM a ORDER BY b NULLS LAST"
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, read="duckdb")
    inexact = (exp.WithinGroup, exp.TimeToUnix, exp.Rand)
    asof = any(join.args.get("method") == "ASOF" for join in tree.find_all(exp.Join))
    if asof or tree.find(*inexact):
        raise ValueError(f"Spark has no exact equal of a form in: {sql}")
    rewritten = (exp.Literal, exp.TimestampTrunc, exp.DateDiff, exp.Asinh, exp.PercentileCont)
    for node in reversed(list(tree.find_all(*rewritten))):
        node.replace(_as_spark(node))
    return tree


def _as_spark(node: Expr) -> Expr:
    """Return a node whose Spark SQL means what the node means to DuckDB."""
    from sqlglot import exp

    this = node.this
    if isinstance(node, exp.Literal):
        # 0.5 is a decimal number to Spark, of which sums and products are rounded.
        decimal = not node.is_string and "." in this and "e" not in this.lower()
        return exp.Literal.number(f"{this}e0") if decimal else node.copy()
    if isinstance(node, exp.TimestampTrunc):
        return exp.cast(node.copy(), "TIMESTAMP_NTZ", dialect="spark")
    if isinstance(node, exp.DateDiff):
        # DuckDB counts the seconds, days ... begun between two times, Spark those gone by.
        ends = {
            key: exp.TimestampTrunc(this=node.args[key].copy(), unit=node.args["unit"].copy())
            for key in ("this", "expression")
        }
        return exp.DateDiff(**ends, unit=node.args["unit"].copy())
    if isinstance(node, exp.PercentileCont):
        return exp.func("PERCENTILE", this.copy(), node.expression.copy())
    # Spark's own asinh loses its digits below zero, and is infinite at -1e8.
    x = exp.paren(this.copy()).sql("spark")
    log = f"SIGN({x}) * LOG1P(ABS({x}) + {x} * {x} / (1e0 + SQRT({x} * {x} + 1e0)))"
    return exp.paren(exp.maybe_parse(log, dialect="spark"))
