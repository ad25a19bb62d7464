"""Cases from the field about orders and money, end to end, with values worked out by pandas."""

from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import CxroiError

CASES = Path(__file__).parents[3] / "shared" / "field-cases"
DAYS = pd.Timedelta("90D")


def study_of(case: str, name: str = "study.toml") -> Path:
    """Return the study file of a case, or skip where it is not there."""
    path = CASES / case / name
    if not path.exists():
        pytest.skip(f"the field case {case} is not here")
    return path


def read(study):
    return cx.read_tables(cx.load_study(study))


def in_windows(case: str, orders: pd.DataFrame) -> pd.DataFrame:
    """Join the orders to the answers; keep those of the 90 days after them."""
    answers = pd.read_csv(study_of(case, "responses.csv"), parse_dates=["answered_at"])
    joined = answers.merge(orders, on="customer_id", how="left")
    later = joined["ordered_at"] - joined["answered_at"]
    inside = (later > pd.Timedelta(0)) & (later <= DAYS)
    joined["amount"] = joined["amount"].where(inside, 0.0)
    group = pd.cut(joined["score"], [-1, 6, 8, 10], labels=["detractor", "passive", "promoter"])
    return joined.assign(group=group.astype(str))


def orders_of(case: str) -> pd.DataFrame:
    return pd.read_csv(study_of(case, "orders.csv"), parse_dates=["ordered_at"])


def test_a_refund_counts_as_no_order():
    case = "refund_counts_as_order"
    tables = read(study_of(case))
    frame = cx.build_panel(tables).frame
    joined = in_windows(case, orders_of(case))
    people = joined.groupby("response_id").agg(
        customer=("customer_id", "first"),
        group=("group", "first"),
        spend=("amount", "sum"),
        orders=("amount", lambda amounts: (amounts > 0).sum()),
    )
    assert (people["spend"] < 0).sum() > 100
    held = frame.set_index("customer").loc[people["customer"]]
    assert held["spend_after"].to_numpy() == pytest.approx(people["spend"].to_numpy())
    assert (held["orders_after"].to_numpy() == people["orders"].to_numpy()).all()
    stays = (people["orders"] > 0).to_numpy()
    assert (held["repeat_purchase_after"].to_numpy() == stays).all()
    had_bought = (held["orders_before"] > 0).to_numpy()
    assert (held["retained_after"].to_numpy()[had_bought] == stays[had_bought]).all()
    assert held["retained_after"].isna().to_numpy()[~had_bought].all()
    shares = people.assign(stay=people["orders"] > 0).groupby("group")["stay"].mean()
    # As the same customers stay where no refund is in the file.
    assert shares.round(3).to_dict() == {"detractor": 0.586, "passive": 0.696, "promoter": 0.769}
    assert any(w.startswith("117 orders have negative amounts") for w in tables.ledger.warnings)


def test_an_order_total_on_every_line_is_asked_about_and_counts_once(tmp_path):
    case = "order_total_on_every_line"
    path = study_of(case)
    with pytest.raises(CxroiError, match=r"in 1,594 of 1,594 orders of several lines"):
        read(path)
    text = path.read_text(encoding="utf-8").replace('path = "', f'path = "{path.parent}/')
    declared = tmp_path / "study.toml"
    declared.write_text(text.replace('id = "order_id"', 'id = "order_id"\nlines = "total"'))
    frame = cx.build_panel(read(declared)).frame
    joined = in_windows(case, orders_of(case).drop_duplicates("order_id"))
    people = joined.groupby("customer_id")["amount"].sum()
    held = frame.set_index("customer")["spend_after"]
    assert held.to_dict() == pytest.approx(people.loc[held.index].to_dict())
    means = frame.groupby("group", observed=True)["spend_after"].mean()
    assert means.round(1).tolist() == [35.6, 63.4, 86.6]


def test_dollar_amounts_in_a_study_in_euros_are_refused():
    with pytest.raises(CxroiError, match=r"'spend' .* says \$, .*'before' .* says €, .*says EUR"):
        read(study_of("dollar_amounts_in_a_EUR_study"))


def test_an_outcome_that_is_the_score_is_refused():
    with pytest.raises(CxroiError, match="outcome 'spend' is in column 'score', which is the sco"):
        read(study_of("outcome_is_the_score"))
