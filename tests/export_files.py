"""Small files as vendors export them, of forty customers, their days and amounts made by hand."""

import datetime as dt

PEOPLE = 40
BEGIN = dt.datetime(2025, 1, 1, 9, 30)


def mail(number):
    return f"c{number:02d}@example.com"


def answered(number):
    """One answer a customer, a day each, from the first of July 2025 on."""
    return dt.datetime(2025, 7, 1, 8, 0) + dt.timedelta(days=number)


def ordered(number):
    """Two orders a customer: one in the first half of 2025, one in the second."""
    return BEGIN + dt.timedelta(days=number * 4.5)


def score(number):
    return number % 11


def answers(header, row):
    return [header, *(row(number) for number in range(PEOPLE))]


def orders(header, row):
    return [header, *(row(n, n % PEOPLE) for n in range(2 * PEOPLE))]


def write(folder, name, rows, delimiter=","):
    quoted = [
        delimiter.join(f'"{c}"' if delimiter in str(c) else str(c) for c in row) for row in rows
    ]
    path = folder / name
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
    return path


def qualtrics():
    names = ["StartDate", "EndDate", "Status", "Finished", "RecordedDate", "ResponseId"]
    names += ["ExternalReference", "DistributionChannel", "Q1_NPS_GROUP", "Q1"]
    head = [names, [f"Question {name}" for name in names]]
    head.append(['{""ImportId"":""' + name + '""},' for name in names])

    def row(n):
        told = ["IP Address", "True", answered(n), f"R_{n:03d}", f"C{n:03d}", "email"]
        return [answered(n), answered(n), *told, "Passive", score(n)]

    return [*head, *(row(n) for n in range(PEOPLE))]


def surveymonkey():
    names = ["Respondent ID", "Collector ID", "Start Date", "End Date", "Custom Data 1"]
    names += ["How likely are you to recommend us?", "Which do you use?", "", "Age"]
    choices = ["", "", "", "", "", "Response", "Shop", "App", "Open-Ended Response"]

    def row(n):
        when = answered(n).strftime("%m/%d/%Y %I:%M:%S %p")
        used = ("Shop", "") if n % 2 else ("", "App")
        return [11890 + n, 7, when, when, f"C{n:03d}", score(n), *used, 20 + n]

    return [names, choices, *(row(n) for n in range(PEOPLE))]


def typeform():
    header = ["#", "How likely are you to recommend us to a friend?", "email", "Response Type"]
    header += ["Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags"]

    def row(n):
        return [f"t{n}x", score(n), mail(n), "completed", answered(n), "", answered(n), f"n{n}", ""]

    return answers(header, row)


def google_forms():
    header = ["Timestamp", "Email Address", "How likely are you to recommend us?", "Why?"]
    return answers(
        header, lambda n: [answered(n).strftime("%m/%d/%Y %H:%M:%S"), mail(n), score(n), "x"]
    )


def delighted():
    header = ["id", "person_email", "survey_type", "score", "comment", "permalink", "created_at"]
    return answers(
        header, lambda n: [n, mail(n), "nps", score(n), "fine", "https://x", answered(n)]
    )


def zendesk():
    header = ["id", "assignee_id", "comment", "created_at", "group_id", "reason", "requester_id"]
    header += ["score", "ticket_id", "updated_at", "url"]
    words = ("good", "bad", "offered", "good")

    def row(n):
        return [n, 1, "", answered(n), 2, "", 4000 + n, words[n % 4], n, answered(n), "u"]

    return answers(header, row)


def zendesk_tickets():
    header = ["id", "assignee_id", "created_at", "requester_id", "status", "subject"]
    return orders(
        [*header, "submitter_id"],
        lambda n, who: [n, 1, ordered(n), 4000 + who, "deleted" if n == 3 else "closed", "s", 5],
    )


def intercom():
    header = ["id", "updated_at", "conversation_rating_created_at", "conversation_rating_remark"]
    header += ["conversation_rating_value", "created_at", "source_author_id", "state"]

    def row(n):
        return [n, answered(n), answered(n), "", n % 5 + 1, answered(n), f"u{n}", "closed"]

    return answers(header, row)


def hubspot():
    header = ["hs_object_id", "hs_contact_id", "hs_submission_timestamp", "hs_survey_type"]
    return answers(
        [*header, "hs_value", "hs_content"],
        lambda n: [n, 4000 + n, answered(n), "NPS", score(n), ""],
    )


def hubspot_deals():
    header = ["Record ID", "Deal Name", "Deal Stage", "Close Date", "Amount"]
    return orders(
        [*header, "Associated Contact IDs"],
        lambda n, who: [
            *(n, "d", "closedlost" if n == 5 else "closedwon"),
            *(ordered(n), n * 10.5, 4000 + who),
        ],
    )


def salesforce():
    header = ["Id", "AccountId", "StageName", "Amount", "CloseDate", "IsWon", "IsClosed"]
    return orders(
        header,
        lambda n, who: [n, 4000 + who, "Won", n * 10.5, ordered(n), str(n != 5).lower(), "true"],
    )


def shopify():
    header = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency"]
    header += ["Subtotal", "Shipping", "Taxes", "Total", "Created at", "Lineitem quantity"]
    header += ["Lineitem name", "Lineitem price"]
    rows = [header]
    for n in range(2 * PEOPLE):
        status = "voided" if n == 7 else "paid"
        who, when = mail(n % PEOPLE), ordered(n)
        money = [n + 0.5, 5, 1, n + 6.5]
        rows.append([f"#{n}", who, status, when, "fulfilled", "USD", *money, when, 1, "Lamp", n])
        rows.append([f"#{n}", who, "", "", "", "", "", "", "", "", when, 2, "Bulb", 3.5])
    return rows


def woocommerce():
    header = ["order_id", "order_number", "order_date", "status", "order_total", "customer_id"]
    return orders(
        [*header, "billing_email", "order_currency"],
        lambda n, who: [
            *(n, n, ordered(n), "failed" if n == 9 else "completed", n + 6.5),
            *(0, mail(who), "GBP"),
        ],
    )


def stripe():
    header = ["id", "Description", "Seller Message", "Created (UTC)", "Amount", "Amount Refunded"]
    return orders(
        [*header, "Currency", "Status", "Customer ID", "Customer Email"],
        lambda n, who: [
            *(f"ch_{n}", "", "", ordered(n), n + 6.5, 0, "eur"),
            *("Failed" if n == 4 else "Paid", f"cus_{who}", mail(who)),
        ],
    )


def stripe_subscriptions():
    header = ["id", "canceled_at", "created", "current_period_end", "customer_id", "ended_at"]

    def row(n):
        ended = answered(n) + dt.timedelta(days=9) if n % 4 == 0 else ""
        return [f"sub_{n}", ended, BEGIN, answered(n), f"u{n}", ended, BEGIN, "active"]

    return answers([*header, "start_date", "status"], row)


def chargebee():
    header = ["id", "customer_id", "status", "current_term_start", "billing_period", "started_at"]

    def row(n):
        ended = answered(n) + dt.timedelta(days=9) if n % 4 == 0 else ""
        return [n, f"u{n}", "active", BEGIN, 1, BEGIN, ended, 9900]

    return answers([*header, "cancelled_at", "mrr"], row)
