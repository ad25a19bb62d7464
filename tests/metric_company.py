"""A company of six customers with every table, whose metrics are worked out by hand."""

import datetime as dt

import pandas as pd

KEYS = {
    "customers": "id stage onboarding wallet",
    "responses": "id answered_at score comment",
    "orders": "id ordered_at amount",
    "contacts": "id opened_at channel minutes complaint",
    "returns": "id returned_at",
    "subscriptions": "id started_at cancelled_at amount reason left_for",
    "invitations": "id invited_at event_at touchpoint questions",
    "ratings": "id answered_at channel product agent phase",
    "prospects": "id first_seen_at became_customer_at score",
    "events": "id happened_at event",
    "page_views": "id viewed_at page session kind seconds scroll",
    "visits": "id visited_at",
    "feature_use": "id used_at feature",
    "campaigns": "id sent_at impressions opens clicks",
    "posts": "posted_at impressions likes shares comments",
    "mentions": "id mentioned_at",
    "carts": "id created_at bought_at reason",
    "calls": "id called_at waited_seconds abandoned resolved minutes issue",
    "tickets": (
        "id opened_at channel first_response_at resolved_at transfers minutes issue complaint "
        "began_at solutions identified"
    ),
    "tasks": "id started_at completed_at expected_seconds",
    "referrals": "id referred_at referred",
    "staff": "staff team",
    "staff_answers": "staff answered_at score team",
    "expectations": "id stated_at item expected performance",
    "company_events": "happened_at event",
    "acquisition": "spent_at amount",
}
ROWS = {
    "customers": """
        A,active,video,1000,x
        B,active,video,500,x
        C,active,guide,,y
        D,former,guide,,y
        E,former,,,y
        F,active,video,,x
        P,prospect,,900,x""",
    "responses": """
        A,2026-02-01,9,good,40
        A,2026-07-01,10,,
        B,2026-03-10,7,,60
        C,2026-05-01,3,,
        E,2026-06-01,10,,
        D,2026-09-10,2,,""",
    "orders": """
        A,2026-01-10,20
        A,2026-03-01,30
        A,2026-08-01,55
        A,2026-11-20,-5
        B,2026-02-15,40
        B,2026-10-01,35
        C,2026-07-10,25
        D,2026-02-20,10
        E,2026-07-20,20""",
    "contacts": """
        A,2026-01-15 10:00,phone,5,no
        E,2026-01-20 11:00,email,10,no
        D,2026-05-01 10:30,phone,15,yes
        C,2026-06-15 09:00,phone,20,yes""",
    "returns": "B,2026-03-05",
    "subscriptions": """
        A,2025-01-10,,100,,
        B,2025-03-01,2026-04-01,50,other plan,
        B,2026-04-10,,80,,
        C,2026-02-01,,40,,
        D,2025-06-01,2026-08-01,30,price,Rival
        E,2025-02-01,2026-09-01,20,service,
        F,2026-10-01,,10,,""",
    "invitations": """
        A,2026-01-31 00:00,2026-01-30 12:00,purchase,3
        A,2026-06-25 00:00,2026-06-20 00:00,support,12
        A,2026-12-20 00:00,2026-12-19 00:00,support,3
        B,2026-03-01 00:00,2026-02-27 00:00,purchase,5
        B,2026-03-05 00:00,2026-02-27 00:00,purchase,5
        B,2026-04-10 00:00,,,
        C,2026-02-01 00:00,2026-01-01 00:00,support,5""",
    "ratings": """
        A,2026-05-01,web,Lamp,S1,buying,5,7
        B,2026-05-05,phone,Lamp,S3,using,2,2
        C,2026-05-20,web,Pan,S3,using,4,6
        D,2026-05-25,phone,,,buying,1,7""",
    "prospects": """
        P1,2026-01-05,2026-02-01,9
        P2,2026-03-01,,7
        P3,2026-03-02,,2
        P4,2026-04-01,2026-05-01,
        P5,2026-04-02,,10""",
    "events": """
        A,2026-01-05 09:00,click
        A,2026-01-05 10:00,click
        A,2026-01-06 10:00,click
        A,2026-07-22 10:00,click
        B,2026-02-03 10:00,click""",
    "page_views": """
        A,2026-07-20 10:00,home,s1,home,10,0.2
        A,2026-07-20 10:05,shop,s1,product,60,0.8
        A,2026-07-20 10:06,help,s1,contact,30,0.5
        B,2026-07-21 10:00,home,,home,20,0.5
        B,2026-07-21 10:20,help,,contact,40,1.0
        B,2026-07-21 11:00,home,,home,5,""",
    "visits": """
        v1,2026-01-03 09:00
        v1,2026-01-04 09:00
        v1,2026-02-05 09:00
        v2,2026-02-06 09:00
        v3,2026-03-01 09:00""",
    "feature_use": """
        C,2026-02-02 09:00,reports
        C,2026-02-03 09:00,reports
        C,2026-02-05 09:00,export
        C,2026-03-01 09:00,share
        A,2026-07-23 09:00,reports""",
    "campaigns": """
        A,2026-07-25,400,200,50
        ,2026-03-03,100,0,0""",
    "posts": """
        2026-05-01,1000,10,5,5
        2026-06-01,500,4,,1""",
    "mentions": """
        A,2026-05-01
        A,2026-05-02
        B,2026-06-01""",
    "carts": """
        A,2026-01-10 08:00,2026-01-10 08:10,
        A,2026-07-29 08:00,2026-08-01 09:00,
        B,2026-02-01 08:00,,shipping
        C,2026-03-03 08:00,,payment
        C,2026-04-04 08:00,,shipping
        E,2026-05-05 08:00,,""",
    "calls": """
        A,2026-02-01 08:00,30,no,yes,6,I1
        A,2026-02-02 08:00,90,yes,,,I1
        B,2026-03-01 08:00,60,no,no,10,
        C,2026-04-01 08:00,20,no,yes,2,I2""",
    "tickets": """
        A,2026-02-03 10:00,email,2026-02-03 12:00,2026-02-04 10:00,1,4,I1,no,2026-02-03 08:00,2,yes
        B,2026-05-05 09:00,chat,2026-05-05 10:00,2026-05-05 21:00,0,3,I3,yes,2026-05-05 05:00,1,no
        E,2026-06-06 09:00,email,2026-06-06 15:00,,2,7,,no,,,""",
    "tasks": """
        A,2026-01-01 10:00,2026-01-01 10:01,60
        B,2026-02-01 10:00,2026-02-01 10:05,60
        C,2026-02-02 10:00,,60
        C,2026-02-03 10:00,2026-02-03 10:01,""",
    "referrals": """
        A,2026-07-05,C
        B,2026-07-01,Z
        A,2026-12-20,Y""",
    "staff": """
        S1,North
        S2,North
        S3,South""",
    "staff_answers": """
        S1,2026-06-01,9,North
        S2,2026-06-01,3,North
        S3,2026-06-01,10,South""",
    "expectations": """
        A,2026-05-01,delivery,5,3
        B,2026-05-01,delivery,4,4
        A,2026-05-01,product,3,5""",
    "company_events": "2026-05-15,outage",
    "acquisition": """
        2026-01-05,300
        2026-12-20,100""",
}
BESIDE = {"customers": ["segment"], "responses": ["fit"], "ratings": ["csat", "ces"]}
FLAGS = ("complaint", "abandoned", "resolved", "identified")


def frame_of(table, rows):
    """Return rows that are written as lines, blanks as missing, each column with its type."""
    names = [*KEYS[table].split(), *BESIDE.get(table, [])]
    cells = [line.strip().split(",") for line in rows.strip().splitlines()]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    for name in names:
        values = frame[name].where(frame[name] != "", None)
        if name.endswith("_at"):
            values = pd.to_datetime(values)
        elif name in FLAGS or name in ("id", "score_text"):
            values = values.astype(object)
        else:
            try:
                values = pd.to_numeric(values)
            except ValueError:
                values = values.astype(object)
        frame[name] = values
    return frame


def frames(**changed):
    """Return the tables; a table that is given as lines stands for its own."""
    return {table: frame_of(table, changed.get(table, rows)) for table, rows in ROWS.items()}


def declaration(only=tuple(ROWS), **study):
    """Return the declaration of the company with some of its tables."""
    tables = {}
    for table in only:
        keys = KEYS[table].split()
        tables[table] = {("customer" if key == "id" else key): key for key in keys}
    if "customers" in tables:
        tables["customers"]["attributes"] = ["segment"]
    custom = {"kind": "custom", "table": "responses", "minimum": 0, "maximum": 100, "cuts": [50]}
    scores = {"fit": {**custom, "better": "higher"}}
    if "ratings" in only:
        scores |= {"csat": {"kind": "csat"}, "ces": {"kind": "ces", "better": "higher"}}
    said = {
        "name": "Company",
        "currency": "EUR",
        "complete_from": dt.date(2026, 1, 1),
        "complete_until": dt.date(2026, 12, 31),
        **study,
    }
    return {
        "study": {key: value for key, value in said.items() if value is not None},
        "tables": tables,
        "scores": scores,
        "windows": {"baseline_days": 90, "outcome_days": 90},
        "scenario": {
            "from": "passive",
            "to": "promoter",
            "share_moved": 0.1,
            "cost_per_moved": 5.0,
            "fixed_cost": 0.0,
            "gross_margin": 0.5,
            "causal_share": 0.5,
            "horizon_months": 12,
            "cost_per_contact": 8.0,
        },
    }
