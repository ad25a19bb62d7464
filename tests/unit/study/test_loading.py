"""What a study file may say, and what each refusal offers instead."""

import datetime as dt
import tomllib
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from cxroi.errors import CxroiError, Problems, StudyError
from cxroi.study.loading import load_study

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


@pytest.mark.parametrize(
    ("more", "unit"),
    [("", "share in 90 days"), ('unit = "share of members"', "share of members")],
)
def test_a_rate_is_a_share(study_of, more, unit):
    rate = f'kind = "rate"\npercent = true\n{more}'
    found = study_of(FLAT, ('kind = "amount"', rate)).outcome("spend")
    assert (found.kind, found.unit, found.percent) == ("rate", unit, True)


def test_a_share_may_be_a_prior_and_persistence_observed(study_of):
    prior = "causal_share = {none = 0.3, low = 0.2, likely = 0.5, high = 0.8}"
    more = f'{prior}\npersistence = "observed"\nramp_up_months = [1, 2, 6]\nprogramme_months = 12'
    scenario = study_of(FLAT, ("causal_share = 0.5", more)).scenario
    causal = scenario.causal_share
    assert (causal.none, causal.opposite, causal.likely, causal.known) == (0.3, 0.0, 0.5, False)
    assert causal.central == pytest.approx(0.7 * 0.5)  # 0.3 of nothing, 0.7 of a mean of 0.5
    assert scenario.persistence == "observed"
    assert scenario.ramp_up_months.high == 6
    assert scenario.programme_months.known
    assert "persistence" not in scenario.ranges
    plain = study_of(FLAT, ("causal_share = 0.5", "causal_share = 0.5\npersistence = 0.4"))
    assert plain.scenario.ranges["persistence"].likely == 0.4
    assert study_of(FLAT).scenario.persistence is None


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
        ("= 0.5", "= {none = 0.6, opposite = 0.4, low = 0.2, likely = 0.5, high = 0.8}", "under 1"),
        ("= 0.5", "= {none = -0.1, low = 0.2, likely = 0.5, high = 0.8}", "0 or more"),
        ("= 0.5", "= {low = 0.2, likely = 0.5, high = 1.8}", r"\[0.2, 0.5, 1.8\].* 0 to 1"),
        ("= 0.5", "= {none = 0.2, likely = 0.5}", "table {none, opposite, low, likely, high}"),
        ("= 0.5", "= {low = 0.6, likely = 0.5, high = 0.8}", "in rising order"),
        ("= 0.5", '= 0.5\npersistence = "seen"', 'or "observed"'),
        ("= 0.5", "= 0.5\npersistence = 40", "Write 0.4 for 40 %"),
        ("outcome_days = 90", "outcome_days = 0", "1 to 3660"),
        ("outcome_days = 90", 'outcome_days = "90"', "a whole number"),
        ('kind = "amount"', 'kind = "amont"', "Did you mean 'amount'"),
        ('column = "spend"', "", "has no column"),
        ('kind = "amount"', 'kind = "rate"\nunit = "EUR"', "unit of a rate begins with share"),
        ('kind = "amount"', 'kind = "amount"\npercent = true', "has percent, but is of kind"),
        ('score = "nps"', "", "has no score"),
        ('name = "Flat"', "", "has no name"),
        ('path = "c.csv"', 'path = "c.csv"\ndatabase = "DB"', "both path and database"),
        ('path = "c.csv"', 'path = "c.csv"\ndecimal = ";"', r"'\.' or ','"),
        ("[windows]", '[controls]\ncolumns = ["spend"]\n[windows]', "column of the outcome"),
        ("[windows]", '[controls]\ncolumns = ["nps"]\n[windows]', "the score itself"),
        ("[windows]", '[controls]\ncolumns = ["segmnt"]\n[windows]', "Did you mean 'segment'"),
        ("[windows]", '[pair]\nfrom = "passive"\nto = "promoter"\n[windows]', "Delete .pair"),
        ("[windows]", '[analysis]\nfits = "rowz"\n[windows]', "fits is 'rowz'. Did you .* 'rows'"),
        ("[windows]", '[analysis]\nfits = "Engine"\n[windows]', "Did you mean 'engine'"),
        ("[windows]", '[churn]\ndefinition = "canceled"\n[windows]', "Did you mean 'cancelled'"),
        ("[windows]", '[churn]\ndefinition = ""\n[windows]', "Valid: cancelled, no_purchase"),
        ("[windows]", '[scale]\nanswers = "Mean"\n[windows]', "Did you mean 'mean'"),
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

    from cxroi.study.shape import check

    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
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


def test_a_mapping_is_the_study_file_of_the_same_shape(study_of):
    for text in (FLAT, DATED):
        of_file, of_mapping = study_of(text), load_study(tomllib.loads(text))
        assert of_mapping.path.name == "study declared in Python"
        assert of_mapping.sources["customers" if text is FLAT else "orders"].path == (
            Path.cwd() / ("c.csv" if text is FLAT else "o.csv")
        )
        for name in ("name", "scale", "outcomes", "scenario", "churn_days", "complete_until"):
            assert getattr(of_mapping, name) == getattr(of_file, name)


def test_a_mapping_may_hold_what_python_has_for_the_values_of_a_file():
    document = tomllib.loads(FLAT)
    document["scenario"]["share_moved"] = (0.05, np.float64(0.1), 0.2)
    document["windows"] = MappingProxyType({"outcome_days": np.int64(90)})
    document["tables"]["customers"] |= {"path": Path("c.csv"), "attributes": ("segment",)}
    study = load_study(document)
    assert study.outcome_days == 90
    assert study.scenario.share_moved.likely == 0.1
    assert study.sources["customers"].attributes == ("segment",)


def test_a_mapping_that_changes_later_changes_no_study():
    document = tomllib.loads(FLAT)
    document["tables"]["customers"]["keep"] = {"segment": ["a"]}
    study = load_study(document)
    document["tables"]["customers"]["keep"]["segment"].append("b")
    assert study.sources["customers"].keep == {"segment": ["a"]}


@pytest.mark.parametrize(
    ("section", "key", "value", "words"),
    [
        (
            "tables",
            "customers",
            pd.DataFrame({"id": ["secret"]}),
            "is of type DataFrame; .*frames=",
        ),
        ("study", "currency", None, r"\[study\.currency\] is of type NoneType; .*left out"),
        ("study", 1, "x", r"\[study\] has a key that is no text"),
        ("study", "nmae", "x", "Did you mean 'name'"),
        ("scenario", "share_moved", {0.1, 0.2}, "share_moved. is of type set"),
        ("study", "complete_until", "2026-06-30", "without quotes"),
        ("study", "complete_until", dt.datetime(2026, 6, 30), "without quotes"),
    ],
)
def test_what_a_mapping_must_not_hold(section, key, value, words):
    document = tomllib.loads(FLAT)
    document[section][key] = value
    with pytest.raises(StudyError, match=words) as caught:
        load_study(document)
    assert "secret" not in str(caught.value)


def test_a_table_without_a_place_waits_for_a_frame(study_of):
    source = study_of(FLAT, ('path = "c.csv"', "")).sources["customers"]
    assert (source.path, source.database) == (None, "")


@pytest.mark.parametrize(
    "engine", ["duckdb", "local[*]", "local[2]", "spark://host:7077", "spark://a.b:1,c:2"]
)
def test_engines(engine, study_of):
    study = study_of(FLAT, ('name = "Flat"', f'name = "Flat"\nengine = "{engine}"'))
    assert study.engine == engine


@pytest.mark.parametrize("fits", ["", "rows", "engine"])
def test_where_models_are_fitted(fits, study_of):
    assert study_of(FLAT, ("[windows]", f'[analysis]\nfits = "{fits}"\n[windows]')).fits == fits


def test_the_engine_and_memory_limit_that_hold_when_none_is_declared(study_of):
    study = study_of(FLAT)
    assert (study.engine, study.memory_limit) == ("duckdb", "")
    limit = ('name = "Flat"', 'name = "Flat"\nmemory_limit = "1.5 GiB"')
    assert study_of(FLAT, limit).memory_limit == "1.5 GiB"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("engine", '"duckbd"', "Did you mean 'duckdb'"),
        ("engine", '"local"', r"Did you mean 'local\["),
        ("engine", '"local[0]"', r"engine is 'local\[0\]'; it is duckdb, local"),
        ("engine", '"spark://host"', "Did you mean 'spark://host:7077'"),
        ("engine", '"yarn"', "Valid: duckdb"),
        ("engine", "2", "engine is 2; it is text"),
        ("memory_limit", '"plenty"', "a size such as '4GB'"),
        ("memory_limit", '"0GB"', "a size such as '4GB'"),
        ("memory_limit", '"4"', "a size such as '4GB'"),
        ("memory_limit", "4", "memory_limit is 4; it is text"),
    ],
)
def test_engines_and_limits_that_are_refused(key, value, words, study_of):
    with pytest.raises(StudyError, match=words):
        study_of(FLAT, ('name = "Flat"', f'name = "Flat"\n{key} = {value}'))


def test_a_line_that_is_not_decided_yet_is_named(tmp_path):
    path = tmp_path / "study.toml"
    text = FLAT.replace('score = "nps"', 'score = "?"   # decide: perhaps q1 or q2')
    path.write_text(text.replace("gross_margin = 0.4", '# gross_margin = "?"\ngross_margin="?"'))
    with pytest.raises(Problems) as refused:
        load_study(path)
    assert [str(problem) for problem in refused.value.problems] == [
        'line 8 of study.toml: score is not decided yet; put a value in place of "?": perhaps q1 '
        "or q2.",
        'line 21 of study.toml: gross_margin is not decided yet; put a value in place of "?": only '
        "you can say.",
    ]
    path.write_text(FLAT.replace('name = "Flat"', 'name = "Why? # decide: ?"'))
    assert load_study(path).name == "Why? # decide: ?"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "hundreds deep"),
        ("a = " + "{a = " * 2000 + "1" + "}" * 2000, "hundreds deep"),
        ("a" + ".a" * 5000 + " = 1", "is not a part of a study file"),
        ("a = " + "9" * 5000, "is not a TOML file in UTF-8"),
        ("[study]\nname = 'x'\ncomplete_until = " + "9" * 4000, "complete_until is 999"),
        ("[study]\nname = 'x'\ncomplete_until = " + "[1," * 90 + "]" * 90, "complete_until is"),
    ],
    ids=["lists", "tables", "dotted", "digits", "number", "list"],
)
def test_what_is_deep_or_huge_is_refused_in_a_few_words(tmp_path, content, told):
    (tmp_path / "study.toml").write_text(content)
    with pytest.raises(CxroiError, match=told) as refusal:
        load_study(tmp_path / "study.toml")
    assert len(str(refusal.value)) < 500
