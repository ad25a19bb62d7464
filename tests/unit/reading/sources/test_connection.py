"""DuckDB reaches the files that the study declares, and no other."""

import duckdb
import pytest

from cxroi.errors import DataError
from cxroi.files import cache
from cxroi.files.locked import own_folder
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.loading import load
from cxroi.reading.sources.opening import open_source
from cxroi.study.declared import Source

VIEWS = {
    "text": "SELECT (SELECT content FROM read_text('{0}/secret.csv')) AS amount",
    "csv": "SELECT amount FROM read_csv('{0}/secret.csv')",
    "named": "SELECT * FROM '{0}/secret.csv'",
    "pattern": "SELECT * FROM read_csv('{0}/*.csv')",
    "glob": "SELECT file AS amount FROM glob('{0}/*')",
    "inner": "SELECT * FROM (SELECT 1 AS amount) WHERE amount IN (SELECT 1 FROM '{0}/secret.csv')",
    "view_of_view": "SELECT * FROM csv",
    "declared": "SELECT * FROM '{0}/declared.csv'",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A DuckDB file whose views read files beside it."""
    place = tmp_path_factory.mktemp("o'brien [1]")
    for name in ("secret", "declared"):
        (place / f"{name}.csv").write_text("amount\n1\n")
    quoted = str(place).replace("'", "''").replace("[", "[[]")
    with duckdb.connect(place / "views.duckdb") as database:
        database.execute("CREATE TABLE held AS SELECT 7 AS amount")
        database.execute("CREATE VIEW plain AS SELECT * FROM held")
        for name, select in VIEWS.items():
            database.execute(f'CREATE VIEW "{name}" AS {select.format(quoted)}')
    return place


def opened(folder, view):
    """The rows of a table or view of the file, read as a study reads them."""
    path = folder / "views.duckdb"
    with connect(files=[path, folder / "declared.csv"]) as connection:
        scan = open_source(connection, Source("orders", {}, path=path, table=view), folder, folder)
        scan = load(connection, scan, ["amount"])
        return connection.execute(f"SELECT amount FROM {scan.relation}").fetchall()


@pytest.mark.parametrize("view", ["held", "plain"])
def test_tables_and_views_of_tables_are_read(folder, view):
    assert opened(folder, view) == [(7,)]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_that_reads_files_is_refused(folder, view):
    with pytest.raises(DataError, match=r"reads other files; .* declare as a table") as told:
        opened(folder, view)
    assert "secret" not in str(told.value)


@pytest.fixture
def shut_in(tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))
    for name in ("declared", "secret"):
        (tmp_path / f"{name}.csv").write_text("a\n1\n")
    (tmp_path / "shared").mkdir()
    with connect("40MB", [tmp_path / "declared.csv"], [tmp_path / "shared"]) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM '{0}/secret.csv'",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1 AS a) TO '{0}/new.csv'",
        "COPY (SELECT 1 AS a) TO '{0}/shared/../new.csv'",
        "ATTACH '{0}/new.duckdb'",
        "INSTALL httpfs",
        "SELECT * FROM 'https://example.org/x.csv'",
    ],
)
def test_no_other_file_is_reached(shut_in, tmp_path, statement):
    with pytest.raises(duckdb.Error):
        shut_in.execute(statement.format(tmp_path)).fetchall()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "cache",
        "declared.csv",
        "secret.csv",
        "shared",
    ]


@pytest.mark.parametrize("setting", ["enable_external_access = true", "threads = 1"])
def test_nobody_opens_it_again(shut_in, setting):
    with pytest.raises(duckdb.Error):
        shut_in.execute(f"SET {setting}")


def test_what_is_declared_kept_shared_and_spilled_is_reached(shut_in, tmp_path):
    assert shut_in.execute(f"SELECT a FROM '{tmp_path}/declared.csv'").fetchall() == [(1,)]
    for place in (tmp_path / "shared", cache.folder(), own_folder()):
        shut_in.execute(f"COPY (SELECT 5 AS a) TO '{place}/x.parquet' (FORMAT parquet)")
        held = shut_in.execute(f"SELECT a FROM '{place}/x.parquet'").fetchall()
        assert held == [(5,)]
        (place / "x.parquet").unlink()
    shut_in.execute("CREATE TABLE big AS SELECT md5(i::VARCHAR) AS s FROM range(2000000) AS t(i)")
    spilled = list(own_folder().rglob("duckdb_temp*"))
    assert spilled  # 2 million texts of 32 letters are more than the limit
    assert shut_in.execute("SELECT count(*) FROM big").fetchall() == [(2_000_000,)]
    assert own_folder().stat().st_mode & 0o777 == 0o700
