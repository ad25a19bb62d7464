"""Which export a header belongs to: headers as the vendors write them."""

import re

import pytest

from cxroi.reading.exports import catalogue
from cxroi.study.table_schema import TABLES

HEADERS = {
    "Qualtrics, survey responses": "StartDate,EndDate,Status,IPAddress,Progress,Finished,"
    "RecordedDate,ResponseId,ExternalReference,DistributionChannel,Q1_NPS_GROUP,Q1",
    "Qualtrics, survey responses, legacy layout": "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,Q2",
    "SurveyMonkey, individual responses": "Respondent ID,Collector ID,Start Date,End Date,"
    "IP Address,Email Address,First Name,Last Name,Custom Data 1,How likely?",
    "Typeform, responses": "#,How likely?,email,Response Type,Start Date (UTC),Stage Date (UTC),"
    "Submit Date (UTC),Network ID,Tags",
    "Google Forms, responses": "Timestamp,Email Address,How likely are you to recommend us?",
    "Delighted, survey responses": "id,person,survey_type,score,comment,permalink,created_at",
    "Zendesk, satisfaction ratings": "id,assignee_id,comment,created_at,group_id,reason,"
    "requester_id,score,ticket_id,updated_at,url",
    "Zendesk, tickets": "id,assignee_id,created_at,requester_id,status,subject,submitter_id",
    "Intercom, conversations with ratings": "id,updated_at,conversation_rating_created_at,"
    "conversation_rating_remark,conversation_rating_value,created_at,source_author_id",
    "HubSpot, feedback submissions": "hs_contact_id,hs_submission_timestamp,hs_survey_type,"
    "hs_value",
    "HubSpot, tickets": "Ticket ID,Ticket name,Create date,Associated Contact",
    "HubSpot, deals": "Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Company",
    "Salesforce, cases": "Id,CaseNumber,AccountId,ContactId,CreatedDate",
    "Salesforce, opportunities": "Id,AccountId,StageName,Amount,CloseDate,IsWon,IsClosed",
    "Salesforce, accounts": "Id,IsDeleted,Name,Type,BillingCountry,Industry",
    "Shopify, orders": "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,"
    "Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price",
    "Shopify, customers": "Customer ID,First Name,Last Name,Email,Total Spent,Total Orders",
    "Shopify, abandoned checkouts": "id,email,abandoned_checkout_url,total_price,created_at",
    "WooCommerce, orders": "order_id,order_number,order_date,status,order_total,customer_id,"
    "billing_email,order_currency",
    "Stripe, payments of the dashboard": "id,Description,Seller Message,Created (UTC),Amount,"
    "Amount Refunded,Currency,Status,Customer ID,Customer Email,Captured",
    "Stripe, charges by the API": "id,amount,amount_refunded,balance_transaction_id,created,"
    "currency,customer_id,status",
    "Stripe, subscriptions by the API": "id,cancel_at,canceled_at,created,current_period_end,"
    "current_period_start,customer_id,ended_at,start_date,status",
    "Chargebee, subscriptions by the API": "id,customer_id,status,current_term_start,"
    "billing_period,started_at,cancelled_at,mrr",
    "Chargebee, invoices by the API": "id,customer_id,date,total,amount_paid,currency_code,status",
}


@pytest.mark.parametrize("name", HEADERS)
def test_an_export_is_recognised_by_its_header(name):
    header = HEADERS[name].split(",")
    found = catalogue.recognise(header)
    assert found is not None
    assert found.name == name
    assert catalogue.recognise([f" {column.upper()} " for column in header]) == found
    # what it says the columns mean is there, but for other layouts of the same export
    for columns in found.columns.values():
        assert set(columns) & set(header) or found.name.startswith("HubSpot, feedback")


def test_a_table_of_ones_own_is_no_export():
    assert catalogue.recognise(["customer_id", "score", "answered_at", "comment"]) is None
    assert catalogue.recognise(["order_id", "customer_id", "ordered_at", "amount"]) is None


def test_every_export_says_what_a_study_file_can_say():
    for export in catalogue.EXPORTS:
        assert export.role in {"", *TABLES}, export.name
        for role, columns in {export.role: export.columns, **export.also}.items():
            assert not role or set(columns) <= set(TABLES[role].keys), export.name
        assert all(header == header.casefold() for header in export.headers), export.name


@pytest.mark.parametrize("vendor", catalogue.VENDORS)
def test_every_layout_says_where_it_was_looked_up(vendor):
    layout = vendor.__doc__.partition("Layout: ")[2]
    assert re.search(r"\w\.(?:com|io|org)\b", layout), vendor.__name__
