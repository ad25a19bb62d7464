"""A study file drafted from exports, from tables of one's own and from frames."""

import datetime as dt
import tomllib

import duckdb
import export_files as files
import pandas as pd
import pytest

import cxroi as cx
from cxroi.draft import samples
from cxroi.draft.drafting import draft_study
from cxroi.errors import DataError, ParameterError
from cxroi.study.loading import load_study

OWN = [["customer_id", "ordered_at", "amount", "order_id"]]
OWN += [[f"C{n % 40:03d}", files.ordered(n), n + 6.5, n] for n in range(80)]


def draft(folder, **exports):
    """Write files and draft a study of them; return the draft and what its TOML says."""
    paths = [
        files.write(folder, f"{name}.csv", rows if isinstance(rows, list) else rows())
        for name, rows in exports.items()
    ]
    made = draft_study(paths, folder=folder)
    return made, tomllib.loads(made.text)


def opened(made, folder):
    """Read what a draft declares, as `cxroi check` does."""
    path = folder / "study.toml"
    path.write_text(made.text, encoding="utf-8")
    return cx.build_panel(cx.read_tables(load_study(path)))


SURVEYS = {
    "qualtrics": ("ExternalReference", "Q1", "RecordedDate"),
    "surveymonkey": ("Custom Data 1", "How likely are you to recommend us?", "End Date"),
}


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_joins_the_orders_of_ones_own_system(name, tmp_path):
    made, study = draft(tmp_path, **{name: getattr(files, name), "orders": OWN})
    responses, orders = study["tables"]["responses"], study["tables"]["orders"]
    assert (responses["customer"], responses["score"], responses["answered_at"]) == SURVEYS[name]
    assert (orders["customer"], orders["amount"]) == ("customer_id", "amount")
    assert (orders["ordered_at"], orders["id"]) == ("ordered_at", "order_id")
    assert "holds 40 of the 40 customers who answered (100 %)" in made.text
    assert study["scale"] == {"kind": "nps"}
    # first and last order of the 80, made 4.5 days apart
    assert study["study"]["complete_from"] == dt.date(2025, 1, 1)
    assert study["study"]["complete_until"] == dt.date(2025, 12, 22)
    # the answers of 1 July to 9 August: 135 to 174 days before 22 December
    assert study["windows"] == {"baseline_days": 90, "outcome_days": 90}
    panel = opened(made, tmp_path)
    assert panel.ledger.rows("responses", "used") == 40


PAIRS = {
    ("delighted", "shopify"): (
        "person_email",
        "Email",
        "USD",
        {"Financial Status": ["voided", ""]},
    ),
    ("typeform", "woocommerce"): ("email", "billing_email", "GBP", {"status": ["failed"]}),
    ("google_forms", "stripe"): (
        *("Email Address", "Customer Email", "EUR"),
        {"Status": ["Failed"]},
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_mails_join_a_survey_and_a_shop(pair, tmp_path):
    survey, shop = pair
    customer, buyer, currency, drop = PAIRS[pair]
    made, study = draft(tmp_path, **{survey: getattr(files, survey), shop: getattr(files, shop)})
    assert study["tables"]["responses"]["customer"] == customer
    assert study["tables"]["orders"]["customer"] == buyer
    assert study["tables"]["orders"]["drop"] == drop
    assert study["study"]["currency"] == currency
    panel = opened(made, tmp_path)
    assert panel.ledger.rows("responses", "used") == 40
    # 80 orders but the one that was not paid; of Shopify the second lines have no amount
    assert panel.ledger.rows("orders", "used") == 79
    spent = panel.frame["spend_after"].sum()
    answers = {n: files.answered(n) for n in range(40)}
    lost = {"shopify": 7, "woocommerce": 9, "stripe": 4}[shop]
    expected = sum(
        n + 6.5
        for n in range(80)
        if n != lost
        and answers[n % 40] < files.ordered(n) <= answers[n % 40] + dt.timedelta(days=90)
    )
    assert spent == pytest.approx(expected)


def test_an_offer_of_zendesk_is_an_invitation(tmp_path):
    made, study = draft(tmp_path, ratings=files.zendesk, tickets=files.zendesk_tickets)
    tables = study["tables"]
    assert tables["responses"]["keep"] == {"score": ["good", "bad"]}
    assert tables["responses"]["customer"] == "requester_id"
    assert tables["invitations"]["invited_at"] == "created_at"
    assert "keep" not in tables["invitations"]
    assert tables["contacts"]["opened_at"] == "created_at"
    assert tables["contacts"]["drop"] == {"status": ["deleted"]}
    panel = opened(made, tmp_path)
    frame = panel.frame.set_index("customer")
    assert len(frame) == 30  # of 40, a quarter of them only offered
    expected = {f"{4000 + n}": float(n % 4 != 1) for n in range(40) if n % 4 != 2}
    assert frame["score"].to_dict() == expected
    asked = dict.fromkeys(expected, 0)
    for n in range(80):  # a ticket each, of which the fourth was deleted
        who, opened_at = 4000 + n % 40, files.ordered(n)
        since = (opened_at - files.answered(n % 40)).total_seconds() / 86400
        if n != 3 and f"{who}" in asked:
            asked[f"{who}"] += 0 < since <= study["windows"]["outcome_days"]
    assert frame["contacts_after"].to_dict() == asked


@pytest.mark.parametrize("billing", ["stripe_subscriptions", "chargebee"])
def test_ratings_of_conversations_join_subscriptions(billing, tmp_path):
    made, study = draft(tmp_path, ratings=files.intercom, billing=getattr(files, billing))
    tables = study["tables"]
    assert tables["responses"]["score"] == "conversation_rating_value"
    assert tables["responses"]["customer"] == "source_author_id"
    assert tables["contacts"]["opened_at"] == "created_at"
    assert tables["subscriptions"]["customer"] == "customer_id"
    started = {"stripe_subscriptions": "start_date", "chargebee": "started_at"}[billing]
    ended = {"stripe_subscriptions": "ended_at", "chargebee": "cancelled_at"}[billing]
    assert tables["subscriptions"]["started_at"] == started
    assert tables["subscriptions"]["cancelled_at"] == ended
    assert study["scale"] == {"kind": "csat"}
    panel = opened(made, tmp_path)
    assert panel.ledger.rows("subscriptions", "used") == 40
    lost = panel.frame.set_index("customer")["churned_after"]
    before, after = (dt.timedelta(days=days) for days in study["windows"].values())
    begin, end = study["study"]["complete_from"], study["study"]["complete_until"]
    days = {n: files.answered(n).date() for n in range(0, 40, 4)}
    ripe = [n for n, day in days.items() if begin <= day - before and day + after <= end]
    assert ripe
    assert lost[lost == 1].index.tolist() == [f"u{n}" for n in ripe]


@pytest.mark.parametrize("sales", ["hubspot_deals", "salesforce"])
def test_feedback_of_a_crm_joins_its_deals(sales, tmp_path):
    made, study = draft(tmp_path, feedback=files.hubspot, sales=getattr(files, sales))
    assert study["tables"]["responses"]["score"] == "hs_value"
    assert study["tables"]["responses"]["customer"] == "hs_contact_id"
    assert study["tables"]["orders"]["amount"] == "Amount"
    assert study["tables"]["orders"]["ordered_at"] in ("Close Date", "CloseDate")
    won = {"salesforce": {"IsWon": ["true"]}, "hubspot_deals": {"Deal Stage": ["closedwon"]}}
    assert study["tables"]["orders"]["keep"] == won[sales]  # all but one
    assert opened(made, tmp_path).ledger.rows("orders", "used") == 79


def test_of_several_surveys_in_one_export_one_is_kept(tmp_path):
    rows = files.hubspot()
    for n in range(1, 12):  # eleven that are no NPS
        rows[n][rows[0].index("hs_survey_type")] = "CES"
    made, study = draft(tmp_path, feedback=rows, sales=files.salesforce)
    assert study["tables"]["responses"]["keep"] == {"hs_survey_type": ["NPS"]}
    assert any("hs_survey_type: the commonest alone" in line for line in made.undecided)
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 29


def test_an_export_that_is_no_table_is_named(tmp_path):
    checkouts = [["id", "email", "abandoned_checkout_url"], [1, "a@x.org", "u"]]
    made, study = draft(tmp_path, survey=files.delighted, shop=files.shopify, left=checkouts)
    assert set(study["tables"]) == {"responses", "orders"}
    assert "An abandoned checkout is no order." in made.text


def test_what_only_a_person_can_say_is_left_open(tmp_path):
    made, study = draft(tmp_path, survey=files.delighted, shop=files.shopify)
    assert "scenario" not in study  # commented out: a report comes without it
    named = [line.partition(":")[0] for line in made.undecided]
    assert {"[scenario] causal_share", "[scenario] gross_margin"} <= set(named)
    active = made.text.replace("# [scenario]", "[scenario]")
    lines = [
        line.removeprefix("# ") if line.startswith(("# from", "# to", "# share_m")) else line
        for line in active.splitlines()
    ]
    text = "\n".join(lines)
    number = 1 + next(i for i, line in enumerate(lines) if line.startswith("share_moved"))
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    told = f"line {number} of study.toml: share_moved is not decided yet; put a value in place"
    with pytest.raises(cx.CxroiError, match=told):
        load_study(path)


def test_no_score_and_no_key_are_said(tmp_path):
    survey = [["token", "when_answered"], *([f"t{n}", files.answered(n)] for n in range(40))]
    made, study = draft(tmp_path, survey=survey, orders=OWN)
    assert study["tables"]["responses"]["score"] == "?"
    assert study["tables"]["responses"]["customer"] == "?"
    assert "perhaps token" in made.text
    assert {line.partition(":")[0] for line in made.undecided} >= {
        "[tables.responses] score",
        "[tables.responses] customer",
        "[scale] kind",
    }
    path = tmp_path / "study.toml"
    path.write_text(made.text, encoding="utf-8")
    with pytest.raises(cx.CxroiError, match="customer is not decided yet") as refused:
        load_study(path)
    open_lines = [line for line in made.text.splitlines() if line.startswith('customer = "?"')]
    assert len(open_lines) == 2  # of the answers and, as nothing joins, of the orders
    assert len(refused.value.problems) == 4  # and the score and its scale
    with pytest.raises(cx.CxroiError, match="of the draft: customer is not decided yet"):
        made.study()


GERMAN = [["Kunden-Nr.", "Bestelldatum", "Umsatz in €", "Bestellnr"]]
GERMAN += [[1000 + n % 40, f"{files.ordered(n):%d.%m.%Y}", f"1.{n:03d},50", n] for n in range(80)]
UMFRAGE = [["Kunden-Nr.", "Weiterempfehlung (0-10)", "Antwortdatum", "Kundengruppe"]]
UMFRAGE += [
    [1000 + n, n % 11, f"{files.answered(n):%d.%m.%Y %H:%M}", "Geschäft" if n % 2 else "Privat"]
    for n in range(40)
]


def german(folder, kind):
    if kind == "csv":
        return [
            files.write(folder, "Umfrage.csv", UMFRAGE, ";"),
            files.write(folder, "Bestellungen.csv", GERMAN, ";"),
        ]
    path = folder / "Auswertung.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet, rows in {"Umfrage": UMFRAGE, "Bestellungen": GERMAN}.items():
            frame = pd.DataFrame(rows[1:], columns=rows[0])
            frame.to_excel(book, sheet_name=sheet, index=False)
    return [path]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_german_export_is_read_as_it_comes(kind, tmp_path):
    made = draft_study(german(tmp_path, kind), folder=tmp_path)
    study = tomllib.loads(made.text)
    assert study["study"]["currency"] == "EUR"
    orders, responses = study["tables"]["orders"], study["tables"]["responses"]
    assert (orders["amount"], orders["ordered_at"]) == ("Umsatz in €", "Bestelldatum")
    assert orders["decimal"] == ","
    assert responses["score"] == "Weiterempfehlung (0-10)"
    assert responses["attributes"] == study["controls"]["columns"] == ["Kundengruppe"]
    assert orders.get("sheet", "Bestellungen") == "Bestellungen"
    panel = opened(made, tmp_path)
    days = study["windows"]["outcome_days"]
    spent = sum(  # days alone: the day of the answer is no day after it
        1000.5 + n
        for n in range(80)
        if 0 < (files.ordered(n).date() - files.answered(n % 40).date()).days <= days
    )
    assert panel.frame["spend_after"].sum() == pytest.approx(spent)


def test_frames_are_drafted_and_read(tmp_path):
    rows = files.delighted()
    survey = pd.DataFrame(rows[1:], columns=rows[0])
    orders = pd.DataFrame(OWN[1:], columns=OWN[0])
    orders["customer_id"] = [files.mail(n % 40) for n in range(80)]
    made = cx.draft_study({"my survey": survey, "sales_2025": orders}, name="Shop")
    assert made.frames["responses"] is survey
    assert made.frames["orders"] is orders
    assert "path" not in made.text
    panel = cx.build_panel(cx.read_tables(made.study(), frames=made.frames))
    assert panel.ledger.rows("responses", "used") == 40
    assert repr(made) == made.text


@pytest.mark.parametrize(
    ("name", "table"), [("basket", "basket"), ("customers", "customers_looked_up")]
)
def test_keys_are_looked_up_where_a_table_has_no_customer(name, table, tmp_path):
    survey = [["review_id", "order_id", "review_score", "answered_at"]]
    survey += [[f"r{n}", f"o{n}", n % 5 + 1, files.answered(n)] for n in range(40)]
    bought = [["order_id", "customer_id", "purchased_at"]]
    bought += [[f"o{n}", f"c{n % 40}", files.ordered(n)] for n in range(80)]
    lines = [["order_id", "price"], *([f"o{n}", n + 6.5] for n in range(80))]
    made, study = draft(tmp_path, reviews=survey, **{name: bought}, items=lines)
    responses = study["tables"]["responses"]
    orders = study["tables"]["orders"]
    for declared in (responses, orders):
        assert declared["via"] == [f"{table}.order_id"]
        assert declared["customer"] == "customer_id"
    assert (orders["amount"], orders["ordered_at"]) == ("price", "purchased_at")
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 40


@pytest.mark.parametrize("kind", ["parquet", "duckdb", "csv.gz"])
def test_files_of_other_kinds_are_opened(kind, tmp_path):
    frames = {"responses": files.delighted(), "orders": OWN}
    frames = {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in frames.items()}
    frames["orders"]["customer_id"] = [files.mail(n % 40) for n in range(80)]
    paths = [tmp_path / f"{name}.{kind}" for name in frames]
    if kind == "parquet":
        for path, frame in zip(paths, frames.values(), strict=True):
            frame.to_parquet(path)
    elif kind == "csv.gz":
        for path, frame in zip(paths, frames.values(), strict=True):
            frame.to_csv(path, index=False)
    else:
        paths = [tmp_path / "shop.duckdb"]
        with duckdb.connect(str(paths[0])) as held:
            for name, frame in frames.items():
                held.register("frame", frame)
                held.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    made = draft_study(paths, folder=tmp_path)
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 40


def test_a_file_that_cannot_be_opened_is_refused_as_ever(tmp_path):
    with pytest.raises(ParameterError, match="nothing to look into"):
        draft_study([])
    with pytest.raises(DataError, match=r"there is no file 'gone\.csv'"):
        draft_study([tmp_path / "gone.csv"])
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(DataError, match=r"line 3 of ragged\.csv"):
        draft_study([tmp_path / "ragged.csv"])


def test_of_many_rows_the_last_count_as_the_first(monkeypatch, tmp_path):
    """The day on which orders end, and a status that comes late, stand in the last rows."""
    monkeypatch.setattr(samples, "ROWS", 20)
    monkeypatch.setattr(samples, "LOOKED_AT", 20)
    rows = files.shopify()
    rows[-2][2] = "refunded"
    made, study = draft(tmp_path, survey=files.delighted, shop=rows)
    assert study["study"]["complete_until"] == dt.date(2025, 12, 22)
    assert study["tables"]["orders"]["drop"] == {"Financial Status": ["voided", "refunded", ""]}
    assert "holds 40 of the 40 customers who answered" in made.text
    (tmp_path / "ragged.csv").write_text("a,b\n" + "1,2\n" * 40 + "1\n")
    with pytest.raises(DataError, match=r"line 42 of ragged\.csv"):
        draft_study([tmp_path / "ragged.csv"])


def test_a_sheet_that_is_no_table_is_named(tmp_path):
    (path,) = german(tmp_path, "xlsx")
    with pd.ExcelWriter(path, mode="a", engine="openpyxl") as book:
        pd.DataFrame({"Stand: Juni": []}).to_excel(book, sheet_name="Notizen", index=False)
    made = draft_study([path], folder=tmp_path)
    assert "# Not read: Auswertung.xlsx, Notizen has a header and no rows." in made.text
    assert set(tomllib.loads(made.text)["tables"]) == {"responses", "orders"}


def test_a_row_number_that_overlaps_by_chance_is_no_customer(tmp_path):
    survey = [["id", "customer_id", "nps", "answered_at"]]
    survey += [[n, 20 + n, n % 11, files.answered(n)] for n in range(40)]
    # the numbers of the rows hold all the customers, the customers themselves but half
    sold = [["id", "customer_id", "amount", "ordered_at"]]
    sold += [[n, 20 + n % 20, n + 6.5, files.ordered(n)] for n in range(80)]
    made, study = draft(tmp_path, survey=survey, orders=sold)
    assert study["tables"]["responses"]["customer"] == "customer_id"
    assert study["tables"]["orders"]["customer"] == "customer_id"
    assert "holds 20 of the 40 customers who answered (50 %)" in made.text


def test_day_and_month_that_cannot_be_told_apart_are_left_open(tmp_path):
    sold = [["customer_id", "ordered_at", "amount"]]
    sold += [[f"C{n % 40:03d}", f"{n % 12 + 1:02d}/{n % 5 + 1:02d}/2025", 5] for n in range(80)]
    made, study = draft(tmp_path, survey=files.qualtrics, orders=sold)
    assert study["tables"]["orders"]["date_format"] == "?"
    assert "%d/%m/%Y or %m/%d/%Y: no day is above 12" in made.text


def test_hardly_any_customer_in_common_is_asked_about(tmp_path):
    sold = [["customer_id", "ordered_at", "amount"]]
    sold += [[f"C{37 + n:03d}", files.ordered(n), 5.5] for n in range(80)]
    made, study = draft(tmp_path, survey=files.qualtrics, orders=sold)
    assert study["tables"]["orders"]["customer"] == "customer_id"
    told = "[tables.orders] customer: holds 3 of the 40 customers who answered (8 %)"
    assert any(line.startswith(told) for line in made.undecided)


def test_several_answers_of_a_customer_in_one_file_are_waves(tmp_path):
    rows = [["member", "nps", "answered_on", "spend_after"]]
    rows += [
        [f"m{n % 20}", n % 11, f"2025-{1 + 3 * (n // 20):02d}-{n % 20 + 1:02d}", n + 0.5]
        for n in range(40)
    ]
    made, study = draft(tmp_path, members=rows)
    assert study["tables"]["customers"] == {
        "path": "members.csv",
        "customer": "member",
        "score": "nps",
        "answered_at": "answered_on",
    }
    assert study["outcomes"]["columns"]["spend"] == {"column": "spend_after", "kind": "amount"}
    assert opened(made, tmp_path).ledger.rows("customers", "used") == 40


def test_the_readme_s_own_file_is_drafted(tmp_path):
    """Outcome and baseline are told by before and after, next and last."""
    rows = [["member_no", "nps", "segment", "spend_next_quarter", "spend_last_quarter", "churned"]]
    rows += [[f"m{n}", n % 11, "ab"[n % 2], n + 0.5, n, "yn"[n % 2]] for n in range(40)]
    made, study = draft(tmp_path, members=rows)
    spend = study["outcomes"]["columns"]["spend"]
    assert spend == {
        "column": "spend_next_quarter",
        "kind": "amount",
        "baseline": "spend_last_quarter",
    }
    assert study["controls"]["columns"] == ["segment"]
    # churned does not say when: that it came after the answer is for a person to say
    assert [line for line in made.undecided if "came" in line or "come after" in line] == [
        "[outcomes.columns.churned] column: did this come after the answer, all of it? Else it is "
        "no outcome"
    ]


def test_data_that_ends_with_the_survey_leaves_the_window_open(tmp_path):
    made, study = draft(tmp_path, ratings=files.intercom, billing=files.chargebee)
    # conversations of the forty days of the survey alone: 26 of 40 answers have 14 days after it
    assert study["windows"] == {"baseline_days": 14, "outcome_days": 14}
    assert made.text.count("# 65% of the answers have so many days of data") == 2
    # and 12 have both, those of the 15th to the 26th day
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 12
    june = [dt.date(2025, 6, 1 + n % 30) for n in range(80)]
    sold = [OWN[0], *([row[0], day, *row[2:]] for row, day in zip(OWN[1:], june, strict=True))]
    made, study = draft(tmp_path, survey=files.qualtrics, orders=sold)
    assert study["windows"]["outcome_days"] == "?"
    told = "[windows] outcome_days: only 0% of the answers have so many days of data after"
    assert any(line.startswith(told) for line in made.undecided)


def test_a_second_file_of_orders_is_asked_about(tmp_path):
    more = [[*row, "EUR"] for row in OWN[:31]]
    made, study = draft(tmp_path, survey=files.qualtrics, orders=OWN, orders_2026=more)
    assert study["tables"]["orders"]["path"] == "orders.csv"
    told = "orders_2026.csv: not used: a second table of orders; do its rows belong there too?"
    assert told in made.undecided
    assert "orders_2026.csv" not in str(study)


def test_what_was_paid_back_is_asked(tmp_path):
    stripe = files.stripe()
    stripe[5][5] = 3.5
    made, _ = draft(tmp_path, survey=files.delighted, stripe=stripe)
    told = "as Stripe exports it; before what Amount Refunded holds: is that taken off?"
    assert f"[tables.orders] amount: {told}" in made.undecided
    made, _ = draft(tmp_path, survey=files.delighted, stripe=files.stripe)
    assert not [line for line in made.undecided if "[tables.orders]" in line]  # nothing paid back


def test_a_column_by_another_name_is_found_by_its_values(tmp_path):
    sold = [["Ref", "Numero", "Fecha", "Importe"]]
    sold += [[f"X{n % 40:03d}", n, files.ordered(n), n + 6.5] for n in range(80)]
    survey = [["Codigo", "NPS", "Fecha"]]
    survey += [[f"X{n:03d}", n % 11, files.answered(n)] for n in range(40)]
    made, study = draft(tmp_path, encuesta=survey, ventas=sold)
    assert study["tables"]["responses"]["customer"] == "Codigo"
    assert study["tables"]["orders"]["customer"] == "Ref"
    told = "[tables.orders] customer: holds 40 of the 40 customers who answered (100 %): by its "
    assert f"{told}values alone; is it who?" in made.undecided
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 40


def test_a_french_export_joins_by_the_number_of_the_client(tmp_path):
    sold = [["N° client", "Date de commande", "Montant TTC"]]
    sold += [[f"{n % 40:05d}", f"{files.ordered(n):%d/%m/%Y}", f"{n},50 €"] for n in range(80)]
    survey = [["N° client", "Note de satisfaction", "Date de réponse"]]
    survey += [[f"{n:05d}", n % 5 + 1, f"{files.answered(n):%d/%m/%Y}"] for n in range(40)]
    made, study = draft(tmp_path, enquete=survey, commandes=sold)
    assert study["tables"]["orders"]["customer"] == "N° client"
    assert (study["tables"]["orders"]["decimal"], study["study"]["currency"]) == (",", "EUR")
    assert study["scale"]["kind"] == "csat"
    assert opened(made, tmp_path).ledger.rows("responses", "used") == 40
