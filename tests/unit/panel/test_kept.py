import json
from dataclasses import replace

import pytest

from cxroi import regress_outcome
from cxroi.engine.engines import DuckDB
from cxroi.files import cache
from cxroi.panel.building import build_panel
from cxroi.panel.kept import KeptSums, PanelCache
from cxroi.reading.tables import read_tables
from cxroi.report.shipped import demo_study
from cxroi.study.loading import load_study


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def tables():
    return read_tables(load_study(demo_study()))


@pytest.fixture
def statements(monkeypatch):
    """Everything that is sent to DuckDB from now on."""
    sent = []
    fetch, execute = DuckDB.fetch, DuckDB.execute
    monkeypatch.setattr(DuckDB, "fetch", lambda self, sql: sent.append(sql) or fetch(self, sql))
    monkeypatch.setattr(DuckDB, "execute", lambda self, sql: sent.append(sql) or execute(self, sql))
    return sent


def test_a_panel_and_its_fits_come_back_without_a_query(kept, tables, statements):
    first = build_panel(tables, fits="engine")
    regression = regress_outcome(first, "spend")
    done = len(statements)
    second = build_panel(read_tables(load_study(demo_study())), fits="engine")
    again = regress_outcome(second, "spend")
    assert again.adjusted == regression.adjusted
    assert again.beside == regression.beside
    assert (second.ledger, second.coverage) == (first.ledger, first.coverage)
    restored = [sql for sql in statements[done:] if "read_parquet" in sql]
    assert len(restored) == 2
    assert not [sql for sql in statements[done:] if "windows" in sql or "sum(" in sql]


class Elsewhere(DuckDB):
    """An engine whose rows are out of reach of the cache's folder, as Spark's are."""

    @property
    def name(self):
        return "Spark"


def test_of_a_panel_on_spark_the_sums_come_back(kept, tables, statements):
    def elsewhere():
        read = read_tables(load_study(demo_study()))
        return replace(read, engine=Elsewhere(read.connection))

    here = PanelCache.of(tables, "")
    first = regress_outcome(build_panel(elsewhere(), fits="engine"), "retained")
    panel = build_panel(elsewhere(), fits="engine")
    done = len(statements)
    assert regress_outcome(panel, "retained").adjusted == first.adjusted
    assert statements[done:] == []
    assert PanelCache.of(elsewhere(), "").key not in ("", here.key)
    assert not [sql for sql in statements if "COPY" in sql or "read_parquet" in sql]


def test_the_rows_that_come_back_are_those_that_were_built(kept, tables):
    built = build_panel(tables, fits="engine")
    again = build_panel(read_tables(load_study(demo_study())), fits="engine")
    assert again.frame.equals(built.frame)
    assert again.scores.equals(built.scores)


def test_what_a_number_depends_on_is_in_the_key(kept, tables):
    study = tables.study
    keys = [
        PanelCache.of(tables, ""),
        PanelCache.of(tables, "2026Q1"),
        PanelCache.of(replace(tables, study=replace(study, outcome_days=30)), ""),
        PanelCache.of(replace(tables, study=replace(study, controls=())), ""),
        PanelCache.of(
            replace(tables, sources=(replace(tables.sources[0], sha256="0"), *tables.sources[1:])),
            "",
        ),
    ]
    assert len({one.key for one in keys}) == len(keys)
    limited = replace(tables, study=replace(study, memory_limit="1GB"))
    assert PanelCache.of(limited, "") == keys[0]


def test_data_without_a_fingerprint_are_not_kept(kept, tables):
    unknown = replace(tables.sources[0], sha256="")
    assert PanelCache.of(replace(tables, sources=(unknown,)), "").key == ""


def test_a_panel_whose_rows_were_removed_is_built_anew(kept, tables):
    built = build_panel(tables, fits="engine")
    store = PanelCache.of(tables, "")
    kept_rows(store.key).unlink()
    assert store.fetch(tables, "") is None
    assert build_panel(tables, fits="engine").frame.equals(built.frame)


def kept_rows(key, part="rows"):
    [path] = cache.folder().glob(f"{key}-{part}-*")
    return path


FLAT = """
[study]
name = "flat"
[tables.customers]
path = "customers.csv"
customer = "id"
score = "nps"
attributes = ["region"]
[outcomes.columns.spend]
column = "spend"
kind = "amount"
"""


def read_flat(tmp_path):
    lines = [f"c{n},{n % 11},{'north' if n % 3 else 'south'},{n * 7 % 50}" for n in range(90)]
    (tmp_path / "customers.csv").write_text("\n".join(["id,nps,region,spend", *lines]))
    (tmp_path / "study.toml").write_text(FLAT)
    return read_tables(load_study(tmp_path / "study.toml"))


@pytest.fixture
def flat(tmp_path, kept):
    """A study of 90 customers."""
    return read_flat(tmp_path)


def promoters_and_spend(panel):
    frame = panel.frame
    return len(frame), frame["spend_after"].sum(), (frame["score"] > 8).sum()


BY_HAND = (90, sum(n * 7 % 50 for n in range(90)), sum(n % 11 > 8 for n in range(90)))


@pytest.mark.parametrize("place", ["*", "o'brien [a-z]?", "b"])
def test_the_folder_of_the_cache_may_be_called_anything(tmp_path, monkeypatch, place):
    """Field cases apostrophe_in_cache_path, star_in_cache_path."""
    for name in ("b", "o'brien xy", place):
        monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "caches" / name))
        flat = read_flat(tmp_path)
        assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND
        again = PanelCache.of(flat, "").fetch(flat, "")
        assert promoters_and_spend(again) == BY_HAND


def test_a_bit_that_flips_anywhere_costs_the_entry_and_no_number(flat):
    """Field case flipped_bit_in_cached_panel."""
    assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND
    store = PanelCache.of(flat, "")
    files = [cache.folder() / store.key, *(kept_rows(store.key, p) for p in ("rows", "answers"))]
    for path in files:
        whole = path.read_bytes()
        for n in range(30):
            damaged = bytearray(whole)
            damaged[n * (len(whole) - 1) // 29] ^= 1 << n % 8
            path.write_bytes(damaged)
            assert store.fetch(flat, "") is None, (path.name, n)
            assert not path.exists()
        path.write_bytes(damaged)
        assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND
        assert store.fetch(flat, "") is not None
        path.write_bytes(whole[: len(whole) // 2])
        assert store.fetch(flat, "") is None
        path.write_bytes(whole)


def test_another_cache_than_when_the_tables_were_read_is_left_alone(tmp_path, flat, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "another"))
    assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND
    assert promoters_and_spend(build_panel(read_flat(tmp_path), fits="engine")) == BY_HAND
    assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND  # kept, out of reach


def test_a_panel_that_cannot_be_written_costs_the_entry_alone(flat, monkeypatch):
    folder = cache.folder()
    monkeypatch.setattr("cxroi.panel.kept.path_text", lambda path: "'/proc/none/entry'")
    assert promoters_and_spend(build_panel(flat, fits="engine")) == BY_HAND
    assert not list(folder.glob("*-rows-*"))


def test_sums_are_kept_to_the_last_digit(kept):
    sums = KeptSums("panel")
    sums["query"] = [(1, 0.1 + 0.2, None, "north"), (2, 1e-300, 3.5, None)]
    assert KeptSums("panel")["query"] == [(1, 0.1 + 0.2, None, "north"), (2, 1e-300, 3.5, None)]
    assert "query" not in KeptSums("another panel")


def test_a_damaged_sum_is_asked_for_again(kept):
    KeptSums("panel")["query"] = [(1,)]
    entry = cache.folder() / cache.digest(panel="panel", query="query")
    entry.write_bytes(entry.read_bytes() + json.dumps(2).encode())
    assert "query" not in KeptSums("panel")
