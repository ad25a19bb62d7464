"""Comments that report the outcome itself: "I cancelled" is no reason, but the thing explained.

A theme of such comments would foretell churn because it tells of it. They are found by what they
say, and by words after which nearly everybody was lost; they are counted, and kept out of effects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..moments.influence import wilson_interval
from ..results.estimate import CONF_LEVEL

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers
    from .stems import Stems

NEARLY_ALL = 0.8  # Wilson's lower end of the share lost, from which a word tells of the loss
FEWEST = 10  # customers who used the word
AT_MOST = 0.5  # share lost of all, above which no word can tell

_SAID = (
    # English
    r"\b(?:i|we)(?:'ve|\s+have|\s+had)?\s+(?:just\s+|already\s+|now\s+)?(?:cancel+ed|unsubscribed|"
    r"switched|terminated|quit|left\s+you|closed\s+(?:my|our|the)\s+account|ended\s+(?:my|our))",
    r"\b(?:cancel+ed|closed|terminated)\s+(?:my|our)\s+(?:account|contract|subscription|"
    r"membership|order|plan|policy)",
    # German
    r"\b(?:habe?n?\s+(?:\w+\s+){0,4}gekündigt|gekündigt\s+habe|bin\s+(?:\w+\s+){0,4}gewechselt|"
    r"(?:habe?n?\s+)?(?:\w+\s+){0,2}(?:konto|vertrag|abo)\s+(?:gekündigt|geschlossen|storniert)|"
    r"habe?n?\s+(?:\w+\s+){0,4}storniert)",
    # Portuguese
    r"\b(?:cancelei|cancelamos|já\s+cancel\w+|rescindi|encerrei|troquei\s+de\s+(?:operadora|"
    r"empresa|banco|loja)|mudei\s+(?:de|para\s+(?:outra|a\s+concorr))|fechei\s+(?:a|minha)\s+conta)",
    # Spanish
    r"\b(?:cancelé|cancelamos|he\s+cancelado|hemos\s+cancelado|me\s+di\s+de\s+baja|(?:me\s+)?he\s+"
    r"dado\s+de\s+baja|me\s+cambié|me\s+he\s+cambiado|cerré\s+(?:la|mi)\s+cuenta)",
    # Italian
    r"\b(?:ho|abbiamo)\s+(?:già\s+)?(?:disdetto|annullato|cancellato|disattivato|chiuso\s+il|"
    r"cambiato\s+(?:operatore|banca|fornitore))|\bmi\s+sono\s+(?:cancellat\w|disiscritt\w)",
    # Russian
    r"(?:^|[^\w])(?:я\s+|мы\s+)?(?:уже\s+)?(?:отменил[аи]?|расторг(?:ла?|ли)?\b|отписал(?:ся|ась)|"
    r"отказал(?:ся|ась|ись)\s+от|закрыл[аи]?\s+(?:сч[её]т|аккаунт|договор)|уш(?:[её]л|ла|ли)\s+к\s)",
    # Croatian
    r"\b(?:otkaza(?:o|la|li)\s+(?:sam|smo)|(?:sam|smo)\s+(?:\w+\s+){0,3}(?:otkaza(?:o|la|li)|"
    r"raskinu(?:o|la|li))|raskinu(?:o|la)\s+sam|preš(?:ao|la)\s+(?:sam\s+)?k\w*\s+drug\w+|"
    r"zatvori(?:o|la)\s+sam\s+račun)",
    # Romanian
    r"\b(?:am\s+(?:deja\s+)?(?:anulat|reziliat|renunțat|închis\s+contul)|m-am\s+(?:dezabonat|"
    r"mutat\s+la))",
)
_REPORTS = re.compile("|".join(f"(?:{said})" for said in _SAID))
_DENIED = re.compile(
    r"\b(?:not|never|n't|nicht|nie|não|nao|nunca|no|non|mai|не|nisam|nismo|nu|if|wenn|se|si|если|"
    r"ako|dacă)\b\W*(?:\w+\W+)?$"
)


def says_so(text: str) -> bool:
    """Return whether a comment says that its customer has left or cancelled.

    Examples
    --------
    >>> says_so("Waited for weeks, so I cancelled."), says_so("I have not cancelled yet.")
    (True, False)
    """
    low = text.lower().replace("’", "'")
    return any(not _denied(low, found) for found in _REPORTS.finditer(low))


def _denied(text: str, found: re.Match[str]) -> bool:
    before = text[max(found.start() - 20, 0) : found.start()]
    inside = re.search(r"\b(?:not|never|nicht|noch\s+nicht|nie)\b", found.group())
    return bool(_DENIED.search(before) or inside)


def tell_tale(stems: Stems, customers: Integers, lost: Floats) -> tuple[Flags, tuple[str, ...]]:
    """Return comments with a word after which nearly everybody was lost, and these words.

    Nearly everybody: of at least 10 customers who used it so many that Wilson's interval of the
    share begins at 0.8, where less than half of all were lost.

    Parameters
    ----------
    lost
        By comment: 1 lost after it, 0 not, NaN not known.
    """
    known = np.isfinite(lost)
    found = np.zeros(len(lost), dtype=bool)
    if not known.any() or lost[known].mean() > AT_MOST:
        return found, ()
    used = stems.counts.tocsc()
    words = []
    for at in range(used.shape[1]):
        rows = used.indices[used.indptr[at] : used.indptr[at + 1]]
        told = rows[known[rows]]
        people = len(np.unique(customers[told])) if len(told) >= FEWEST else 0
        share = float(lost[told].mean()) if people else 0.0
        if people >= FEWEST and wilson_interval(share, people, CONF_LEVEL)[0] >= NEARLY_ALL:
            words.append(stems.words[at])
            found[rows] = True
    return found, tuple(words)


def report_flags(texts: Sequence[str]) -> Flags:
    """Return which comments say that their customer has left or cancelled."""
    return np.array([says_so(text) for text in texts], dtype=bool)
