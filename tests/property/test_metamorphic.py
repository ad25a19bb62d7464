"""What must not move any figure: the order of rows, names, the currency, weights' scale, repeats.

Every figure of the analysis and of its checks is held against that of the same study told in
another way.
"""

import re

import numpy as np
import pandas as pd
import pytest
from panels import customers

import cxroi as cx
from cxroi.checks.run import run_checks
from cxroi.simulate.simulate import simulate

TOLERANCE = 1e-6  # of iterative fits, which stop at slightly different places
RATE = 1000
FIELDS = ("estimate", "conf_low", "conf_high", "std_error")
EVENTS = ("responses", "orders", "contacts", "returns", "subscriptions", "invitations")
TABLES = ("customers", *EVENTS)

ASKED = """names = ["spend", "retained", "contacts", "returns"]
matters = {spend = 10.0, retained = 0.02, contacts = 0.05, returns = 0.02}"""
FLAT = """
[study]
name = "Flat"
currency = "EUR"
[tables.customers]
path = "customers.csv"
customer = "id"
score = "score"
weight = "weight"
attributes = ["tenure", "region"]
[outcomes.columns.spend]
column = "spend"
kind = "amount"
unit = "EUR"
[outcomes.columns.stays]
column = "stays"
kind = "yes_no"
yes = [1]
no = [0]
[scale]
kind = "nps"
[controls]
columns = ["tenure", "region"]
[windows]
outcome_days = 90
[scenario]
from = "passive"
to = "promoter"
share_moved = [0.05, 0.1, 0.2]
cost_per_moved = 5.0
gross_margin = 0.4
causal_share = [0.3, 0.5, 0.8]
horizon_months = 3
"""


def figures(study):
    """Return every figure of a study by its name, and what its verdicts and checks say."""
    analysis = cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(study))))
    checks = run_checks(analysis)
    found = {e.name: e for e in (*analysis.estimates, *checks.estimates)}
    said = {verdict.outcome: verdict.kind for verdict in analysis.verdicts}
    said |= {f"{c.name} {c.outcome}": (c.verdict, c.sentence) for c in checks.checks}
    return found, said


def unequal(first, second, rate=1, tolerance=TOLERANCE):
    """Name each figure that differs; amounts of money are expected `rate` times as large.

    Differences are measured against the largest of the estimate and its interval, so that the
    end of an interval that happens to lie near zero asks for no more digits than the other.
    """
    assert list(first) == list(second)
    wrong = []
    for name, one in first.items():
        other, factor = second[name], rate if one.unit.startswith("EUR") else 1
        sizes = [abs(getattr(one, key)) for key in FIELDS if getattr(one, key) is not None]
        for key in FIELDS:
            a, b = getattr(one, key), getattr(other, key)
            same = a == b if a is None or b is None else None
            if same is None:
                same = abs(b - a * factor) <= tolerance * factor * max(sizes)
            if not same:
                wrong.append(f"{name} {key}: {a} {b}")
        if one.n != other.n:
            wrong.append(f"{name} n: {one.n} {other.n}")
    return wrong


def told_again(company, folder, change):
    """Write a company's tables once more, each changed by `change(table, frame)`."""
    for table in TABLES:
        frame = pd.read_csv(company / f"{table}.csv", dtype=str, keep_default_na=False)
        change(table, frame).to_csv(folder / f"{table}.csv", index=False)
    text = (company / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def shuffled(table, frame):
    return frame.sample(frac=1, random_state=len(table))


def twice(*tables):
    """Return a change that says every row of some tables twice, word for word."""

    def change(table, frame):
        return pd.concat([frame, frame]) if table in tables else frame

    return change


def told_of(company, folder, table):
    """Return the warnings of the ledger when a table is told twice; there are none otherwise."""

    def warnings(study):
        ledger = cx.build_panel(cx.read_tables(cx.load_study(study))).ledger.tidy()
        return list(
            ledger.loc[(ledger["table"] == table) & (ledger["action"] == "warning"), "reason"]
        )

    assert warnings(company / "study.toml") == []
    return warnings(told_again(company, folder, twice(table)))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("told") / "once"
    study = simulate(folder, 3000, 3, "causal", file_format="csv", scenario_ranges=True)
    text = study.read_text(encoding="utf-8")  # fewer outcomes, for speed
    study.write_text(re.sub(r"matters = .*", ASKED, text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def once(company):
    found, said = figures(company / "study.toml")
    assert {"score.nps", "contrast.spend.within", "roi.ratio", "check.leakage.spend"} <= set(found)
    assert {"roi.ratio.response_weighted", "nonresponse.response_rate"} <= set(found)
    return found, said


@pytest.fixture(scope="module")
def dearer(company, tmp_path_factory):
    """Return the figures of the company in a currency of which it takes a thousand."""

    def paid(table, frame):
        if "amount" in frame:
            frame["amount"] = (frame["amount"].astype(float) * RATE).map("{:.0f}".format)
        return frame

    study = told_again(company, tmp_path_factory.mktemp("dearer"), paid)
    text, found = re.subn(
        r"\b(spend|cost_\w+|fixed_cost) = ([\d.]+)",
        lambda m: f"{m[1]} = {float(m[2]) * RATE}",
        study.read_text(encoding="utf-8"),
    )
    assert found == 5
    study.write_text(text, encoding="utf-8")
    return figures(study)


def test_the_order_of_rows_moves_nothing(company, once, tmp_path):
    again = figures(told_again(company, tmp_path, shuffled))
    assert unequal(once[0], again[0]) == []
    assert again[1] == once[1]


def test_names_of_customers_and_orders_move_nothing(company, once, tmp_path):
    rng = np.random.default_rng(8)
    names = {}
    for table, column in (("customers", "customer_id"), ("orders", "order_id")):
        ids = pd.read_csv(company / f"{table}.csv", dtype=str)[column].unique()
        names[column] = dict(zip(ids, rng.permutation(ids), strict=True))

    def renamed(table, frame):
        for column in {"customer_id", "order_id"} & set(frame):
            frame[column] = frame[column].map(names[column])
        return frame

    again = figures(told_again(company, tmp_path, renamed))
    assert unequal(once[0], again[0]) == []
    assert again[1] == once[1]


def test_answers_spells_and_invitations_told_twice_count_once(company, once, tmp_path):
    """Of the answers of a wave one counts, spells that overlap are one, so are invitations."""
    again = figures(
        told_again(company, tmp_path, twice("responses", "subscriptions", "invitations"))
    )
    rows = [found[0]["funnel.rows"].estimate for found in (once, again)]
    assert rows[1] == 2 * rows[0]  # the one figure that is of rows
    first, second = (
        {name: e for name, e in found[0].items() if name != "funnel.rows"}
        for found in (once, again)
    )
    assert unequal(first, second) == []
    assert again[1] == once[1]


def test_customers_told_twice_are_refused(company, tmp_path):
    study = told_again(company, tmp_path, twice("customers"))
    with pytest.raises(cx.CxroiError, match="3,000 repeat another row"):
        cx.read_tables(cx.load_study(study))


def test_orders_told_twice_are_asked_about(company, tmp_path):
    """One line of an order may be like another, but hardly all of them in all orders."""
    study = told_again(company, tmp_path, twice("orders"))
    with pytest.raises(cx.CxroiError, match=r"same amount on every line .*exported twice"):
        cx.read_tables(cx.load_study(study))


@pytest.mark.parametrize("table", ["contacts", "returns"])
def test_events_told_twice_are_told_of(company, tmp_path, table):
    assert told_of(company, tmp_path, table)


def test_scores_means_and_raw_gaps_do_not_depend_on_the_currency(once, dearer):
    parts = ("score.", "share.", "mean.", "gap.", "survival.", "nonresponse.")
    plain = [n for n in once[0] if n.startswith(parts) or n.endswith(".raw")]
    plain = [n for n in plain if not n.endswith(".response_weighted")]
    assert "mean.spend.promoter" in plain
    first, second = ({name: figure[0][name] for name in plain} for figure in (once, dearer))
    assert unequal(first, second, rate=RATE) == []


def test_the_currency_moves_nothing_but_amounts(once, dearer):
    # Sums of cents that are equal may differ in the last bit, so ranks are not alike to 1e-6.
    assert unequal(once[0], dearer[0], rate=RATE, tolerance=1e-5) == []


def test_the_scale_of_survey_weights_moves_nothing(tmp_path):
    frame = customers(1200, seed=3).rename(columns=lambda c: re.sub("^attr_|_after$", "", c))
    frame = frame.rename(columns={"retained": "stays"}).assign(id=range(len(frame)))
    frame["score"] = frame["score"].replace(9.0, 10.0)  # a scale whose end nobody gave is refused
    frame["weight"] = np.random.default_rng(4).gamma(4.0, 0.25, len(frame)).round(3) + 0.1
    found = []
    for factor in (1.0, 7.3):
        folder = tmp_path / str(factor)
        folder.mkdir()
        frame.assign(weight=frame["weight"] * factor).to_csv(folder / "customers.csv", index=False)
        (folder / "study.toml").write_text(FLAT, encoding="utf-8")
        found.append(figures(folder / "study.toml"))
    once, again = found
    assert {"score.nps.weighted", "contrast.spend.adjusted.weighted", "roi.ratio"} <= set(once[0])
    weighted, plain = (once[0][f"mean.spend.promoter{end}"] for end in (".weighted", ""))
    assert weighted.estimate != pytest.approx(plain.estimate, rel=1e-4)
    assert unequal(once[0], again[0]) == []
    assert again[1] == once[1]
