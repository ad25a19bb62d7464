from copy import deepcopy

import pytest
from remembered_runs import entry, results, run, write_folder

import cxroi as cx
from cxroi.errors import ParameterError
from cxroi.runs.differences import _levels
from cxroi.runs.remembered import remember

LATER = "2026-09-30"


def compared(change=None, *, tell=None, **inputs):
    """Compare a quarter with the next, in which something is other than it was."""
    content, told = results("2026Q2", **inputs), run(LATER, "b")
    if change:
        change(content)
    if tell:
        tell(told)
    return cx.compare_runs(remember(results(), run()), remember(content, told))


def put(content, name, estimate, error, unit):
    """Give an entry of results.json another value."""
    kept = [e for e in content["results"] if e["name"] != name]
    content["results"] = [*kept, entry(name, estimate, error, unit)]


def test_nothing_changes_where_nothing_did():
    found = compared()
    assert not found.changed
    assert found.causes == ()
    assert found.overlap == "none"
    assert found.roi.before == found.roi.after == pytest.approx(0.5 * 20 / 8 - 1)
    assert not found.tidy()["beyond_noise"].astype(bool).any()


def test_an_assumption_is_named_and_its_part_is_exact():
    def cheaper(told):
        told["assumptions"]["cost_per_moved"] |= {"low": 5.0, "likely": 5.0, "high": 5.0}

    found = compared(tell=cheaper, cost_per_moved=5.0)
    assert found.causes == found.roi.beyond == ("assumption",)
    assert found.roi.parts["assumption"] == pytest.approx(10 / 5 - 10 / 8)
    assert found.altered[0].what == "cost_per_moved"
    assert found.altered[0].now == (5.0, 5.0, 5.0)


def test_a_gap_beyond_noise_is_an_effect():
    """From 20 to 38 with errors of 3 each: 18 / 4.24 is 4.2 standard errors."""
    found = compared(spend_gap=38.0)
    assert found.causes == found.roi.beyond == ("effect",)
    assert found.roi.parts["effect"] == pytest.approx(0.5 * 18 / 8)
    # 3 * 0.5 / 8 in each run
    assert found.roi.std_error == pytest.approx(2**0.5 * 3 * 0.5 / 8)
    gap = next(d for d in found.differences if d.about == "effect")
    assert (gap.change, gap.std_error) == (pytest.approx(18.0), pytest.approx(18**0.5))


def test_all_that_is_compared_shares_one_error():
    """A gap 2.9 standard errors up has p = 0.004 alone, and is not called among eight."""
    found = compared(spend_gap=20 + 2.9 * 18**0.5)
    gap = next(d for d in found.differences if d.about == "effect")
    assert gap.p_value > 0.01
    assert not found.changed


def test_who_answered_is_tested_by_its_mix():
    def fewer(content):
        content["answered"]["controls"]["segment"] = {"Consumer": 2000.0, "Business": 2000.0}

    def newer(content):
        content["answered"]["controls"]["tenure"] = {"n": 5000.0, "mean": 27.0, "sd": 25.0}

    for change in (fewer, newer):
        found = compared(change)
        assert found.causes == ("population",)
        assert found.roi.beyond == ()  # who answered did not move the return


def test_mixes_are_held_to_pearson():
    from scipy.stats import chi2_contingency

    was, now = {"a": 300.0, "b": 500.0, "c": 9.0}, {"a": 340.0, "b": 430.0, "c": 4.0}
    expected = chi2_contingency([[300, 500], [340, 430]], correction=False).pvalue
    assert _levels(was, now, (1.0, 1.0)) == pytest.approx(expected, rel=1e-12)
    assert _levels({"a": 5.0}, {"a": 7.0}, (1.0, 1.0)) is None


def test_rows_of_one_customer_count_once_together():
    """Of 60.0 and 62.4 % Consumers among 5,000 each p is 0.014, of a fifth of the units 0.27."""

    def mixed(content, customers):
        content["answered"] |= {"customers": customers}
        content["answered"]["controls"] = {"segment": {"Consumer": 3120.0, "Business": 1880.0}}

    values = []
    for customers in (5000, 1000):
        first = results()
        first["answered"]["customers"] = customers
        second = results("2026Q2")
        mixed(second, customers)
        found = cx.compare_runs(remember(first, run()), remember(second, run(LATER, "b")))
        values += [d.p_value for d in found.differences if d.name == "answered.segment"]
    assert values[0] < values[1] == 1.0


def test_a_definition_takes_what_means_and_gaps_add():
    def shorter(told):
        told["definitions"]["windows"]["outcome_days"] = 60

    found = compared(tell=shorter, spend_gap=38.0)
    assert found.causes == ("definition",)
    assert found.roi.parts["definition"] == pytest.approx(0.5 * 18 / 8)
    assert "effect" not in found.roi.parts


def test_what_moves_no_figure_is_no_definition():
    def other(told):
        told["definitions"]["outcomes"]["spend"]["matters"] = 9.0

    assert not compared(tell=other).changed


@pytest.mark.parametrize(
    ("rows", "causes", "takes_all"),
    [(995, (), False), (970, ("data",), False), (800, ("data",), True)],
)
def test_rows_lost_of_the_same_time_are_data(rows, causes, takes_all):
    """2025Q4 to 2026Q2 are whole in both runs; what came after is new."""

    def lost(told):
        quarters = {"2025Q4": rows, "2026Q1": rows, "2026Q2": rows, "2026Q3": 4000}
        told["profile"]["orders"]["columns"]["ordered_at"]["quarters"] = quarters

    found = compared(tell=lost)
    assert found.causes == causes
    assert ("data" in found.roi.parts) == takes_all
    if causes:
        assert (found.altered[0].was, found.altered[0].now) == (3000, 3 * rows)


def test_a_quarter_that_is_not_complete_in_both_runs_is_not_held_against_them():
    def lost(told):
        told["definitions"]["complete_from"] = "2025-11-15"
        told["profile"]["orders"]["columns"]["ordered_at"]["quarters"]["2025Q4"] = 400

    assert not compared(tell=lost).changed


def test_without_a_complete_time_the_first_and_the_last_quarter_may_be_in_part():
    def lost(told):
        told["definitions"] |= {"complete_from": None, "complete_until": None}
        quarters = {"2025Q4": 10, "2026Q1": 1000, "2026Q2": 1900, "2026Q3": 40}
        told["profile"]["orders"]["columns"]["ordered_at"]["quarters"] = quarters

    first = run()
    first["definitions"] |= {"complete_from": None, "complete_until": None}
    second = run(LATER, "b")
    lost(second)
    found = cx.compare_runs(remember(results(), first), remember(results("2026Q2"), second))
    assert not found.changed


def test_cents_for_units_are_data():
    def cents(told):
        column = told["profile"]["orders"]["columns"]["amount"]
        column |= {k: 100 * column[k] for k in ("mean", "median", "q95")}

    found = compared(tell=cents, spend=10_000.0, spend_gap=2000.0)
    assert found.causes == ("data",)
    assert (found.altered[0].what, found.altered[0].kind) == ("orders.amount", "unit")


def test_a_column_that_is_gone_or_blank_is_data():
    def gone(told):
        del told["profile"]["orders"]["columns"]["amount"]

    def blank(told):
        told["profile"]["orders"]["columns"]["amount"]["blank"] = 0.4

    assert [one.kind for one in compared(tell=gone).altered] == ["gone"]
    assert [one.kind for one in compared(tell=blank).altered] == ["blank"]


def test_the_very_same_tables_leave_nothing_to_chance():
    again = results(spend_gap=38.0)
    found = cx.compare_runs(remember(results(), run()), remember(again, run()))
    assert found.overlap == "all"
    assert not found.changed
    some = cx.compare_runs(remember(results(), run()), remember(results(), run(sha="b")))
    assert some.overlap == "some"


def test_an_observed_persistence_is_of_the_answers():
    """Nothing was assumed otherwise, so what it adds is laid to who answered."""
    first, second = results(horizon_months=6.0), results("2026Q2", horizon_months=6.0)
    second["roi"]["inputs"]["persistence"] = 0.5
    found = cx.compare_runs(remember(first, run()), remember(second, run(LATER, "b")))
    assert found.roi.parts["population"] < 0
    assert found.roi.parts["assumption"] == 0


def test_without_a_return_scores_are_compared_all_the_same():
    def none(content):
        content["roi"] = None
        put(content, "score.nps", 40.0, 1.0, "NPS points")

    found = compared(none)
    assert found.roi is None
    assert found.causes == ("population",)


def test_folders_are_read_and_refused(tmp_path):
    a = write_folder(tmp_path / "a", results(), run())
    b = write_folder(tmp_path / "b", results("2026Q2"), run(LATER, "b"))
    assert not cx.compare_runs(a, b / "results.json").changed
    with pytest.raises(ParameterError, match="no report folder: it does not exist"):
        cx.compare_runs(a, tmp_path / "c")
    old = deepcopy(run())
    del old["profile"]
    write_folder(tmp_path / "old", results(), old)
    with pytest.raises(ParameterError, match="of an earlier version"):
        cx.compare_runs(tmp_path / "old", b)
    with pytest.raises(ParameterError, match="in EUR and USD"):
        cx.compare_runs(a, remember(results() | {"currency": "USD"}, run()))
