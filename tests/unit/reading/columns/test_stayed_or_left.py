"""Retention declared by a column of churn, and churn by one of retention."""

import pandas as pd
import pytest
from customer_files import KINDS, SOME, entries, rows, tables_of

import cxroi as cx

FLAGS = ([0] * 9 + [1]) * 4  # one in ten


def read(folder, column, outcome="retained", cells=FLAGS, kind="frame", of="yes_no", **declared):
    frame = pd.DataFrame({"id": range(len(cells)), "nps": [8, 10] * 20, column: cells})
    frame["id"] = "c" + frame["id"].astype(str)
    outcomes = {"columns": {outcome: {"column": column, "kind": of, **declared}}}
    return tables_of(
        folder,
        {"customers": frame},
        kind,
        outcomes=outcomes,
        tables={"customers": {"score": "nps"}},
    )


def mean(tables, outcome="retained"):
    return rows(tables, f"SELECT avg({outcome}_after) FROM clean_customers")[0][0]


@pytest.mark.parametrize("kind", KINDS)
def test_churn_declared_as_retention_is_refused(kind, tmp_path):
    with pytest.raises(
        cx.CxroiError, match=r"'churned_col' .* says by its name which .* left"
    ) as e:
        read(tmp_path, "churned_col", kind=kind)
    assert "[outcomes.columns.churned]" in str(e.value)
    assert "such as yes = [0] and no = [1]" in str(e.value)


@pytest.mark.parametrize("column", ["Churn", "isCancelled", "left", "lost_2026", "gekündigt"])
def test_headers_that_say_that_customers_left(column, tmp_path):
    with pytest.raises(cx.CxroiError, match="which customers left"):
        read(tmp_path, column)


@pytest.mark.parametrize("column", ["retained", "Renewed", "is_active", "stayed"])
def test_retention_declared_as_churn_is_refused(column, tmp_path):
    with pytest.raises(cx.CxroiError, match="which customers stayed"):
        read(tmp_path, column, "churned")


@pytest.mark.parametrize("kind", SOME)
def test_declared_codes_decide(kind, tmp_path):
    tables = read(tmp_path, "churned_col", yes=[0], no=[1], kind=kind)
    assert mean(tables) == 0.9
    assert not entries(tables, "warning")
    words = ["gone" if flag else "here" for flag in FLAGS]
    assert mean(read(tmp_path / "b", "churn_status", cells=words, yes=["here"], no=["gone"])) == 0.9


def test_a_code_of_yes_that_says_the_contrary_is_refused(tmp_path):
    words = ["Churned" if flag else "Active" for flag in FLAGS]
    with pytest.raises(cx.CxroiError, match="holds 'Churned', which says that the customer left"):
        read(tmp_path, "status", cells=words, yes=["Churned"], no=["Active"])
    assert mean(read(tmp_path, "status", cells=words, yes=["Active"], no=["Churned"])) == 0.9


@pytest.mark.parametrize(
    ("column", "outcome"),
    [("not_churned", "retained"), ("non_renewal", "churned"), ("lefthanded", "retained")],
)
def test_headers_that_say_no_such_thing(column, outcome, tmp_path):
    assert mean(read(tmp_path, column, outcome), outcome) == 0.1


@pytest.mark.parametrize(
    ("outcome", "flags", "said"),
    [
        ("retained", FLAGS, "10 % of 40 stayed: does it say who left"),
        ("retained", [1 - flag for flag in FLAGS], ""),
        ("churned", FLAGS, ""),
        ("churned", [1 - flag for flag in FLAGS], "10 % of 40 stayed: does it say who stayed"),
        ("complained", [1 - flag for flag in FLAGS], ""),
    ],
)
@pytest.mark.parametrize("kind", ["yes_no", "rate"])
def test_more_than_half_who_left_are_told_of(kind, outcome, flags, said, tmp_path):
    told = entries(read(tmp_path, "flag", outcome, flags, of=kind), "warning")
    assert len(told) == bool(said)
    assert all(said in reason for reason in told)


def test_a_rate_of_churn_declared_as_retention_is_told_of(tmp_path):
    told = entries(
        read(tmp_path, "churn_rate", cells=[60.0] * 40, of="rate", percent=True), "warning"
    )
    assert "60 % of 40 stayed: does it say who left, and not who stayed" in " ".join(told)
