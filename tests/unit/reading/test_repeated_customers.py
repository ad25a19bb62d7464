"""Several rows of a customer in a flat file: one a wave, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from customer_files import SOME, tables_of

import cxroi as cx
from cxroi.errors import CxroiError, DataError, ParameterError, StudyError

TABLE = {"path": "d.csv", "customer": "id", "score": "nps"}


def panel_of(folder: Path, rows: list[str], fits: str = "rows", **more: object) -> cx.Panel:
    head = "id,year,day,nps,spend,account"
    (folder / "d.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    study = {
        "study": {"name": "Rounds"},
        "tables": {"customers": {**TABLE, "path": str(folder / "d.csv"), **more}},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    return cx.build_panel(cx.read_tables(cx.load_study(study)), fits=fits)


ROWS = [
    "b,2021,2021-05-01,9,30,x",
    "a,2020,2020-02-01,7,10,y",
    "a,2021,2020-04-01,10,20,y",
    "c,2021,2021-05-02,3,0,x",
]


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_panel_has_a_row_a_customer_and_wave(tmp_path: Path, fits: str) -> None:
    panel = panel_of(tmp_path, ROWS, fits, wave="year")
    frame = panel.frame
    assert list(frame["customer"]) == ["a", "a", "b", "c"]
    assert list(frame["wave"]) == ["2020", "2021", "2021", "2021"]
    assert list(frame["spend_after"]) == [10, 20, 30, 0]
    assert frame["cluster"].nunique() == 3  # customers
    assert (panel.size, panel.customers, panel.waves) == (4, 3, ("2020", "2021"))
    assert (panel.coverage.customers, panel.coverage.answered) == (3, 3)
    assert panel.origin_customers == 0  # a was passive in 2020 and is a promoter since


def test_waves_of_dates_are_calendar_quarters(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, ROWS, answered_at="day")
    assert panel.waves == ("2020Q1", "2020Q2", "2021Q2")
    assert list(panel.frame["wave"]) == ["2020Q1", "2020Q2", "2021Q2", "2021Q2"]


@pytest.mark.parametrize(
    ("row", "more", "found"),
    [
        ("a,2021,2020-09-01,8,5,y", {"wave": "year"}, "1 contradict one"),
        ("a,2021,2020-04-01,10,20,y", {"wave": "year"}, "1 repeat another row"),
        ("a,2022,2020-06-30,8,5,y", {"answered_at": "day"}, "by 'day'"),
        ("a,2022,2022-01-01,8,5,y", {}, "rows more than different ids"),
    ],
)
def test_two_rows_of_a_customer_in_one_wave_are_refused(
    tmp_path: Path, row: str, more: dict[str, str], found: str
) -> None:
    with pytest.raises(DataError, match=found):
        panel_of(tmp_path, [*ROWS, row], **more)


def test_the_same_customer_in_another_wave_is_not_refused(tmp_path: Path) -> None:
    assert panel_of(tmp_path, [*ROWS, "a,2022,2020-04-01,8,5,y"], wave="year").size == 5


def test_a_row_without_a_wave_is_set_aside_and_counted(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [*ROWS, "d,,2020-04-01,8,5,y"], wave="year")
    assert panel.size == 4
    assert panel.ledger.rows("customers", "set aside") == 1


def test_whole_numbers_name_waves_without_a_point(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "year": [2020.0, 2020.5], "nps": [9, 3]})
    frame["spend"] = [1.0, 2.0]
    study = {
        "study": {"name": "Rounds"},
        "tables": {"customers": {**TABLE, "wave": "year"}},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    tables = cx.read_tables(cx.load_study(study), frames={"customers": frame})
    assert cx.build_panel(tables).waves == ("2020", "2020.5")


def test_a_wave_of_the_study_is_asked_for_by_its_name(tmp_path: Path) -> None:
    tables = panel_of(tmp_path, ROWS, wave="year").tables
    panel = cx.build_panel(tables, "2021")
    assert list(panel.frame["customer"]) == ["a", "b", "c"]
    assert [e.reason for e in panel.ledger.entries if e.action == "set aside"] == ["outside 2021"]
    with pytest.raises(ParameterError, match=r"in 2020Q1; there are responses in 2020, 2021\."):
        cx.build_panel(tables, "2020Q1")


def test_a_customer_lies_in_one_cluster(tmp_path: Path) -> None:
    moved = [ROWS[0], ROWS[1].replace(",y", ",x"), *ROWS[2:]]
    with pytest.raises(CxroiError, match="1 customer has answers in several clusters"):
        panel_of(tmp_path, moved, wave="year", cluster="account")


def test_waves_of_a_dated_study_are_its_own() -> None:
    study = {
        "study": {"name": "Two", "complete_until": pd.Timestamp("2026-01-01").date()},
        "tables": {
            "customers": {"path": "c.csv", "customer": "id", "wave": "year"},
            "responses": {"path": "r.csv", "customer": "id", "score": "s", "answered_at": "d"},
            "orders": {"path": "o.csv", "customer": "id", "ordered_at": "d", "amount": "a"},
        },
        "windows": {"baseline_days": 9, "outcome_days": 9},
    }
    with pytest.raises(StudyError, match="has a wave in a study with a responses table"):
        cx.load_study(study)


# ------------------------------------------------------------- rows that are equal but for the id


def same_rows(folder: Path, frame: pd.DataFrame, kind: str = "frame") -> list[str]:
    outcome = {"columns": {"spend": {"column": "spend", "kind": "amount"}}}
    declared = {"customers": {"score": "nps", "attributes": ["town", "post"]}}
    tables = tables_of(folder, {"customers": frame}, kind, tables=declared, outcomes=outcome)
    return [w for w in tables.ledger.warnings if "but the id" in w]


def people(size: int = 400, towns: int = 400, prices: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    town = rng.integers(0, towns, size)
    nps, cents = rng.integers(0, 11, size), rng.integers(0, prices, size)
    frame = pd.DataFrame({"nps": nps, "spend": cents / 100, "town": [f"t{t}" for t in town]})
    # A column that another determines makes nobody rarer.
    return frame.assign(post=[f"p{t}" for t in town])


@pytest.mark.parametrize("kind", SOME)
def test_customers_entered_again_under_another_id_are_counted(kind: str, tmp_path: Path) -> None:
    frame = pd.concat([people(), people()[:40]]).reset_index(drop=True)
    frame.insert(0, "id", [f"C{i}" for i in range(440)])
    assert same_rows(tmp_path, frame, kind) == [
        "40 of 440 rows (9.1 %) equal another in all 4 columns read but the id: were customers "
        "entered again under another id?"
    ]


@pytest.mark.parametrize(("towns", "prices"), [(4, 3), (40, 4), (20, 20)])
def test_columns_in_which_many_are_alike_say_nothing(
    towns: int, prices: int, tmp_path: Path
) -> None:
    frame = people(800, towns, prices)
    frame.insert(0, "id", [f"C{i}" for i in range(800)])
    assert frame.drop(columns="id").duplicated().sum() > 50
    assert same_rows(tmp_path, frame) == []


def test_a_few_equal_rows_are_not_worth_a_word(tmp_path: Path) -> None:
    frame = pd.concat([people(), people()[:4]]).reset_index(drop=True)
    frame.insert(0, "id", [f"C{i}" for i in range(404)])
    assert same_rows(tmp_path, frame) == []


# --------------------------------------------------------- one address, and versions over time

IDS = [f"C{i}" for i in range(20)]


def with_customers(folder: Path, frame: pd.DataFrame, kind: str, **declared: object) -> cx.Tables:
    answers = pd.DataFrame({"id": IDS, "nps": [8, 10] * 10, "day": "2026-03-02"})
    orders = pd.DataFrame({"id": IDS, "day": "2026-03-10", "amount": range(1, 21)})
    frames = {"customers": frame, "responses": answers, "orders": orders}
    return tables_of(folder, frames, kind, tables={"customers": declared})


@pytest.mark.parametrize("kind", SOME)
def test_an_address_of_several_ids_is_told_of(kind: str, tmp_path: Path) -> None:
    # Three of one, two of another whatever its letters; dots are left as they are.
    mails = ["a@x.org"] * 3 + ["b@x.org", "B@X.org", "j.d@gmail.com", "jd@gmail.com", None, None]
    frame = pd.DataFrame({"id": IDS, "E-Mail": mails + [f"m{i}@x.org" for i in range(11)]})
    [said] = with_customers(tmp_path, frame, kind, attributes=["E-Mail"]).ledger.warnings
    assert said.startswith(
        "5 customers share 2 e-mail addresses in column 'E-Mail' of [tables.customers], under an "
        "id each"
    )


def test_addresses_of_their_own_are_not_worth_a_word(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": IDS, "mail": ["none"] * 8 + [f"m{i}@x.org" for i in range(12)]})
    assert not with_customers(tmp_path, frame, "frame", attributes=["mail"]).ledger.warnings


@pytest.mark.parametrize("kind", SOME)
def test_versions_over_time_are_refused_with_what_to_keep(kind: str, tmp_path: Path) -> None:
    versions = pd.DataFrame({"id": IDS * 2, "plan": ["a"] * 20 + ["b"] * 20})
    versions["is_current"] = [0] * 20 + [1] * 20
    with pytest.raises(DataError, match=r"20 contradict one.*versions over time") as caught:
        with_customers(tmp_path, versions, kind, attributes=["plan"])
    assert 'keep = {is_current = ["1"]}' in str(caught.value)
    kept = with_customers(tmp_path, versions, kind, attributes=["plan"], keep={"is_current": ["1"]})
    plans = kept.connection.execute("SELECT DISTINCT attr_plan FROM clean_customers")
    assert plans.fetchall() == [("b",)]
