"""Waves: fiscal quarters against pandas' periods; months and a survey's own, by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.cli.main import main
from cxroi.errors import DataError, ModelError, ParameterError, Problems, StudyError
from cxroi.report.parameters import checked, parse_cell
from cxroi.respondents.invitations import read_invitations
from cxroi.respondents.moves import count_moves
from cxroi.respondents.persistence import observe_persistence
from cxroi.study.quarters import check_quarter

BOTH = pytest.mark.parametrize("fits", ["rows", "engine"])
RESPONSES = {"customer": "id", "score": "nps", "answered_at": "at"}
ORDERS = {"customer": "id", "ordered_at": "day", "amount": "amount"}
# 40 passives, of whom 10 become promoters, 30 stay; 40 promoters, of whom 30 stay. By hand.
FIRST = [8] * 40 + [10] * 40
SECOND = [10] * 10 + [8] * 30 + [10] * 30 + [8] * 10
IDS = [f"c{i:02}" for i in range(80)]


def study(responses=None, more=None, **head):
    return cx.load_study(
        {
            "study": {"name": "Waves", "complete_until": dt.date(2027, 12, 31), **head},
            "tables": {"responses": {**RESPONSES, **(responses or {})}, "orders": ORDERS}
            | (more or {}),
            "windows": {"baseline_days": 0, "outcome_days": 20},
        }
    )


def panel_of(frame, quarter="", fits="rows", responses=None, more=None, **head):
    given = dict(frame) if isinstance(frame, dict) else {"responses": frame}
    ids = given["responses"]["id"].unique()
    orders = pd.DataFrame({"id": ids, "day": "2027-12-31", "amount": 1.0})
    tables = cx.read_tables(study(responses, more, **head), frames={"orders": orders, **given})
    return cx.build_panel(tables, quarter, fits=fits)


def twice(first, second, **waves):
    """The answers of 80 customers on two days; their own waves, where they are given."""
    days = [first] * 80 + [second] * 80
    frame = pd.DataFrame({"id": IDS * 2, "nps": FIRST + SECOND, "at": days})
    return frame.assign(**{name: np.repeat(two, 80) for name, two in waves.items()})


@pytest.mark.parametrize(("start", "ends"), [(4, "MAR"), (10, "SEP"), (2, "JAN")])
def test_quarters_of_a_fiscal_year_are_those_of_pandas(start, ends):
    days = pd.Series(pd.date_range("2025-01-01", "2026-12-31"))
    frame = pd.DataFrame({"id": [f"d{i}" for i in range(len(days))], "nps": 9, "at": days})
    found = panel_of(frame, fiscal_year_starts=start).frame
    expected = "FY" + found["answered_at"].dt.to_period(f"Q-{ends}").astype(str)
    assert list(found["wave"].astype(str)) == list(expected)


@BOTH
@pytest.mark.parametrize(
    ("head", "names"),
    [
        ({}, ("2026Q1", "2026Q2")),
        ({"fiscal_year_starts": 4}, ("FY2026Q4", "FY2027Q1")),
        ({"fiscal_year_starts": 10}, ("FY2026Q2", "FY2026Q3")),
        ({"waves": "month"}, ("2026-03", "2026-04")),
    ],
)
def test_a_wave_ends_at_local_midnight_and_is_asked_for_by_its_name(head, names, fits):
    frame = twice("2026-03-31T23:30:00-04:00", "2026-04-01T00:30:00-04:00")
    whole = panel_of(frame, fits=fits, **head)
    assert whole.waves == names
    table = whole.tidy()
    assert list(table["wave"].astype(str).drop_duplicates()) == list(names)
    panel = cx.build_panel(whole.tables, names[1], fits=fits)
    assert (panel.size, panel.waves) == (80, names[1:])
    assert panel.frame["answered_at"].dt.date.unique().tolist() == [dt.date(2026, 4, 1)]
    with pytest.raises(ParameterError, match="the quarter is '2026-Q2'") as refused:
        cx.build_panel(whole.tables, "2026-Q2")
    like = {"2": "2026Q3", "F": "FY2027Q1"}[names[0][0]] if "waves" not in head else "2026-09"
    assert f"such as {like}" in str(refused.value)


@pytest.mark.parametrize(
    ("head", "days", "months", "fits"),
    [
        ({"waves": "month"}, ("2026-01-10", "2026-02-10"), 1, "engine"),
        ({"waves": "month"}, ("2025-12-10", "2026-02-10"), 2, "rows"),
        ({"fiscal_year_starts": 4}, ("2026-03-10", "2026-05-10"), 3, "rows"),
        ({"fiscal_year_starts": 4}, ("2025-12-10", "2026-05-10"), 6, "engine"),
    ],
)
def test_moves_and_how_long_a_wave_lasts(head, days, months, fits):
    panel = panel_of(twice(*days), fits=fits, **head)
    assert panel.size == 160
    moves, lasts = count_moves(panel), observe_persistence(panel)
    assert moves.share_moved_evidence.estimate == pytest.approx(10 / 40)
    assert lasts.excess.estimate == pytest.approx(30 / 40 - 10 / 40)
    assert lasts.wave_months == months


OWN = {"responses": {"wave": "round"}}


@BOTH
def test_own_waves_are_in_the_order_of_their_answers(fits):
    frame = twice("2026-03-10", "2026-09-08", round=["Wave 9", "Wave 10"])
    panel = panel_of(frame, fits=fits, **OWN)
    assert panel.waves == ("Wave 9", "Wave 10")
    assert list(panel.tidy()["wave"].drop_duplicates()) == ["Wave 9", "Wave 10"]
    assert panel.origin_customers == 40  # 30 + 10 passives in wave 10, their latest
    moves = count_moves(panel)
    assert moves.waves == ("Wave 9", "Wave 10")
    assert moves.share_moved_evidence.estimate == pytest.approx(10 / 40)
    # 182 days from the one to the other.
    assert observe_persistence(panel).wave_months == pytest.approx(182 / (365.25 / 12))
    last = cx.build_panel(panel.tables, "Wave 10", fits=fits)
    assert (last.size, last.waves) == (80, ("Wave 10",))
    assert count_moves(last).waves == ("Wave 9", "Wave 10")
    with pytest.raises(ParameterError, match=r"in Wave 1; there are responses in Wave 10, Wave 9"):
        cx.build_panel(panel.tables, "Wave 1")


@BOTH
def test_three_own_waves_with_stragglers(fits):
    """A wave is where most of its answers are; one of spring that came in late moves nothing."""
    frame = pd.concat(
        [
            twice("2026-04-10", "2026-09-10", round=["Spring", "Autumn"]),
            pd.DataFrame(
                {
                    "id": ["c00", "z", "c00"],
                    "nps": [10, 10, 8],
                    "at": ["2026-10-01", "2026-10-02", "2027-04-01"],
                    "round": ["Autumn", "Spring", "It's 2027"],
                }
            ),
        ]
    )
    panel = panel_of(frame, fits=fits, **OWN)
    assert panel.waves == ("Spring", "Autumn", "It's 2027")
    assert panel.size == 80 + 80 + 2  # the second answer of c00 in autumn took the first's place
    reasons = {e.reason: e.rows for e in panel.ledger.entries if e.action == "set aside"}
    said = "another answer by the same customer in the same wave: only the latest counts"
    assert [(reason[: len(said)], n) for reason, n in reasons.items()] == [(said, 1)]
    assert cx.build_panel(panel.tables, "It's 2027", fits=fits).size == 1
    assert count_moves(cx.build_panel(panel.tables, "Autumn", fits=fits)).pairs == 80


def test_an_answer_without_its_wave_is_set_aside_and_counted():
    frame = twice("2026-03-10", "2026-09-08", round=["A", "B"])
    frame.loc[3, "round"] = None
    panel = panel_of(frame, **OWN)
    assert panel.size == 159
    assert panel.tables.ledger.rows("responses", "set aside") == 1


@BOTH
def test_who_was_asked_in_a_month_or_a_wave_of_the_survey(fits):
    frame = twice("2026-01-20", "2026-02-20", round=["A", "B"])
    asked = pd.DataFrame({"id": [*IDS, *[f"x{i}" for i in range(40)]] * 2})
    asked["on"] = np.repeat(["2026-01-19 08:00:00", "2026-02-19 08:00:00"], 120)
    asked["round"] = np.repeat(["A", "B"], 120)
    frames = {"responses": frame, "invitations": asked}
    plain = {"customer": "id", "invited_at": "on"}
    for quarter, count in (("", 240), ("2026-02", 120)):
        panel = panel_of(frames, quarter, fits, more={"invitations": plain}, waves="month")
        assert panel.coverage.invited == 120  # customers
        found = read_invitations(panel)
        assert (found.source.count, int(found.answered.sum())) == (count, count * 80 // 120)
    named = {"invitations": {**plain, "wave": "round"}}
    panel = panel_of(frames, "B", fits, more=named, **OWN)
    assert (panel.coverage.invited, read_invitations(panel).source.count) == (120, 120)
    panel = panel_of(frames, "B", fits, more={"invitations": plain}, **OWN)
    assert panel.coverage.invited is None
    with pytest.raises(ModelError, match=r"\[tables.invitations\] has no wave"):
        read_invitations(panel)


FLAT = {
    "tables": {"customers": RESPONSES},
    "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
}


def test_a_flat_study_has_a_row_a_customer_and_month():
    frame = pd.DataFrame({"id": ["a", "a"], "nps": [9, 8], "at": ["2026-01-31", "2026-02-01"]})
    frames = {"customers": frame.assign(spend=1.0)}
    monthly = cx.load_study({"study": {"name": "Flat", "waves": "month"}, **FLAT})
    panel = cx.build_panel(cx.read_tables(monthly, frames=frames))
    assert panel.waves == ("2026-01", "2026-02")
    quarterly = cx.load_study({"study": {"name": "Flat"}, **FLAT})
    with pytest.raises(DataError, match="a wave is a calendar quarter"):
        cx.read_tables(quarterly, frames=frames)
    fiscal = cx.load_study({"study": {"name": "Flat", "fiscal_year_starts": 2}, **FLAT})
    assert cx.build_panel(cx.read_tables(fiscal, frames=frames)).waves == ("FY2026Q4", "FY2027Q1")


@pytest.mark.parametrize(
    ("head", "tables", "said"),
    [
        ({"fiscal_year_starts": 0}, {}, "fiscal_year_starts is 0"),
        ({"fiscal_year_starts": 13}, {}, "1 (January) to 12"),
        ({"fiscal_year_starts": "04-01"}, {}, "it is a whole number"),
        ({"waves": "week"}, {}, "[study] waves is 'week'"),
        ({"waves": "months"}, {}, "Did you mean 'month'?"),
        ({"waves": "month", "fiscal_year_starts": 4}, {}, "but waves are months"),
        ({"waves": "month"}, {"wave": "round"}, "[tables.responses] names the wave"),
        ({"fiscal_year_starts": 4}, {"wave": "round"}, "[study] has fiscal_year_starts, but"),
    ],
)
def test_what_is_said_of_waves_is_said_once_and_right(head, tables, said):
    with pytest.raises((StudyError, Problems)) as refused:
        study(tables, **head)
    assert said in str(refused.value)


def test_invitations_and_answers_are_of_the_same_waves():
    with pytest.raises(StudyError, match="Declare wave in"):
        study(more={"invitations": {"customer": "id", "invited_at": "on", "wave": "round"}})


def test_names_of_waves_fit_the_study():
    assert check_quarter("FY2027Q1", study(fiscal_year_starts=4)) == "FY2027Q1"
    with pytest.raises(ParameterError, match="named after the calendar year in which it ends"):
        check_quarter("2027Q1", study(fiscal_year_starts=4))
    with pytest.raises(ParameterError, match="calendar month such as 2026-09"):
        check_quarter("2026-13", study(waves="month"))
    with pytest.raises(ParameterError, match="such as 2026Q3"):
        check_quarter("2026-09", study())


def test_a_month_is_asked_for_on_the_command_line_and_in_a_notebook(tmp_path, capsys):
    twice("2026-01-10", "2026-02-10").to_csv(tmp_path / "r.csv", index=False)
    pd.DataFrame({"id": IDS, "day": "2026-03-02", "amount": 1.0}).to_csv(
        tmp_path / "o.csv", index=False
    )
    path = tmp_path / "study.toml"
    path.write_text(
        '[study]\nname = "M"\ncomplete_until = 2026-03-02\nwaves = "month"\n'
        '[tables.responses]\npath = "r.csv"\ncustomer = "id"\nscore = "nps"\nanswered_at = "at"\n'
        '[tables.orders]\npath = "o.csv"\ncustomer = "id"\nordered_at = "day"\namount = "amount"\n'
        "[windows]\nbaseline_days = 0\noutcome_days = 20\n"
    )
    assert main(["check", str(path), "--quarter", "2026-02"]) == 0
    assert "outside 2026-02" in capsys.readouterr().out
    assert main(["check", str(path), "--quarter", "2026Q1"]) == 2
    assert "a calendar month such as 2026-09" in capsys.readouterr().err
    known = parse_cell('study: str = ""  # x\nquarter: str = ""  # y\n', "here")
    given = {"study": str(path), "quarter": "2026-02"}
    assert checked(known, given) == given
    with pytest.raises(ParameterError, match="such as 2026-09"):
        checked(known, {**given, "quarter": "2026Q1"})
