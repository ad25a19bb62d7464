"""Columns that nobody declared, and whose headers say what bears on outcomes all the same."""

from __future__ import annotations

import re

from ..study.declared import Study
from .sources.scan import Scan, is_nested

_HEADERS = {
    "currency": "currency currencycode currencyisocode isocurrency ccy cur curr curcode currcode "
    "ordercurrency transactioncurrency invoicecurrency paymentcurrency pricecurrency "
    "amountcurrency amountccy orderccy währung waehrung währungscode devise divisa moneda moeda "
    "valuta valuutta waluta měna pénznem parabirimi валюта νόμισμα 通貨 货币 币种 통화",
    "shown": "presentmentcurrency customercurrency displaycurrency",
    "status": "status state orderstatus orderstate paymentstatus paymentstate financialstatus "
    "chargestatus transactionstatus invoicestatus subscriptionstatus bestellstatus zahlungsstatus "
    "estado statut stato situação situacao",
    "kind": "type kind ordertype transactiontype transactionkind documenttype doctype recordtype "
    "entrytype linetype invoicetype belegart vorgangsart buchungsart tipo",
    "flag": "refund refunded isrefund isrefunded return returned isreturn isreturned void voided "
    "isvoid isvoided cancelled canceled iscancelled iscanceled test istest testorder storniert "
    "retoure storno",
    "part": "shop store outlet branch market marketplace country countrycode shippingcountry "
    "billingcountry land pays país paese region channel saleschannel kanal vertriebskanal canal "
    "source sourcename platform site website storefront brand subsidiary entity warehouse filiale "
    "laden geschäft tienda negozio magasin",
    "quantity": "quantity qty lineitemquantity itemquantity units menge anzahl stück",
}
_TELLS = {header: what for what, headers in _HEADERS.items() for header in headers.split()}
_PRICE, _TOTAL = r"price|preis|prix|precio|preco|preço|prezzo|unit", r"total|sum|gesamt"


def undeclared(study: Study, role: str, scan: Scan) -> dict[str, str]:
    """Return the columns to look into: name -> what its header tells of, a key of `_HEADERS`.

    A currency that is shown to customers counts where the table names no other.
    """
    source = study.sources[role]
    amounts = [outcome for outcome in study.outcomes if outcome.kind == "amount"]
    flat = role == "customers" and not study.dated and amounts
    if role not in ("orders", "subscriptions", "contacts", "returns") and not flat:
        return {}
    plain = [n for n, c in scan.columns.items() if n not in scan.twice and not is_nested(c.type)]
    tells = {name: _TELLS.get(re.sub(r"[\W_]+", "", name).casefold(), "") for name in plain}
    found = {what: [n for n, told in tells.items() if told == what] for what in _HEADERS}
    decided = {name.strip() for name in (*source.keep, *source.drop)}
    parts = {n: "part" for n in found["part"] if n.strip() not in decided}
    if role in ("contacts", "returns"):
        return parts
    if role == "subscriptions":
        return {n: "status" for n in found["status"] if n.strip() not in decided}
    said = [o.amount_in for o in amounts] if flat else [source.amount_in]
    declared = "currency" in source.columns or all(s and s == study.currency for s in said)
    wanted = dict.fromkeys([] if declared else found["currency"] or found["shown"], "currency")
    if role == "orders":
        for what in ("status", "kind", "flag"):
            wanted |= {n: what for n in found[what] if n.strip() not in decided}
        if _of_one(source.columns["amount"]) and not {"quantity"} & set(source.columns):
            wanted |= dict.fromkeys(found["quantity"], "quantity")
        wanted |= parts
    return wanted


def _of_one(header: str) -> bool:
    """Whether a header says that the column holds the price of one."""
    word = header.casefold()
    return bool(re.search(_PRICE, word)) and not re.search(_TOTAL, word)
