"""What a study file may say, and what each refusal offers instead."""

import tomllib

import pytest

from cxroi.errors import CxroiError, Problems, StudyError
from cxroi.study import load_study

FLAT = """
[study]
name = "Flat"
currency = "EUR"
[tables.customers]
path = "c.csv"
customer = "id"
score = "nps"
attributes = ["segment"]
[outcomes.columns.spend]
column = "spend"
kind = "amount"
[windows]
outcome_days = 90
[scenario]
from = "passive"
to = "promoter"
share_moved = [0.05, 0.1, 0.2]
cost_per_moved = 10.0
gross_margin = 0.4
causal_share = 0.5
"""
DATED = """
[study]
name = "Dated"
complete_until = 2026-06-30
[tables.responses]
path = "r.csv"
customer = "id"
score = "nps"
answered_at = "at"
[tables.orders]
path = "o.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[windows]
baseline_days = 90
outcome_days = 60
"""


@pytest.fixture
def study_of(tmp_path):
    def make(text, *changes):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return load_study(path)

    return make


def test_a_flat_study_reads_as_declared(study_of):
    study = study_of(FLAT)
    assert not study.dated
    assert (study.origin, study.target) == ("passive", "promoter")
    assert study.outcome("spend").unit == "EUR per customer in 90 days"
    scenario = study.scenario
    assert (scenario.share_moved.low, scenario.share_moved.likely) == (0.05, 0.1)
    assert scenario.causal_share.known
    assert scenario.horizon_months == 12
    assert "fixed_cost" in scenario.defaults


def test_a_dated_study_has_the_outcomes_that_its_tables_allow(study_of):
    study = study_of(DATED)
    names = [outcome.name for outcome in study.outcomes]
    assert names == ["spend", "orders", "repeat_purchase", "retained", "churned"]
    assert (study.churn, study.churn_days) == ("no_purchase", 60)
    assert study.scenario is None
    assert (study.origin, study.target) == ("passive", "promoter")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[windows]", "[window]", "Did you mean 'windows'"),
        ("gross_margin", "gros_margin", "Did you mean 'gross_margin'"),
        ("causal_share = 0.5", "", r"has no causal_share.*it has no default"),
        ('from = "passive"', 'from = "pasive"', "Did you mean 'passive'"),
        ('to = "promoter"', 'to = "passive"', "from 'passive' to 'passive'"),
        ("share_moved = [0.05, 0.1, 0.2]", "share_moved = [0.2, 0.1, 0.3]", "rising order"),
        ("share_moved = [0.05, 0.1, 0.2]", "share_moved = 1.2", "0 to 1"),
        ("gross_margin = 0.4", "gross_margin = 40", "Write 0.4 for 40 %"),
        ("cost_per_moved = 10.0", "cost_per_moved = 0.0", "costs nothing"),
        ("cost_per_moved = 10.0", "cost_per_moved = inf", "cost_per_moved is inf"),
        ("causal_share = 0.5", "causal_share = 0.5\nhorizon_months = -1", "above 0"),
        ("causal_share = 0.5", "causal_share = 0.5\nhorizon_months = 1e9", "up to 600"),
        ("outcome_days = 90", "outcome_days = 0", "1 to 3660"),
        ("outcome_days = 90", 'outcome_days = "90"', "a whole number"),
        ('kind = "amount"', 'kind = "amont"', "Did you mean 'amount'"),
        ('column = "spend"', "", "has no column"),
        ('score = "nps"', "", "has no score"),
        ('name = "Flat"', "", "has no name"),
        ('path = "c.csv"', 'path = "c.csv"\ndatabase = "DB"', "both path and database"),
        ('path = "c.csv"', 'path = "c.csv"\ndecimal = ";"', r"'\.' or ','"),
        ("[windows]", '[controls]\ncolumns = ["spend"]\n[windows]', "column of the outcome"),
        ("[windows]", '[controls]\ncolumns = ["nps"]\n[windows]', "the score itself"),
        ("[windows]", '[controls]\ncolumns = ["segmnt"]\n[windows]', "Did you mean 'segment'"),
        ("[windows]", '[pair]\nfrom = "passive"\nto = "promoter"\n[windows]', "Delete .pair"),
    ],
)
def test_what_a_flat_study_must_not_say(study_of, old, new, words):
    with pytest.raises(CxroiError, match=words):
        study_of(FLAT, (old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("complete_until = 2026-06-30", "", "has no complete_until"),
        ("complete_until = 2026-06-30", 'complete_until = "2026-06-30"', "without quotes"),
        ("baseline_days = 90", "", "has no baseline_days"),
        ('answered_at = "at"', "", "has no answered_at"),
        ("[windows]", "[churn]\nwithin_days = 90\n[windows]", "longer than outcome_days 60"),
        ("[windows]", "[churn]\nwithin_days = 0\n[windows]", "1 or more"),
        ("[windows]", '[churn]\ndefinition = "cancelled"\n[windows]', "needs .tables.subscriptio"),
        ("[windows]", '[churn]\ndefinition = "canceled"\n[windows]', "Did you mean 'cancelled'"),
        ("[windows]", '[outcomes]\nnames = ["spent"]\n[windows]', "Did you mean 'spend'"),
        ("[windows]", "[outcomes]\nmatters = {spend = 0}\n[windows]", "above 0"),
        (
            "[windows]",
            '[outcomes.columns.x]\ncolumn = "x"\nkind = "count"\n[windows]',
            "dated study are taken from its tables",
        ),
        ('path = "r.csv"', 'path = "r.csv"\nvia = ["order.id"]', "Did you mean 'orders'"),
        ('path = "r.csv"', 'path = "r.csv"\nvia = ["orders"]', "table.column"),
    ],
)
def test_what_a_dated_study_must_not_say(study_of, old, new, words):
    with pytest.raises(CxroiError, match=words):
        study_of(DATED, (old, new))


def test_problems_are_told_together(study_of):
    with pytest.raises(Problems) as caught:
        study_of(FLAT, ("[windows]", "[window]"), ("gross_margin = 0.4", "gros_margin = true"))
    assert len(caught.value.problems) == 2
    assert str(caught.value).count("\n  - ") == 2


def test_what_is_no_toml_or_not_there_is_said_plainly(study_of, tmp_path):
    with pytest.raises(StudyError, match="not a TOML file"):
        study_of("x = = 1")
    with pytest.raises(StudyError, match=r"Did you mean 'study\.toml'"):
        load_study(tmp_path / "studdy.toml")
    with pytest.raises(StudyError, match="declares no table"):
        study_of("")


def test_every_key_of_the_readme_is_known_to_the_schema():
    """The README's example is a study file that loads but for its data."""
    from pathlib import Path

    from cxroi.study_schema import check

    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.split("```toml")[1].split("```")[0]
    lines = [line.removeprefix("   ") for line in block.splitlines()]
    assert check(tomllib.loads("\n".join(lines))) == []


def test_a_dated_study_declares_clusters_and_weights_in_either_table(study_of):
    people = '[tables.customers]\npath = "c.csv"\ncustomer = "id"\n'
    design = 'cluster = "account"\nweight = "w"\n'
    of_answers = study_of(DATED, ('score = "nps"\n', f'score = "nps"\n{design}'))
    assert of_answers.sources["responses"].columns["cluster"] == "account"
    of_customers = study_of(DATED, ("[windows]", f"{people}{design}[windows]"))
    assert of_customers.sources["customers"].columns["cluster"] == "account"
    twice = ('score = "nps"\n', 'score = "nps"\ncluster = "team"\n')
    assert study_of(DATED, twice, ("[windows]", f"{people}{design}[windows]")).dated


def test_weights_in_both_tables_are_refused_by_name(study_of):
    people = '[tables.customers]\npath = "c.csv"\ncustomer = "id"\nweight = "w1"\n'
    with pytest.raises(StudyError, match=r"customers. and .tables.responses. .*'w1' and 'w2'"):
        study_of(
            DATED,
            ("[windows]", f"{people}[windows]"),
            ('score = "nps"\n', 'score = "nps"\nweight = "w2"\n'),
        )
