"""Cases from the field about scales, with values worked out by pandas from the same files."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import CxroiError

CASES = Path(__file__).parents[3] / "shared" / "field-cases"
DIGITS = r"(\d+)"


def study(case, **scale):
    """Load a case from the field, its scale declared anew; skip where it is not there."""
    folder = CASES / case
    if not folder.exists():
        pytest.skip(f"the field case {case} is not here")
    document = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    for table in document["tables"].values():
        table["path"] = str(folder / table["path"])
    if scale:
        document["scale"] = scale
    if "answers" in scale and len(scale["answers"]) == 2:
        document["scenario"] |= {"from": "bad", "to": "good"}
    return cx.load_study(document)


def counts(tables, role="responses"):
    found = tables.connection.execute(f"SELECT score, count(*) FROM clean_{role} GROUP BY 1")
    return dict(found.fetchall())


def in_file(case):
    return pd.read_csv(CASES / case / "responses.csv", dtype=str)["score"]


@pytest.mark.parametrize("case", ["surveymonkey_label_last", "surveymonkey_label_last/few_labels"])
def test_labels_last_are_read(case):
    tables = cx.read_tables(study(case))
    plain = in_file(case).str.extract(DIGITS)[0].astype(float)
    assert plain.notna().all()
    assert counts(tables) == plain.value_counts().to_dict()


def test_a_score_coded_0_to_9_is_refused_and_declared():
    case = "nps_coded_0_to_9"
    with pytest.raises(CxroiError, match=r"no 10 among 900 answers, but 9 is frequent \(168 rows"):
        cx.read_tables(study(case))
    codes = {str(n): n + 1 for n in range(10)}
    tables = cx.read_tables(study(case, kind="nps", minimum=1, answers=codes))
    assert counts(tables) == (in_file(case).astype(float) + 1).value_counts().to_dict()
    assert counts(tables)[10] == 168
    kept = cx.read_tables(study(case, kind="nps", maximum_unused=True))
    assert counts(kept)[9] == 168


def test_good_and_bad_are_two_groups():
    case = "zendesk_good_bad"
    with pytest.raises(CxroiError, match=r"'good' \(620 rows\), 'bad' \(253 rows\), 'offered'"):
        cx.read_tables(study(case))
    good_bad = {"good": 1, "bad": 0}
    with pytest.raises(CxroiError, match=r"not declared \(27 rows, 3 %\).*'offered' \(27 rows\)"):
        cx.read_tables(study(case, answers=good_bad))
    tables = cx.read_tables(study(case, answers=good_bad, missing=["offered"]))
    words = in_file(case).value_counts()
    assert counts(tables) == {1: words["good"], 0: words["bad"]}


def test_a_score_of_0_and_1_is_compared():
    case = "zendesk_good_bad/binary"
    panel = cx.build_panel(cx.read_tables(study(case)))
    assert panel.study.scale.describe() == ("dissatisfied (0)", "satisfied (1)")
    answers, orders = (pd.read_csv(CASES / case / f"{n}.csv") for n in ("responses", "orders"))
    both = answers.merge(orders, on="customer_id")
    days = (pd.to_datetime(both["ordered_at"]) - pd.to_datetime(both["answered_at"])).dt
    after = both[(days.total_seconds() > 0) & (days.total_seconds() <= 90 * 86400)]
    spend = answers["customer_id"].map(after.groupby("customer_id")["amount"].sum()).fillna(0)
    means = spend.groupby(answers["score"]).mean()
    compared = cx.compare_groups(panel, "spend")
    assert [m.estimate for m in compared.means] == pytest.approx([means[0], means[1]])


def test_two_levels_of_a_flat_file_are_compared():
    case = "two_level_scale"
    panel = cx.build_panel(cx.read_tables(study(case)))
    stay = 1 - (frame := pd.read_csv(CASES / case / "d.csv"))["churn"]
    means = stay.groupby(frame["good"]).mean()
    gap = cx.regress_outcome(panel, "retained").raw
    assert gap.estimate == pytest.approx(means[1] - means[0])
    assert panel.study.scale.describe() == ("bad (0)", "good (1)")
