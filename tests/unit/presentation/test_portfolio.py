"""Sentences and the table of a portfolio, for figures that are known by hand."""

import numpy as np
from priced_sets import FOUR, NAMES, TEN, priced

from cxroi.levers.portfolio import portfolio
from cxroi.presentation.portfolio import in_words, ranked


def shown(overlap=8.0, **options):
    return portfolio(NAMES, priced(FOUR, TEN, {("a", "b"): overlap}), currency="EUR", **options)


def test_the_choice_is_said_with_its_cost_its_chance_and_what_waiting_is_worth():
    said = str(in_words(shown()))
    assert "'Reply within a day' is expected to earn most" in said
    assert "in 25 % of the simulations, and in 25 % no lever pays" in said
    assert "The best set of levers is 'Reply within a day' and 'Train the team': expected" in said
    assert "EUR 8 (90 % interval EUR -6 to EUR 21) net at a cost of EUR 20" in said
    assert "the chance that it pays is 1 in 2. That is too little to say that it pays." in said
    assert "To wait until all is known would be worth EUR 8.25 at most" in said
    assert "counted once" not in said  # what is chosen does not overlap


def test_overlap_a_budget_and_nothing_to_do_are_said():
    said = str(in_words(shown(1.0, budget=20.0)))
    assert "is 'Reply within a day' and 'Deliver in time' with at most EUR 20 to spend" in said
    assert "Each by itself adds up to EUR 1 more: whom several" in said
    none = portfolio(NAMES, priced(FOUR, dict.fromkeys(FOUR, 100.0)), currency="EUR")
    said = str(in_words(none))
    assert "No lever is shown to earn more than it costs: do none of them." in said
    assert said.endswith("do none of them.")


def test_the_table_has_a_row_a_lever():
    table = ranked(shown(shown=["a", "b"])).frame
    assert table["lever"].tolist() == list(NAMES.values())
    assert table["net value"].tolist() == ["EUR 7.50", "EUR 5.50", "EUR 0.50"]
    assert table["chance to be the best"].tolist() == ["25 %", "25 %", "25 %"]
    assert table["in the best set"].tolist() == ["yes", "no", "no: not shown to move anybody"]


def test_one_lever_that_is_certain_is_not_said_to_be_the_best_of_several():
    sure = {"a": np.full(4, 30.0)}
    said = str(in_words(portfolio({"a": "Reply <b>"}, priced(sure, TEN), currency="EUR")))
    assert said.startswith("The best choice is 'Reply <b>': expected to earn EUR 20")
    assert "is expected to earn most" not in said
    assert "the chance that it pays is over 99 in 100. The choice is the same" in said
