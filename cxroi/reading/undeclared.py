"""Columns that nobody declared, and whose headers say what bears on outcomes all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..study.declared import Study
from .headers import taken_off, words_of
from .sources.scan import Scan, is_nested

_HEADERS = {
    "currency": "currency currencycode currencyisocode isocurrency ccy cur curr curcode currcode "
    "ordercurrency transactioncurrency invoicecurrency paymentcurrency pricecurrency "
    "amountcurrency amountccy orderccy währung waehrung währungscode devise divisa moneda moeda "
    "valuta valuutta waluta měna pénznem parabirimi валюта νόμισμα 通貨 货币 币种 통화",
    "shown": "presentmentcurrency customercurrency displaycurrency",
    "status": "status state orderstatus orderstate paymentstatus paymentstate financialstatus "
    "chargestatus transactionstatus invoicestatus subscriptionstatus bestellstatus zahlungsstatus "
    "estado statut état etat étatcommande stato zustand stan situação situacao статус stav tila "
    "durum ステータス 状態 注文状態 状态 订单状态 상태",
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
    "paid_by": "paymentmethod paymenttype paymentmethodtype paymentmeans tender tendertype paidby "
    "paidwith zahlungsart zahlart zahlungsmethode zahlungsmittel bezahlart moyendepaiement "
    "modedepaiement mododepago formadepago metododepago métododepago metododipagamento "
    "formadepagamento betaalmethode betaalwijze betalningssätt betalingsmetode maksutapa",
    "quantity": "quantity qty lineitemquantity itemquantity quantityordered qtyordered "
    "orderquantity units pieces pcs menge anzahl stück stückzahl quantité quantite qté qte "
    "cantidad cant quantità quantita qta quantidade qtd qtde aantal antal ilość ilosc množství "
    "mnozstvi mennyiség määrä "
    "miktar adet количество колво 数量 个数 수량",
}
_TELLS = {header: what for what, headers in _HEADERS.items() for header in headers.split()}
# Headers that tell of the rows of any events: taken away, or another version of one.
_OF_ROWS = {
    "flag": "deleted isdeleted fivetrandeleted sdcdeleted deletedflag softdeleted removed "
    "isremoved duplicate isduplicate gelöscht geloescht supprimé eliminado excluido excluído "
    "eliminato verwijderd usunięty borttagen удалён удален 削除フラグ 已删除",
    "done": "current iscurrent currentflag latest islatest fivetranactive iswon won",
    "undone": "deletedat deletedon deleteddate deletiondate datedeleted removedat sdcdeletedat "
    "löschdatum gelöschtam supprimele fechaeliminacion",
    "change": "op operation operationtype cdcop cdcoperation changetype rowkind sdcoperation",
}
# Headers of the number of an order, a contact or a return, which several rows may share.
_NUMBERS = {
    "orders": "order orderid orderno ordernumber ordernr ordernum orderref orderreference orderkey "
    "salesorder salesorderid salesorderno invoice invoiceid invoiceno invoicenumber invoicenr bill "
    "billno billnumber receipt receiptid receiptno receiptnumber transaction transactionid "
    "transactionno documentno documentnumber docno basketid cartid checkoutid bookingid bookingno "
    "bookingreference reservationid beleg belegnummer belegnr rechnungsnummer rechnungsnr "
    "auftragsnummer auftragsnr bestellnummer bestellnr bonnummer bonnr vorgangsnummer commande "
    "numcommande nocommande numérocommande numérodecommande numerocommande idcommande facture "
    "nofacture numérofacture pedido idpedido numeropedido númerodepedido nfactura factura "
    "numerofactura ordine numeroordine idordine fattura numerofattura ordernummer factuurnummer "
    "bestelnummer ordrenummer fakturanummer tilausnumero nrzamówienia numerzamówienia nrzamowienia "
    "pspreference paymentid paymentreference chargeid merchantreference paymentintent "
    "номерзаказа заказ 注文番号 注文id 订单号 订单编号 주문번호",
    "contacts": "ticket ticketid ticketno ticketnumber ticketnr case caseid caseno casenumber "
    "conversation conversationid issue issueid issuekey request requestid incident incidentid "
    "incidentnumber callid thread threadid chatid vorgang vorgangsnummer vorgangsnr fallnummer "
    "fallnr ticketnummer anfragenummer dossier numérodossier nodossier numticket caso numerocaso "
    "zaaknummer ärendenummer nrzgłoszenia номеробращения тикет チケット番号 工单号 문의번호",
    "returns": "return returnid returnno returnnumber rma rmaid rmano rmanumber retourennummer "
    "retourennr",
}
# Headers of what a row is about where several rows are about one thing.
_OF_KINDS = {
    "orders": "measure measurename metric metricname kpi kennzahl indicator indicador indicateur "
    "scenario szenario version datatype valuetype amounttype betragsart event eventname "
    "eventtype eventaction action rowtype entry activity",
    "responses": "question questionid questiontext questionname questiontype questioncode "
    "surveyname survey surveyid surveytitle umfrage "
    "q qid metric metricname measure kpi scoretype ratingtype surveytype frage frageid pregunta "
    "idpregunta domanda vraag pergunta fråga pytanie вопрос 設問 質問 问题 문항",
}
_TESTERS = (
    "test istest testaccount istestaccount testuser istestuser testkunde internal isinternal "
    "internaluser isemployee employee staff isstaff bot isbot demo isdemo demoaccount mitarbeiter"
)
# Roles whose rows may be none, such as spam, and headers that tell of it there alone.
MAY_BE_NONE = ("contacts", "responses", "invitations", "returns", "subscriptions")
_OF_NONE = {
    "status": "ticketstatus ticketstate casestatus conversationstatus conversationstate "
    "requeststatus disposition deliverystatus invitationstatus invitestatus "
    "emailstatus sendstatus surveystatus responsestatus",
    "kind": "tickettype tag tags label labels category categorie kategorie categoría resolution "
    "closereason folder queue",
    "flag": "spam isspam test istest istestticket merged ismerged trashed istrashed junk isjunk",
    "done": "finished isfinished complete completed iscomplete",
    "direction": "initiatedby calltype issuetype direction calldirection richtung anrufrichtung "
    "sens dirección direccion direzione richting riktning kierunek направление 方向 authorrole "
    "authortype senderrole sendertype senttype",
    "machine": "handledby handledbytype handler handlertype answeredby respondedby resolvedby "
    "solvedby agenttype assigneetype bearbeitetvon bearbeiter beantwortetvon traitépar traitepar "
    "atendidopor gestionadopor gestitoda behandelddoor hanteradav",
}
_STATUS = re.compile(
    r"status|(?:^| )(?:state|stage|stagename|dealstage|estado|stav|stan)(?: |$)|statut|durumu?\b|"
    r"статус|состояние|状态|狀態|状態|ステータス|상태|الحالة|حالة|สถานะ|trạng thái|κατάσταση|"
    r"סטטוס|स्थिति"
)
_ADDRESS = re.compile(
    r"ship|bill|address|adress|province|country|customer|client|kunde|marital|tax|inventory|stock|"
    r"subscri|delivery|liefer|versand"
)
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
    plain = [n for n, c in scan.columns.items() if n not in scan.twice and not is_nested(c.type)]
    tells = {name: _TELLS.get(_bare(name), "") or _status(name) for name in plain}
    found = {what: [n for n, told in tells.items() if told == what] for what in _HEADERS}
    decided = {name.strip() for name in (*source.keep, *source.drop)}
    parts = {n: "part" for n in found["part"] if n.strip() not in decided}
    named = {*source.columns.values(), *source.attributes}
    of_rows = _of_rows(role, [n for n in plain if n.strip() not in decided and n not in named])
    if role in MAY_BE_NONE:
        said = [] if role == "returns" else found["kind"]
        of_rows |= {n: "kind" for n in said if n.strip() not in decided}
        of_rows |= {n: "status" for n in found["status"] if n.strip() not in decided}
        return (parts if role in ("contacts", "returns", "responses") else {}) | of_rows
    amounts = [o.amount_in for o in study.outcomes if o.kind == "amount"]
    said = amounts if role == "customers" else [source.amount_in]
    looks = {kind: [n for n in plain if scan.looks.get(n) == kind] for kind in _HEADERS}
    declared = "currency" in source.columns or all(s and s == study.currency for s in said)
    currencies = found["currency"] or [*found["shown"], *looks["currency"]]
    wanted = dict.fromkeys([] if declared else currencies, "currency")
    if role == "customers":
        return of_rows | (wanted if holds_amounts(study, role) else {})
    if role == "orders":
        for what in ("sides", "kind"):
            wanted |= {n: what for n in looks[what] if n.strip() not in decided}
        for what in ("status", "kind", "flag", "done", "undone", "sides", "paid_by"):
            wanted |= {n: what for n in found[what] if n.strip() not in decided}
        if _of_one(source.columns["amount"]) and not {"quantity"} & set(source.columns):
            wanted |= dict.fromkeys(found["quantity"], "quantity")
        wanted |= {n: "less" for n in plain if taken_off(n) and n not in named}
        numbered = "id" in source.columns
        wanted |= {n: told for n, told in of_rows.items() if not (numbered and told == "number")}
        wanted |= parts
    return wanted


def _of_rows(role: str, plain: Sequence[str]) -> dict[str, str]:
    """Return the columns that tell which rows of events are none, or are of one thing."""
    if role == "customers":
        return {name: "flag" for name in plain if _bare(name) in _TESTERS.split()}
    known = [*_OF_ROWS.items(), *({} if role == "orders" else _OF_NONE).items()]
    known += [("number", _NUMBERS.get(role, "")), ("several", _OF_KINDS.get(role, ""))]
    return {n: what for what, headers in known for n in plain if _bare(n) in headers.split()}


def _status(name: str) -> str:
    """Return ``status`` where a longer header is of one, and not of a federal state."""
    words = words_of(name)
    return "status" if _STATUS.search(words) and not _ADDRESS.search(words) else ""


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
