"""Subjects: what themes of several languages are about, so that those of one subject are one.

Themes are found without these words, which only give a theme a title in English and join it with
its like in another language. A theme of no such subject keeps the words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from .stems import Reader

if TYPE_CHECKING:
    from ..arrays import Floats

LOOKED_AT = 8  # words of a theme
LEAST = 0.2  # of their weight that is to lie on words of a subject
BROADEST = "delivery"  # where no other fits

# Name -> its title, and by language words of it; a negation belongs to the word after it.
SUBJECTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "not_arrived": (
        "Did not arrive",
        {
            "pt": "não recebi, não chegou, não entregue, não entregaram, não recebemos",
            "de": "nicht angekommen, nicht erhalten, nicht geliefert, nie angekommen, nicht da",
            "en": "not arrived, never arrived, never arrive, not received, never received, not "
            "delivered",
            "it": "non arrivato, non ricevuto, mai arrivato, non consegnato, non arrivata",
            "ru": "не пришел, не пришла, не получил, не доставили, не привезли, не пришло",
            "hr": "nije stigao, nije stigla, nisam dobio, nije dostavljen, nisam primio",
            "ro": "nu a ajuns, nu am primit, nu a sosit, nu a livrat",
            "es": "no llegó, no recibí, no llegado, nunca llegó, no entregado",
        },
    ),
    "late": (
        "Late or slow",
        {
            "pt": "atraso, atrasado, atrasou, aguardando, aguardo, demorou, demora, "
            "demorado, lento, lenta",
            "de": "Verspätung, verspätet, spät, lange, gewartet, warten, langsam, dauert, dauerte",
            "en": "late, delay, delayed, slow, wait, waited, waiting, overdue",
            "it": "ritardo, tardi, lento, lenta, attesa, aspettato, aspettare",
            "ru": "опоздание, опоздала, опоздал, задержка, долго, поздно, медленно, ждал, ожидание",
            "hr": "kašnjenje, kasni, kasnila, kasnio, prekasno, kasno, sporo, čekao, "
            "čekala, čekanje",
            "ro": "întârziere, întârziat, târziu, lent, așteptat, așteptare",
            "es": "retraso, retrasado, retrasó, tarde, lento, lenta, demora, tardó",
        },
    ),
    "fast": (
        "Fast or early",
        {
            "pt": "rápido, rápida, rapidez, antes, pontual, pontualidade, ágil",
            "de": "schnell, schnelle, pünktlich, zügig, früher, rasch",
            "en": "fast, quick, quickly, early, prompt, promptly, punctual",
            "it": "veloce, rapido, rapida, puntuale, prima, velocemente",
            "ru": "быстро, быстрый, быстрая, вовремя, оперативно",
            "hr": "brzo, brza, brz, brzina, prije",
            "ro": "rapid, rapidă, repede, punctual",
            "es": "rápido, rápida, rapidez, puntual, antes, pronto",
        },
    ),
    "faulty": (
        "Wrong, faulty or incomplete",
        {
            "pt": "errado, errada, defeito, faltando, falta, quebrado, troca, trocar, diferente, "
            "danificado, incompleto",
            "de": "falsch, falsche, defekt, kaputt, beschädigt, fehlt, fehlte, unvollständig",
            "en": "wrong, defective, broken, damaged, missing, faulty, incomplete, defect",
            "it": "sbagliato, sbagliata, difettoso, rotto, rotta, danneggiato, mancante, difetto",
            "ru": "брак, бракованный, сломан, сломанный, дефект, поврежден, неправильный",
            "hr": "pogrešan, neispravan, oštećen, pokvaren, nedostaje, greška",
            "ro": "greșit, greșită, defect, stricat, deteriorat, lipsă",
            "es": "equivocado, defectuoso, roto, rota, dañado, falta, defecto",
        },
    ),
    "quality": (
        "Quality",
        {
            "pt": "qualidade, material, acabamento",
            "de": "Qualität, Verarbeitung, Material",
            "en": "quality, material, workmanship",
            "it": "qualità, materiale, finitura",
            "ru": "качество, качественный, материал",
            "hr": "kvaliteta, kvalitetan, materijal",
            "ro": "calitate, material",
            "es": "calidad, material, acabado",
        },
    ),
    "price": (
        "Price",
        {
            "pt": "preço, caro, cara, barato, valor",
            "de": "Preis, Preise, teuer, günstig, günstiger, billiger, Kosten",
            "en": "price, prices, expensive, cheap, cheaper, cost, overpriced",
            "it": "prezzo, prezzi, caro, cara, costoso, costo",
            "ru": "цена, цены, дорого, дорогой, дешево, дешевле, стоимость",
            "hr": "cijena, cijene, skupo, skup, skupa, preskupo, jeftino, jeftinije",
            "ro": "preț, prețuri, scump, ieftin, cost",
            "es": "precio, precios, caro, cara, barato, costo",
        },
    ),
    "staff": (
        "Staff and service",
        {
            "pt": "atendimento, atendente, funcionário, educado, grosseiro, simpático, equipe, "
            "suporte",
            "de": "Mitarbeiter, Personal, Beratung, Bedienung, freundlich, unfreundlich, Team, "
            "Kundendienst",
            "en": "staff, service, friendly, rude, employee, polite, unfriendly, team, support",
            "it": "personale, servizio, gentile, scortese, cortese, impiegato, maleducato, "
            "assistenza",
            "ru": "персонал, сотрудник, обслуживание, вежливый, грубый, сотрудники, поддержка",
            "hr": "osoblje, djelatnik, usluga, ljubazan, ljubazno, neljubazan, neljubazno, podrška",
            "ro": "personal, personalul, angajat, serviciu, amabil, nepoliticos, suport",
            "es": "personal, atención, empleado, amable, grosero, servicio, soporte",
        },
    ),
    "answer": (
        "Contact and answers",
        {
            "pt": "resposta, responde, respondem, não responde, não respondem, retorno, contato, "
            "telefone",
            "de": "Antwort, antwortet, Hotline, Rückmeldung, erreichbar, nicht erreichbar, Telefon",
            "en": "answer, answered, not answered, reply, response, no response, no reply, phone, "
            "no answer, called",
            "it": "risposta, risponde, non risponde, telefono, contattare",
            "ru": "ответ, отвечает, не отвечает, не отвечают, дозвониться, телефон",
            "hr": "odgovor, odgovara, ne odgovara, telefon",
            "ro": "răspuns, răspunde, nu răspunde, telefon",
            "es": "respuesta, responde, no responde, teléfono, contesta, no contesta",
        },
    ),
    "app": (
        "Website or app",
        {
            "pt": "site, aplicativo, app, login, senha, trava",
            "de": "App, Webseite, Website, Login, Passwort, stürzt, Anmeldung",
            "en": "app, website, login, password, crash, crashes, page",
            "it": "sito, app, applicazione, accesso, password, blocca",
            "ru": "сайт, приложение, пароль, вход, вылетает",
            "hr": "aplikacija, stranica, lozinka, prijava, ruši",
            "ro": "aplicație, aplicația, site, parolă, blochează",
            "es": "aplicación, app, página, web, contraseña, bloquea",
        },
    ),
    "bill": (
        "Bill and payment",
        {
            "pt": "fatura, cobrança, cobraram, pagamento, cartão, boleto",
            "de": "Rechnung, Zahlung, abgebucht, Konto, bezahlt",
            "en": "bill, invoice, charged, payment, billing, charge",
            "it": "fattura, pagamento, addebito, addebitato, bolletta",
            "ru": "счет, счёт, оплата, списали, карта",
            "hr": "račun, plaćanje, naplatili, naplata, kartica",
            "ro": "factură, factura, plată, taxat, card",
            "es": "factura, pago, cobro, cobraron, tarjeta",
        },
    ),
    "refund": (
        "Return and refund",
        {
            "pt": "devolução, devolver, reembolso, estorno, dinheiro",
            "de": "Rückgabe, Erstattung, Rücksendung, Retoure, Geld",
            "en": "refund, return, returned, refunded, money",
            "it": "rimborso, reso, restituzione, soldi",
            "ru": "возврат, вернуть, вернули, деньги",
            "hr": "povrat, reklamacija, novac",
            "ro": "rambursare, retur, returnare, bani",
            "es": "devolución, reembolso, devolver, dinero",
        },
    ),
    "cancel": (
        "To cancel",
        {
            "pt": "cancelamento, cancelar, cancelado, desistir",
            "de": "Kündigung, kündigen, stornieren, Storno, Stornierung",
            "en": "cancel, cancellation, cancelled, terminate",
            "it": "disdetta, annullare, annullamento, cancellare",
            "ru": "отмена, отменить, расторгнуть, отказаться",
            "hr": "otkaz, otkazati, raskid, otkazivanje",
            "ro": "anulare, anula, reziliere, rezilia",
            "es": "cancelación, cancelar, baja, anular",
        },
    ),
    "packaging": (
        "Packaging",
        {
            "pt": "embalagem, embalado, caixa",
            "de": "Verpackung, verpackt, Karton",
            "en": "packaging, packed, box, wrapped",
            "it": "imballaggio, confezione, scatola",
            "ru": "упаковка, упакован, коробка",
            "hr": "pakiranje, ambalaža, kutija",
            "ro": "ambalaj, ambalat, cutie",
            "es": "embalaje, empaquetado, caja",
        },
    ),
    "clean": (
        "Cleanliness",
        {
            "pt": "limpeza, limpo, sujo, suja, cheiro, cheirava, poeira, banheiro",
            "de": "sauber, schmutzig, Sauberkeit, dreckig, Geruch, roch, stinkt, Staub, Toilette",
            "en": "clean, dirty, cleanliness, filthy, smell, smelled, dust, toilet, bathroom",
            "it": "pulito, sporco, pulizia, sporca, odore, puzza, puzzava, polvere, bagno",
            "ru": "чисто, грязно, грязный, грязь, чистота, запах, пыль, туалет",
            "hr": "čisto, prljavo, prljava, čistoća, miris, smrdi, prašina, kupaonica",
            "ro": "curat, murdar, murdară, curățenie, miros, praf, toaletă, baie",
            "es": "limpio, sucio, limpieza, sucia, olor, olía, polvo, baño",
        },
    ),
    "ease": (
        "Ease",
        {
            "pt": "fácil, difícil, complicado, simples",
            "de": "einfach, kompliziert, schwierig, umständlich",
            "en": "easy, difficult, complicated, simple, confusing",
            "it": "facile, difficile, complicato, semplice",
            "ru": "просто, сложно, удобно, неудобно, легко",
            "hr": "lako, teško, jednostavno, komplicirano",
            "ro": "ușor, greu, complicat, simplu",
            "es": "fácil, difícil, complicado, sencillo",
        },
    ),
    "as_expected": (
        "As expected",
        {
            "pt": "esperado, conforme, anunciado, combinado, descrição, descrito, expectativas",
            "de": "erwartet, Erwartungen, Beschreibung, beschrieben",
            "en": "expected, expectations, described, advertised, description",
            "it": "aspettative, descritto, descrizione, previsto",
            "ru": "ожидания, описание, соответствует, ожидал",
            "hr": "očekivanja, opis, očekivano",
            "ro": "așteptări, descriere, conform",
            "es": "esperado, expectativas, descripción, anunciado",
        },
    ),
    "delivery": (
        "Delivery",
        {
            "pt": "entrega, entregue, encomenda, chegou, recebi, correios, frete, prazo, "
            "transportadora",
            "de": "Lieferung, geliefert, Paket, Versand, angekommen, Bote",
            "en": "delivery, delivered, arrived, shipping, parcel, courier, package",
            "it": "consegna, consegnato, arrivato, spedizione, pacco, corriere",
            "ru": "доставка, курьер, посылка, доставили, пришла",
            "hr": "dostava, paket, pošiljka, kurir, stigao, isporuka",
            "ro": "livrare, livrarea, colet, curier, ajuns",
            "es": "entrega, envío, paquete, mensajero, llegó, pedido",
        },
    ),
}


def subject_of(stems: Sequence[str], weights: Floats, language: str) -> str:
    """Return the subject of most of the weight of a theme's words; empty where that is little."""
    best_words = sorted(zip(weights, stems, strict=True), reverse=True)[:LOOKED_AT]
    total = max(sum(weight for weight, _ in best_words), 1e-300)
    masses = {
        name: sum(weight for weight, stem in best_words if stem in found) / total
        for name, found in _stems(language).items()
    }
    enough = {name: mass for name, mass in masses.items() if mass >= LEAST}
    closer = {name: mass for name, mass in enough.items() if name != BROADEST} or enough
    return max(closer, key=lambda name: closer[name], default="")


@lru_cache(maxsize=32)
def _stems(language: str) -> Mapping[str, frozenset[str]]:
    read = Reader(language)
    return MappingProxyType(
        {
            name: frozenset(stem for stem, _ in read(words[language]))
            for name, (_, words) in SUBJECTS.items()
            if language in words
        }
    )
