"""Units of money: what headers say that amounts are in, and how many make one of the currency."""

from __future__ import annotations

import re

LARGE = {
    **{"thousands": 1e3, "ten_thousands": 1e4, "lakhs": 1e5, "millions": 1e6, "crores": 1e7},
    **{"hundred_millions": 1e8, "billions": 1e9},
}
UNITS = ("cents", *LARGE)
_MONEY = (
    r"(?:eur|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|rub|uah|inr|jpy|cny|cad|aud|nzd|brl|mxn|zar|"
    r"aed|sar|ils|krw|sgd|hkd|kr|euros?|dollars?|[$€£¥₹₽])"
)
# Words of a header in small letters, one space between any two. A letter alone says so beside a
# currency; `12 m` are months.
_SOUNDS = {
    "cents": r"(?<!per )(?:cents?|ct|minor|pence|pennies|centavos|rappen)",
    "thousands": r"k|thousands?|thous|thsd|000s?|tsd|tausend|milliers?|miles de|en miles|"
    rf"miles {_MONEY}|{_MONEY} miles|migliaia|milhares|duizend(?:en)?|tys|тыс|"
    rf"\w*千円|千(?!万|萬)\w*|[kt] ?{_MONEY}|{_MONEY} ?[kt]|tkr|"
    rf"(?:in |{_MONEY} )1 ?000|1 ?000 {_MONEY}",
    "ten_thousands": r"\w*(?<![百千])[万萬만](?:円|元|원)|[万萬]\w*|만원",
    "lakhs": r"lakhs?|lacs?",
    "crores": r"crores?|(?:rs|inr|₹) ?cr|\w*千[万萬]\w*",
    "hundred_millions": r"\w*[億亿억]\w*",
    "millions": r"mill?ions?|mio|mln|mn|mill|millones|milhões|milioni|miljoen(?:en)?|млн|"
    r"\w*百万\w*|"
    rf"(?<!\d )(?:mm?|mkr) ?{_MONEY}|{_MONEY} ?mm?|mkr",
    "billions": r"(?:billions?|bn|mrd|milliarden?|milliards?|mld|млрд)",
}


def unit_of(header: str) -> str:
    """Return what a header says that its amounts are in, one of `UNITS`; empty where nothing.

    Examples
    --------
    >>> [unit_of(name) for name in ("Umsatz kEUR", "amount_cents", "spend_12m", "Sales ($ m)")]
    ['thousands', 'cents', '', 'millions']
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][A-Z$€£])", " ", header)
    words = " ".join(re.findall(r"[^\W_]+|[$€£¥₹₽]", apart.casefold()))
    for unit, sounds in _SOUNDS.items():
        if re.search(rf"(?:^| )(?:{sounds})(?: |$)", words):
            return unit
    return ""
