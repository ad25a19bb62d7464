"""Claims that no table of one company can tell, and why."""

from __future__ import annotations

from .claim import Claim

_COMPANIES = "it compares companies"

BEYOND = (
    Claim(
        "nps_and_growth",
        "NPS goes with profit and growth",
        "more",
        ("A1",),
        "companies of one industry beside one another, too few to say (for banking NPS .40 with "
        "p .20: Keiningham and others 2008, table 1)",
        untold=_COMPANIES,
    ),
    Claim(
        "experience_companies_sell_more",
        "Companies that focus on customer experience sell more",
        "more",
        ("A4",),
        "companies that say they lead in it, which may be those that do well anyway",
        untold=_COMPANIES,
    ),
    Claim(
        "few_measure_prospects",
        "Fewer than 20 % of companies measure those who are not customers well; over 80 % follow "
        "likelihood to recommend or satisfaction with an interaction, over 75 % NPS",
        "under 20 %, over 80 %, over 75 %",
        ("A1",),
        "a survey of large companies: context, not a claim about customers",
        untold=_COMPANIES,
    ),
    Claim(
        "personal_offers",
        "Personalisation raises conversion and loyalty and lowers churn",
        "more",
        ("A1",),
        "what marketing managers expect (Gartner), not what customers did",
        untold="needs: a record of who was shown something personal and who, by lot, was not, "
        "which no table of the study file holds",
    ),
    Claim(
        "free_text",
        "Free text avoids asking the wrong question",
        "better",
        ("A2",),
        "a general statement without a figure",
        untold="needs: customers asked, by lot, with or without free text, which no table of the "
        "study file holds",
    ),
)
