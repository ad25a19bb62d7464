"""Currencies: what signs and codes in the cells may stand for, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

CODES = (
    "USD|EUR|GBP|JPY|CNY|CHF|CAD|AUD|NZD|BRL|MXN|INR|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|"
    "UAH|ILS|ZAR|KRW|SGD|HKD|TWD|THB|IDR|MYR|PHP|VND|AED|SAR|ARS|CLP|COP|PEN"
)
# A sign or code in a cell, as a regular expression.
SIGN = rf"(?i:\b(?:{CODES})\b)|[A-Z]{{0,3}}[$€£¥￥₹₽₩₺₪₫₱₦₴฿]|(?i:\bkr\b\.?)|zł|Kč"
_FITS = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BRL NIO JMD TTD BBD BSD BZD BMD KYD "
    "XCD FJD GYD LRD NAD SRD SBD BND CUP",
    "€": "EUR",
    "£": "GBP EGP LBP SYP SDG SSP GIP FKP SHP JEP GGP IMP",
    "¥": "JPY CNY",
    "￥": "JPY CNY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW KPW",
    "₺": "TRY",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP CUP",
    "₦": "NGN",
    "₴": "UAH",
    "฿": "THB",
    "KR": "SEK NOK DKK ISK FOK",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "US$": "USD",
    "C$": "CAD NIO",
    "CA$": "CAD",
    "CAN$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "S$": "SGD",
    "SG$": "SGD",
    "HK$": "HKD",
    "NT$": "TWD",
    "MX$": "MXN",
    "MEX$": "MXN",
    "R$": "BRL",
    "CN¥": "CNY",
    "RMB¥": "CNY",
    "JP¥": "JPY",
    "E£": "EGP",
}
LIKE_WORDS = frozenset({"TRY", "PEN", "COP", "RON"})  # words of their own
_IN_HEADERS = {*CODES.split("|"), *"$€£¥"} - LIKE_WORDS
_KNOWN = frozenset([*CODES.split("|"), *" ".join(_FITS.values()).split()])
# Currencies without a smaller unit, and with one of a thousandth, as payment services write them.
_WHOLE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"

# What a column of currencies holds, in capitals.
_RARER = "AZN BAM BDT BYN GEL GHS KES KZT LKR MAD MDL MKD MUR PKR QAR RSD UZS"
WRITTEN = _KNOWN.union(_FITS, *(codes.split() for codes in (_WHOLE, _THOUSANDTHS, _RARER)))


def minor(currency: str) -> int:
    """Return how many of the smallest unit make one: 100 cents a EUR, 1 of JPY, 1,000 of KWD.

    As payment services write amounts (Stripe, Supported currencies: zero-decimal and
    three-decimal ones; ISK and UGX are written in hundredths there).
    """
    code = currency.strip().upper()
    return 1 if code in _WHOLE.split() else 1000 if code in _THOUSANDTHS.split() else 100


def signs_of_header(header: str) -> list[str]:
    """Return the signs and codes of currencies among the words of a header.

    Examples
    --------
    >>> signs_of_header("amount_usd"), signs_of_header("Betrag (€)"), signs_of_header("retry")
    (['USD'], ['€'], [])
    """
    words = (word.upper() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[$€£¥]", header))
    return [word for word in words if word in _IN_HEADERS]


def contradict(says: Mapping[str, Collection[str]], currency: str) -> bool:
    """Whether signs and codes cannot all be of one currency, which is the study's if that is known.

    ``$`` may be of any dollar or peso, ``kr`` of any crown; but beside ``C$`` a bare ``$`` is of
    another currency, unless the study says which.

    Parameters
    ----------
    says
        Column -> the signs and codes that its cells hold, in capitals.
    currency
        What the study declares; a word that is no known code or sign says nothing.
    """
    declared = _fitting(currency.strip().upper())
    signs = {sign for held in says.values() for sign in held}
    known = [fits for sign in signs if (fits := _fitting(sign))]
    if declared:
        return any(not fits & declared for fits in known)
    return not agree(signs)


def agree(signs: Iterable[str]) -> bool:
    """Whether signs of one column may all be of one currency: one symbol, and codes it fits."""
    held = {sign.rstrip(".") for sign in signs}
    fits = [found for sign in held if (found := _fitting(sign))]
    one = frozenset.intersection(*fits) if fits else frozenset("?")
    return len(held - _KNOWN) <= 1 and bool(one)


def _fitting(sign: str) -> frozenset[str]:
    """Return the codes that a sign may stand for; none of a word that is no sign."""
    sign = sign.rstrip(".")
    if len(sign) == 3 and sign.isalpha() and sign.isascii():
        return frozenset([sign])
    fits = _FITS.get(sign) or (sign[:-1] if sign[:-1] in _KNOWN else _FITS.get(sign[-1:], ""))
    return frozenset(fits.split())
