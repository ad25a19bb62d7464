"""Masking: what names a person, an order or an account is taken out of a comment first.

Masked are e-mail addresses, links, numbers of phones, accounts, cards and orders, streets with a
number, and names where words say that one follows. A name that stands alone in a sentence cannot
be told from a word; so words that fewer than 5 customers use are never shown (`topics`).
"""

from __future__ import annotations

import re
import unicodedata

_UPPER = "".join(chr(c) for c in range(0x41, 0x530) if chr(c).isupper())
_WORD = r"[^\W\d_][\w'’.-]*"
_NAME = rf"[{_UPPER}][\w'’-]*"
_NAMES = rf"{_NAME}(?:\s+(?:d[aeo]s?\s+|de\s+la\s+|von\s+|van\s+|di\s+)?{_NAME}){{0,3}}"
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")

_PART = r"[^\s@<>(),;:]"
_EMAIL = re.compile(rf"(?<!{_PART}){_PART}+(?:\s?(?:@|\(at\)|\[at\])\s?{_PART}+)+", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.-])[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_IBAN = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{4}){2,7}(?:[ .-]?[A-Z0-9]{1,3})?\b", re.IGNORECASE
)
_PHONE = re.compile(r"[+(]{0,2}\d(?:[\s().\-–—/·_,:]{0,3}\d){6,}")
_ORDER_WORDS = (
    r"orders?|pedidos?|bestell\w*|auftrag\w*|kunden\w*|ordin[ei]|заказ\w*|narudžb\w*|comand\w*|"
    r"invoice|fatura|rechnung\w*|fattura|račun\w*|factur\w*|ticket|case|protocolo|número|numero|"
    r"number|nummer|номер\w*|broj\w*|număr\w*|nr|no|nº|n°|№|n\.|id|code|código|codice|cpf"
)
_NUMBERED = re.compile(
    rf"(?<!\w)(?:{_ORDER_WORDS})(?:[\s.:;#=-]{{0,3}}(?:{_ORDER_WORDS}))?[\s.:;#=-]{{0,3}}"
    r"(?=[A-Z-]{0,4}\d)[\w/-]+",
    re.IGNORECASE,
)
_CODE = re.compile(r"#\s?\w*\d[\w-]*|(?<![\w-])(?=(?:[\w-]*\d){3})(?=[\w-]*[^\W\d])[\w-]{5,}")
_DIGITS = re.compile(r"\d{5,}|(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4}(?!\d)")

_NUMBER = r",?\s*(?:n[ºo°.]*\s*|№\s*|д\.\s*|br\.\s*|nr\.?\s*)?\d+\s?[a-z]?\b"
_STREET_FIRST = (
    r"rua|avenida|av|travessa|alameda|praça|rodovia|estrada|via|viale|corso|piazza|vicolo|calle|"
    r"avda|paseo|plaza|carrer|strada|bulevardul|bd|aleea|ulica|ul|trg|cesta|улица|ул|проспект|"
    r"просп|пр-т|переулок|пер|площадь|rue|str"
)
_ADDRESS = re.compile(
    rf"\b(?:{_STREET_FIRST})\b\.?\s+(?:[\w.'’-]+\s+){{0,4}}?[\w.'’-]+?{_NUMBER}"
    rf"|(?<![\w-])[\w-]+\s?(?:straße|strasse|str\.|weg|platz|allee|gasse|damm|ufer|straat|laan){_NUMBER}"
    r"|\b\d+\s?[a-z]?,?\s+(?:[\w'’-]+\s+){1,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|square)\b\.?",
    re.IGNORECASE,
)

_TITLES = (
    r"herrn?|mr|mrs|ms|sr|sra|srta|senhora?|señora|señor|señorita|sig|sig\.ra|signor[ae]?|dott|"
    r"dl|dna|domnul|doamna|gosp|gospodin|gospođa|gđa|господин|госпожа|г-н|г-жа|dr|prof|monsieur|"
    r"madame"
)
_INTRODUCED = (
    r"my\s+name\s+is|my\s+name['’]s|mein\s+name\s+ist|ich\s+hei(?:ß|ss)e|meu\s+nome\s+[ée]|"
    r"me\s+chamo|mi\s+chiamo|il\s+mio\s+nome\s+[èe]|меня\s+зовут|мо[её]\s+имя|zovem\s+se|"
    r"moje\s+ime\s+je|m[ăa]\s+numesc|m[ăa]\s+cheam[ăa]|numele\s+meu\s+(?:este|e)|me\s+llamo|"
    r"mi\s+nombre\s+es|je\s+m['’]appelle|signed|assinado|gezeichnet"
)
_JOINS = r"(?:and|und|e|ed|y|i|и|și|si|et|ich|eu|io|yo|я|ja)\b"
# Greetings, at the beginning of a sentence; farewells; and words that a name follows at once.
_GREETINGS = (
    r"hello|hi|hey|dear|hallo|guten\s+tag|liebe[rs]?|sehr\s+geehrte[rs]?|olá|oi|bom\s+dia|"
    r"boa\s+tarde|prezad[oa]s?|car[oa]|ciao|buongiorno|gentile|hola|buenos\s+días|estimad[oa]|"
    r"привет|здравствуйте|добрый\s+день|уважаем\w+|bok|dobar\s+dan|poštovan[aie]|drag[aăi]|"
    r"bună(?:\s+ziua)?|salut|stimat[eă]|bonjour"
)
_FAREWELLS = (
    r"(?:best\s+|kind\s+)?regards|sincerely|cheers|mit\s+freundlichen\s+grüßen|grüße|gruß|"
    r"atenciosamente|abraços?|att|saudações|(?:cordiali|distinti)\s+saluti|saluti|saludos|"
    r"atentamente|с\s+уважением|lijep\s+pozdrav|pozdrav|srdačno|cu\s+stimă"
)
_BEFORE = (
    r"frau|fräulein|dona|don|doña|miss|i\s+am|i['’]m|ich\s+bin|sou\s+[oa]|sono|soy|sunt|"
    r"ja\s+sam|это|atendente|vendedora?|funcion[áa]ri[oa]|mitarbeiter(?:in)?|kolleg(?:e|in)|agent|employee|"
    r"colleague|operatore|operatrice|commess[oa]|сотрудни\w+|менеджер\w*|оператор\w*|djelatni\w+|"
    r"agentul|emplead[oa]|named|chamad[oa]|namens|di\s+nome|по\s+имени|imenom|pe\s+nume"
)
_AFTER_TITLE = re.compile(rf"(?<!\w)(?i:{_TITLES})\b\.?\s+(?:{_NAMES}|{_WORD})")
_AFTER_INTRODUCTION = re.compile(
    rf"(?<!\w)(?i:{_INTRODUCED})[\s:,]+(?:{_NAMES}|{_WORD})(?:\s+(?!(?i:{_JOINS}))[^\W\d_]{{2,}}\b)?"
)
_AFTER_GREETING = re.compile(
    rf"(?:^|(?<=[.!?\n])|(?<=[.!?\n]\s))(?i:{_GREETINGS})[ \t,:-]+{_NAMES}"
)
_AFTER_FAREWELL = re.compile(rf"(?<!\w)(?i:{_FAREWELLS})[\s:,.!-]+{_NAMES}")
_AFTER_WORD = re.compile(rf"(?<!\w)(?i:{_BEFORE})[\s:]+{_NAMES}")
_HANDLE = re.compile(r"(?<!\w)@\w{2,}")

MASKS = {
    "[e-mail]": (_EMAIL, "@("),
    "[link]": (_LINK, "/."),
    "[name]": (_HANDLE, "@"),
}
_OF_DIGITS = (
    ("[address]", _ADDRESS),
    ("[account]", _IBAN),
    ("[number]", _CODE),
    ("[number]", _PHONE),
    ("[number]", _NUMBERED),
    ("[number]", _DIGITS),
)
_OF_NAMES = (*(_AFTER_TITLE, _AFTER_INTRODUCTION, _AFTER_GREETING, _AFTER_FAREWELL, _AFTER_WORD),)
MARK = re.compile(r"\[(?:e-mail|link|name|address|account|number)\]")


def mask(comment: str) -> str:
    """Return a comment without what names a person, an order or an account.

    Too much is masked rather than too little: a price of seven digits is a phone number.

    Returns
    -------
    str
        With ``[e-mail]``, ``[link]``, ``[number]``, ``[account]``, ``[address]`` and ``[name]``
        in place of what was there. Masking it again changes nothing.

    Examples
    --------
    >>> mask("My name is Anna Smith, order 4711, call +49 170 1234567 or anna@example.org")
    '[name], [number], call [number] or [e-mail]'
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", comment))
    for mark, (pattern, signs) in MASKS.items():
        if any(sign in text for sign in signs):
            text = pattern.sub(mark, text)
    if any(letter.isdigit() for letter in text):
        for mark, pattern in _OF_DIGITS:
            text = pattern.sub(mark, text)
    for pattern in _OF_NAMES:
        text = pattern.sub("[name]", text)
    return text
