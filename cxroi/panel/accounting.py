"""What is counted while a panel is built: for the ledger, and of who was asked and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.quoting import text
from ..reading.ledger import HELD_AGAINST
from ..reading.waves import wave_of
from ..study.calendars import wave_word
from .panel import Coverage
from .replies import asked_in, invitations_dated
from .steps import RENEWAL_DAYS

if TYPE_CHECKING:
    from ..engine.engines import Engine
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables
    from ..study.declared import Study

_MINUTES = 10  # between a form that is sent and the same sent again


def enter_other_answers(tables: Tables, quarter: str) -> Ledger:
    """Enter the answers of other quarters, and those beside the one that counts in each."""
    engine = tables.engine
    read = count_of(engine, tables.relation("responses"))
    in_quarter = int(engine.fetch("SELECT coalesce(sum(answers), 0) FROM answered")[0][0])
    rule = {
        "latest": "only the latest counts, of two at the same moment the lower",
        "first": "only the first counts, of two at the same moment the lower",
    }
    wave, counts = wave_word(tables.study), rule.get(tables.study.answers, "averaged into one")
    same = f"another answer by the same customer in the same {wave}: {counts}"
    ledger = tables.ledger.add("responses", "set aside", read - in_quarter, f"outside {quarter}")
    others = in_quarter - count_of(engine, "answered")
    ledger = ledger.add("responses", "set aside", others, same)
    again = _sent_again(tables) if others and tables.study.answers == "mean" else 0
    reason = (
        f"{again:,} answers repeat the score of the same customer within {_MINUTES} minutes, as of "
        "a form that is sent twice, and each counts in the mean: if they are one answer, take "
        'several = "latest" under [scale]'
    )
    return ledger.add("responses", "warning", again, reason)


def _sent_again(tables: Tables) -> int:
    """Return how many answers of customers with several repeat one of minutes before."""
    if ("responses", "answered_at") in tables.date_only:
        return 0
    before = "lag(answered_at) OVER (PARTITION BY customer, score ORDER BY answered_at, row)"
    several = "SELECT customer FROM answered WHERE answers > 1"
    return count_of(
        tables.engine,
        f"(SELECT answered_at, {before} AS earlier FROM {tables.relation('responses')} "
        f"WHERE customer IN ({several})) AS a "
        f"WHERE answered_at <= earlier + INTERVAL {_MINUTES} MINUTE",
    )


def enter_renewals(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the subscriptions that continue another."""
    engine = tables.engine
    renewed = count_of(engine, tables.relation("subscriptions")) - count_of(engine, "spells")
    reason = f"begun within {RENEWAL_DAYS} days of the end of another, which they continue"
    return ledger.add("subscriptions", "repaired", renewed, reason)


def enter_never_bought(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the answers by customers who had not bought before them, where churn is no purchase."""
    study, used = tables.study, ledger.rows("responses", "used")
    shown = [o.name for o in study.outcomes if o.name in ("retained", "churned")]
    if study.churn != "no_purchase" or "orders" not in study.sources or not shown:
        return ledger
    bought = count_of(tables.engine, "orders_windows WHERE bought_before > 0")
    before = f"in the {study.baseline_days} days before" if study.baseline_days else "before"
    reason = (
        f"{used - bought:,} of {used:,} answers are by customers of whom no order {before} is "
        f"known: who had not bought cannot be lost, and they count in no figure of "
        f"{' or '.join(shown)}"
    )
    return ledger.add("responses", "warning", used - bought, reason)


def use_events(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the rows of every table beside the responses as used: all of them were looked at."""
    for role in tables.study.sources:
        left = ledger.unaccounted(role)
        if role != "responses" and left:
            ledger = ledger.add(role, "used", left, "held against the responses")
    return ledger


def count_coverage(tables: Tables, quarter: str) -> Coverage:
    """Count customers and invitations, and who of them answered."""
    engine, study = tables.engine, tables.study
    answered = count_of(engine, "answered", "DISTINCT customer")
    if not study.dated:
        once = tables.ledger.rows("customers", "read") - tables.ledger.nobody("customers")
        everybody = count_of(engine, tables.relation("customers"), "DISTINCT customer")
        # Of a part, rows without an answer are of unknown kind: who did not answer is not known.
        known = everybody if study.waved or tables.chosen else once
        return Coverage(known, None, answered, answered)
    roles = ("customers", "subscriptions", "orders", "responses")
    base = tables.relation(next(role for role in roles if role in study.sources))
    customers, invited = count_of(engine, base, "DISTINCT customer"), None
    asked_known = "invitations" in study.sources and not study.only_answers
    waved = asked_known and _waves_known(study)
    if asked_known and (waved or not quarter or not study.own_waves):
        wave = wave_of(study, "invitations", "invited_at") if quarter and waved else ""
        where = f" WHERE {wave} = {text(quarter)}" if wave else ""
        base = f"(SELECT customer FROM {tables.relation('invitations')}{where})"
        invited = count_of(engine, f"{base} AS i", "DISTINCT customer")
    of_them = count_of(engine, f"answered AS a WHERE {_is_in('a', base)}", "DISTINCT customer")
    asked, replied = _asked(tables, quarter) if waved else (None, None)
    strangers = _strangers(tables)
    return Coverage(customers, invited, answered, of_them, asked, replied, strangers)


def _waves_known(study: Study) -> bool:
    """Whether the wave of an invitation is known."""
    columns = study.sources["invitations"].columns
    return "wave" in columns or ("invited_at" in columns and not study.own_waves)


def _is_in(answers: str, relation: str) -> str:
    """Return the condition that the customer of an answer occurs in a relation."""
    return f"EXISTS (SELECT 1 FROM {relation} AS b WHERE b.customer = {answers}.customer)"


def _asked(tables: Tables, quarter: str) -> tuple[int | None, int | None]:
    """Count customers and waves asked, and those of them to whom an answer that counts replies."""
    engine, only = tables.engine, f"= {text(quarter)}" if quarter else "IS NOT NULL"
    if "invited_at" not in tables.study.sources["invitations"].columns:
        return None, None
    engine.execute(invitations_dated(tables))
    asked = f"(SELECT DISTINCT customer, wave FROM asked WHERE wave {only}) AS i"
    found = asked_in(tables, "answered", "response")
    replied = f"(SELECT DISTINCT customer, asked_in FROM ({found}) AS r WHERE asked_in {only}) AS i"
    counts = count_of(engine, asked), count_of(engine, replied)
    engine.execute("DROP TABLE asked")
    return counts if counts[0] else (None, None)


def _strangers(tables: Tables) -> int:
    """Count the answers that are used though their customers occur in no other table."""
    study = tables.study
    others = [role for role in HELD_AGAINST if role in study.sources]
    if "customers" in others or study.churn == "cancelled" or not others:
        return 0
    unknown = " AND ".join(f"NOT {_is_in('a', tables.relation(role))}" for role in others)
    return count_of(tables.engine, f"answered AS a WHERE {unknown}")


def count_of(engine: Engine, relation: str, what: str = "*") -> int:
    """Return how many rows a relation has, or how many different values of a column."""
    return int(engine.fetch(f"SELECT count({what}) FROM {relation}")[0][0])
