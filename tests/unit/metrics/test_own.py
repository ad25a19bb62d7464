"""Metrics that a study declares itself, and what it may say of those of the catalogue."""

import datetime as dt
from pathlib import Path

import pytest
from metric_company import declaration, frames

import cxroi as cx
from cxroi.metrics import CATALOGUE
from cxroi.metrics.compute import compute
from cxroi.metrics.metric import Metric
from cxroi.metrics.needs import option_of
from cxroi.metrics.own import declared_metrics
from cxroi.metrics.period import Period
from cxroi.metrics.sums import rows_of, sums_of
from cxroi.reading.tables import read_tables

ONLY = ("customers", "responses", "orders", "contacts", "subscriptions", "campaigns", "posts")
ODD = 'o{d}d "x"\'s, 1.5'
OWN = {
    "by_phone": {
        "table": "contacts",
        "yes": {"channel": ["phone"]},
        "title": "By {phone}",
        "unit": "share {x}",
        "good": [0.1, 0.5],
    },
    "minutes": {"table": "contacts", "kind": "mean", "column": "minutes", "part": "channel"},
    "middle": {"table": "contacts", "kind": "median", "column": "minutes"},
    "all_minutes": {"table": "contacts", "kind": "total", "column": "minutes"},
    "complaints": {
        "table": "contacts",
        "kind": "per_customer",
        "where": {"complaint": ["yes"], "channel": ["phone", "it's {a}"]},
    },
    "clicks": {"table": "campaigns", "kind": "ratio", "column": "clicks", "over": "opens"},
    "liked": {"table": "posts", "kind": "mean", "column": "likes"},
    "of_x": {"table": "customers", "yes": {"segment": ["x"]}},
    "five": {"table": "contacts", "yes": {"minutes": ["5", 10.0]}},
    ODD: {"table": "contacts", "yes": {"channel": ["it's {a}", "email"]}},
    "churn": {"denominator": "all", "title": "Loss", "good": [0.0, 0.1]},
    "click_through_rate": {"denominator": "impressions"},
}


def study_of(**metrics):
    return cx.load_study({**declaration(ONLY), "metrics": metrics})


@pytest.fixture(scope="module")
def tables():
    given = {name: frame for name, frame in frames().items() if name in ONLY}
    return read_tables(study_of(**OWN), frames=given, every=True)


@pytest.fixture(scope="module")
def found(tables):
    return compute(tables, list(OWN))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("by_phone", {"": 3 / 4}),
        ("minutes", {"phone": 40 / 3, "email": 10}),
        ("middle", {"": 12.5}),
        ("all_minutes", {"": 50}),
        ("complaints", {"": 2 / 6}),
        ("clicks", {"": 50 / 200}),
        ("liked", {"": 7}),
        ("of_x", {"": 4 / 7}),  # A, B, F and the prospect
        ("five", {"": 2 / 4}),
        (ODD, {"": 1 / 4}),
        ("churn", {"": 2 / 6}),
        ("click_through_rate", {"": 50 / 500}),
    ],
)
def test_a_metric_of_the_study_is_what_it_is_by_hand(found, name, wanted):
    assert {m.part: m.estimate.estimate for m in found.of(name)} == pytest.approx(wanted)


def test_words_of_the_study_stand_as_they_are(found):
    [one] = found.of("by_phone")
    assert (one.title, one.estimate.unit, one.good) == ("By {phone}", "share {x}", "0.1 to 0.5")
    assert "above what the study names" in one.estimate.note
    [loss] = found.of("churn")
    assert (loss.title, loss.good) == ("Loss", "0 to 0.1")
    assert loss.estimate.method.startswith("customers lost")
    assert "denominator: all" in loss.estimate.method
    [clicks] = found.of("click_through_rate")
    assert clicks.title == "Click-through rate (clicks over impressions)"
    [odd] = found.of(ODD)
    assert odd.estimate.name == f"metric.{ODD.replace('.', '%2E')}"
    [per] = found.of("complaints")
    assert per.estimate.unit == "per customer in 365 days"


def test_rows_of_no_customer_cannot_be_told_apart(tables):
    found = compute(tables, ["liked", "clicks"], by="segment")
    assert list(found.missing) == ["liked"]
    assert {m.group for m in found.of("clicks")} == {"x", "not known"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"table": "contact", "yes": {"channel": ["x"]}}, "Did you mean 'contacts'"),
        ({"table": "contacts", "kind": "shares"}, "share"),
        ({"table": "contacts"}, "has no 'yes'"),
        ({"table": "contacts", "kind": "mean"}, "has no 'column'"),
        ({"table": "campaigns", "kind": "ratio", "column": "clicks"}, "has no 'over'"),
        ({"table": "contacts", "kind": "mean", "column": "minuts"}, "Did you mean 'minutes'"),
        ({"table": "contacts", "kind": "mean", "column": "channel"}, "it holds numbers"),
        ({"table": "contacts", "yes": {"chanel": ["x"]}}, "Did you mean 'channel'"),
        ({"table": "contacts", "yes": {"complaint": ["perhaps"]}}, "it is yes or no"),
        ({"table": "contacts", "yes": {"minutes": ["few"]}}, "it holds numbers"),
        ({"table": "contacts", "yes": {"channel": ["x"]}, "good": [0.1]}, "lowest and the highest"),
        ({"table": "contacts", "kind": "per_customer", "part": "channel"}, "has a part"),
        ({"yes": {"channel": ["x"]}}, "no metric of the catalogue"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_name(table, said):
    with pytest.raises(cx.CxroiError, match=said):
        declared_metrics(study_of(mine=table), CATALOGUE)


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("churm", {"denominator": "all"}, "Did you mean 'churn'"),
        ("churn", {"column": "reason"}, "and no table"),
        ("retention", {"denominator": "all"}, "has 'denominator'"),
    ],
)
def test_what_the_catalogue_does_not_have_is_refused(name, table, said):
    with pytest.raises(cx.CxroiError, match=said):
        declared_metrics(study_of(**{name: table}), CATALOGUE)


def test_a_definition_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(cx.CxroiError, match=r"denominator is 'al'.*'all'"):
        option_of(CATALOGUE["churn"], study_of(churn={"denominator": "al"}))


def test_the_metric_of_the_readme_is_under_thirty_lines_and_right(tables):
    """Orders of the company are all at midnight: each of the eight purchases is at night."""
    readme = Path(cx.__file__).parent / "metrics" / "README.md"
    code = readme.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    assert len(code.splitlines()) < 30
    metric = eval(code, {"Metric": Metric})
    assert metric.clock in tables.date_only  # refused, as hours of mere dates are
    day = dt.datetime
    period = Period("", day(2026, 1, 1), day(2027, 1, 1), day(2026, 1, 1), day(2027, 1, 1))
    [sums] = sums_of(rows_of(metric, tables, period, "", ""), ("x", "1")).values()
    assert list(sums.totals) == [8, 8]
