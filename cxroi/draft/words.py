"""Words of headers and of file names, in the languages that exports are written in.

A header is compared in small letters, its words parted by underscores: ``KundenNr.`` is
``kunden_nr``.
"""

from __future__ import annotations

import re

# Columns that say who; the better ground first. Whatever else a row may be the number of is none.
WHO = (
    r"customer_?(id|no|nr|num|number|key|code|ref|unique_id)?|cust_?(id|no|nr)"
    r"|client_?(id|no|number)?|kunden?_?(id|nr|no|nummer|kennung|schluessel)?|klant(_?nummer)?"
    r"|cliente?(_?id)?|member_?(id|no|number)?|mitglieds?_?(id|nr|nummer)?|user_?id"
    r"|(n|no|nr|num|numero|code|id|ref)_(de_|du_)?(client|cliente|customer|kunde|abonne|socio)"
    r"|subscriber_?id|guest_?id|patient_?id|external_(data_)?ref(erence)?|custom_data_1",
    r"(\w+_)?e?_?mail(_?ad+ress?e?)?|account_?(id|no|number)?|contract_?(id|no)?"
    r"|vertrags?_?(id|nr|nummer)|contact_?id|person(_?id)?|requester_?id|household(_?id)?",
    r"respondent_?id|resp_?(num|id|nr)|id|nr|contract|user|uid|username",
)
NOT_WHO = re.compile(
    r"order|bestell|invoice|rechnung|beleg|ticket|product|artikel|sku|item|session|line|review"
    r"|survey|response_?id|answer|name(?!$)|tenure|since|date|type|status|segment|city|state"
    r"|country|phone|zip|recipient_(first|last)"
)
SCORES = (
    r"nps|net_?pro(moter)?|recommend|recomend|(weiter)?empf(ehl|iehl|ohlen)|how_likely",
    r"csat|satisf|zufrieden|satisfac",
    r"\bces\b|effort|aufwand|easy|einfach",
    r"score|rating|bewertung|stars?\b|sterne|note\b|likel|calific|puntua|beurteilung",
)
NOT_SCORE = re.compile(
    r"group|gruppe|categor|kategor|(^|_)id$|comment|kommentar|why|warum|reason|grund|date|datum"
    r"|count|anzahl|credit|lead_|risk|title|message|(_|^)at$|weight|remark|improve"
)
# Columns of dates; the better ground first.
DATES = {
    "answered_at": (
        r"answer|respon[ds]|submi|complet|record|beantwort|antwort|befrag",
        r"survey|umfrage|end_?dat|review|timestamp|zeitstempel|creat",
    ),
    "ordered_at": (
        r"order|purchase|bestell|kauf|transact|pedido",
        r"sale|invoice|beleg|rechnung|paid|creat",
    ),
    "opened_at": (r"open|ticket|contact|call|eroeffn|eingang|anfrage", r"creat|angelegt"),
    "returned_at": (r"return|retour|refund|rueck",),
    "started_at": (
        r"start|begin|begonn|sign_?up|since|seit|abschluss",
        r"join|activ|creat|from|von",
    ),
    "cancelled_at": (r"cancel|churn|kuendig|gekuend|terminat", r"end|ablauf|left|lost|to$|bis$"),
    "invited_at": (r"invit|eingelad|einlad|asked", r"sent|send|versand|verschickt"),
}
ANY_DATE = r"date|datum|time|zeit|tag\b|day|creat|(_|^)(at|am)$|fecha|data"
AMOUNT = (
    r"total|amount|betrag|summe|revenue|umsatz|order_?value|bestellwert|payment_?value|gesamt",
    r"price|preis|sales|spend|spent|wert|value|netto|brutto|net|gross|importe|valor|montant",
)
NOT_AMOUNT = re.compile(
    r"tax|steuer|discount|rabatt|shipping|versand|freight|qty|quantity|menge|cost"
)
QUANTITY = re.compile(r"(\w+_)?(quantity|qty|menge|anzahl|quantite|cantidad|units?)")
ORDER_ID = re.compile(
    r"(order|bestell|invoice|rechnung|beleg|transaction|auftrags?|purchase)_?(id|no|nr|num\w*)?"
)
CURRENCY = re.compile(r"currency(_code)?|w(ae|ä)hrung|devise|moneda|moeda|(\w+_)?currency")
COMMENT = re.compile(
    r"comment|kommentar|feedback|verbatim|remark|bemerkung|freitext|open_ended|message"
)
WEIGHT = re.compile(r"(survey_|case_)?(weight|gewicht\w*)")
WAVE = re.compile(r"wave|welle|(\w+_)?year|jahr|round|(\w+_)?quarter")
PERSONAL = re.compile(
    r"name|vorname|strasse|street|address|adresse|phone|telefon|mobil|zip|plz|postal|ip_|ip$"
    r"|latitude|longitude|url|link|mail|password|token|birth|geburt|comment|kommentar|notes?$"
    r"|message|description|text|tags"
)
# What a customers table says of later, and of all time: no control, as it may follow the answer.
LATER = re.compile(
    r"total_(spent|orders)|lifetime|ltv|clv|last_|letzte|churn|cancel|kuendig|status|next_"
)
FILES = {
    "responses": r"respon[sd]|survey|answers?|umfrage|antwort|bewertung|review|nps|csat|feedback"
    r"|befragung",
    "returns": r"return|retour|rma|ruecksend",
    "invitations": r"invit|einlad",
    "subscriptions": r"subscri|contracts?|vertr|abos?\b|membership",
    "contacts": r"contacts?|tickets?|cases?|support|service|anfrage|calls?",
    "orders": r"orders?|sales|bestell|transact|purchas|umsatz|umsaetze|kaeufe|verkauf|payments?"
    r"|charges?|invoices?|deals?",
    "customers": r"customers?|kunden?|clients?|accounts?|members?|users?|people|mitglieder",
}
OUTCOMES = {  # outcome of a flat file -> what it may be, its headers
    "spend": ("amount", r"spend|spent|revenue|umsatz|amount|sales|order_?value|ausgaben|betrag"),
    "churned": ("yes_no", r"churn|cancel+ed|gekuendigt|kuendigung|(^|_)left|lost|attrit|quit"),
    "retained": ("yes_no", r"retain|retention|renew|stay|verlaenger|active|aktiv|geblieben"),
    "contacts": ("count", r"contacts?|tickets?|calls?|complaints?|anfragen"),
    "returns": ("count", r"returns?|retouren"),
    "orders": ("count", r"orders?|purchases?|bestellungen|kaeufe|visits?|besuche"),
}
_PERIOD = r"(_(year|quarter|month|jahr|quartal|monat))?"
BEFORE = re.compile(
    rf"(^|_)(before|prior|previous|prev|baseline|pre|vorher|davor|last|letztes){_PERIOD}(?=_|$)"
)
AFTER = re.compile(rf"(^|_)(after|post|next|following|danach|nachher|naechstes){_PERIOD}(?=_|$)")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})


def plain(header: str) -> str:
    """Return a header in small letters, words parted by underscores.

    Examples
    --------
    >>> plain("Kunden-Nr."), plain("CustomerID"), plain("Erwähnung am")
    ('kunden_nr', 'customer_id', 'erwaehnung_am')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.casefold().translate(_UMLAUTS)).strip("_")


def rank(header: str, patterns: tuple[str, ...], whole: bool = False) -> int:
    """Return the place of the first pattern that a header meets; -1 where it meets none."""
    test = re.fullmatch if whole else re.search
    word = plain(header)
    return next((place for place, p in enumerate(patterns) if test(p, word)), -1)
