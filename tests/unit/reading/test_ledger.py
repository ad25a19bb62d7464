from cxroi.reading.ledger import Ledger


def test_rows_read_equal_rows_set_aside_plus_rows_used():
    ledger = Ledger().add("orders", "read", 10, "file").add("orders", "set aside", 3, "blank")
    assert ledger.unaccounted("orders") == 7
    ledger = ledger.add("orders", "used", 7, "panel")
    assert ledger.unaccounted("orders") == 0


def test_what_happened_to_no_row_is_not_entered_but_reading_and_using_are():
    ledger = Ledger().add("a", "repaired", 0, "x").add("a", "read", 0, "y").add("a", "used", 0, "z")
    assert [entry.action for entry in ledger.entries] == ["read", "used"]


def test_adding_leaves_the_ledger_as_it_was():
    before = Ledger()
    before.add("a", "read", 1, "x")
    assert before.entries == ()


def test_warnings_are_sentences():
    ledger = Ledger().add("a", "warning", 2, "Two of something.").add("a", "read", 9, "file")
    assert ledger.warnings == ("Two of something.",)
