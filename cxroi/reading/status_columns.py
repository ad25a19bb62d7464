"""What undeclared columns say of rows: a status, a kind, a flag, a quantity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from ..engine.quoting import text, texts, trimmed
from .columns.blanks import blank
from .columns.numbers import Typed
from .columns.probe import Probe
from .columns.shares import share
from .staging import Cell, Stage

Warned = Iterator[tuple[str, int, str]]

# Words for what was taken back, in many languages, and their beginnings, which a * ends. Fares that
# are refundable and insurance against cancellation are none.
_UNDONE = (
    "cancelled* canceled* cancelad* cancellato cancellata refund refunds refunded* storno "
    "storniert* stornov* abgebrochen* widerrufen* erstattet* erstattung rückerstatt* "
    "zurückerstatt* annulé* annulee annullat* annulliert* annullere* anulad* anulow* "
    "remboursé* remboursement* rimborsat* rimborso reembolsad* reembolso* devuelt* "
    "devolv* devolu* geannul* terugbetaal* makulera* återbetal* avbrut* kansellert* "
    "refusjon* peruut* peruttu* hyvitet* zwrócon* zwrot* zrušen* vrácen* отмен* аннулир* "
    "возвра* возмещ* скасован* iptal* iade* キャンセル* 取消* 取り消* 返金* 返品* "
    "已取消* 已退* 退款* 退货* 退貨* "
    "취소* 환불* 반품* "
)
# Words of a status under which no money changed hands, or went back.
_NO_PURCHASE = _UNDONE + (
    "failed failure error declined rejected void voided pending reversed expired abandoned unpaid "
    "incomplete uncaptured requires_payment_method charged_back chargeback wc-failed wc-cancelled "
    "wc-pending wc-refunded rechaz* fallid* refus* rifiut* recusad* abgelehnt* odrzucon* отклон*"
)
# Words of a kind of row by which money goes back, though its amount is above zero.
_NOTES = (
    "credit_not* credit_memo* creditnot* creditmemo* gutschrift* kreditnot* kreditfaktur* avoir "
    "avoirs facture_d'avoir note_de_crédit note_de_credit nota_de_cr* nota_di_cr* nota_credit* "
    "hyvityslasku* dobropis* korekta* faktura_koryg* 赤伝* 红字* 贷记* "
)
_BACK = f"{_UNDONE}{_NOTES}" + (
    "return returns returned crn chargeback reversal void voided retoure retouren rückgabe "
    "devolución devolucion devoluciones reso resi"
)
# Those of them that say so whatever their column is called.
SAID_ANYWHERE = f"{_UNDONE}{_NOTES}"
# Words of a return that did not come about.
_NOT_RETURNED = (
    "cancelled* canceled* rejected declined denied refused void voided expired storniert* "
    "abgelehnt* annulé* annulat* refus* rechaz* cancelad* rifiut* recusad* odrzucon* "
    "отклон* отмен* 取消* 취소* "
)
# Words of a contact, answer or invitation that is none, or that counts elsewhere.
_NONE = (
    "spam suspended deleted trash trashed removed junk test testing duplicate* merged bounced "
    "bounce hard_bounce* soft_bounce* undelivered undeliverable not_sent suppressed blocked draft "
    "survey_preview survey_test preview disqualified screened_out auto-reply auto_reply autoreply "
    "out_of_office nicht_zugestellt unzustellbar gelöscht* geloescht* papierkorb "
    "dublette duplikat supprimé* corbeille indésirable* doublon eliminad* papelera duplicad* "
    "excluíd* lixo lixeira cestino eliminat* verwijderd* prullenbak ongewenst usunięt* kosz "
    "borttagen skräppost slettet søppel roskaposti спам удал* дубл* 迷惑メール 削除* 重複* "
    "垃圾* 已删除* 重复* 스팸 삭제* 중복* "
)
# Words of two sides of an account, one of which may be money that goes back.
_SIDES = (
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
    ("inflow", "outflow"),
)
# Those that say so whatever their column is called.
SIDES = tuple(pair for pair in _SIDES if len(pair[0]) > 2 or pair == ("+", "-"))
_TRUE = "1 1.0 true t yes y x ja j oui si sí sim"
_FALSE = "0 0.0 false f no n nein non não nao"
# Words of a status of subscriptions that have ended, and of those that go on.
_ENDED = (
    "cancelled canceled churned expired terminated inactive ended closed lapsed incomplete_expired "
    "gekündigt* gekuendigt* beendet* inaktiv* inactiv* résili* cancelad* baja disdett* opgezegd* "
    "uppsagd* wypowiedz* расторг* отмен* 解約* 退会* 해지* 已取消*"
)
_GOES_ON = "active aktiv actif activo activa attivo"


def told(stage: Stage, what: str) -> list[str]:
    """Return the undeclared columns whose headers tell of something."""
    return [name for name, tells in stage.undeclared.items() if tells == what]


def warn_of_orders(stage: Stage, probe: Probe, columns: Sequence[Typed]) -> Warned:
    """Yield warnings of rows that count as orders against what an undeclared column says."""
    [amount] = [column.sql for column in columns if column.name == "amount"]
    for name in told(stage, "status"):
        yield from _counted(stage, probe, stage.cells[name], _NO_PURCHASE)
    for what, words in (("kind", _BACK), ("flag", _TRUE), ("done", _FALSE)):
        for name in told(stage, what):
            yield from _counted(stage, probe, stage.cells[name], words, f"({amount}) > 0")
    for name in told(stage, "undone"):
        yield from _dated(stage, probe, stage.cells[name], f"({amount}) > 0")
    for name in (*told(stage, "sides"), *told(stage, "kind")):
        yield from _sided(stage, probe, stage.cells[name], amount)
    yield from _quantities(stage, probe)


def warn_of_returns(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of rows that count as returns against what an undeclared status says."""
    for name in told(stage, "status"):
        yield from _counted(stage, probe, stage.cells[name], _NOT_RETURNED)


def warn_of_none(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of rows that count although an undeclared column calls them none."""
    for what, words in (("status", _NONE), ("kind", _NONE), ("flag", _TRUE)):
        for name in told(stage, what):
            yield from _counted(stage, probe, stage.cells[name], words)


def warn_of_subscriptions(
    stage: Stage, probe: Probe, columns: Sequence[Typed], until: date | None
) -> Warned:
    """Yield warnings of subscriptions whose end and undeclared status contradict one another."""
    [end] = [column.sql for column in columns if column.name == "cancelled_at"]
    for name in told(stage, "status"):
        cell = stage.cells[name]
        rows, words = _said(stage, probe, cell, _ENDED, f"({end}) IS NULL")
        if rows:
            reason = f"{rows:,} subscriptions have no end though {cell} says {_listed(words)}: "
            yield "warning", rows, reason + "they count as going on; is their end elsewhere?"
        past = f"({end}) < DATE '{until}'" if until else "false"
        rows, words = _said(stage, probe, cell, _GOES_ON, past)
        if rows:
            reason = f"{rows:,} subscriptions have ended though {cell} says {_listed(words)}: "
            yield "warning", rows, reason + "is their end the day they leave, or another?"


def _said(
    stage: Stage, probe: Probe, cell: Cell, words: str, where: str = "true"
) -> tuple[int, list[tuple[str, int]]]:
    """Return how many rows of a condition say one of some words, and which."""
    held = trimmed(f"{cell.sql}::VARCHAR")
    found = probe.connection.execute(
        f"SELECT {held} AS status, count(*) AS n FROM {stage.relation} WHERE fate = 0 AND "
        f"{says(held, words)} AND {where} "
        "GROUP BY status ORDER BY n DESC, status LIMIT 10"
    ).fetchall()
    return sum(n for _, n in found), found


def says(sql: str, words: str) -> str:
    """Return the condition that a text is one of some words, or begins with one that ends in *."""
    held = f"replace(lower({sql}), ' ', '_')"
    whole = [word for word in words.split() if not word.endswith("*")]
    begun = "|".join(word[:-1] for word in words.split() if word.endswith("*"))
    begins = f" OR regexp_matches({held}, {text(f'^(?:{begun})')})" if begun else ""
    return f"({held} IN {texts(whole or [''])}{begins})"


def _listed(words: list[tuple[str, int]]) -> str:
    return ", ".join(f"{word!r} ({n:,})" for word, n in words)


def _counted(stage: Stage, probe: Probe, cell: Cell, words: str, where: str = "true") -> Warned:
    rows, found = _said(stage, probe, cell, words, where)
    if not rows:
        return
    drop = json.dumps([word for word, _ in found], ensure_ascii=False)
    reason = (
        f"{rows:,} rows count as {stage.role} though {cell} says {_listed(found)}: to leave them "
        f"out add drop = {{{toml_key(cell.column)} = {drop}}} to [tables.{stage.role}]"
    )
    if words == _BACK:
        reason += "; to net refunds against spend write their amounts below zero"
    elif any(word.casefold().endswith("refunded") for word, _ in found):
        reason += ", without 'refunded' where refunds are rows of their own"
    yield "warning", rows, reason


def _dated(stage: Stage, probe: Probe, cell: Cell, where: str) -> Warned:
    """Yield a warning of rows that count though they hold the day on which they were undone."""
    rows, filled = probe.ask(
        "count(*)", f"count(*) FILTER (NOT {blank(cell.sql + '::VARCHAR')} AND {where})"
    )
    if filled and filled < rows:
        yield (
            "warning",
            int(filled),
            f"{filled:,} rows count as orders though {cell} is not blank: if those were undone, "
            f'leave them out with keep = {{{toml_key(cell.column)} = [""]}} in [tables.orders]',
        )


def _sided(stage: Stage, probe: Probe, cell: Cell, amount: str) -> Warned:
    """Yield a warning of two sides of an account, where no amount is below zero."""
    _, found = _said(stage, probe, cell, " ".join(word for pair in _SIDES for word in pair))
    words = {word.casefold() for word, _ in found}
    if not any(words.issuperset(pair) for pair in _SIDES) or probe.any(f"({amount}) < 0"):
        return
    drop = json.dumps([found[-1][0]], ensure_ascii=False)
    rows = sum(n for _, n in found)
    yield (
        "warning",
        rows,
        f"{cell} says {_listed(found)}, and no amount is below zero: all {rows:,} rows add to "
        "spend. If those of one word are money that goes back, write their amounts below zero, or "
        f"leave them out, as with drop = {{{toml_key(cell.column)} = {drop}}} in [tables.orders]",
    )


def _quantities(stage: Stage, probe: Probe) -> Warned:
    amount = stage.source.columns.get("amount", "")
    for name in told(stage, "quantity"):
        cell = stage.cells[name]
        rows, odd = probe.ask(
            "count(*)", f"count(*) FILTER (try_cast({cell.sql}::VARCHAR AS DOUBLE) NOT IN (0, 1))"
        )
        if odd:
            reason = (
                f"{cell} is not 1 ({share(odd, rows)}) and not read: if {amount!r} is the price "
                f"of one, add quantity = {json.dumps(name, ensure_ascii=False)} to [tables.orders]"
            )
            yield "warning", int(odd), reason


def toml_key(name: str) -> str:
    """Write a column as a key of TOML."""
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    return name if bare else json.dumps(name, ensure_ascii=False)
