"""Comments that report the outcome itself, in eight languages, and words that tell of it."""

import numpy as np
import pytest

from cxroi.voice.reports import says_so, tell_tale
from cxroi.voice.stems import stems_of


@pytest.mark.parametrize(
    "comment",
    [
        "Waited for weeks, so I cancelled.",
        "We have switched to another bank",
        "I've closed my account",
        "Ich habe deshalb den Vertrag gekündigt",
        "Bin zur Konkurrenz gewechselt",
        "Por isso cancelei",
        "Já cancelei o plano",
        "Por eso me di de baja",
        "He cancelado el contrato",
        "Ho disdetto il contratto",
        "Mi sono cancellata",
        "Я отменил подписку",
        "Расторгла договор",
        "Otkazao sam ugovor",
        "Raskinula sam ugovor",
        "Am reziliat contractul",
        "M-am dezabonat",
    ],
)
def test_who_says_that_they_left_is_found(comment):
    assert says_so(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "I have not cancelled yet",
        "The flight was cancelled",
        "I never cancelled",
        "Ich habe nicht gekündigt",
        "Não cancelei",
        "Я не отменил подписку",
        "If I cancelled, what would it cost?",
        "The staff left me alone",
    ],
)
def test_who_does_not_say_so_is_not(comment):
    assert not says_so(comment)


def test_a_word_after_which_nearly_all_were_lost_tells_of_the_loss():
    """25 of 25 who wrote farewell were lost: Wilson from .87; 12 of 25 of refund: no."""
    texts = ["farewell letter"] * 25 + ["refund promised"] * 25 + ["slow delivery"] * 150
    lost = np.r_[np.ones(25), np.ones(12), np.zeros(163)]
    customers = np.arange(200)
    stems = stems_of(texts, customers, "en")
    found, words = tell_tale(stems, customers, lost)
    assert set(words) == {"farewell", "letter"}
    assert found.tolist() == [True] * 25 + [False] * 175
    mostly_lost = np.r_[lost[:50], np.ones(150)]
    assert not tell_tale(stems, customers, mostly_lost)[0].any()
    assert not tell_tale(stems, np.zeros(200, dtype=int), lost)[0].any()  # one customer alone
