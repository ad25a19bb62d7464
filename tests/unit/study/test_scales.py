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
        ({"kind": "nps", "cuts": [7]}, "3 to 5 groups"),
        ({"kind": "nps", "quantiles": 6}, "3 to 5 groups"),
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
