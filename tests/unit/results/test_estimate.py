import json
from dataclasses import replace

import pytest

from cxroi.results.display import Table, significant, to_text
from cxroi.results.estimate import TIDY_COLUMNS, Estimate, tidy, tidy_table

SPEND = Estimate("contrast.spend", 12.34567, -1.0, 25.0, 6.6, "EUR", 420, "Welch", term="a<b> $5")


def test_tidy_has_the_declared_columns_in_order():
    table = SPEND.tidy()
    assert tuple(table.columns) == TIDY_COLUMNS
    assert table.loc[0, "estimate"] == 12.34567
    assert tidy_table([SPEND.named("x")]).loc[0, "term"] == "a<b> $5"


@pytest.mark.parametrize(
    ("p_value", "beyond"), [(None, False), (0.0, True), (0.04, True), (0.06, False)]
)
def test_chance_is_ruled_out_by_a_small_p_value_alone(p_value, beyond):
    assert replace(SPEND, p_value=p_value).beyond_chance() is beyond


def test_an_estimate_without_term_goes_by_its_name():
    bare = Estimate("score.nps", 1.0, None, None, None, "points", 3, "mean")
    assert bare.tidy().loc[0, "term"] == "score.nps"


def test_results_hold_null_where_a_figure_does_not_exist():
    broken = Estimate("m", 1.0, float("nan"), float("inf"), float("nan"), "EUR", 5, "mean")
    entry = json.loads(json.dumps(broken.as_dict(), allow_nan=False))
    assert entry == {
        **{"name": "m", "estimate": 1.0, "conf_low": None, "conf_high": None},
        **{"std_error": None, "unit": "EUR", "n": 5, "method": "mean", "note": ""},
    }


def test_html_is_escaped_and_holds_no_mathematics():
    html = SPEND._repr_html_()
    assert "a&lt;b&gt; &#36;5" in html
    assert "$" not in html


def test_text_shows_four_significant_digits_and_the_type():
    assert "12.35" in repr(SPEND)
    assert repr(SPEND).startswith("Estimate\n")
    shown = tidy([SPEND])
    assert isinstance(shown, Table)
    assert repr(shown) == to_text(SPEND.tidy())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(None, "–"), (float("nan"), "–"), (float("inf"), "∞"), (float("-inf"), "−∞")],
        *[(True, "yes"), (1234567, "1,234,567"), (0.0, "0"), (1234.56, "1,235")],
        *[(-1234.56, "-1,235"), (0.0123456, "0.01235"), (1.23456e-7, "1.2e-07"), ("a", "a")],
    ],
)
def test_significant(value, text):
    assert significant(value) == text
