"""The shipped demo: what was planted is found, and the results keep their names."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import cxroi as cx
from cxroi.study.table_schema import CORE

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


@pytest.fixture(scope="module")
def tables():
    return cx.read_tables(cx.load_study(DEMO / "study.toml"))


@pytest.fixture(scope="module")
def truth():
    return json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))


def test_the_planted_contrasts_lie_within_their_intervals(analysis, truth):
    """Most do: seven intervals of 95 % miss two or more in 4 % of companies."""
    found = {e.name: e for e in analysis.estimates}
    covered = {
        outcome: found[f"contrast.{outcome}.adjusted"].conf_low
        <= planted["contrast"]
        <= found[f"contrast.{outcome}.adjusted"].conf_high
        for outcome, planted in truth["contrasts"].items()
    }
    assert sum(covered.values()) >= len(covered) - 1


def test_the_raw_spend_gap_is_biased(analysis, truth):
    raw = next(e for e in analysis.estimates if e.name == "contrast.spend.raw")
    assert raw.conf_low > truth["contrasts"]["spend"]["contrast"]


def test_documented_names_are_there(analysis):
    names = {e.name for e in analysis.estimates}
    assert {
        "score.nps",
        "share.detractor",
        "share.passive",
        "share.promoter",
        "mean.spend.passive",
        "contrast.spend.raw",
        "contrast.spend.adjusted",
        "contrast.retained.adjusted",
        "contrast.churned.adjusted",
        "contrast.contacts.adjusted",
        "verdict.nps.spend",
        "roi.ratio",
        "roi.net_value",
        "roi.payback_months",
        "roi.probability_positive",
        "roi.break_even_cost_per_moved",
        "roi.break_even_causal_share",
    } <= names


def test_every_estimate_has_n_unit_method_and_an_interval_or_a_reason(analysis):
    for e in analysis.estimates:
        assert e.method
        assert e.unit
        assert e.n > 0
        assert (e.conf_low is not None and e.conf_high is not None) or e.note


def test_retained_and_churned_are_mirror_images(analysis):
    found = {e.name: e for e in analysis.estimates}
    kept, lost = found["contrast.retained.adjusted"], found["contrast.churned.adjusted"]
    assert kept.estimate == pytest.approx(-lost.estimate, rel=1e-6)
    assert kept.conf_low == pytest.approx(-lost.conf_high, rel=1e-6)


def test_the_same_seed_gives_the_same_roi_and_another_one_another(analysis, tables):
    panel = cx.build_panel(tables)
    other = replace(panel, study=replace(panel.study, seed=panel.study.seed + 1))
    first, again, another = (
        (roi["ratio"].estimate, roi["ratio"].conf_low)
        for roi in (analysis.roi, cx.analyse(panel).roi, cx.analyse(other).roi)
    )
    assert again == pytest.approx(first, rel=1e-9)
    assert another != pytest.approx(first, rel=1e-5)


def test_the_ledger_accounts_for_every_row(analysis):
    ledger = analysis.panel.ledger
    tables = {entry.table for entry in ledger.entries}
    assert tables == set(analysis.panel.study.sources) & set(CORE)  # not those looked up
    assert {table: ledger.unaccounted(table) for table in tables} == dict.fromkeys(tables, 0)


def test_immature_and_post_churn_answers_are_counted_and_left_out(analysis):
    reasons = " ".join(e.reason for e in analysis.panel.ledger.entries if e.action == "set aside")
    assert "immature" in reasons
    assert "after the customer had churned" in reasons


def test_a_quarter_holds_its_answers_only(tables):
    panel = cx.build_panel(tables, quarter="2026Q2")
    assert set(panel.frame["wave"]) == {"2026Q2"}
    assert panel.frame["answered_at"].dt.quarter.eq(2).all()


@pytest.mark.parametrize("quarter", ["banana", "2026Q5", "2026-Q1", "2019Q1"])
def test_an_impossible_quarter_is_refused(tables, quarter):
    with pytest.raises(cx.CxroiError, match=quarter):
        cx.build_panel(tables, quarter=quarter)


def parted(entry):
    """Return the numbers and the texts of nested dicts, under names with dots."""
    found = dict(flat(entry))
    numbers = {name: value for name, value in found.items() if isinstance(value, float)}
    return numbers, {name: found[name] for name in found.keys() - numbers.keys()}


def flat(entry, name=""):
    if not isinstance(entry, dict):
        yield name, entry
        return
    for key, value in entry.items():
        yield from flat(value, f"{name}.{key}")


def test_the_demo_is_what_the_documented_command_makes(tmp_path, truth):
    """Sums differ in their last digits between processors; what is drawn and written does not."""
    from cxroi.cli.main import main

    made = tmp_path / "demo"
    assert (
        main(
            ["simulate", str(made), "--customers", "6000", "--seed", "1", "--ranges", "--journeys"]
        )
        == 0
    )
    files = sorted(path.name for path in DEMO.iterdir())
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 3_000_000
    assert files == sorted(path.name for path in made.iterdir())
    different = [n for n in files if (DEMO / n).read_bytes() != (made / n).read_bytes()]
    assert set(different) <= {"truth.json"}
    told = json.loads((made / "truth.json").read_text(encoding="utf-8"))
    (numbers, texts), (planted, said) = parted(told), parted(truth)
    assert texts == said
    # A contrast is the difference of means of up to 100, each good to 1e-14.
    assert numbers == pytest.approx(planted, rel=1e-10, abs=1e-12)
