"""The airport survey: figures computed with pandas alone, and the verdict they lead to."""

import json
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

DATA = Path(__file__).parents[2] / "data" / "sfo"

# NPS as given and weighted: by pandas alone, below and in the published facts of the data.
EXPECTED = {"study": (2017, 2746, 39.84, 40.40), "study_2018": (2018, 2650, 30.98, 35.11)}


@pytest.fixture(scope="module", params=sorted(EXPECTED))
def analysed(request):
    panel = cx.build_panel(cx.read_tables(cx.load_study(DATA / f"{request.param}.toml")))
    return request.param, cx.analyse(panel)


def test_nps_as_given_and_weighted(analysed):
    name, analysis = analysed
    _, n, plain, weighted = EXPECTED[name]
    found = {e.name: e for e in analysis.estimates}
    assert found["score.nps"].n == n
    assert found["score.nps"].estimate == pytest.approx(plain, abs=0.005)
    assert found["score.nps.weighted"].estimate == pytest.approx(weighted, abs=0.005)


def test_shares_that_bought_agree_with_pandas(analysed):
    name, analysis = analysed
    year = EXPECTED[name][0]
    frame = pd.read_csv(DATA / f"{year}_SFO_Customer_Survey.csv").rename(columns=str.strip)
    frame = frame[frame["NETPRO"].between(0, 10)]
    group = pd.cut(frame["NETPRO"], [-1, 6, 8, 10], labels=["detractor", "passive", "promoter"])
    found = {e.name: e.estimate for e in analysis.estimates}
    for outcome, column in (("store", "Q4STORE"), ("food", "Q4FOOD")):
        shares = (frame[column] == 1).groupby(group, observed=True).mean()
        for label, share in shares.items():
            assert found[f"mean.{outcome}.{label}"] == pytest.approx(share, abs=1e-12)


def test_promoters_and_passives_do_not_differ_usefully_and_no_roi_is_claimed(analysed):
    _, analysis = analysed
    assert {v.outcome: v.kind for v in analysis.verdicts} == {
        "store": "no difference found",
        "food": "no difference found",
    }
    assert analysis.roi is None
    assert "do not differ usefully in store or food" in str(cx.words.answer(analysis))
    assert "No ROI is claimed" in str(cx.words.answer(analysis))


def test_the_verdict_does_not_hang_on_how_blanks_are_read(tmp_path):
    text = (DATA / "study.toml").read_text(encoding="utf-8")
    text = text.replace("no = [2, 3, 0]", "no = [2]\nmissing = [0, 3]")
    study = tmp_path / "study.toml"
    study.write_text(text.replace('path = "', f'path = "{DATA.as_posix()}/'), encoding="utf-8")
    analysis = cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(study))))
    means = {e.name: e for e in analysis.estimates}
    frame = pd.read_csv(DATA / "2017_SFO_Customer_Survey.csv").rename(columns=str.strip)
    store = frame[frame["NETPRO"].isin([7, 8]) & frame["Q4STORE"].isin([1, 2])]["Q4STORE"]
    assert means["mean.store.passive"].estimate == pytest.approx((store == 1).mean(), abs=1e-12)
    assert {v.kind for v in analysis.verdicts} == {"no difference found"}


def test_results_json_is_strict_json_with_the_documented_keys(analysed, tmp_path):
    _, analysis = analysed
    cx.write_results(analysis, tmp_path / "results.json")
    content = json.loads((tmp_path / "results.json").read_text(), parse_constant=pytest.fail)
    keys = ["name", "estimate", "conf_low", "conf_high", "std_error", "unit", "n", "method", "note"]
    parts = ["study", "quarter", "results", "currency", "groups", "compared", "roi"]
    parts += ["answered", "ledger"]
    assert list(content) == parts
    assert all(list(entry) == keys for entry in content["results"])
    names = [entry["name"] for entry in content["results"]]
    assert len(names) == len(set(names))
