"""Cases from the field of paths, faults and hostile input, as their folders hold them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from processes import ROOT

import cxroi as cx
from cxroi.errors import CxroiError

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


@pytest.fixture
def case(request, tmp_path, monkeypatch):
    """Return a function that copies the files of a case, with its links, into a folder."""

    def copied(name):
        if not (CASES / name / "study.toml").exists():
            pytest.skip(f"the field case {name} is not here")
        for path in (CASES / name).rglob("*"):
            if path.is_file():
                to = tmp_path / path.relative_to(CASES / name)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(path.read_bytes())
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return copied


def read(folder):
    return cx.read_tables(cx.load_study(folder / "study.toml"))


def test_the_file_that_is_named_is_read(case):
    folder = case("glob_csv")
    tables = read(folder)
    named = pd.read_csv(folder / "orders[1].csv")
    held = tables.connection.execute("SELECT count(*), sum(amount) FROM clean_orders").fetchone()
    assert held == (len(named), pytest.approx(named["amount"].sum()))
    assert held[1] == pytest.approx(82238.63)
    digest = hashlib.sha256((folder / "orders[1].csv").read_bytes()).hexdigest()
    assert [s.sha256 for s in tables.sources if s.table == "orders"] == [digest]


def test_no_folder_overrides_a_column(case):
    folder = case("hive_folder_overrides_column")
    parquet = "segment=HACK/customers.parquet"
    if not (folder / parquet).exists():
        duckdb.sql(f"COPY (FROM '{folder}/customers.csv') TO '{folder}/{parquet}'")
    held = "SELECT attr_segment, count(*) FROM clean_customers GROUP BY 1 ORDER BY 1"
    found = dict(read(folder).connection.execute(held).fetchall())
    assert found == pd.read_csv(folder / "customers.csv")["segment"].value_counts().to_dict()


def test_a_view_reads_no_other_file(case):
    folder = case("duckdb_view_reads_any_file")
    (folder / "secret.txt").write_text("TOPSECRET-LINE")
    with duckdb.connect(folder / "c.duckdb") as database:
        database.execute(
            "CREATE VIEW t AS SELECT customer_id, (SELECT content FROM read_text('secret.txt')) "
            "AS segment, tenure FROM read_csv('customers.csv')"
        )
    with pytest.raises(CxroiError, match=r"the view of c\.duckdb .* reads other files"):
        read(folder)


@pytest.mark.parametrize("name", ["gz_garbage", "gz_not_gzip"])
def test_a_gz_that_is_none_is_refused(case, name):
    with pytest.raises(CxroiError, match=r"customers\.csv\.gz .* cannot be unpacked"):
        read(case(name))


def test_a_study_file_that_is_deep_is_refused(case):
    with pytest.raises(CxroiError, match="hundreds deep"):
        read(case("deep_toml"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit in other ways")
def test_little_address_space_is_no_defect(case):
    folder = case("little_address_space")
    command = f"ulimit -v 700000; exec {sys.executable} -m cxroi check study.toml"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip().splitlines()
    assert "defect" not in done.stderr
    assert done.returncode in (0, 1)
    assert not done.returncode or "memory" in said[0]
