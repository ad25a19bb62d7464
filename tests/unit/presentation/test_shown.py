from cxroi.errors import ModelError
from cxroi.presentation.shown import shown


def test_what_was_refused_is_said_in_place_of_being_shown():
    assert shown([1, 2], lambda found, more: found + more, [3]) == [1, 2, 3]
    assert str(shown(ModelError("too few answers", "30 of each"), len)) == (
        "Too few answers; 30 of each."
    )
