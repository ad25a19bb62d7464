import pytest

from cxroi.errors import StudyError
from cxroi.study.scales import make_scale


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"kind": "nps"}, ("detractor (0 to 6)", "passive (7 to 8)", "promoter (9 to 10)")),
        ({"kind": "csat"}, ("dissatisfied (1 to 2)", "neutral (3)", "satisfied (4 to 5)")),
        # 7 = very easy (A0 of the sources), and 7 = much effort: easy is 1 to 3.
        (
            {"kind": "ces", "better": "higher"},
            ("difficult (1 to 3)", "neutral (4)", "easy (5 to 7)"),
        ),
        (
            {"kind": "ces", "better": "lower"},
            ("difficult (5 to 7)", "neutral (4)", "easy (1 to 3)"),
        ),
        (
            {"kind": "ces", "better": "lower", "maximum": 5},
            ("difficult (4 to 5)", "neutral (3)", "easy (1 to 2)"),
        ),
        (
            {"kind": "custom", "minimum": 0, "maximum": 1, "cuts": [0.2, 0.6]},
            ("group 1 (0 to under 0.2)", "group 2 (0.2 to under 0.6)", "group 3 (0.6 to 1)"),
        ),
        (
            {"kind": "custom", "minimum": 0, "maximum": 9, "quantiles": 3},
            ("worst third", "middle third", "best third"),
        ),
        ({"kind": "nps", "quantiles": 2}, ("worse half", "better half")),
        ({"kind": "nps", "cuts": [9]}, ("group 1 (0 to 8)", "group 2 (9 to 10)")),
        (
            {"kind": "nps", "minimum": 1},
            ("detractor (1 to 6)", "passive (7 to 8)", "promoter (9 to 10)"),
        ),
        ({"answers": {"good": 1, "bad": 0}}, ("bad (0)", "good (1)")),
        ({"answers": {"good": 1, "bad": 0.5}}, ("bad (0.5 to under 1)", "good (1)")),
        ({"answers": {"up": 1, "down": 2}, "better": "lower"}, ("down (2)", "up (1)")),
        ({"kind": "csat", "minimum": 0, "maximum": 1}, ("dissatisfied (0)", "satisfied (1)")),
        (
            {"kind": "ces", "minimum": 1, "maximum": 2, "better": "lower"},
            ("difficult (2)", "easy (1)"),
        ),
        (
            {"kind": "custom", "minimum": 0, "maximum": 1, "cuts": [1], "labels": ["no", "yes"]},
            ("no (0)", "yes (1)"),
        ),
        # The mean of several answers may lie between: it has not reached 9 at 8.5.
        (
            {"kind": "nps", "several": "mean"},
            ("detractor (0 to under 7)", "passive (7 to under 9)", "promoter (9 to 10)"),
        ),
    ],
)
def test_groups_of_a_scale(table, expected):
    assert make_scale(table).describe() == expected


@pytest.mark.parametrize(
    ("table", "title"),
    [
        ({"kind": "nps"}, "NPS"),
        ({"kind": "csat", "metric": "Delight index"}, "Delight index"),
        ({"kind": "custom", "minimum": 0, "maximum": 9, "quantiles": 3}, "score"),
        ({"kind": "custom", "metric": "mood", "minimum": 0, "maximum": 9, "quantiles": 3}, "mood"),
    ],
)
def test_a_scale_without_a_name_is_no_kind_in_capitals(table, title):
    assert make_scale(table).title == title


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kind": "npz"}, "Did you mean 'nps'"),
        ({"kind": "nps", "maximum": 100}, "an NPS answer is 0 to 10"),
        ({"kind": "nps", "better": "lower"}, "a higher answer is better"),
        ({"kind": "ces"}, "never guessed"),
        ({"kind": "custom"}, "minimum and maximum"),
        ({"kind": "custom", "minimum": 5, "maximum": 1, "quantiles": 3}, "not below"),
        ({"kind": "custom", "minimum": 0, "maximum": 9}, "neither cuts nor quantiles"),
        ({"kind": "nps", "cuts": [9, 7]}, "cuts rise"),
        ({"kind": "nps", "cuts": []}, "2 to 5 groups"),
        ({"kind": "nps", "quantiles": 6}, "2 to 5 groups"),
        ({"kind": "nps", "minimum": 2}, "an NPS answer is 0 to 10, or 1 to 10"),
        ({"kind": "csat", "answers": {"good": 1, "bad": 0}}, "'bad' a number outside the scale"),
        ({"answers": {"Good": 1, " good": 0}}, "'Good', which it or missing holds again"),
        ({"answers": {"good": 1, "bad": 0}, "missing": ["Bad"]}, "'bad', which it or missing"),
        ({"answers": {"good": 1, " ": 0}}, "holds ' '; an answer is a word that is not blank"),
        ({"answers": {"a": 1, "b": 2, "c": 3}}, "neither cuts nor quantiles"),
        # A share of satisfied answers, 0 to 1, is no answer of two.
        ({"kind": "csat", "minimum": 0, "maximum": 1, "fractional": True}, "cuts rise"),
        ({"kind": "nps", "labels": ["a", "a", "b"]}, "labels"),
        ({"kind": "nps", "metric": " "}, "metric is empty"),
    ],
)
def test_impossible_scales_are_refused(table, words):
    with pytest.raises(StudyError, match=words):
        make_scale(table)


@pytest.mark.parametrize("label", ["d.e", " "])
def test_a_label_that_would_part_the_names_of_results_is_refused(label):
    table = {"kind": "nps", "labels": ["low", label, "high"]}
    with pytest.raises(StudyError, match="has no dot"):
        make_scale(table)
