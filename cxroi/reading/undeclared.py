"""Columns that nobody declared, and whose headers say what bears on outcomes all the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

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
    "estado statut stato situação situacao статус stav tila durum ステータス 状態 注文状態 状态 "
    "订单状态 상태",
    "kind": "type kind ordertype transactiontype transactionkind documenttype doctype recordtype "
    "entrytype linetype invoicetype belegart vorgangsart buchungsart tipo typ nature "
    "typededocument tipodocumento tipodedocumento",
    "flag": "refund refunded isrefund isrefunded return returned isreturn isreturned void voided "
    "isvoid isvoided cancelled canceled iscancelled iscanceled test istest testorder storniert "
    "retoure storno",
    "done": "paid ispaid bezahlt payé paye pagado pagato pago betaald captured completed succeeded "
    "successful success iscompleted isvalid confirmed isconfirmed",
    "undone": "cancelledat canceledat cancelledon canceledon cancelleddate canceleddate canceldate "
    "cancellationdate refundedat refundedon refunddate voidedat voiddate returnedat storniertam "
    "stornodatum erstattetam datedannulation annuléle fechadecancelación fechacancelacion "
    "datadiannullamento dataannullamento datadecancelamento キャンセル日 キャンセル日時",
    "sides": "dc cd drcr crdr debitcredit creditdebit debitcreditindicator creditdebitindicator "
    "cdtdbtind sollhaben sollhabenkennzeichen sh shkz shkzg sign vorzeichen signo segno signe",
    "part": "shop store outlet branch market marketplace country countrycode shippingcountry "
    "billingcountry land pays país paese region channel saleschannel kanal vertriebskanal canal "
    "source sourcename platform site website storefront brand subsidiary entity warehouse filiale "
    "laden geschäft tienda negozio magasin",
    "quantity": "quantity qty lineitemquantity itemquantity quantityordered qtyordered "
    "orderquantity units pieces pcs menge anzahl stück stückzahl quantité quantite qté qte "
    "cantidad cant quantità quantita qta quantidade qtd qtde aantal antal ilość ilosc množství "
    "mnozstvi mennyiség määrä "
    "miktar adet количество колво 数量 个数 수량",
}
_TELLS = {header: what for what, headers in _HEADERS.items() for header in headers.split()}
# Roles whose rows may be none, such as spam, and headers that tell of it there alone.
MAY_BE_NONE = ("contacts", "responses", "invitations")
_OF_NONE = {
    "status": "ticketstatus ticketstate casestatus conversationstatus conversationstate "
    "requeststatus disposition deliverystatus invitationstatus invitestatus "
    "emailstatus sendstatus surveystatus responsestatus",
    "kind": "tickettype tag tags label labels category categorie kategorie categoría resolution "
    "closereason folder queue",
    "flag": "spam isspam deleted isdeleted test istest istestticket duplicate isduplicate merged "
    "ismerged trashed istrashed junk isjunk",
}
_PRICE = (
    r"price|preis|prix|precio|preco|preço|prezzo|prijs|unit|(?<![a-z])pris(?![a-z])|cena|hinta|"
    r"fiyat|цена|単価|单价|단가"
)
_TOTAL = r"total|sum|gesamt"


def undeclared(study: Study, role: str, scan: Scan) -> dict[str, str]:
    """Return the columns to look into: name -> what its header tells of, a key of `_HEADERS`.

    A currency that is shown to customers, or that the cells alone tell of, counts where the table
    names no other.
    """
    source = study.sources[role]
    looked_into = ("subscriptions", "returns", *MAY_BE_NONE)
    if role not in looked_into and not holds_amounts(study, role):
        return {}
    plain = [n for n, c in scan.columns.items() if n not in scan.twice and not is_nested(c.type)]
    tells = {name: _TELLS.get(_bare(name), "") for name in plain}
    found = {what: [n for n, told in tells.items() if told == what] for what in _HEADERS}
    decided = {name.strip() for name in (*source.keep, *source.drop)}
    parts = {n: "part" for n in found["part"] if n.strip() not in decided}
    if role in MAY_BE_NONE:
        return (parts if role == "contacts" else {}) | _of_none(plain, found, decided)
    if role == "returns":
        return parts | {n: "status" for n in found["status"] if n.strip() not in decided}
    if role == "subscriptions":
        said = [*found["status"], *(n for n in plain if scan.looks.get(n) == "kind")]
        return {n: "status" for n in said if n.strip() not in decided}
    amounts = [o.amount_in for o in study.outcomes if o.kind == "amount"]
    said = amounts if role == "customers" else [source.amount_in]
    looks = {kind: [n for n in plain if scan.looks.get(n) == kind] for kind in _HEADERS}
    declared = "currency" in source.columns or all(s and s == study.currency for s in said)
    currencies = found["currency"] or [*found["shown"], *looks["currency"]]
    wanted = dict.fromkeys([] if declared else currencies, "currency")
    if role == "orders":
        for what in ("sides", "kind"):
            wanted |= {n: what for n in looks[what] if n.strip() not in decided}
        for what in ("status", "kind", "flag", "done", "undone", "sides"):
            wanted |= {n: what for n in found[what] if n.strip() not in decided}
        if _of_one(source.columns["amount"]) and not {"quantity"} & set(source.columns):
            wanted |= dict.fromkeys(found["quantity"], "quantity")
        wanted |= parts
    return wanted


def _of_none(
    plain: Sequence[str], found: Mapping[str, Sequence[str]], decided: Collection[str]
) -> dict[str, str]:
    """Return the columns that tell of rows that are none: a status, a kind, a flag."""
    tells = {name: what for what in ("status", "kind") for name in found[what]}
    for what, headers in _OF_NONE.items():
        tells |= {n: what for n in plain if _bare(n) in headers.split()}
    return {name: what for name, what in tells.items() if name.strip() not in decided}


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def holds_amounts(study: Study, role: str) -> bool:
    """Whether a table holds money: orders, or a flat study with an outcome in money."""
    flat = role == "customers" and not study.dated
    return role == "orders" or (flat and any(o.kind == "amount" for o in study.outcomes))


def _of_one(header: str) -> bool:
    """Whether a header says that the column holds the price of one."""
    word = header.casefold()
    return bool(re.search(_PRICE, word)) and not re.search(_TOTAL, word)
