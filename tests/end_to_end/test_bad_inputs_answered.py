"""Lines of the list of bad inputs that are answered beyond reading, each from four kinds of file.

Numbers are those of the list. What concerns reading is in tests/unit/reading/test_bad_inputs.py;
what concerns outputs (an existing folder, a killed run) in tests/unit/files and tests/unit/report.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from file_kinds import read_as

import cxroi as cx
from cxroi.errors import CxroiError, ModelError, StudyError
from cxroi.models import newton

KINDS = ("csv", "xlsx", "parquet", "frame")
N = 240
SCORES = [(0, 3, 7, 8, 9, 10)[i % 6] for i in range(N)]
HOSTILE = '<script>alert("x")</script> =1+1 $a$ b$'
FLAT = {
    "study": {"name": "flat", "currency": "EUR"},
    "scale": {"kind": "nps"},
    "tables": {
        "customers": {
            **{"customer": "id", "score": "nps", "wave": "round"},
            "attributes": ["region", "apart", "tenure", "months", "same"],
        }
    },
    "controls": {"columns": ["region"]},
    "outcomes": {
        "columns": {
            "spend": {"column": "spend", "kind": "amount"},
            "stays": {"column": "stays", "kind": "yes_no"},
            "always": {"column": "one", "kind": "yes_no"},
        }
    },
}
RANDOM = np.random.default_rng(38)
STAYS = RANDOM.integers(0, 2, N).tolist()
CELLS = {
    "id": [f"c{i}" for i in range(N)],
    "nps": SCORES,
    "round": [HOSTILE] * N,
    "region": [("north", "south", None)[i // 6 % 3] for i in range(N)],
    "apart": [stay * 5 + i % 4 for i, stay in enumerate(STAYS)],
    "tenure": [i * 7 % 31 for i in range(N)],
    "months": [12 * (i * 7 % 31) + 1 for i in range(N)],
    "same": [4] * N,
    "spend": [float(round(x, 2)) for x in RANDOM.gamma(2, 20, N)],
    "stays": STAYS,
    "one": [1] * N,
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def flat(kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp(kind)
    return cx.build_panel(read_as(kind, FLAT, {"customers": CELLS}, folder))


def controlled(panel, *names):
    return replace(panel, study=replace(panel.study, controls=names))


def test_31_customers_without_a_region_are_a_level_of_their_own(flat):
    fitted = cx.regress_outcome(flat, "spend").models["mean"]
    assert "region = (missing)" in str(fitted.params.index)
    assert flat.frame["attr_region"].isna().sum() == CELLS["region"].count(None) == 78


def test_33_what_separates_an_outcome_is_named(flat):
    found = cx.regress_outcome(controlled(flat, "apart"), "stays")
    assert "mean" not in found.models
    [note] = found.notes
    assert "apart (per SD) separates 'stays' perfectly" in note


@pytest.mark.parametrize(
    ("names", "outcome", "said"),
    [(["same"], "spend", "'same' is the same for every response"), ([], "always", "'always'")],
)
def test_34_what_is_constant_is_refused_by_name(flat, names, outcome, said):
    with pytest.raises(CxroiError, match=said):
        cx.regress_outcome(controlled(flat, *names), outcome)


def test_35_collinear_columns_are_named(flat):
    with pytest.raises(ModelError, match=r"'months .*' is determined by 'tenure"):
        cx.regress_outcome(controlled(flat, "tenure", "months"), "spend")


def test_36_a_model_that_did_not_converge_is_refused(flat, monkeypatch):
    monkeypatch.setattr(newton, "MOST_STEPS", 1)
    with pytest.raises(ModelError, match=r"'promoter' .* could not be estimated"):
        cx.regress_outcome(controlled(flat, "tenure"), "stays")


def test_38_what_cells_say_is_text_in_a_page(flat):
    shown = flat._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "$" not in shown


@pytest.mark.parametrize(("promoters", "said"), [(0, "0 .*'promoter'|'promoter'.* 0"), (29, "29")])
def test_32_a_group_of_none_or_few_has_no_effect(kind, tmp_path, promoters, said):
    scores = [10] * promoters + [(0, 3, 7, 8)[i % 4] for i in range(N - promoters)]
    panel = cx.build_panel(read_as(kind, FLAT, {"customers": {**CELLS, "nps": scores}}, tmp_path))
    with pytest.raises(CxroiError, match=said) as caught:
        cx.regress_outcome(panel, "spend")
    assert "promoter" in str(caught.value)


# --- dated studies ---------------------------------------------------------------------------

DATED = {
    "study": {"name": "dated", "currency": "EUR", "complete_until": dt.date(2026, 6, 30)},
    "windows": {"baseline_days": 30, "outcome_days": 30},
    "tables": {
        "customers": {"customer": "id", "attributes": ["region"]},
        "responses": {"customer": "id", "score": "nps", "answered_at": "at"},
        "subscriptions": {"customer": "id", "started_at": "from", "cancelled_at": "to"},
        "invitations": {"customer": "id", "invited_at": "at"},
    },
    "controls": {"columns": ["region"]},
}
# Of 200 invited 120 answer; of those 15 answer again in the same quarter, 10 after they left.
AGAIN, GONE, ASKED, ANSWERED = 15, 10, 200, 120
PEOPLE = [f"c{i}" for i in range(240)]
RETURNED = [*range(ANSWERED), *range(AGAIN)]
TABLES = {
    "customers": {"id": PEOPLE, "region": ["north" if i % 3 else "south" for i in range(240)]},
    "responses": {
        "id": [PEOPLE[i] for i in RETURNED],
        "nps": [SCORES[i] if place < ANSWERED else 10 for place, i in enumerate(RETURNED)],
        "at": [
            dt.datetime(2026, 5, 4 + 9 * (place >= ANSWERED), 10) for place in range(len(RETURNED))
        ],
    },
    "subscriptions": {
        "id": PEOPLE,
        "from": [dt.date(2026, 1, 1)] * 240,
        "to": [
            dt.date(2026, 4, 30)
            if ANSWERED - GONE <= i < ANSWERED
            else dt.date(2026, 6, 1)
            if i % 9 == 0
            else None
            for i in range(240)
        ],
    },
    "invitations": {"id": PEOPLE[:ASKED], "at": [dt.datetime(2026, 5, 2, 9)] * ASKED},
}


def dated(kind, folder, **scale):
    study = {**DATED, "scale": {"kind": "nps", **scale}}
    return cx.build_panel(read_as(kind, study, TABLES, folder))


@pytest.mark.parametrize(
    ("several", "counted"),
    [
        ("latest", lambda first: 10),
        ("first", lambda first: first),
        ("mean", lambda f: (f + 10) / 2),
    ],
)
def test_02_one_of_several_answers_counts_as_is_declared(kind, tmp_path, several, counted):
    panel = dated(kind, tmp_path, several=several)
    score = panel.frame.set_index("customer")["score"]
    assert [score[PEOPLE[i]] for i in range(AGAIN)] == [counted(SCORES[i]) for i in range(AGAIN)]
    assert [score[PEOPLE[i]] for i in range(AGAIN, 60)] == SCORES[AGAIN:60]
    aside = [e for e in panel.ledger.entries if e.rows == AGAIN and e.action == "set aside"]
    assert [entry.table for entry in aside] == ["responses"]


def test_16_19_answers_after_churn_and_customers_never_asked_are_counted(kind, tmp_path):
    panel = dated(kind, tmp_path)
    aside = {e.reason: e.rows for e in panel.ledger.entries if e.action == "set aside"}
    assert aside["given after the customer had churned"] == GONE
    assert panel.size == ANSWERED - GONE
    assert not set(PEOPLE[ANSWERED - GONE : ANSWERED]) & set(panel.frame["customer"])
    found = cx.weigh_responses(panel)
    # Who had left before the invitation is not counted as invited.
    assert found.response_rate.estimate == pytest.approx((ANSWERED - GONE) / (ASKED - GONE))
    assert found.response_rate.n == ASKED - GONE


@pytest.mark.parametrize(
    "windows",
    [
        {"baseline_days": 30, "outcome_days": 0},
        {"baseline_days": 30, "outcome_days": -30},
        {"baseline_days": -30, "outcome_days": 30},
    ],
)
def test_17_a_window_on_the_wrong_side_of_the_answer_is_refused(kind, tmp_path, windows):
    with pytest.raises(StudyError, match=r"\[windows\] (outcome|baseline)_days"):
        read_as(kind, {**DATED, "windows": windows}, TABLES, tmp_path)


SCENARIO = {
    **{"from": "passive", "to": "promoter", "share_moved": 0.1, "cost_per_moved": 5.0},
    **{"gross_margin": 0.5, "causal_share": 0.5},
}


@pytest.mark.parametrize(
    ("more", "said"),
    [({"horizon_months": -6}, "horizon_months"), ({"cost_per_moved": 0.0}, "costs nothing")],
)
def test_40_a_horizon_below_zero_and_a_programme_for_nothing_are_refused(
    kind, tmp_path, more, said
):
    with pytest.raises(StudyError, match=said):
        read_as(kind, {**FLAT, "scenario": SCENARIO | more}, {"customers": CELLS}, tmp_path)


def test_40_amounts_in_two_currencies_are_refused(kind, tmp_path):
    cells = {**CELLS, "spend": [f"{'$€'[i % 2]}{i + 1}.50" for i in range(N)]}
    with pytest.raises(CxroiError, match=r"'spend' .*currenc"):
        read_as(kind, FLAT, {"customers": cells}, tmp_path)
