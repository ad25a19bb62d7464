"""How often journeys call something where there is nothing, and find what was planted.

    PYTHONPATH=tests OMP_NUM_THREADS=1 python tests/recovery/journey_nulls.py --companies 200

Small companies of 300 customers over two years. Customers differ for good in how content they
are, how often they call and how gladly they answer, and these go together; weeks are busier or
quieter for all; but nothing changes anything. In the world ``planted`` the company's event lowers
the score by 2.5 points, contacts double half way, those who were asked in the 90 days before
answer half as often, and each contact in the 30 days before an answer lowers it by 1.5 points.
"""

import argparse
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from journey_tables import stand

from cxroi.errors import ScarceDataError
from cxroi.journeys.asking import when_to_ask
from cxroi.journeys.company_events import around_events
from cxroi.journeys.last_wave import since_last_wave
from cxroi.journeys.score_changes import before_change
from cxroi.journeys.scores import score_named
from cxroi.journeys.volume import contact_volume
from cxroi.study.declared import Source

START = pd.Timestamp("2024-01-01")
DAYS, CUSTOMERS, ALPHA = 728, 300, 0.05


def company(seed, planted=False):
    """Return the frames of one company by role."""
    rng = np.random.default_rng(seed)
    content = rng.normal(size=CUSTOMERS)
    event = int(rng.integers(120, DAYS - 120))
    contacts = _contacts(rng, content, planted)
    asked, answers = _asked(rng, content, planted)
    score = 7 + 1.5 * content[answers["k"]] + rng.normal(0, 1.5, len(answers))
    if planted:
        score -= 2.5 * (answers["day"] >= event) + _recent(contacts, answers)
    answers["score"] = np.clip(np.round(score), 0, 10)
    people = {
        "customer": [f"c{k}" for k in range(CUSTOMERS)],
        "attr_segment": np.where(content + rng.normal(size=CUSTOMERS) > 0, "a", "b"),
    }
    return {
        "customers": pd.DataFrame(people),
        "contacts": _dated(contacts, "opened_at"),
        "invitations": _dated(asked, "invited_at"),
        "responses": _dated(answers, "answered_at"),
        "company_events": _dated(pd.DataFrame({"day": [event], "event": "news"}), "happened_at"),
    }


def _dated(frame, name):
    made = frame.assign(row=range(len(frame)))
    if "k" in made:
        made["customer"] = "c" + made.pop("k").astype(str)
    made[name] = START + pd.to_timedelta(made.pop("day").astype(float), unit="D")
    return made


def _contacts(rng, content, planted):
    busy = np.repeat(rng.gamma(20, 1 / 20, DAYS // 7), 7)
    if planted:
        busy[DAYS // 2 :] *= 2
    usual = np.exp(-0.4 * content) * rng.gamma(2, 0.5, CUSTOMERS) / 90
    k, day = np.nonzero(rng.poisson(usual[:, None] * busy[None, :]))
    return pd.DataFrame({"k": k, "day": day + rng.random(len(k))})


def _asked(rng, content, planted):
    """Two invitations a quarter at most, to a part of the customers; and the answers."""
    k = np.repeat(np.arange(CUSTOMERS), 16)
    day = np.tile(np.arange(16) * 45.5, CUSTOMERS) + rng.uniform(0, 40, len(k))
    sent = rng.random(len(k)) < 0.5
    k, day = k[sent], day[sent]
    gladly = 1 / (1 + np.exp(0.3 - 0.5 * content[k]))
    if planted:
        again = np.r_[False, (k[1:] == k[:-1]) & (day[1:] - day[:-1] < 90)]
        gladly = np.where(again, gladly / 2, gladly)
    touchpoint = rng.choice(["call", "chat", "shop"], len(k))
    asked = pd.DataFrame(
        {
            "k": k,
            "day": day,
            "touchpoint": touchpoint,
            "questions": rng.choice([3, 8, 15], len(k)),
        }
    )
    asked["event_at"] = START + pd.to_timedelta(day - rng.exponential(2, len(k)), unit="D")
    replied = rng.random(len(k)) < gladly
    answers = asked.loc[replied, ["k", "day"]].copy()
    answers["day"] += rng.uniform(0, 2, len(answers))
    return asked, answers.reset_index(drop=True)


def _recent(contacts, answers):
    """One point and a half for each contact in the 30 days before an answer."""
    lost = np.zeros(len(answers))
    for k, rows in answers.groupby("k"):
        days = contacts.loc[contacts["k"] == k, "day"].to_numpy()
        for row, day in rows["day"].items():
            lost[row] = 1.5 * ((days < day) & (days >= day - 30)).sum()
    return lost


def p_values(frames, folder):
    """Return every p value of one company by what it asks."""
    tables = stand(Path(folder), frames)
    tables.study.sources["customers"] = Source(
        "customers", {"customer": "customer"}, attributes=("segment",)
    )
    score = score_named(tables)
    found = {}
    for one in when_to_ask(tables, days=30).differs:
        found[one.name] = one.p_value
    wave = since_last_wave(tables, score, by="segment")
    for one in (wave.change, *wave.parts):
        found[f"wave.{one.term}"] = one.p_value
    for one in around_events(tables, score).steps:
        found["event.score"] = one.p_value
    volume = contact_volume(tables)
    for one in volume.around:
        found["event.contacts"] = one.p_value
    found["change_point"] = min((one.p_value for one in volume.changes), default=1.0)
    with suppress(ScarceDataError):
        change = before_change(tables, score, "contacts")
        found["fell.pre_trend"] = change.pre_trend.p_value
        for place, one in enumerate(change.periods):
            found[f"fell.period_{place}"] = one.p_value
    tables.engine.connection.close()
    return found


def called(companies, planted=False, first=0):
    """Return, by what is asked, the share of companies in which it is called at 5 %."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + companies):
            rows.append(p_values(company(seed, planted), folder))
    table = pd.DataFrame(rows)
    return pd.DataFrame({"asked": table.count(), "called": (table <= ALPHA).sum() / table.count()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--first", type=int, default=0, help="seed of the first company")
    options = parser.parse_args()
    print(called(options.companies, options.planted, options.first).round(3).to_string())


if __name__ == "__main__":
    main()
