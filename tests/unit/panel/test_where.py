"""A part of the answers: as if the files held nothing else."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shop_frames import SCENARIO, panel_of, part, shop, study_of
from statsmodels.stats.meta_analysis import combine_effects

import cxroi as cx
from cxroi.checks.tools.grounds import _lost
from cxroi.cli.main import main
from cxroi.errors import DataError, ModelError, StudyError
from cxroi.panel.overview import overview
from cxroi.presentation.method import _coverage
from cxroi.presentation.segments import segments_differ
from cxroi.respondents.invitations import read_invitations
from cxroi.runs.codec import read, write
from cxroi.value.segments import by_segment

COLUMNS = ["customer", "score", "spend_after", "spend_before", "attr_region", "weight"]


@pytest.fixture(scope="module", params=["rows", "engine"])
def whole(request):
    return panel_of(study_of(), fits=request.param)


def rows_of(panel):
    return panel.frame[COLUMNS].sort_values("customer").reset_index(drop=True)


def test_a_part_is_what_files_of_that_part_alone_give(whole):
    found = whole.where(segment="a")
    alone = panel_of(study_of(["region"]), part(lambda people: people["segment"] == "a"))
    pd.testing.assert_frame_equal(rows_of(found), rows_of(alone), check_dtype=False)
    assert found.in_memory == whole.in_memory
    assert found.coverage == alone.coverage
    assert found.origin_customers == alone.origin_customers
    one, other = (cx.regress_outcome(p, "spend") for p in (found, alone))
    assert one.contrast.estimate == pytest.approx(other.contrast.estimate, rel=1e-7)
    assert one.contrast.std_error == pytest.approx(other.contrast.std_error, rel=1e-7)
    assert one.contrast.n == other.contrast.n
    rois = [cx.estimate_roi(p, {"spend": r}) for p, r in ((found, one), (alone, other))]
    assert rois[0]["net_value"].estimate == pytest.approx(rois[1]["net_value"].estimate)
    assert rois[0].moved == pytest.approx(0.1 * alone.origin_customers)
    asked = [read_invitations(p) for p in (found, alone)]
    assert asked[0].source.count == asked[1].source.count
    assert int(asked[0].answered.sum()) == int(asked[1].answered.sum())


def test_every_row_is_accounted_for_and_what_is_not_held_equal_is_said(whole):
    found = whole.where(segment="b")
    assert found.study.controls == ()  # of segment b all lie in one region
    assert found.study.left_out == ("segment", "region")
    frames = shop()
    for table, frame in frames.items():
        if table == "orders":
            continue  # they stay, and none of others is counted
        ids = frames["customers"].set_index("id")["segment"]
        others = int((frame["id"].map(ids) != "b").sum())
        said = [e for e in found.ledger.entries if e.reason == "not of segment = b"]
        assert [e.rows for e in said if e.table == table] == [others]
        assert found.ledger.unaccounted(table) == 0
    used = next(e for e in found.ledger.entries if (e.table, e.action) == ("responses", "used"))
    assert used.reason.endswith("the same for all of them, so not held equal: segment, region")
    assert found.study.name == "Shop, segment = b"


def test_several_values_numbers_and_parts_of_parts(whole):
    people = shop()["customers"].set_index("id")
    of = rows_of(whole)["customer"].map(people["segment"] + people["band"].astype(str))
    assert whole.where(segment=["a", "c"]).size == of.str[0].isin(["a", "c"]).sum()
    assert whole.where(segment="a", band=2).size == (of == "a2").sum()
    assert (
        whole.where(segment=["a", "b"]).where(segment="a").where(band=2).size == (of == "a2").sum()
    )
    with pytest.raises(StudyError, match="no value of 'segment' is left"):
        whole.where(segment="a").where(segment="b")


def test_answers_may_be_chosen_but_not_who_was_asked_for_them(whole):
    found = whole.where(channel="web")
    web = shop()["responses"].query("channel == 'web'")
    assert found.size == len(web)
    assert found.coverage.invited is None
    assert "Answers were chosen" in _coverage(overview(found))
    with pytest.raises(ModelError, match="customers may be chosen for this, not answers"):
        read_invitations(found)


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ({"segmnt": "a"}, r"no attribute 'segmnt'.* Did you mean 'segment'"),
        ({"channel": "wep"}, r"channel = 'wep', which no row .* Did you mean 'web'"),
        # A value that few have is not shown to whoever asks for another.
        ({"segment": "zzzz"}, r"Valid: a, b\.$"),
    ],
)
def test_a_part_that_is_none_is_refused(whole, only, told):
    with pytest.raises(StudyError, match=told):
        whole.where(**only)


def test_a_part_that_is_empty_is_refused():
    frames = part(lambda people: (people["segment"] != "c") | (people["region"] == "north"))
    with pytest.raises(DataError, match="no answer is of segment = c, region = south"):
        panel_of(study_of(), frames).where(segment="c", region="south")


def test_replaced_rows_have_no_parts(whole):
    with pytest.raises(ModelError, match="not those of the tables"):
        whole.with_frame(whole.frame).where(segment="a")


def test_the_study_file_chooses_too_and_a_run_may(tmp_path):
    declared = study_of(only={"segment": "a"})
    assert panel_of(declared).size == panel_of(study_of()).where(segment="a").size
    given = cx.load_study(study_of(), only={"segment": ["a", "b"]})
    assert given.name == "Shop, segment = a or b"
    assert [(c.key, c.before, c.after) for c in given.changes] == [
        ("study.only", None, {"segment": ["a", "b"]})
    ]
    assert cx.tables.change_said(given.changes[0]) == "answers all → segment a or b"
    reach = study_of(scenario={**SCENARIO, "from_customers": 5_000})
    with pytest.raises(StudyError, match="how many these are is not said"):
        cx.load_study(reach, only={"segment": "a"})
    known = cx.load_study(reach, only={"segment": "a"}, scenario={"from_customers": 900})
    assert known.scenario.from_customers == 900
    with pytest.raises(StudyError, match="no attribute 'segmen'"):
        cx.load_study(study_of(by=["segmen"]))


def test_findings_of_a_part_are_read_with_the_controls_that_they_had():
    analysis = cx.analyse(panel_of(study_of()).where(segment="b"))
    told = str(cx.sentences.method(analysis))
    assert "Only answers with segment = b are in this report; segment and region cannot be" in told
    assert analysis.regressions["spend"].contrast.estimate is not None
    loaded = cx.load_study(study_of(only={"segment": "b"}))
    back = read(write(analysis), loaded)
    assert back.study.controls == ()
    assert back.estimates == analysis.estimates


@pytest.fixture(scope="module")
def by_value():
    """The analysis of all answers, with each segment apart."""
    return cx.analyse(panel_of(study_of(by=["segment"])))


def test_each_value_apart_is_the_analysis_of_its_part(by_value):
    a = next(s for s in by_value.segments if s.level == "a")
    alone = panel_of(study_of(["region"]), part(lambda people: people["segment"] == "a"))
    gap = cx.regress_outcome(alone, "spend").contrast
    assert a.find("contrast.spend.doubly_robust").estimate == pytest.approx(gap.estimate, rel=1e-7)
    # Fixed cost by its share of the passives who answered.
    share = alone.origin_customers / by_value.panel.origin_customers
    cost = {**SCENARIO, "fixed_cost": 30.0 * share}
    other = panel_of(study_of(["region"], cost), part(lambda people: people["segment"] == "a"))
    roi = cx.estimate_roi(other, {"spend": cx.regress_outcome(other, "spend")})
    assert a.find("roi.net_value").estimate == pytest.approx(roi["net_value"].estimate, rel=1e-7)
    assert a.n == alone.size
    assert "segment.segment.a.roi.ratio" in {e.name for e in by_value.estimates}


def test_whether_values_differ_is_cochrans_q(by_value):
    gaps = [s.find("contrast.spend.doubly_robust") for s in by_value.segments if s.estimates]
    values = np.array([[g.estimate, g.std_error**2] for g in gaps])
    known = combine_effects(*values.T)
    [found] = by_value.heterogeneity
    assert (found.name, len(gaps)) == ("segment.segment.heterogeneity.spend", 2)
    assert found.estimate == pytest.approx(known.q)
    assert found.p_value == pytest.approx(known.test_homogeneity().pvalue)
    assert f"by no more than chance ({found.note}" in str(segments_differ(by_value))


def test_a_value_with_few_answers_has_no_number_and_says_so(by_value):
    table = cx.tables.by_segment(by_value).frame
    row = table[table["value"] == "c"].iloc[0]
    assert list(row[2:6]) == ["–"] * 4
    assert "under 30 answers" in row.iloc[6]
    nothing = next(e for e in by_value.estimates if e.name == "segment.segment.c")
    assert (nothing.estimate, nothing.n, nothing.method) == (None, 0, "refused")


def test_more_values_than_can_be_shown_are_refused():
    frames = {**shop(), "customers": shop()["customers"].assign(band=np.arange(600) % 11)}
    [found] = by_segment(panel_of(study_of(by=["band"]), frames))
    assert "11 different values" in str(found.refusal)


def test_the_command_line_chooses_and_refuses(tmp_path, capsys, monkeypatch):
    for name, frame in shop().items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    lines = ['[study]\nname = "Shop"\ncurrency = "EUR"\ncomplete_until = 2026-06-28']
    lines += ["[windows]\nbaseline_days = 60\noutcome_days = 60"]
    for name, keys in study_of()["tables"].items():
        own = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
        lines.append(f'[tables.{name}]\npath = "{name}.csv"\n{own}')
    path = tmp_path / "study.toml"
    path.write_text("\n".join(lines))
    assert main(["check", str(path), "--only", "segment=a", "--only", "segment=c"]) == 0
    assert "not of segment = a or c" in capsys.readouterr().out
    assert main(["check", str(path), "--only", "segment=d"]) == 1
    assert main(["check", str(path), "--only", "segment"]) == 2


def test_rows_of_others_are_no_rows_lost(whole):
    """Choosing a part is no fault of the data, and the rating does not count it as one."""
    found = whole.where(segment="b")
    assert found.ledger.rows("responses", "set aside") > 0.5 * whole.size
    assert [doubt.reason for doubt in _lost(found)] == []
    ledger = found.ledger.add("responses", "set aside", 100, "no valid score")
    [doubt] = _lost(replace(found, ledger=ledger))
    answers = whole.ledger.rows("responses", "read")
    share = 100 / (answers - found.ledger.rows("responses", "set aside"))
    assert doubt.reason.startswith(f"{100 * share:.1f} % of the rows of responses")
