"""Words of undeclared columns by which rows are no purchase, no contact, or undone."""

from __future__ import annotations

# Words for what was taken back, in many languages, and their beginnings, which a * ends. Fares that
# are refundable and insurance against cancellation are none.
UNDONE = (
    "cancelled* canceled* cancelad* cancellato cancellata refund refunds refunded* storno "
    "storniert* stornov* abgebrochen* widerrufen* erstattet* erstattung rückerstatt* "
    "zurückerstatt* annulé* annulee annullat* annulliert* annullere* anulad* anulow* "
    "remboursé* remboursement* rimborsat* rimborso reembolsad* reembolso* devuelt* devolv* "
    "devolu* geannul* terugbetaal* makulera* återbetal* avbrut* kansellert* refusjon* peruut* "
    "peruttu* hyvitet* zwrócon* zwrot* zrušen* vrácen* отмен* аннулир* возвра* возмещ* "
    "скасован* iptal* iade* キャンセル* 取消* 取り消* 返金* 返品* 已取消* 已退* 退款* 退货* "
    "退貨* 취소* 환불* 반품* 交易关闭* 已关闭* ملغ* إلغاء* استرداد* مسترد* مرتجع* בוטל* מבוטל* "
    "הוחזר* זיכוי* रद्द* वापसी* धनवापसी* ยกเลิก* คืนเงิน* คืนสินค้า* đã_hủy* đã_huỷ* hủy* huỷ* "
    "hoàn_tiền* đã_hoàn_tiền* trả_hàng* ακυρ* επιστροφ* anulat* rambursat* returnat* törölt* "
    "visszavont* visszatérít* lemondott* отказан* otkazan* povrat* vraćen* dibatalkan batal "
    "pengembalian* dikembalikan відмін* поверн* refunderet* refundert* atšaukt* tühistat* "
    "atcelt* لغو* no_show* noshow closed_lost closedlost internal_transfer* umbuchung* "
    "add_to_cart begin_checkout "
)
# Words of papers that come before an order.
NOT_YET = (
    "quote quotation quotes estimate proforma pro_forma pro-forma proforma_invoice "
    "cost_estimate angebot* kostenvoranschlag kostenvoranschläge devis presupuesto "
    "presupuestos preventivo preventivi orçamento orçamentos cotización cotizaciones wycena "
    "anbud tarjous delivery_note lieferschein* packing_slip bon_de_livraison albarán смета 見積* "
    "报价* 견적* "
)
# Words of money that has not come, or is only reserved.
UNPAID = (
    "draft lost cancel cancelling awaiting_payment* pending_payment* payment_pending* on_hold "
    "on-hold wc-on-hold authorized authorised authorization authorisation preauth* pre-auth* "
    "ausstehend* unbezahlt* nicht_bezahlt* zahlung_ausstehend* offen pendiente* en_attente* "
    "in_attesa* aguardando* pendente* oczekuj* nieopłac* obetald* ubetalt* maksamaton "
    "не_оплач* неоплач* ожида* 未払い* 未入金* 待付款* 未付款* 미결제* 입금대기* "
)
# Words of a status under which no money changed hands, or went back.
NO_PURCHASE = f"{UNDONE}{NOT_YET}{UNPAID}" + (
    "failed failure error declined rejected void voided pending reversed expired abandoned "
    "unpaid incomplete uncaptured requires_payment_method charged_back chargeback wc-failed "
    "wc-cancelled wc-pending wc-refunded rechaz* fallid* refus* rifiut* recusad* abgelehnt* "
    "odrzucon* отклон* "
)
# Words of a kind of row by which money goes back, though its amount is above zero.
NOTES = (
    "credit_not* credit_memo* creditnot* creditmemo* gutschrift* kreditnot* kreditfaktur* "
    "avoir avoirs facture_d'avoir note_de_crédit note_de_credit nota_de_cr* nota_di_cr* "
    "nota_credit* hyvityslasku* dobropis* korekta* faktura_koryg* 赤伝* 红字* 贷记* "
)
BACK = f"{UNDONE}{NOTES}{NOT_YET}{UNPAID}" + (
    "budget budgeted forecast forecasted plan planned soll prognose prévision accreccredit "
    "withdrawal* return returns returned crn "
    "chargeback reversal void voided retoure retouren rückgabe devolución devolucion "
    "devoluciones reso resi "
)
# Those of them that say so whatever their column is called.
SAID_ANYWHERE = f"{UNDONE}{NOTES}{NOT_YET}"
# Words of a return that did not come about.
NOT_RETURNED = (
    "requested pending draft cancelled* canceled* rejected declined denied refused void voided "
    "expired storniert* abgelehnt* annulé* annulat* refus* rechaz* cancelad* rifiut* recusad* "
    "odrzucon* отклон* отмен* 取消* 취소* "
)
# Words of a contact, answer or invitation that is none, or that counts elsewhere.
NONE = (
    "spam suspended deleted trash trashed removed junk test testing duplicate* merged bounced "
    "bounce hard_bounce* soft_bounce* undelivered undeliverable not_sent suppressed blocked "
    "draft survey_preview survey_test preview disqualified screened_out auto-reply auto_reply "
    "autoreply out_of_office nicht_zugestellt unzustellbar gelöscht* geloescht* papierkorb "
    "dublette duplikat supprimé* corbeille indésirable* doublon eliminad* papelera duplicad* "
    "excluíd* lixo lixeira cestino eliminat* verwijderd* prullenbak ongewenst usunięt* kosz "
    "borttagen skräppost slettet søppel roskaposti спам удал* дубл* 迷惑メール 削除* 重複* "
    "垃圾* 已删除* 重复* 스팸 삭제* 중복* "
)
# Words of a status of purchases.
PURCHASE = (
    "paid* complete* completed* done closed shipped* partially_shipped delivered* dispatched "
    "fulfilled* partially_fulfilled succeeded success* settled* captured* processed processing "
    "approved accepted confirmed finished finalized invoiced billed sale sold won closed_won "
    "closedwon active ok picked_up collected ready* packed in_transit sent open received new "
    "placed booked checked_out checked_in wc-completed wc-processing normal regular valid "
    "partial* sentforsettle bezahlt* abgeschlossen* versendet* versandt* verschickt* "
    "geliefert* erledigt* bestätigt* payé* livré* expédi* termin* accept* confirm* pagad* pago "
    "entregad* enviad* complet* finaliz* consegnat* spedit* pagat* evaso betaald* voltooid* "
    "afgerond* verzonden* betald* levererad* skickad* slutförd* betalt* levert* leveret* "
    "sendt* afsendt* valmis toimitettu* maksettu* opłacon* zrealizowan* wysłan* dostarczon* "
    "zakończon* zaplacen* doručen* odeslán* dokončen* оплачен* доставлен* выполнен* отправлен* "
    "завершен* завершён* tamamlan* teslim* ödendi* kargoya* 完了* 発送済* 入金済* 支払済* "
    "配送済* 已完成* 已付款* 已支付* 已发货* 交易成功* 已签收* 완료* 배송* 결제완료* 구매확정* "
)
STATES = 12  # most words of a status; an address has more
# Words of two sides of an account, one of which may be money that goes back.
ALL_SIDES = (
    ("credit", "debit"),
    ("cr", "dr"),
    ("c", "d"),
    ("crédit", "débit"),
    ("crédito", "débito"),
    ("haben", "soll"),
    ("h", "s"),
    ("haber", "debe"),
    ("avere", "dare"),
    ("+", "-"),
    ("plus", "minus"),
    ("1", "-1"),
    ("positive", "negative"),
    ("invoice", "payment"),
    ("rechnung", "zahlung"),
    ("facture", "paiement"),
    ("facture", "règlement"),
    ("factura", "pago"),
    ("fatura", "pagamento"),
    ("fattura", "pagamento"),
    ("factuur", "betaling"),
    ("faktura", "betalning"),
    ("faktura", "płatność"),
    ("inflow", "outflow"),
)
# Those that say so whatever their column is called.
SIDES = tuple(pair for pair in ALL_SIDES if len(pair[0]) > 2 or pair == ("+", "-"))
# Words of another version of a row, as logs of changes hold them, and of contacts by the company.
CHANGED = "d u delete deleted update updated update_preimage update_postimage -d -u +u "
BY_US = (
    "outbound outbound_call outgoing out ausgehend* sortant* saliente* uscita in_uscita "
    "uitgaand* utgående wychodząc* исходящ* 発信 agent admin bot system staff api_outbound "
    "outbound-api outbound-dial call_out operator_initiated* agent_initiated* admin_initiated* "
    "internal intern sub-task subtask "
)
# Words of contacts that no person of the company had, and of what is paid with money that came in
# before: where the cards are sold as orders it is counted twice.
MACHINE = (
    "bot bots bot_* chatbot* chat_bot* chat-bot* voicebot* voice_bot* virtual_agent* "
    "virtual_assistant* ai ai_agent* ai_assistant* ai_bot* automation* automated automatic* "
    "automatisch* ivr self_service* self-service* selfservice* robot* machine maschine* "
    "assistant_virtuel* asistente_virtual* "
)
GIFT_CARD = (
    "gift_card* giftcard* gift-card* gift_certificate* gift_voucher* gutschein* geschenk* "
    "carte_cadeau* chèque_cadeau* tarjeta_regalo* tarjeta_de_regalo* vale_regalo* carta_regalo* "
    "buono_regalo* cadeaubon* cadeaukaart* presentkort* gavekort* lahjakortti* karta_podarunkowa* "
    "store_credit* storecredit* "
)
TRUE = "1 1.0 true t yes y x ja j oui si sí sim "
FALSE = "0 0.0 false f no n nein non não nao "
# Words of a status of subscriptions that have ended, and of those that go on.
ENDED = (
    "cancelled canceled churned expired terminated inactive ended closed lapsed "
    "incomplete_expired gekündigt* gekuendigt* beendet* inaktiv* inactiv* résili* cancelad* "
    "baja disdett* opgezegd* uppsagd* wypowiedz* расторг* отмен* 解約* 退会* 해지* 已取消* "
)
GOES_ON = "active aktiv actif activo activa attivo "
