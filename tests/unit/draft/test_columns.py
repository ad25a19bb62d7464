"""What cells look like, and the scale that answers seem to be of."""

import tomllib

import pytest

from cxroi.draft.facts import facts
from cxroi.draft.roles import could_be_score
from cxroi.draft.scales import guess_scale
from cxroi.draft.text import Line, Section, write
from cxroi.draft.words import plain

DATES = [
    (["2026-01-30 00:49:38 -0400", "2026-02-01"], "ymd", ""),
    (["30.01.2026", "01.02.2026"], "dmy", ""),
    (["01/30/2026 10:00", "02/01/2026 11:00"], "mdy", ""),
    (["03.02.2026 10:00", "01.02.2026 11:00"], "dmy", "%d.%m.%Y %H:%M"),
    (["03/02/2026", "01/02/2026"], "either", "%d/%m/%Y"),
    (["30/01/26", "01/02/26"], "dmy", "%d/%m/%y"),
    (["45000", "45001"], "excel", "excel"),
    (["1767225600", "1767225700"], "epoch", "epoch"),
    (["1767225600000", "1767225700123"], "epoch", "epoch"),
    (["01/30/26 10:00 PM", "02/01/26 11:00 AM"], "mdy", "%m/%d/%y %I:%M %p"),
    (["30.01.26 10:00 +0200", "01.02.26 11:00 +0200"], "dmy", "%d.%m.%y %H:%M %z"),
]


@pytest.mark.parametrize(("cells", "order", "declared"), DATES)
def test_dates_are_known_however_written(cells, order, declared):
    column = facts("ordered_date", "c0", [*cells * 30, None])
    assert (column.kind, column.order, column.date_format) == ("date", order, declared)


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        (["2026-01-30", "active", "active"], ("active",)),
        (["30.01.2026", "-", "aktiv"], ("aktiv", "-")),
        (["2026-01-30", "9999-12-31", "9999-12-31"], ("9999-12-31",)),
        (["2026-01-30", "null", ""], ()),  # which are read as blanks by themselves
    ],
)
def test_what_stands_for_no_date_is_found(cells, missing):
    column = facts("cancelled_at", "c0", cells * 20)
    assert (column.kind, column.missing) == ("date", missing)
    assert column.held == 20


@pytest.mark.parametrize("cells", [["2026-01-30", "soon", "later", "never", "now"], ["?", "maybe"]])
def test_words_beside_a_few_dates_are_texts(cells):
    assert facts("cancelled_at", "c0", cells * 20).kind == "text"


@pytest.mark.parametrize(
    ("cells", "low", "high", "decimal"),
    [
        (["1.234,50", "0,99"], 0.99, 1234.5, ","),
        (["1,234.50", "0.99"], 0.99, 1234.5, ""),
        (["€ 12,00", "7,50 €"], 7.5, 12.0, ","),
        (["$12.00", "(3.00)"], 3.0, 12.0, ""),
    ],
)
def test_numbers_are_known_however_written(cells, low, high, decimal):
    column = facts("amount", "c0", cells)
    assert (column.kind, column.low, column.high, column.decimal) == ("number", low, high, decimal)


@pytest.mark.parametrize("cells", [["00123", "00456"], ["C1", "C2"], ["12 Main Street", "3 Lane"]])
def test_what_only_looks_like_a_number_is_a_text(cells):
    assert facts("id", "c0", cells).kind == "text"


SCALES = [
    ("NPS", range(11), {"kind": "nps"}),
    ("NETPRO", [*range(11)] * 10 + [11], {"kind": "nps", "missing": [11]}),
    ("How likely are you to recommend us?", range(1, 11), {"kind": "nps"}),
    ("Zufriedenheit", range(1, 6), {"kind": "csat", "minimum": 1, "maximum": 5}),
    ("rating", [*range(1, 8)] * 20 + [99], {"kind": "csat", "minimum": 1, "maximum": 7}),
    ("satisfaction", range(1, 11), {"kind": "csat", "minimum": 1, "maximum": 10}),
    ("effort_score", range(1, 8), {"kind": "ces", "minimum": 1, "maximum": 7}),
    ("plan_rating", range(60, 97), {"kind": "custom", "maximum": 100, "quantiles": 3}),
    ("nps", ["10 - Extremely likely", "0 - Not at all likely", "7", "8"], {"kind": "nps"}),
    ("rating", ["Good", "Bad"], {"answers": {"Good": 1, "Bad": 0}}),
    ("rating", ["👍", "👎"], {"answers": {"👍": 1, "👎": 0}}),
    ("satisfied", [0, 1], {"kind": "custom", "minimum": 0, "maximum": 1}),
    ("csat", [*range(1, 5)], {"kind": "csat", "minimum": 1}),
    ("Schulnote", [*range(1, 7)], {"kind": "csat", "minimum": 1}),
]
WORDS = [
    ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
    ["sehr unzufrieden", "unzufrieden", "teils/teils", "zufrieden", "sehr zufrieden"],
    ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"],
    ["Stimme überhaupt nicht zu", "Stimme nicht zu", "weder noch", "Stimme zu", "Stimme voll zu"],
    ["🙁", "😐", "🙂"],
    ["Very unlikely", "Unlikely", "Likely", "Very likely"],
    ["Not at all happy", "Not very happy", "Happy", "Very happy"],
]


@pytest.mark.parametrize("words", WORDS)
def test_words_of_a_rating_scale_tell_their_order(words):
    column = facts("satisfaction", "c0", [*words[::-1], *words])
    found = guess_scale(column)
    assert found.keys["answers"] == {word: n for n, word in enumerate(words, 1)}
    scale = {key: value for key, value in found.keys.items() if key != "answers"}
    cuts = {"cuts": [3]} if len(words) == 4 else {}
    assert scale == {"kind": "csat", "maximum": len(words)} | cuts


def test_words_for_no_answer_are_missing():
    column = facts("rating", "c0", ["good", "offered", "bad", "good"])
    assert guess_scale(column).keys == {"answers": {"good": 1, "bad": 0}, "missing": ["offered"]}


@pytest.mark.parametrize("top", [8, 9, 10])
def test_answers_from_one_to_about_ten_are_of_either_scale(top):
    column = facts("score", "c0", [str(n % top + 1) for n in range(90)])
    assert set(guess_scale(column).decide) == {"kind"}


@pytest.mark.parametrize(
    "words",
    [
        ["Poor", "Fair", "Good", "Very good", "Excellent"],  # is excellent above very good?
        ["zufrieden", "eher zufrieden", "unzufrieden"],
        ["red", "amber", "green"],
        ["Likely", "Very likely", "Neutral"],
    ],
)
def test_words_whose_order_is_not_told_are_left_to_a_person(words):
    assert set(guess_scale(facts("satisfaction", "c0", words * 3)).decide) == {"answers"}


@pytest.mark.parametrize(("name", "answers", "keys"), SCALES)
def test_a_scale_is_guessed_from_name_and_range(name, answers, keys):
    column = facts(name, "c0", [str(answer) for answer in answers])
    assert could_be_score(column)
    found = guess_scale(column)
    assert keys.items() <= found.keys.items()
    assert ("better" in found.decide) == (keys.get("kind") == "ces" or name == "Schulnote")
    assert ("maximum" in found.decide) == (name in ("csat", "Schulnote"))
    assert ("minimum" in found.perhaps) == (name == "How likely are you to recommend us?")


def test_words_without_an_order_are_left_to_a_person():
    column = facts("satisfaction", "c0", ["Rather happy", "Not so happy"] * 4)
    assert guess_scale(column).decide == {
        "answers": "a number for each, such as {good = 1}: Rather happy, Not so happy"
    }


@pytest.mark.parametrize("name", ["Q1_NPS_GROUP", "response_count", "customer_id", "comment"])
def test_what_is_no_score(name):
    assert not could_be_score(facts(name, "c0", [str(n % 5) for n in range(50)]))


def test_a_header_is_compared_in_small_letters_without_umlauts():
    assert plain(" Kündigungs-Datum ") == "kuendigungs_datum"
    assert plain("CloseDate") == "close_date"


def test_what_is_written_is_toml():
    names = 'a "quoted" name', "back\\slash", "tab\tand\nline", "\x7f", "Umsatz in €"
    lines = [Line("attributes", list(names), "a\nground"), Line("off", 1, off=True)]
    lines.append(Line("drop", {names[0]: ["#1", True, 2.5]}))
    text = write([Section("tables.customers", tuple(lines), ("A note.",))], ["Opening"])
    held = tomllib.loads(text)["tables"]["customers"]
    assert held == {"attributes": list(names), "drop": {names[0]: ["#1", True, 2.5]}}
