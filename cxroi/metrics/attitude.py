"""Attitude: what customers and staff answer, and who answers."""

from __future__ import annotations

from .metric import Band, Metric

ATTITUDE = (
    Metric(
        "nps",
        "Net Promoter Score",
        "attitude",
        "How many more would recommend us than would not?",
        "share of answers 9 and 10 less share of 0 to 6, in points",
        "NPS points",
        "nps",
        {"scores:nps": ()},
        "SELECT customer, seen_at, CASE WHEN score >= 9 THEN 1 WHEN score < 7 THEN -1 ELSE 0 END "
        "AS x, weight, wave FROM {scores} WHERE kind = 'nps'",
        band=Band(0, None, "above 0 good, above 20 great, above 50 excellent", "A3"),
        articles=("A1", "A2", "A3", "A4"),
        weighted=True,
    ),
    Metric(
        "csat",
        "Customer satisfaction (CSAT)",
        "attitude",
        "How many are satisfied?",
        "answers in the best group (4 and 5 of 5) over all answers",
        "share",
        "share",
        {"scores:csat": ()},
        "SELECT customer, seen_at, CASE WHEN good = 1 THEN 1 ELSE 0 END AS x, name AS part, "
        "weight, wave FROM {scores} WHERE kind = 'csat' AND good IS NOT NULL",
        band=Band(0.75, 0.85, "75 to 85 %", "A3"),
        articles=("A2", "A3"),
        weighted=True,
        parts="score",
    ),
    Metric(
        "csat_mean",
        "Mean satisfaction",
        "attitude",
        "How does satisfaction move over time and between like customers?",
        "mean of the answers",
        "scale points",
        "mean",
        {"scores:csat": ()},
        "SELECT customer, seen_at, score AS x, name AS part, weight, wave FROM {scores} "
        "WHERE kind = 'csat'",
        articles=("A2",),
        weighted=True,
        parts="score",
    ),
    Metric(
        "ces",
        "Customer effort score (CES)",
        "attitude",
        "How easy was it for customers?",
        "mean of the answers, in the direction that the study declares",
        "scale points",
        "mean",
        {"scores:ces": ()},
        "SELECT customer, seen_at, score AS x, name AS part, weight, wave FROM {scores} "
        "WHERE kind = 'ces'",
        better="",
        band=None,
        articles=("A0", "A1", "A3", "A4"),
        weighted=True,
        parts="score",
    ),
    Metric(
        "ces_easy",
        "Share who found it easy",
        "attitude",
        "For how many was it easy?",
        "answers in the better group of the effort scale over all answers",
        "share",
        "share",
        {"scores:ces": ()},
        "SELECT customer, seen_at, CASE WHEN good = 1 THEN 1 ELSE 0 END AS x, name AS part, "
        "weight, wave FROM {scores} WHERE kind = 'ces' AND good IS NOT NULL",
        articles=("A0", "A3"),
        weighted=True,
        parts="score",
    ),
    Metric(
        "custom_score",
        "Other scores",
        "attitude",
        "What do customers say on scales of our own?",
        "mean of the answers",
        "scale points",
        "mean",
        {"scores:custom": ()},
        "SELECT customer, seen_at, score AS x, name AS part, weight, wave FROM {scores} "
        "WHERE kind = 'custom'",
        better="",
        articles=("A1",),
        weighted=True,
        parts="score",
    ),
    Metric(
        "quality_index",
        "Quality of customer interaction (QCI)",
        "attitude",
        "How good is the experience in all its parts?",
        "mean place between worst (0) and best (100) of all scores beside the main one, each part "
        "with the same weight",
        "points of 100",
        "mean",
        {"ratings": ("answered_at",), "scores:": ()},
        "SELECT customer, seen_at, 100 * avg(level) AS x FROM {scores} WHERE main = 0 "
        "GROUP BY customer, seen_at",
        articles=("A1",),
    ),
    Metric(
        "score_by_product",
        "Satisfaction by product",
        "attitude",
        "Which products do well, which do exceptionally?",
        "mean place of the answers between the worst (0) and the best (100) of their scale",
        "points of 100",
        "mean",
        {"ratings": ("product",), "scores:": ()},
        "SELECT customer, seen_at, 100 * level AS x, product AS part, weight, wave FROM {scores} "
        "WHERE product IS NOT NULL",
        articles=("A2",),
        weighted=True,
        parts="product",
    ),
    Metric(
        "score_by_channel",
        "Satisfaction by channel",
        "attitude",
        "Is the experience the same in all channels?",
        "mean place of the answers between the worst (0) and the best (100) of their scale",
        "points of 100",
        "mean",
        {"ratings": ("channel",), "scores:": ()},
        "SELECT customer, seen_at, 100 * level AS x, channel AS part, weight, wave FROM {scores} "
        "WHERE channel IS NOT NULL",
        articles=("A2", "A3"),
        weighted=True,
        parts="channel",
    ),
    Metric(
        "consistency",
        "Consistency across channels",
        "attitude",
        "How far do channels differ in the experience that they give?",
        "share of the spread of the answers that lies between channels (eta squared): mean product "
        "of a customer's place with that of the channel, both less the mean",
        "share of the spread",
        "ratio",
        {"ratings": ("channel",), "scores:": ()},
        "SELECT customer, seen_at, (level - whole) * (mean - whole) AS x, "
        "(level - whole) * (level - whole) AS y FROM (SELECT customer, seen_at, level, "
        "avg(level) OVER (PARTITION BY name, channel) AS mean, "
        "avg(level) OVER (PARTITION BY name) AS whole FROM {scores} "
        "WHERE channel IS NOT NULL) AS s",
        better="lower",
        articles=("A2", "A3"),
    ),
    Metric(
        "verbatims",
        "Answers with a comment",
        "attitude",
        "How many say why?",
        "answers with a comment over all answers",
        "share",
        "share",
        {"responses": ("comment",)},
        "SELECT customer, answered_at AS seen_at, CASE WHEN comment IS NOT NULL THEN 1 ELSE 0 "
        "END AS x FROM {responses}",
        articles=("A2",),
    ),
    Metric(
        "misread_scales",
        "Answers that contradict themselves",
        "attitude",
        "How many may have read the scale the wrong way round?",
        "of those who gave several scores in one questionnaire: one in its best, another in its "
        "worst tenth",
        "share",
        "share",
        {"ratings": ("answered_at",), "scores:": ()},
        "SELECT customer, seen_at, CASE WHEN max(level) >= 0.9 AND min(level) <= 0.1 THEN 1 ELSE "
        "0 END AS x FROM {scores} GROUP BY customer, seen_at HAVING count(*) > 1",
        better="lower",
        articles=("A2",),
    ),
    Metric(
        "employee_nps",
        "Employee NPS (eNPS)",
        "attitude",
        "Would our staff recommend working here?",
        "share of answers 9 and 10 less share of 0 to 6, in points",
        "NPS points",
        "nps",
        {"staff_answers": ("staff", "answered_at", "score")},
        "SELECT staff AS customer, answered_at AS seen_at, "
        "CASE WHEN score >= 9 THEN 1 WHEN score < 7 THEN -1 ELSE 0 END AS x FROM {staff_answers}",
        articles=("A4",),
    ),
    Metric(
        "employee_satisfaction",
        "Employee satisfaction by team",
        "attitude",
        "How satisfied is each team?",
        "mean of the answers, 0 to 10",
        "scale points",
        "mean",
        {"staff_answers": ("staff", "answered_at", "score", "team")},
        "SELECT staff AS customer, answered_at AS seen_at, score AS x, team AS part "
        "FROM {staff_answers} WHERE team IS NOT NULL",
        articles=("A1", "A4"),
        parts="team",
    ),
    Metric(
        "response_rate",
        "Survey response rate",
        "attitude",
        "How many of those asked answer?",
        "invitations with an answer within 30 days, before the next one, over all invitations",
        "share",
        "share",
        {"asked": ("invited_at",)},
        "SELECT customer, seen_at, CASE WHEN replied_at IS NULL THEN 0 ELSE 1 END AS x "
        "FROM {asked} AS a WHERE seen_at + INTERVAL 30 DAY <= {until}",
        band=Band(0.10, 0.15, "10 to 15 % is usual", "A0"),
        articles=("A0",),
    ),
    Metric(
        "response_by_touchpoint",
        "Response rate by touchpoint",
        "attitude",
        "Where do customers answer?",
        "invitations with an answer within 30 days over all invitations, by what they ask about",
        "share",
        "share",
        {"asked": ("touchpoint",)},
        "SELECT customer, seen_at, touchpoint AS part, CASE WHEN replied_at IS NULL THEN 0 ELSE 1 "
        "END AS x FROM {asked} AS a WHERE touchpoint IS NOT NULL AND seen_at + INTERVAL 30 DAY <= "
        "{until}",
        articles=("A0",),
        parts="touchpoint",
    ),
    Metric(
        "response_by_delay",
        "Response rate by time since the event",
        "attitude",
        "How soon after an event should customers be asked?",
        "invitations with an answer within 30 days over all invitations, by the time from what "
        "they ask about until they were sent",
        "share",
        "share",
        {"asked": ("event_at",)},
        "SELECT customer, seen_at, CASE WHEN replied_at IS NULL THEN 0 ELSE 1 END AS x, CASE WHEN "
        "wait < 24 THEN '1 within a day' WHEN wait < 72 THEN '2 one to three days' WHEN wait < 168 "
        "THEN '3 three to seven days' ELSE '4 later' END AS part FROM (SELECT *, "
        "date_diff('second', event_at, seen_at) / 3600.0 AS wait FROM {asked} AS a) AS w WHERE "
        "wait >= 0 AND seen_at + INTERVAL 30 DAY <= {until}",
        articles=("A0",),
        parts="time since the event",
    ),
    Metric(
        "survey_fatigue",
        "Response by how often asked",
        "attitude",
        "Do customers tire of being asked?",
        "response rate of the first, second and further invitations of a customer within a year",
        "share",
        "share",
        {"asked": ("invited_at",)},
        "SELECT customer, seen_at, CASE WHEN replied_at IS NULL THEN 0 ELSE 1 END AS x, CASE WHEN "
        "k = 1 THEN 'first' WHEN k = 2 THEN 'second' ELSE 'third or later' END AS part FROM "
        "(SELECT *, count(*) OVER (PARTITION BY customer ORDER BY seen_at RANGE BETWEEN INTERVAL "
        "365 DAY PRECEDING AND CURRENT ROW) AS k FROM {asked} AS a) AS t WHERE seen_at + "
        "INTERVAL 30 DAY <= {until}",
        articles=("A2",),
        parts="invitation of a customer within a year",
    ),
    Metric(
        "experience_of_prospects",
        "Score of prospects",
        "attitude",
        "How do people who are not customers yet experience us?",
        "share of answers 9 and 10 less share of 0 to 6, in points, of prospects",
        "NPS points",
        "nps",
        {"prospects": ("score",)},
        "SELECT customer, first_seen_at AS seen_at, CASE WHEN score >= 9 THEN 1 WHEN score < 7 "
        "THEN -1 ELSE 0 END AS x FROM {prospects} WHERE score IS NOT NULL",
        articles=("A1",),
    ),
    Metric(
        "experience_of_former",
        "Score of former customers",
        "attitude",
        "What do those say who left?",
        "share of answers 9 and 10 less share of 0 to 6, in points, given after the subscription "
        "ended",
        "NPS points",
        "nps",
        {"responses": ("answered_at",), "subscriptions": ("cancelled_at",), "scores:nps": ()},
        "SELECT r.customer, r.answered_at AS seen_at, CASE WHEN r.score >= 9 THEN 1 WHEN r.score "
        "< 7 THEN -1 ELSE 0 END AS x FROM {responses} AS r JOIN (SELECT customer, "
        "max(started_at) AS began, max(cancelled_at) AS ended FROM {subscriptions} GROUP BY "
        "customer HAVING count(*) = count(cancelled_at)) AS s ON s.customer = r.customer "
        "WHERE r.answered_at > s.ended",
        articles=("A1",),
    ),
    Metric(
        "expectation_gap",
        "Performance less expectation",
        "attitude",
        "What was expected, and how far was it met?",
        "mean of performance less expectation, by item",
        "scale points",
        "mean",
        {"expectations": ("item", "expected", "performance")},
        "SELECT customer, stated_at AS seen_at, performance - expected AS x, item AS part "
        "FROM {expectations}",
        articles=("A2",),
        parts="item",
        optional={"expectations": ("stated_at",)},
    ),
)
