"""Surveys: who answers them, and what the staff answer."""

from __future__ import annotations

from .metric import Band, Metric

SURVEYS = (
    Metric(
        "verbatims",
        "Answers with a comment",
        "attitude",
        "How many say why?",
        "answers with a comment over all answers",
        "share",
        "share",
        {"responses": ("comment",)},
        "SELECT customer, answered_at AS seen_at, CASE WHEN length(trim(coalesce(comment, ''))) > "
        "0 "
        "THEN 1 ELSE 0 END AS x FROM {responses}",
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
        "SELECT customer, seen_at, CASE WHEN max(level) >= 0.9 AND min(level) <= 0.1 THEN 1 ELSE 0 "
        "END AS x FROM {scores} AS s GROUP BY customer, seen_at, home, answer HAVING "
        "count(*) > 1",
        better="lower",
        articles=("A2",),
    ),
    Metric(
        "response_rate",
        "Survey response rate",
        "attitude",
        "How many of those asked answer?",
        "invitations that were answered within 30 days over all that are so old; an answer belongs "
        "to "
        "the last invitation before it",
        "share",
        "share",
        {"asked": ("invited_at",)},
        "SELECT customer, seen_at, replied AS x FROM {asked} AS a",
        band=Band(0.10, 0.15, "10 to 15 % is usual", "A0"),
        articles=("A0",),
    ),
    Metric(
        "response_by_touchpoint",
        "Response rate by touchpoint",
        "attitude",
        "Where do customers answer?",
        "invitations that were answered within 30 days over all that are so old; an answer belongs "
        "to "
        "the last invitation before it; by what they asked about",
        "share",
        "share",
        {"asked": ("touchpoint",)},
        "SELECT customer, seen_at, replied AS x, touchpoint AS part FROM {asked} AS a WHERE "
        "touchpoint IS NOT NULL",
        articles=("A0",),
        parts="touchpoint",
    ),
    Metric(
        "response_by_delay",
        "Response rate by time since the event",
        "attitude",
        "How soon after what happened do customers still answer?",
        "invitations that were answered within 30 days over all that are so old; an answer belongs "
        "to "
        "the last invitation before it; by the time from what they ask about to the invitation",
        "share",
        "share",
        {"asked": ("event_at",)},
        "SELECT customer, seen_at, replied AS x, CASE WHEN delay < 86400 THEN '1 within a day' "
        "WHEN "
        "delay < 259200 THEN '2 one to three days' WHEN delay < 604800 THEN '3 three to seven "
        "days' "
        "WHEN delay < 2592000 THEN '4 a week to 30 days' ELSE '5 more than 30 days' END AS part "
        "FROM "
        "{asked} AS a WHERE delay >= 0",
        articles=("A0",),
        parts="time since the event",
    ),
    Metric(
        "survey_fatigue",
        "Response by how often asked",
        "attitude",
        "Do customers tire of being asked?",
        "response rate of the first, second and further invitations of a customer within a year, "
        "as "
        "far back as the invitations reach",
        "share",
        "share",
        {"asked": ("invited_at",)},
        "SELECT customer, seen_at, replied AS x, CASE WHEN often = 1 THEN 'first' WHEN often = 2 "
        "THEN "
        "'second' ELSE 'third or later' END AS part FROM {asked} AS a",
        articles=("A2",),
        parts="invitation of a customer within a year",
    ),
    Metric(
        "response_by_length",
        "Response rate by length of the survey",
        "attitude",
        "Do long surveys cost answers?",
        "invitations that were answered within 30 days over all that are so old, by the number of "
        "questions",
        "share",
        "share",
        {"asked": ("questions",)},
        "SELECT customer, seen_at, replied AS x, CASE WHEN questions <= 3 THEN '1 to 3' WHEN "
        "questions "
        "<= 10 THEN '4 to 10' ELSE 'more than 10' END AS part FROM {asked} AS a WHERE questions >= "
        "1",
        articles=("A2",),
        parts="questions",
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
        of="staff",
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
        of="staff",
    ),
    Metric(
        "employee_nps_after",
        "Employee NPS after the customers' score",
        "attitude",
        "Are teams more engaged after their customers were better served?",
        "share of staff answers 9 and 10 less share of 0 to 6, in points, of teams whose customers "
        "scored above, and not above, the mean of all teams in the 90 days before; an association",
        "NPS points",
        "nps",
        {
            "staff": ("staff", "team"),
            "staff_answers": ("staff", "answered_at", "score"),
            "scores:": ("answered_at", "agent"),
        },
        "SELECT team AS customer, seen_at, CASE WHEN score >= 9 THEN 1 WHEN score < 7 THEN -1 ELSE "
        "0 "
        "END AS x, CASE WHEN level > avg(level) OVER () THEN 'customers scored above the mean' "
        "ELSE "
        "'customers did not' END AS part FROM (SELECT a.row, p.team, a.answered_at AS seen_at, "
        "a.score, sum(d.total) / sum(d.n) AS level FROM {staff_answers} AS a JOIN (SELECT staff, "
        "min(team) AS team FROM {staff} WHERE team IS NOT NULL GROUP BY staff) AS p ON p.staff = "
        "a.staff JOIN (SELECT t.team, date_trunc('day', s.seen_at) AS day, sum(s.level) AS total, "
        "count(*) AS n FROM {scores} AS s JOIN (SELECT staff AS agent, min(team) AS team FROM "
        "{staff} "
        "WHERE team IS NOT NULL GROUP BY staff UNION SELECT team, team FROM {staff} WHERE team IS "
        "NOT "
        "NULL) AS t ON t.agent = s.agent GROUP BY t.team, date_trunc('day', s.seen_at)) AS d ON "
        "d.team = p.team AND d.day < date_trunc('day', a.answered_at) AND d.day >= a.answered_at - "
        "INTERVAL 90 DAY WHERE a.answered_at >= {start} AND a.answered_at < {end} AND "
        "a.answered_at - INTERVAL 90 DAY >= {begin} GROUP BY a.row, p.team, a.answered_at, "
        "a.score) "
        "AS e",
        articles=("A1",),
        parts="customers' score before",
        of="teams",
    ),
)
