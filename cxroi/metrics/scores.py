"""Scores: what customers answer."""

from __future__ import annotations

from typing import Any

from .metric import Band, Metric
from .relations import ANSWER


def _consistency(name: str, column: str, plural: str) -> Metric:
    """Return the metric of how far a score differs between the values of a column."""
    return Metric(
        name,
        f"Differences between {plural} (share of the spread; 0: the same for all)",
        "attitude",
        f"How far do {plural} differ in the experience that they give?",
        f"share of the spread of the answers of a score that lies between {plural}, less what "
        "chance alone puts there (epsilon squared, Kelley 1935; at least 0)",
        "share of the spread",
        "share_of",
        {"scores:": (column,)},
        "SELECT customer, seen_at, name AS part, y - (y - apart) * (n - 1) / (n - k) AS x, y FROM "
        "(SELECT customer, seen_at, name, n, (level - whole) * (mean - whole) AS apart, "
        "(level - whole) * (level - whole) AS y, round(sum(1.0 / alike) OVER (PARTITION BY name)) "
        "AS k FROM (SELECT customer, seen_at, name, level, count(*) OVER (PARTITION BY name, "
        f"{column}) AS alike, avg(level) OVER (PARTITION BY name, {column}) AS mean, count(*) OVER "
        "(PARTITION BY name) AS n, avg(level) OVER (PARTITION BY name) AS whole FROM {scores} AS a "
        f"WHERE level IS NOT NULL AND {column} IS NOT NULL AND (seen_at IS NULL OR (seen_at "
        ">= {start} AND seen_at < {end}))) AS s) AS t WHERE n > k",
        better="lower",
        articles=("A2", "A3"),
        parts="score",
        divisible=False,
    )


def _difference(after: Any, n_after: Any, before: Any, n_before: Any) -> Any:
    """Mean after less mean before."""
    return after / n_after - before / n_before


SCORES = (
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
        "AS x, name AS part, " + ANSWER + " FROM {scores} AS s WHERE kind = 'nps'",
        band=Band(0, None, "above 0 good, above 20 great, above 50 excellent", "A3"),
        articles=("A1", "A2", "A3", "A4"),
        weighted=True,
        parts="score",
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
        "SELECT customer, seen_at, CASE WHEN good = 1 THEN 1 WHEN good IS NULL THEN NULL ELSE 0 "
        "END AS x, name AS part, " + ANSWER + " FROM {scores} AS s "
        "WHERE kind = 'csat'",
        better="higher",
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
        "SELECT customer, seen_at, score AS x, name AS part, " + ANSWER + " FROM {scores} AS s "
        "WHERE kind = 'csat'",
        better="",
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
        "SELECT customer, seen_at, score AS x, name AS part, " + ANSWER + " FROM {scores} AS s "
        "WHERE kind = 'ces'",
        better="",
        band=Band(None, None, "1 to 2 of 5, 1 to 3 of 7, on a scale where low is good", "A3", True),
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
        "SELECT customer, seen_at, CASE WHEN good = 1 THEN 1 WHEN good IS NULL THEN NULL ELSE 0 "
        "END AS x, name AS part, " + ANSWER + " FROM {scores} AS s "
        "WHERE kind = 'ces'",
        better="higher",
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
        "SELECT customer, seen_at, score AS x, name AS part, " + ANSWER + " FROM {scores} AS s "
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
        "mean place between worst (0) and best (100) of all scores beside the main one that a "
        "customer "
        "gave together, each with the same weight",
        "points of 100",
        "mean",
        {"ratings": ("answered_at",), "scores:": ()},
        "SELECT customer, seen_at, 100 * avg(level) AS x, max(weight) AS weight, max(wave) AS "
        "wave, "
        "answer, home FROM {scores} AS s WHERE main = 0 "
        "GROUP BY customer, seen_at, home, answer",
        articles=("A1",),
        weighted=True,
    ),
    Metric(
        "score_by_product",
        "Satisfaction by product (all scores together)",
        "attitude",
        "Which products do well, which do exceptionally?",
        "mean place of the answers between the worst (0) and the best (100) of their scale",
        "points of 100",
        "mean",
        {"scores:": ("product",)},
        "SELECT customer, seen_at, 100 * level AS x, product AS part, " + ANSWER + " FROM {scores} "
        "AS s WHERE product IS NOT NULL",
        articles=("A2",),
        weighted=True,
        parts="product",
    ),
    Metric(
        "score_by_channel",
        "Satisfaction by channel (all scores together)",
        "attitude",
        "Is the experience the same in all channels?",
        "mean place of the answers between the worst (0) and the best (100) of their scale",
        "points of 100",
        "mean",
        {"scores:": ("channel",)},
        "SELECT customer, seen_at, 100 * level AS x, channel AS part, " + ANSWER + " FROM {scores} "
        "AS s WHERE channel IS NOT NULL",
        articles=("A2", "A3"),
        weighted=True,
        parts="channel",
    ),
    _consistency("consistency", "channel", "channels"),
    _consistency("consistency_of_phases", "phase", "phases of the journey"),
    _consistency("consistency_of_staff", "agent", "staff"),
    Metric(
        "scores_around_events",
        "Scores around events of the company",
        "attitude",
        "What did an outage, a new strategy or a change of staff do to the scores?",
        "mean place of the answers between the worst (0) and the best (100) of their scale in the "
        "30 "
        "days from a dated event less that in the 30 days before; what else changed then is in it "
        "too",
        "points of 100",
        "function",
        {"company_events": ("happened_at", "event"), "scores:": ("answered_at",)},
        "SELECT s.customer, s.seen_at, replace(e.name, '_', ' ') || ', ' || e.event || ' of ' || "
        "CAST(CAST(e.happened_at "
        "AS DATE) AS VARCHAR) AS part, s.weight, s.wave, s.answer, s.home, CASE WHEN s.seen_at >= "
        "e.happened_at THEN 100 * s.level ELSE 0.0 END AS x1, CASE WHEN s.seen_at >= e.happened_at "
        "THEN 1.0 ELSE 0.0 END AS x2, CASE WHEN s.seen_at < e.happened_at THEN 100 * s.level ELSE "
        "0.0 "
        "END AS x3, CASE WHEN s.seen_at < e.happened_at THEN 1.0 ELSE 0.0 END AS x4 FROM {scores} "
        "AS "
        "s JOIN (SELECT n.name, c.happened_at, c.event FROM {company_events} AS c CROSS JOIN "
        "(SELECT "
        "DISTINCT name FROM {scores} AS d) AS n WHERE c.happened_at - INTERVAL 30 DAY >= {begin} "
        "AND "
        "c.happened_at + INTERVAL 30 DAY <= {until}) AS e ON e.name = s.name AND s.seen_at >= "
        "e.happened_at - INTERVAL 30 DAY AND s.seen_at < e.happened_at + INTERVAL 30 DAY",
        articles=("A0", "A2"),
        weighted=True,
        parts="score and event",
        value=_difference,
        columns=4,
    ),
    Metric(
        "experience_of_prospects",
        "Score of prospects",
        "attitude",
        "How do people who are not customers yet experience us?",
        "share of answers in the best group of the main score less share in its worst, in points, "
        "of "
        "prospects",
        "points",
        "nps",
        {"prospects": ("first_seen_at", "score")},
        "SELECT customer, seen_at, good AS x FROM {asked_prospects} AS p",
        articles=("A1",),
    ),
    Metric(
        "experience_of_former",
        "Score of former customers",
        "attitude",
        "What do those say who left?",
        "share of answers in the best group of the main score less share in its worst, in points, "
        "given while no subscription ran and after one had ended",
        "points",
        "nps",
        {"scores:": ("answered_at",), "subscriptions": ("started_at", "cancelled_at")},
        "SELECT s.customer, s.seen_at, s.good AS x, "
        "s.weight, s.wave, s.answer, s.home FROM {scores} AS s JOIN (SELECT a.answer FROM {scores} "
        "AS "
        "a JOIN {subscriptions} AS b ON b.customer = a.customer AND b.started_at <= a.seen_at "
        "WHERE "
        "a.main = 1 GROUP BY a.answer HAVING max(CASE WHEN b.cancelled_at IS NULL OR "
        "b.cancelled_at > "
        "a.seen_at THEN 1 ELSE 0 END) = 0) AS f ON f.answer = s.answer WHERE s.main = 1",
        articles=("A1",),
        weighted=True,
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
