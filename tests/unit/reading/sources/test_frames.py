"""A frame in place of a file: the same tables, the same refusals, nothing that changes later."""

from __future__ import annotations

import datetime as dt
import decimal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxroi as cx
from cxroi.reading import cleaning
from cxroi.reading.sources.connection import connect
from cxroi.study import rules

STUDY: dict[str, Any] = {
    "study": {"name": "frames", "complete_until": dt.date(2026, 6, 29)},
    "tables": {
        "customers": {"customer": "id", "attributes": ["segment", "age"]},
        "responses": {"customer": "id", "score": "nps", "answered_at": "day"},
        "orders": {"customer": "id", "ordered_at": "moment", "amount": "amount"},
    },
    "windows": {"baseline_days": 30, "outcome_days": 30},
}
FLAT: dict[str, Any] = {
    "study": {"name": "flat"},
    "tables": {"customers": {"customer": "id", "score": "nps", "attributes": ["x"]}},
    "outcomes": {"columns": {"answer": {"column": "nps", "kind": "count"}}},
}
Frames = Mapping[str, Any]


@pytest.fixture(autouse=True)
def any_outcome(monkeypatch):
    """Frames here are small: an outcome reads the cells of the score, which a study may not."""
    monkeypatch.setattr(rules, "_check_outcomes", lambda study: iter(()))
    monkeypatch.setattr(cleaning, "refuse_copies", lambda *of: iter(()))


def made(customers: int = 60) -> dict[str, pd.DataFrame]:
    """Customers, an answer each, and orders, some blank, one repeated word for word."""
    draw = np.random.default_rng(1)
    ids = np.array([f"c{i:03}" for i in range(customers)])
    people = pd.DataFrame({"id": ids, "segment": draw.choice(["a", "b"], customers)})
    people["age"] = pd.array(draw.integers(20, 70, customers), dtype="Int64")
    people.loc[3, ["segment", "age"]] = None
    start = pd.Timestamp("2026-04-01")
    answers = pd.DataFrame({"id": ids, "nps": draw.integers(0, 11, customers)})
    answers["day"] = start + pd.to_timedelta(draw.integers(0, 80, customers), unit="D")
    orders = pd.DataFrame({"id": draw.choice(ids, 300), "line": range(300)})
    orders["moment"] = start + pd.to_timedelta(draw.integers(0, 86400 * 90, 300), unit="s")
    orders["amount"] = draw.integers(100, 9999, 300) / 100
    orders.loc[7, "amount"] = np.nan
    orders = pd.concat([orders, orders.iloc[[5]]])
    return {"customers": people, "responses": answers, "orders": orders}


def as_is(frame: pd.DataFrame) -> Any:
    return frame


def shuffled_index(frame: pd.DataFrame) -> Any:
    return frame.set_index(pd.Index([7] * len(frame), name="other"))


def categorical(frame: pd.DataFrame) -> Any:
    texts = frame.select_dtypes("str").columns
    return frame.astype(dict.fromkeys(texts, "category"))


def objects(frame: pd.DataFrame) -> Any:
    return pd.DataFrame({name: frame[name].astype(object).to_numpy() for name in frame})


def arrow_types(frame: pd.DataFrame) -> Any:
    pytest.importorskip("pyarrow")
    return frame.convert_dtypes(dtype_backend="pyarrow")


def nullable(frame: pd.DataFrame) -> Any:
    return frame.convert_dtypes()


def polars(frame: pd.DataFrame) -> Any:
    pytest.importorskip("pyarrow")
    return pytest.importorskip("polars").from_pandas(frame)


def polars_lazy(frame: pd.DataFrame) -> Any:
    return polars(frame).lazy()


def polars_chunks(frame: pd.DataFrame) -> Any:
    whole = polars(frame)
    return pytest.importorskip("polars").concat([whole[:3], whole[3:]], rechunk=False)


def arrow(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)


def arrow_dictionary(frame: pd.DataFrame) -> Any:
    return arrow(categorical(frame))


def arrow_reader(frame: pd.DataFrame) -> Any:
    return arrow(frame).to_reader(max_chunksize=7)


class Stream:
    """Nothing but a stream that is handed out once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.table: Any = arrow(frame)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        table, self.table = self.table, None
        return table.__arrow_c_stream__(requested_schema)


def relation(frame: pd.DataFrame) -> Any:
    return duckdb.connect().from_df(frame)


KINDS = [as_is, shuffled_index, categorical, objects, arrow_types, nullable]
KINDS += [polars, polars_lazy, polars_chunks, arrow, arrow_dictionary, arrow_reader, Stream]
KINDS += [relation]


def from_files(folder: Path, kind: str) -> cx.Tables:
    study = {**STUDY, "tables": {k: dict(v) for k, v in STUDY["tables"].items()}}
    for name, frame in made().items():
        path = folder / f"{name}.{kind}"
        study["tables"][name]["path"] = path
        if kind == "csv":
            frame.to_csv(path, index=False)
        else:
            duckdb.from_df(frame).write_parquet(str(path))
    return cx.read_tables(cx.load_study(study))


def held(tables: cx.Tables) -> dict[str, list[tuple]]:
    return {
        role: tables.connection.execute(f"SELECT * FROM clean_{role} ORDER BY row").fetchall()
        for role in tables.study.sources
    }


def told(tables: cx.Tables) -> list[tuple]:
    entries = tables.ledger.entries
    return [(e.table, e.action, e.rows, e.reason) for e in entries if e.action != "read"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[cx.Tables, cx.Tables, pd.DataFrame]:
    """The tables read from Parquet and from CSV, and their panel."""
    folder = tmp_path_factory.mktemp("files")
    parquet, text = from_files(folder, "parquet"), from_files(folder, "csv")
    panels = [cx.build_panel(tables).frame for tables in (parquet, text)]
    pd.testing.assert_frame_equal(*panels, check_exact=True)
    return parquet, text, panels[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_reads_as_the_files_do(
    kind: Callable[[pd.DataFrame], Any], files: tuple[cx.Tables, cx.Tables, pd.DataFrame]
) -> None:
    parquet, text, panel = files
    frames = {name: kind(frame) for name, frame in made().items()}
    tables = cx.read_tables(cx.load_study(STUDY), frames=frames)
    assert held(tables) == held(parquet) == held(text)
    assert tables.date_only == parquet.date_only
    assert [s.rows for s in tables.sources] == [60, 60, 301]
    warned = [e for e in told(text) if "exported twice" in e[3]]
    assert len(warned) == 1
    lazily = kind in (polars_lazy, arrow_reader, Stream, relation)  # unread columns stay unread
    assert told(tables) == [e for e in told(text) if not (lazily and e in warned)]
    pd.testing.assert_frame_equal(cx.build_panel(tables).frame, panel, check_exact=True)


def test_frames_stand_for_the_files_of_a_study_file(tmp_path: Path) -> None:
    from_files(tmp_path, "csv")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "x"\n[tables.customers]\npath = "gone.csv"\ncustomer = "id"\n'
        'score = "nps"\n[outcomes.columns.answer]\ncolumn = "nps"\nkind = "count"\n'
    )
    study = cx.load_study(tmp_path / "study.toml")
    tables = cx.read_tables(study, frames={"customers": made()["responses"]})
    (source,) = tables.sources
    assert (source.table, source.where, source.rows) == ("customers", "pandas frame", 60)
    assert tables.ledger.entries[0].reason == "rows of pandas frame"
    with pytest.raises(cx.CxroiError, match=r"no file 'gone\.csv'"):
        cx.read_tables(study)


def test_lookup_tables_may_be_frames() -> None:
    lookup = pd.DataFrame({"no": [1, 2], "id": ["a", "b"], "kind": ["x", "y"]})
    study = {**FLAT, "tables": {"customers": {**FLAT["tables"]["customers"]}, "people": {}}}
    study["tables"]["customers"] |= {"via": ["people.no"], "attributes": ["kind"]}
    frames = {"customers": pd.DataFrame({"no": [2, 1], "nps": [9, 8]}), "people": lookup}
    tables = cx.read_tables(cx.load_study(study), frames=frames)
    clean = tables.connection.execute("SELECT customer, attr_kind FROM clean_customers ORDER BY 1")
    assert clean.fetchall() == [("a", "x"), ("b", "y")]


def flat(frame: Any, **keys: Any) -> cx.Tables:
    study = {**FLAT, "tables": {"customers": {**FLAT["tables"]["customers"], **keys}}}
    return cx.read_tables(cx.load_study(study), frames={"customers": frame})


def column(values: Any, **keys: Any) -> list[Any]:
    """The attribute x of three customers as it is read."""
    frame = pd.DataFrame({"id": ["a", "b", "c"], "nps": [9, 8, 7], "x": values})
    found = flat(frame, **keys).connection.execute("SELECT attr_x FROM clean_customers")
    return [row[0] for row in found.fetchall()]


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (pd.array([1, None, 3], dtype="Int64"), [1.0, None, 3.0]),
        (pd.array([1.5, None, 3], dtype="Float64"), [1.5, None, 3.0]),
        (pd.array([True, None, False], dtype="boolean"), ["true", None, "false"]),
        (pd.Series([True, None, False], dtype=object), ["true", None, "false"]),
        (pd.Categorical(["u", None, "v"]), ["u", None, "v"]),
        (pd.Categorical([10, None, 5]), [10.0, None, 5.0]),
        (pd.cut(pd.Series([1, 5, 9]), [0, 4, 10]), ["(0, 4]", "(4, 10]", "(4, 10]"]),
        (pd.period_range("2026-01", periods=3, freq="M"), ["2026-01", "2026-02", "2026-03"]),
        (pd.arrays.SparseArray([0, 0, 7]), [0.0, 0.0, 7.0]),
        (pd.Series([decimal.Decimal("1.50"), None, 2], dtype=object), [1.5, None, 2.0]),
        (pd.Series([decimal.Decimal("1.5"), 2.5, "u"], dtype=object), ["1.5", "2.5", "u"]),
        (pd.Series([np.float64(1.5), np.int64(2), pd.NA], dtype=object), [1.5, 2.0, None]),
        (pd.Series([dt.date(2026, 1, 2), "u", None], dtype=object), ["2026-01-02", "u", None]),
        (pd.Series([None, None, None], dtype=object), [None, None, None]),
        (np.array([1, 2, 3], dtype="float16"), [1.0, 2.0, 3.0]),
        (np.array([1.5, np.nan, 2]), [1.5, None, 2.0]),
        ([" u ", "", "v"], ["u", None, "v"]),
    ],
)
def test_columns_of_pandas(values: Any, read: list[Any]) -> None:
    assert column(values) == read


def test_numbers_among_objects_are_written_with_the_declared_mark() -> None:
    values = pd.Series(["1,5", decimal.Decimal("2.5"), 3.25], dtype=object)
    assert column(values, decimal=",") == [1.5, 2.5, 3.25]


@pytest.mark.parametrize(
    ("moments", "read"),
    [
        (pd.to_datetime(["2026-05-01 10:00", "2026-05-02 10:00"]), "10:00:00"),
        (pd.to_datetime(["2026-05-01", "2026-05-02"]).as_unit("s") + pd.Timedelta("1h"), "01:00"),
        (
            pd.to_datetime(["2026-05-01 10:00", "2026-05-02 10:00"]).tz_localize("Asia/Tokyo"),
            "10:00:00",
        ),
        (
            pd.Series(
                [
                    dt.datetime(2026, 5, 1, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))),
                    dt.datetime(2026, 5, 2, 1, tzinfo=dt.UTC),
                ],
                dtype=object,
            ),
            "01:00:00",
        ),
    ],
)
def test_times_keep_the_clock_of_their_zone_and_offsets_come_to_utc(
    moments: Any, read: str
) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "nps": [9, 8], "x": [1, 2], "at": moments})
    tables = flat(frame, answered_at="at")
    found = tables.connection.execute("SELECT answered_at::VARCHAR FROM clean_customers ORDER BY 1")
    days = [row[0] for row in found.fetchall()]
    assert [day[:10] for day in days] == ["2026-05-01", "2026-05-02"]
    assert all(day[11:].startswith(read) for day in days)


def test_dates_that_are_all_blank_are_no_numbers() -> None:
    frame = pd.DataFrame({"id": ["a"], "nps": [9], "x": [1], "at": [np.nan]})
    tables = flat(frame, answered_at="at")
    assert held(tables)["customers"][0][3] is None


def test_ids_of_a_frame_are_texts_or_whole_numbers() -> None:
    frame = pd.DataFrame({"id": [1.0, 2.0, np.nan], "nps": [9, 8, 7], "x": 1})
    tables = flat(frame)
    assert [row[1] for row in held(tables)["customers"]] == ["1", "2"]
    assert tables.ledger.rows("customers", "set aside") == 1
    with pytest.raises(cx.CxroiError, match="beyond"):
        flat(frame.assign(id=[2.0**60, 1.0, 2.0]))


PLAIN = pd.DataFrame({"id": ["a", "b"], "nps": [9, 8], "x": ["u", "v"]})


def with_levels() -> pd.DataFrame:
    return PLAIN.set_axis(pd.MultiIndex.from_tuples([("a", n) for n in PLAIN]), axis=1)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.concat([PLAIN, PLAIN[["x"]]], axis=1), "names 1 column twice: 'x'"),
        (PLAIN.assign(X=1), "names 1 column twice: 'X', 'x'; .*letters large or small"),
        (PLAIN.assign(**{" x": 1}), "names 1 column twice: ' x', 'x'"),
        (PLAIN.rename(columns={"x": " x"}).assign(**{"x ": 1}), "column twice: ' x', 'x '"),
        (with_levels(), "2 levels of column names"),
        (PLAIN.set_index("id"), r"no column 'id'.*index 'id' is not read: reset_index\(\)"),
        (PLAIN.rename(columns={"nps": "NPS "}), "Did you mean 'NPS '"),
        (PLAIN[:0], "has columns and no rows"),
        (PLAIN.assign(x=[[1], [2]]), "column 'x' .* holds objects of type list"),
        (PLAIN.assign(x=[b"1", b"2"]), "holds objects of type bytes"),
        (PLAIN.assign(nps=[True, False]), "of type BOOLEAN"),
        (PLAIN.assign(nps=pd.to_timedelta([1, 2], unit="s")), "of type INTERVAL"),
        (PLAIN.assign(nps=[1j, 2j]), "not numbers"),
        (PLAIN.assign(nps=[np.inf, 1]), "infinite"),
        (PLAIN.assign(id="a"), "1 rows more than different ids"),
        (PLAIN["x"], "is of type Series; it is a DuckDB relation, a pandas"),
        (PLAIN.to_dict(), "is of type dict"),
        ("customers.csv", "is of type str"),
        (None, "is of type NoneType"),
    ],
)
def test_what_is_refused(frame: Any, words: str) -> None:
    with pytest.raises(cx.CxroiError, match=words) as caught:
        flat(frame)
    assert "Error:" not in str(caught.value)


def test_names_that_are_no_texts_are_read_as_texts() -> None:
    frame = PLAIN.set_axis(["id", "nps", 2026], axis=1)
    assert held(flat(frame, attributes=["2026"])) == held(flat(PLAIN))


def test_a_column_that_is_not_read_may_hold_anything() -> None:
    odd = PLAIN.assign(extra=[[1], {"a": b""}], month=pd.period_range("2026-01", periods=2))
    assert held(flat(odd)) == held(flat(PLAIN))
    orders = made()["orders"].assign(extra=[[i] for i in range(301)])
    frames = {**made(), "orders": orders}
    assert len(held(cx.read_tables(cx.load_study(STUDY), frames=frames))["orders"]) == 300


def test_what_polars_and_arrow_refuse() -> None:
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    base = pl.DataFrame({"id": ["a", "b"], "nps": [9, 8], "x": ["u", "v"]})
    nested = base.with_columns(x=pl.Series([[1], [2]]))
    with pytest.raises(cx.CxroiError, match="of type LIST; a cell is a text"):
        flat(nested)
    with pytest.raises(cx.CxroiError, match="of type STRUCT"):
        flat(base.with_columns(x=pl.struct("id")))
    with pytest.raises(cx.CxroiError, match="cannot be read: 'id', 'nps', 'x'"):
        flat(base.with_columns(x=pl.Series([1, 2], dtype=pl.Int128)))
    with pytest.raises(cx.CxroiError, match=r"column 'x' .* holds objects of Python"):
        flat(base.with_columns(x=pl.Series([object(), object()], dtype=pl.Object)))
    with pytest.raises(cx.CxroiError, match=r"lazy and cannot be collected.*ColumnNotFoundError"):
        flat(base.lazy().select("id", "nps", "gone"))
    late = base.lazy().with_columns(x=pl.col("x").str.to_integer())
    with pytest.raises(cx.CxroiError, match="lazy and cannot be collected"):
        flat(late)
    with pytest.raises(cx.CxroiError, match="is of type Series"):
        flat(base["x"])
    with pytest.raises(cx.CxroiError, match="ChunkedArray, whose stream cannot be read"):
        flat(pa.chunked_array([[1]]))
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"])
    for frame in (twice, twice.to_reader()):
        with pytest.raises(cx.CxroiError, match="twice: 'id'"):
            flat(frame)


def backwards(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[::-1]


def every_other(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.loc[frame.index.repeat(2)][::2]


@pytest.mark.parametrize("view", [backwards, every_other])
@pytest.mark.parametrize("kind", [as_is, nullable, objects, arrow_types, categorical])
def test_views_of_a_frame(kind: Callable[[pd.DataFrame], Any], view: Any) -> None:
    """Rows that lie backwards or apart in memory; NumPy hands them out as they lie."""
    frame = pd.DataFrame({"id": ["a", "b", "c"], "nps": [9, 8, 7], "x": [1.5, None, 2.5]})
    frame["at"] = pd.to_datetime(["2026-05-01", "2026-05-02", "2026-05-03"], utc=True)
    seen = view(kind(frame))
    found = flat(seen, answered_at="at").connection.execute(
        "SELECT customer, score, attr_x, day(answered_at) FROM clean_customers ORDER BY row"
    )
    rows = [("a", 9.0, 1.5, 1), ("b", 8.0, None, 2), ("c", 7.0, 2.5, 3)]
    assert found.fetchall() == (rows[::-1] if view is backwards else rows)


def test_a_stream_is_kept_once_and_not_read_again() -> None:
    reader = arrow_reader(PLAIN)
    tables = flat(reader)
    assert held(tables) == held(tables) == held(flat(PLAIN))
    with pytest.raises(cx.CxroiError, match=r"no rows\. A stream is read only once"):
        flat(reader)


def test_a_frame_changed_later_changes_nothing() -> None:
    frames = made()
    tables = cx.read_tables(cx.load_study(STUDY), frames=frames)
    before, panel = held(tables), cx.build_panel(tables).frame
    for frame in frames.values():
        frame.loc[:, "id"] = "changed"
        del frame["id"]
    assert held(tables) == before
    pd.testing.assert_frame_equal(cx.build_panel(tables).frame, panel)
    left = tables.connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
    assert not [name for (name,) in left.fetchall() if name.startswith("frame")]


def test_a_relation_of_a_table_stays_usable_and_its_connection_too() -> None:
    own = duckdb.connect()
    own.execute(
        "CREATE TABLE shop AS SELECT * FROM (VALUES ('a', 9, 'u'), ('b', 8, 'v')) t(i, n, x)"
    )
    frame = own.table("shop").project("i AS id, n AS nps, x")
    assert held(flat(frame)) == held(flat(frame)) == held(flat(PLAIN))
    assert own.execute("SELECT count(*) FROM shop").fetchall() == [(2,)]


def test_relations_that_cannot_be_read() -> None:
    own = duckdb.connect()
    query = "SELECT 'a' AS id, 9 AS nps, {} AS x"
    with pytest.raises(
        cx.CxroiError, match="reports Invalid Input Error; its query runs"
    ) as caught:
        flat(own.sql(query.format("error('secret')")))
    assert "secret" not in str(caught.value)
    for cast, words in (
        ("CAST('secr''et' || range AS INT)", "Error: Could not convert string '...' to INT32;"),
        ("CAST('secr\net' || range AS INT)", "Error: Could not convert string '...' to INT32;"),
        ("CAST('secret' || range AS DATE)", "Error: invalid date field format: '...'"),
        ("CAST(31337 + range AS TINYINT)", "Error: Type INT64 with value ... can't be cast"),
        ("CAST(31337 AS DECIMAL(4, 2))", "Error: Could not cast value ... to DECIMAL(4,2)"),
    ):
        with pytest.raises(cx.CxroiError, match="reports Conversion Error") as caught:
            flat(own.sql(f"{query.format(cast)} FROM range(2)"))
        assert words in str(caught.value)
        assert not [part for part in ("secr", "et'", "31337") if part in str(caught.value)]
    busy = duckdb.connect()
    busy.execute("FROM range(1_000_000)")
    with pytest.raises(cx.CxroiError, match="no other result of its connection"):
        flat(busy.sql(query.format(1)))
    good = own.sql(query.format(1))
    own.close()
    with pytest.raises(cx.CxroiError, match="connection is closed"):
        flat(good)


def test_streams_that_break_off_tell_no_data() -> None:
    pa = pytest.importorskip("pyarrow")
    table = arrow(PLAIN)

    def batches() -> Any:
        yield from table.to_batches()
        raise ValueError("secret")

    class Broken:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            raise RuntimeError("secret")

    for frame in (pa.RecordBatchReader.from_batches(table.schema, batches()), Broken()):
        with pytest.raises(cx.CxroiError, match="cannot be read") as caught:
            flat(frame)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_nanoseconds_with_a_zone() -> None:
    pa = pytest.importorskip("pyarrow")
    moments = pa.array([1_777_600_800_000_000_000] * 2, pa.timestamp("ns", "Asia/Tokyo"))
    frame = arrow(PLAIN).append_column("at", moments)
    found = flat(frame, answered_at="at").connection.execute(
        "SELECT DISTINCT answered_at::VARCHAR FROM clean_customers"
    )
    assert found.fetchall() == [("2026-05-01 11:00:00",)]


MOMENTS = {"responses": "day", "orders": "moment"}


def zoned(zone: Any, *tables: str) -> dict[str, pd.DataFrame]:
    """The frames, with a zone given to the times of some tables: what their clocks show stays."""
    frames = made()
    for name in tables:
        times = frames[name][MOMENTS[name]]
        frames[name][MOMENTS[name]] = times.dt.tz_localize(zone)
    return frames


@pytest.mark.parametrize("zone", ["Europe/Berlin", "GMT-03:30"])
@pytest.mark.parametrize(
    "kind", [as_is, arrow_types, polars, polars_lazy, arrow, arrow_reader, Stream]
)
def test_local_midnight_stays_midnight(
    kind: Callable[[pd.DataFrame], Any],
    zone: str,
    files: tuple[cx.Tables, cx.Tables, pd.DataFrame],
) -> None:
    """All tables of one zone read as the same tables without any, days and quarters included."""
    if zone.startswith("GMT") and kind in (polars, polars_lazy):
        pytest.skip("Polars knows zones by name alone")
    given_zone = zone.replace("GMT", "UTC")
    frames = {k: kind(f) for k, f in zoned(given_zone, "responses", "orders").items()}
    tables = cx.read_tables(cx.load_study(STUDY), frames=frames)
    assert held(tables) == held(files[0])
    assert tables.date_only == files[0].date_only == {("responses", "answered_at")}
    reasons = [e.reason for e in tables.ledger.entries if e.action == "repaired"]
    assert reasons == [f"{column}: times with a zone read in {zone}" for column in MOMENTS.values()]


def test_the_repeated_hour_ties() -> None:
    day = pd.date_range("2026-10-25 00:30", periods=2, freq="h", tz="UTC").tz_convert(
        "Europe/Berlin"
    )
    tables = flat(PLAIN.assign(at=day), answered_at="at")
    found = tables.connection.execute("SELECT answered_at::VARCHAR FROM clean_customers")
    assert found.fetchall() == [("2026-10-25 02:30:00",)] * 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            zoned("Europe/Berlin", "responses"),
            r"'day' of \[tables.responses\] \(Europe/Berlin\); without one in column 'moment' .*"
            r"tz_convert\('Europe/Berlin'\)",
        ),
        (zoned("UTC", "responses"), r"\(UTC\); without one in column 'moment' of \[tables.orders"),
        (
            zoned("UTC", "responses") | {"orders": zoned("Asia/Tokyo", "orders")["orders"]},
            r"'day' .* \(UTC\), column 'moment' .* \(Asia/Tokyo\); all times are of one zone",
        ),
    ],
)
def test_zones_that_differ_are_refused(changed: Frames, words: str) -> None:
    with pytest.raises(cx.CxroiError, match=words):
        cx.read_tables(cx.load_study(STUDY), frames=changed)


def test_days_without_a_zone_stand_beside_times_with_one() -> None:
    tables = cx.read_tables(cx.load_study(STUDY), frames=zoned("Asia/Tokyo", "orders"))
    assert tables.date_only == {("responses", "answered_at")}


def test_a_relation_holds_instants_read_in_utc() -> None:
    own = duckdb.connect()
    own.execute("SET TimeZone = 'Asia/Tokyo'")
    frame = own.sql("SELECT 'a' AS id, 9 AS nps, 1 AS x, '2026-05-01 10:00+09'::TIMESTAMPTZ AS at")
    tables = flat(frame, answered_at="at")
    found = tables.connection.execute("SELECT answered_at::VARCHAR FROM clean_customers")
    assert found.fetchall() == [("2026-05-01 01:00:00",)]
    assert tables.ledger.entries[-1].reason == "at: times with a zone read in UTC"


def test_a_zone_without_a_name_is_refused() -> None:
    days = pd.to_datetime(["2026-05-01", "2026-05-02"])
    frame = PLAIN.assign(at=days.tz_localize("dateutil/Europe/Berlin"))
    with pytest.raises(cx.CxroiError, match=r"'at' .* in the zone .*tzfile.*tz_convert"):
        flat(frame, answered_at="at")
    assert len(held(flat(frame))["customers"]) == 2  # as long as the column is not read


def test_qualtrics_headers_in_a_frame() -> None:
    heads = pd.DataFrame(
        {"id": ["Id", '{"ImportId":"id"}'], "nps": ["How?", "{}"], "x": ["X", "{}"]}
    )
    tables = flat(pd.concat([heads, PLAIN.astype("str")], ignore_index=True))
    assert [row[1:4] for row in held(tables)["customers"]] == [("a", 9.0, "u"), ("b", 8.0, "v")]
    assert tables.ledger.rows("customers", "repaired") == 2


def test_frames_for_tables_that_are_not_declared(tmp_path: Path) -> None:
    study = cx.load_study(FLAT)
    with pytest.raises(cx.CxroiError, match=r"'customer', a table .* Did you mean 'customers'"):
        cx.read_tables(study, frames={"customer": PLAIN})
    with pytest.raises(cx.CxroiError, match=r"neither path nor database.*frames=\{\"customers\""):
        cx.read_tables(study)


def digest(frame: Any) -> str:
    return flat(frame).sources[0].sha256


def test_the_fingerprint_is_of_the_values_alone() -> None:
    pl = pytest.importorskip("polars")
    whole = digest(PLAIN)
    assert len(whole) == 64
    parts = pl.from_pandas(PLAIN)
    same = [shuffled_index(PLAIN), PLAIN.assign(unread=1), parts, arrow_reader(PLAIN)]
    same += [pl.concat([parts[:1], parts[1:]], rechunk=False), relation(PLAIN)]
    assert {digest(frame) for frame in same} == {whole}
    other = [PLAIN[::-1], PLAIN.assign(nps=[9, 7]), PLAIN[:1], PLAIN.assign(x=["u", None])]
    other += [PLAIN.assign(x=["u", "NULL"]), PLAIN.assign(x=["", "v"])]
    assert len({digest(frame) for frame in other} | {whole}) == 7


def test_the_fingerprint_tells_zones_apart() -> None:
    """The same instants are other times of day on other clocks."""
    moments = pd.to_datetime(["2026-05-01", "2026-05-02"], utc=True)
    frames = [PLAIN.assign(at=moments.tz_convert(zone)) for zone in ("UTC", "Asia/Tokyo")]
    tables = [flat(frame, answered_at="at") for frame in frames]
    assert tables[0].sources[0].sha256 != tables[1].sources[0].sha256


def test_fingerprint_of_cells_that_run_together() -> None:
    one, two = PLAIN.assign(x=["b1:c", "v"]), PLAIN.assign(id=["ab1:", "b"], x=["c", "v"])
    assert digest(one.assign(id=["a", "b"])) != digest(two)


def test_many_rows_keep_their_order() -> None:
    rows = 700_000
    frame = pd.DataFrame({"id": np.arange(rows), "nps": 5 + np.arange(rows) % 6, "x": 1})
    wrong = flat(frame).connection.execute(
        "SELECT count(*) FROM clean_customers WHERE row::VARCHAR <> customer"
    )
    assert wrong.fetchall() == [(0,)]


CELLS = st.one_of(st.none(), st.text("ab ,1.", max_size=4), st.integers(-5, 5), st.booleans())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_objects_read_as_the_csv_file_of_the_same_cells(cells: list[Any]) -> None:
    import tempfile

    ids = [f"c{i}" for i in range(len(cells))]
    frame = pd.DataFrame({"id": ids, "nps": 9, "x": pd.Series(cells, dtype=object)})
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "c.csv"
        texts = [str(c).lower() if isinstance(c, bool) else c for c in cells]
        frame.assign(x=pd.Series(texts, dtype=object)).to_csv(path, index=False)
        study = {**FLAT, "tables": {"customers": {**FLAT["tables"]["customers"], "path": path}}}
        results = []
        for given_frames in ({}, {"customers": frame}):
            try:
                results.append(held(cx.read_tables(cx.load_study(study), frames=given_frames)))
            except cx.CxroiError as problem:
                results.append(str(problem))
    assert results[0] == results[1]


def test_a_stray_text_among_numbers_reads_as_in_a_csv_file(tmp_path: Path) -> None:
    """Of many numbers, one cell that is none is missing and told of, in a frame as in a file."""
    cells = pd.Series([*range(398), "n/a", True], dtype=object)
    frame = pd.DataFrame({"id": range(400), "nps": 9, "x": cells})
    texts = [*cells[:-1], "true"]
    frame.assign(x=pd.Series(texts, dtype=object)).to_csv(tmp_path / "c.csv", index=False)
    table = {**FLAT["tables"]["customers"], "path": tmp_path / "c.csv"}
    study = cx.load_study({**FLAT, "tables": {"customers": table}})
    read = [cx.read_tables(study), cx.read_tables(study, frames={"customers": frame})]
    assert held(read[0]) == held(read[1])
    assert told(read[0]) == told(read[1])
    assert told(read[1]) == [
        ("customers", "repaired", 1, "x: 'n/a' taken as blank"),
        ("customers", "repaired", 1, "x: not a number, taken as missing"),
    ]


def test_arrow_objects_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    table = arrow(PLAIN)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(cx.CxroiError, match=r"pip install 'cxroi\[frames\]'"):
        flat(table)


def test_spilled_data_are_private_and_go_with_the_connection() -> None:
    connection = connect("100MB")
    ((folder, limit, order),) = connection.execute(
        "SELECT current_setting('temp_directory'), current_setting('memory_limit'), "
        "current_setting('preserve_insertion_order')"
    ).fetchall()
    assert (limit, order) == ("95.3 MiB", True)
    assert Path(folder).parent.stat().st_mode & 0o777 == 0o700
    connection.execute("CREATE TABLE t AS SELECT md5(i::VARCHAR) AS m FROM range(4_000_000) s(i)")
    assert list(Path(folder).iterdir())
    connection.close()
    assert not Path(folder).exists()


def test_without_a_limit_that_of_duckdb_holds() -> None:
    setting = "SELECT current_setting('memory_limit')"
    with connect() as ours, duckdb.connect() as theirs:
        assert ours.execute(setting).fetchall() == theirs.execute(setting).fetchall()


def test_the_memory_limit_of_the_study_holds() -> None:
    study = cx.load_study({**FLAT, "study": {"name": "x", "memory_limit": "1GB"}})
    setting = "SELECT current_setting('memory_limit')"
    for argument, held_to in (("", "953.6 MiB"), ("2GB", "1.8 GiB")):
        tables = cx.read_tables(study, frames={"customers": PLAIN}, memory_limit=argument)
        assert tables.connection.execute(setting).fetchall() == [(held_to,)]
