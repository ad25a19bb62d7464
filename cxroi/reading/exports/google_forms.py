"""Google Forms: ``Timestamp``, the e-mail where it is collected, and one column a question.

Layout: support.google.com/docs/answer/2917686, "View & manage form responses". The timestamp is
written in the language of the account, and its header too.
"""

from __future__ import annotations

from .export import Export

_MAIL = ("Email Address", "Username", "E-Mail-Adresse", "Nutzername", "Adresse e-mail")
_STAMPS = ("Timestamp", "Zeitstempel", "Horodateur", "Marca temporal", "Carimbo de data/hora")
EXPORTS = tuple(
    Export(
        name="Google Forms, responses",
        role="responses",
        headers=(stamp.casefold(),),
        questions=True,
        columns={"customer": _MAIL, "answered_at": (stamp,)},
    )
    for stamp in _STAMPS
)
