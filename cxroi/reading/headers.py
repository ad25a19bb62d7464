"""What headers say, word by word."""

from __future__ import annotations

import re

_REFUND = re.compile(r"refund|erstatt|rembours|reembols|rimbors")
_DISCOUNT = re.compile(
    r"(?:^| )(?:discounts?|rabatte?|remise|descuento|sconto|korting|promotion)(?: |$)"
)

_DAYS = {
    r"days?|d|tage?n?|jours?|d[ií]as?|giorni|dagen": 1.0,
    r"weeks?|wks?|w|wochen?|semaines?|semanas?|settimane": 7.0,
    r"months?|mths?|mons?|m|monate?n?|mois|mes(?:es)?|mesi|maanden|mnd": 30.44,
    r"quarters?|quartale?n?|trimestres?": 91.31,
    r"years?|yrs?|y|jahre?n?|ans?|ann[ée]es?|años?|anni|anno": 365.25,
}
_TRANSFORMED = re.compile(
    r"(?:^| )(?:log|log10|log1p|log2|ln|sqrt|z ?scores?|standardi[sz]ed|normali[sz]ed|scaled|"
    r"rank|ranking|rang|decil\w*|dezil\w*|quintil\w*|quartil\w*|percentil\w*|perzentil\w*|"
    r"quantil\w*|ntile|bins?|bucket|tier)(?: |$)"
)
_RUNNING = re.compile(
    r"(?:^| )(?:total spen[dt]|lifetime|life time|ltv|clv|clt?v|cumul\w*|kumul\w*|cum|running|"
    r"ytd|mtd|qtd|year to date|to date|balance|saldo|solde|kontostand|bakiye|остаток|余额|残高|"
    r"累計|累计|누적)(?: |$)"
)
# Words of a header of money that say nothing of what it is, and those of what no customer pays for
# an order: a header of nothing else is told of.
_PLAIN = re.compile(
    r"amount|amt|total|value|sum|gross|net|line|item|order|in|of|per|betrag|summe|montant|importe|"
    r"importo|valor|wert|eur|usd|gbp|chf|sek|nok|dkk|pln|jpy|cny|inr|brl"
)
_NO_PRICE = re.compile(
    r"points?|punkte|puntos|punti|margins?|marge|margen|margine|profit|gewinn|bénéfice|beneficio|"
    r"discounts?|rabatte?|remise|descuento|sconto|tax|taxes|vat|gst|mwst|ust|steuer|tva|iva|"
    r"qty|quantity|menge|anzahl|quantité|cantidad|cogs|tips?|shipping|freight|postage|versand|"
    r"versandkosten|weight|units|pieces|stück|commission|provision|refunds?|refunded"
)
_CHANGED = (
    r"updated|update|modified|changed|synced|loaded|imported|exported|extracted|ingested|inserted|"
    r"snapshot|geändert|aktualisiert|änderungsdatum|modifié|modification|actualizado|modificado|"
    r"aggiornato|gewijzigd"
)
# Role -> its date, words of other moments, and words of its own, beside which those say nothing.
MOMENTS = {
    "orders": (
        "ordered_at",
        r"shipped|shipment|shipping|ship|dispatch(?:ed)?|delivery|delivered|fulfilled|due|versand|"
        r"versendet|lieferdatum|liefertermin|fällig|fälligkeit|livraison|échéance|entrega|"
        r"vencimiento|consegna|scadenza|levering",
        r"order(?:ed)?|purchased?|bought|sold|sale|created|placed|bestellt|gekauft|commande|pedido|"
        r"ordine",
    ),
    "responses": (
        "answered_at",
        r"sent|send|invited|invitation|distributed|versendet|gesendet|envoyé|enviado|inviato",
        r"answer(?:ed)?|respon\w*|submit\w*|complet\w*|record\w*|finished|end|beantwortet|antwort",
    ),
    "contacts": (
        "opened_at",
        r"closed|solved|resolved|gelöst|geschlossen|fermé|résolu|cerrado|resuelto|chiuso|risolto",
        r"open(?:ed)?|created|start(?:ed)?|received|eröffnet",
    ),
    "returns": ("returned_at", r"ordered|purchased|bestellt", r"return\w*"),
    "subscriptions": (
        "started_at",
        r"cancell?ed|ended|renewed|billed",
        r"start\w*|began|begin|created",
    ),
}


def words_of(header: str) -> str:
    """Return the words of a header in small letters, one space between any two.

    Examples
    --------
    >>> words_of("spendAfter_12m (log)")
    'spend after 12m log'
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return " ".join(re.findall(r"[^\W_]+", apart)).casefold()


def says_refund(header: str) -> bool:
    """Whether a header tells of refunds.

    Examples
    --------
    >>> [says_refund(name) for name in ("amount_refunded", "Erstattung", "refined sugar")]
    [True, True, False]
    """
    return bool(_REFUND.search(words_of(header)))


def taken_off(header: str) -> bool:
    """Whether a header tells of money that is taken off an amount: refunds and discounts.

    Examples
    --------
    >>> [taken_off(name) for name in ("amount_refunded", "Discount Amount", "Refund policy id")]
    [True, True, False]
    """
    words = words_of(header)
    refund = says_refund(header) and re.search(r"(?:^| )(?:amount|total|value|betrag|sum)", words)
    return bool(refund or _DISCOUNT.search(words)) and not re.search(
        r"(?:^| )(?:codes?|ids?|name|reason|type|kind|at|date)(?: |$)", words
    )


def days_of(header: str) -> float:
    """Return the days that a header says its numbers are of; 0 where it says none.

    Examples
    --------
    >>> [days_of(name) for name in ("spend_90d", "Umsatz 12 Monate", "spend_2025")]
    [90.0, 365.28, 0.0]
    """
    for unit, days in _DAYS.items():
        if said := re.search(rf"(?:^| )(\d{{1,3}}) ?(?:{unit})(?: |$)", words_of(header)):
            return round(int(said[1]) * days, 2)
    return 0.0


def says_transformed(header: str) -> bool:
    """Whether a header says that its numbers are logarithms, ranks or the like."""
    return bool(_TRANSFORMED.search(words_of(header)))


def says_running(header: str) -> bool:
    """Whether a header says that its amounts are totals up to each row, or a balance.

    Examples
    --------
    >>> [says_running(name) for name in ("TotalSpent", "cum_revenue", "Saldo", "Order total")]
    [True, True, True, False]
    """
    return bool(_RUNNING.search(words_of(header)))


def no_price(header: str) -> str:
    """Return what a header says of an amount that no customer pays for an order; else nothing.

    Examples
    --------
    >>> [no_price(name) for name in ("Gross margin", "tax amount", "amount_incl_tax")]
    ['margin', 'tax', '']
    """
    words = [word for word in words_of(header).split() if not _PLAIN.fullmatch(word)]
    return " ".join(words) if all(_NO_PRICE.fullmatch(word) for word in words) else ""


def other_moment(role: str, header: str) -> str:
    """Return the word by which a date's header is of another moment than its role's; else nothing.

    Examples
    --------
    >>> [other_moment("orders", name) for name in ("updatedAt", "shipped on", "created_at")]
    ['updated', 'shipped', '']
    """
    _, others, own = MOMENTS[role]
    words = words_of(header)
    said = re.search(rf"(?:^| )({_CHANGED}|{others})(?: |$)", words)
    return said[1] if said and not re.search(rf"(?:^| )(?:{own})(?: |$)", words) else ""
