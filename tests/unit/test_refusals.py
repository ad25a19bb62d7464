"""Refusals that are kept beside results."""

import gc
import weakref

from cxroi.errors import DataError, ModelError, Problems, attempt


class Rows:
    """What a step holds while it works."""


def test_a_refusal_that_is_kept_holds_nothing_of_the_rows_it_came_from():
    seen = []

    def refuse():
        rows = Rows()
        seen.append(weakref.ref(rows))
        try:
            raise ValueError
        except ValueError:
            raise ModelError("no fit") from None

    kept = attempt(refuse)
    gc.collect()
    assert isinstance(kept, ModelError)
    assert seen[0]() is None


def test_several_refusals_are_said_of_another_place():
    both = Problems([DataError("[scale] is odd"), DataError("a blank", fix="See [scale]")])
    told = both.about("[scale]", "[scores.csat]")
    assert [str(one) for one in told.problems] == [
        "[scores.csat] is odd.",
        "a blank. See [scores.csat].",
    ]
    assert "[scale]" not in str(told)
