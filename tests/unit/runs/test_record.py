"""What run.json records of a study, against what its file says."""

from types import SimpleNamespace

from panels import make_study

from cxroi.runs.record import assumptions, data_range, definitions


def test_every_assumption_has_its_range_unit_and_where_it_comes_from(tmp_path):
    prior = {"none": 0.3, "low": 0.2, "likely": 0.5, "high": 0.8}
    scenario = {"share_moved": [0.05, 0.1, 0.2], "persistence": "observed"}
    study = make_study(tmp_path, {"spend": "amount"}, scenario=scenario)
    found = assumptions(study)
    moved = found["share_moved"]
    assert (moved["low"], moved["likely"], moved["high"]) == (0.05, 0.1, 0.2)
    assert not moved["defaulted"]
    cost = found["cost_per_moved"]
    assert (cost["low"], cost["high"], cost["unit"]) == (10, 10, "EUR per moved customer")
    assert found["fixed_cost"]["defaulted"]
    assert found["horizon_months"] == {
        "low": 12, "likely": 12, "high": 12, "unit": "months", "defaulted": False, "note": ""
    }  # fmt: skip
    kept = found["persistence"]
    assert (kept["likely"], kept["note"]) == (None, "observed from wave to wave")
    assert found["from_customers"]["defaulted"]
    from cxroi.study.scenario import Prior

    doubted = SimpleNamespace(**vars(study.scenario) | {"causal_share": Prior.of(prior)})
    told = assumptions(SimpleNamespace(scenario=doubted, currency=""))
    assert told["causal_share"]["none"] == 0.3
    assert told["cost_per_moved"]["unit"] == "currency units per moved customer"


def test_a_study_without_a_scenario_assumes_nothing(tmp_path):
    assert assumptions(make_study(tmp_path, {"spend": "amount"})) is None


def test_the_definitions_are_those_of_the_study_file(tmp_path):
    more = "[outcomes]\nmatters = {spend = 4.0}\n"
    study = make_study(tmp_path, {"spend": "amount"}, controls=("age",), days=60, more=more)
    found = definitions(study)
    assert found["scale"]["cuts"] == [7, 9]
    assert found["scale"]["groups"] == ["detractor", "passive", "promoter"]
    assert found["pair"] == {"from": "passive", "to": "promoter"}
    assert found["outcomes"]["spend"] == {
        "kind": "amount",
        "unit": "EUR per customer in 60 days",
        "better": "higher",
        "matters": 4.0,
    }
    assert found["controls"] == {"columns": ["age"], "categorical": []}
    assert found["windows"]["outcome_days"] == 60
    assert (found["currency"], found["complete_until"]) == ("EUR", None)


def test_the_data_range_is_that_of_the_dated_columns():
    day = {"kind": "date", "first": "2026-01-05", "last": "2026-04-01"}
    profile = {"responses": {"columns": {"answered_at": day, "score": {"kind": "number"}}}}
    span = {"first": "2026-01-05", "last": "2026-04-01"}
    assert data_range(profile) == {"answers": span, "tables": {"responses": {"answered_at": span}}}
    flat = {"customers": {"columns": {"score": {"kind": "number"}}}}
    assert data_range(flat) == {"answers": None, "tables": {"customers": {}}}
