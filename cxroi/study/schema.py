"""Every key of a study file, with type and meaning.

Those of its tables are in `table_schema`, of sections of which there may be several in
`named_sections`.

A key stands here once. From here come the refusals of unknown keys and wrong types (shape), the
JSON Schema for editors (json_schema) and the reference in README.md beside this file (reference).
"""

from __future__ import annotations

from collections.abc import Mapping

from .drift_rules import DRIFT_SAID, STOPS_SAID
from .keys import (
    ANSWERS,
    CODES,
    DATE,
    FILTER,
    FLAG,
    MAP,
    NO_LIMIT,
    NUMBER,
    NUMBERS,
    ONLY,
    RANGE,
    RANGE_OR_OBSERVED,
    RANGE_OR_PRIOR,
    SCALARS,
    TEXT,
    TEXTS,
    WHOLE,
    WORDS,
    Key,
    Section,
    Type,
)
from .outcomes import DATED_OUTCOMES
from .scales import KINDS as SCALE_KINDS
from .scenario import BOUNDS, LONGEST_HORIZON
from .scenario import REQUIRED as SCENARIO_REQUIRED
from .voice import LANGUAGES, THEMES

DIRECTIONS = ("higher", "lower")
CHURN = ("cancelled", "no_purchase")
FITS = ("rows", "engine")
WAVES = ("quarter", "month")
METRIC_KINDS = ("share", "mean", "median", "total", "ratio", "per_customer")
FISCAL = (1, 12)
WINDOW_DAYS = (1, 3_660)
BASELINE_DAYS = (0, WINDOW_DAYS[1])  # none: nothing before the answer is held equal
DRAWS = (200, 1_000_000)


def _ranged(name: str, meaning: str, kind: Type = RANGE) -> Key:
    return Key(kind, meaning, bounds=BOUNDS[name], required=name in SCENARIO_REQUIRED)


SECTIONS: Mapping[str, Section] = {
    "study": Section(
        "what the study is called, when its data is complete, and where it is computed",
        {
            "name": Key(TEXT, "what the report is about", required=True),
            "currency": Key(TEXT, "of every amount, such as `EUR`"),
            "prepared_by": Key(TEXT, "who answers for the report; its first page names them"),
            "reviewed_by": Key(TEXT, "who reviews it; its first page names them"),
            "only": Key(
                ONLY,
                "the answers that it is about, by controls or other attributes: "
                '`{segment = "Business"}`, `{region = ["north", "south"]}`; left out: all. '
                "Controls that are then the same for all are left out, and said to be",
            ),
            "by": Key(
                TEXTS,
                "attributes by whose values gap and ROI are shown for each group apart, such as "
                '`["segment"]`; those of under 10 distinct values',
            ),
            "complete_from": Key(DATE, "first day on which every table is complete"),
            "complete_until": Key(
                DATE, "last day on which every table is complete; a dated study needs it"
            ),
            "timezone": Key(
                TEXT,
                "on whose clocks times with an offset or a zone are read, and whose clocks times "
                "without one are taken to show, such as `America/New_York`: days, windows and "
                "quarters are those of that place; left out: each time as its own clock shows it, "
                "where all offsets lie within an hour of each other, else in UTC",
            ),
            "waves": Key(
                TEXT,
                "what a wave is, where no column `wave` names it; months are named such as "
                "2026-09; left out: `quarter`",
                choices=WAVES,
            ),
            "fiscal_year_starts": Key(
                WHOLE,
                "month, 1 to 12, in which the year begins of which the quarters are: 4 is April. "
                "A year is named after the calendar year in which it ends: April to June 2026 are "
                "FY2027Q1; left out: 1, calendar quarters such as 2026Q2",
                bounds=FISCAL,
            ),
            "engine": Key(
                TEXT,
                "`duckdb`, or where Spark runs: `local[*]`, `local[2]`, `spark://host:7077`; "
                "left out: `duckdb`",
            ),
            "engine_folder": Key(
                TEXT, "for Spark: a folder that all its workers reach under the same path"
            ),
            "memory_limit": Key(
                TEXT, "for DuckDB, such as `4GB`; left out: its own default, 80 % of the memory"
            ),
        },
    ),
    "scale": Section(
        "the survey's scale and the groups its answers fall into. Groups by default: NPS 0-6, "
        "7-8, 9-10; CSAT 1-2, 3, 4-5 (of any range: below half, half, three quarters of the "
        "way); CES 1-3, 4, 5-7 from the worse end; of two answers, each a group. An answer "
        "between two whole numbers, such as a mean, belongs to the highest group whose lowest "
        "answer it has reached: of NPS 8.5 and 8.99 are passive, 9 is a promoter",
        {
            "kind": Key(
                TEXT,
                "which scale it is; left out: `nps`, but `custom` where `answers` is a table",
                choices=SCALE_KINDS,
            ),
            "metric": Key(TEXT, "name of the score in results; left out: the kind"),
            "minimum": Key(
                NUMBER,
                "lowest valid answer; `custom` needs it or takes the lowest of `answers`; of "
                "`nps` 0, or 1 where it was asked from 1 to 10",
            ),
            "maximum": Key(
                NUMBER,
                "highest valid answer; `custom` needs it, but takes the highest of `answers`",
            ),
            "better": Key(TEXT, "which end is good; `ces` needs it", choices=DIRECTIONS),
            "cuts": Key(
                NUMBERS,
                "lowest answer of the second group, of the third ...; one makes two groups",
            ),
            "labels": Key(TEXTS, "names of the groups, worst to best"),
            "answers": Key(
                CODES,
                "the number of each answer that is a word, a face or another code, whatever its "
                "case, such as `{good = 1, bad = 0}`; codes that are numbers are all declared or "
                "none. A word of `several` is read as that, as before",
            ),
            "missing": Key(SCALARS, "answers, numbers or words, that stand for a blank"),
            "quantiles": Key(WHOLE, "2 to 5 equally large groups in place of `cuts`"),
            "several": Key(
                TEXT,
                "which counts of several in a wave; left out: `latest`",
                choices=ANSWERS,
            ),
            "fractional": Key(
                FLAG,
                "whether answers between whole numbers are valid; left out: in `custom`, but for "
                "whole `answers` and for 0 and 1 as two groups, and of a `mean`",
            ),
            "maximum_unused": Key(
                FLAG,
                "whether it is right that nobody gave `maximum`, though the largest answer given "
                "is frequent, as of a scale that is coded from 0 or is shorter",
            ),
        },
    ),
    "churn": Section(
        "what counts as lost, in a dated study",
        {
            "definition": Key(
                TEXT,
                "left out: `cancelled` where subscriptions are declared, else `no_purchase`, of "
                "which only customers who had bought before the answer can be at risk",
                choices=CHURN,
            ),
            "within_days": Key(WHOLE, "days after the answer; left out: `outcome_days`"),
        },
    ),
    "controls": Section(
        "what is held equal; the baseline of every outcome is always added",
        {
            "columns": Key(TEXTS, "attributes of customers or responses"),
            "categorical": Key(TEXTS, "those of them that are codes, not quantities"),
        },
    ),
    "windows": Section(
        "days before and after the answer; a dated study needs both",
        {
            "baseline_days": Key(
                WHOLE, "days before the answer; 0: no baselines", bounds=BASELINE_DAYS
            ),
            "outcome_days": Key(WHOLE, "days after the answer", bounds=WINDOW_DAYS),
        },
    ),
    "pair": Section(
        "the groups that are contrasted, where there is no scenario",
        {
            "from": Key(TEXT, "left out: the last group but one"),
            "to": Key(TEXT, "left out: the best group"),
        },
    ),
    "scenario": Section(
        "what a programme would do and cost; without it there is no ROI",
        {
            "from": Key(TEXT, "group that is moved", required=True),
            "to": Key(TEXT, "group it is moved to", required=True),
            "share_moved": _ranged("share_moved", "share of the `from` customers who move"),
            "cost_per_moved": _ranged("cost_per_moved", "money a moved customer"),
            "fixed_cost": _ranged("fixed_cost", "money besides; left out: 0"),
            "gross_margin": _ranged("gross_margin", "share of spend that is left as margin"),
            "discount_rate_annual": _ranged("discount_rate_annual", "a year; left out: 0"),
            "horizon_months": Key(
                NUMBER,
                "months over which value counts; left out: 12",
                bounds=(0, LONGEST_HORIZON),
            ),
            "causal_share": _ranged(
                "causal_share",
                "how much of the gap is causal: a judgement, so it has no default; a table adds "
                "the probability that nothing is (`none`), and that the effect is the other way "
                "round (`opposite`): `{none = 0.3, low = 0.2, likely = 0.5, high = 0.8}`",
                RANGE_OR_PRIOR,
            ),
            "persistence": _ranged(
                "persistence",
                "share of those moved who are still in the `to` group a wave later; `observed`: "
                "of the `to` customers in `to` again, less that of the `from` customers who came "
                "there anyway; left out: all stay, and the report says so",
                RANGE_OR_OBSERVED,
            ),
            "ramp_up_months": _ranged(
                "ramp_up_months", "months until the effect has its full size; left out: 0"
            ),
            "programme_months": _ranged(
                "programme_months",
                "months over which the cost is paid; left out: 0, all of it at the start",
            ),
            "cost_per_contact": _ranged("cost_per_contact", "money a contact; left out: 0"),
            "cost_per_return": _ranged(
                "cost_per_return",
                "money a return, besides the goods, which lower spend only as negative orders; "
                "left out: 0",
            ),
            "value_per_referral": _ranged(
                "value_per_referral",
                "margin that a person brings whom a customer referred, over their time; with it "
                "`[tables.referrals]` is read and word of mouth is a part of the ROI; left out: 0",
            ),
            "referral_share": _ranged(
                "referral_share",
                "share of those referred who would not have come anyway, a judgement; left out: 0, "
                "so that word of mouth is worth nothing",
            ),
            "from_customers": Key(
                WHOLE,
                "customers whom the programme would reach; left out: those of `from` who answered",
                bounds=(1, NO_LIMIT),
            ),
        },
    ),
    "analysis": Section(
        "how it is computed",
        {
            "seed": Key(WHOLE, "of every draw; left out: 20260930", bounds=(0, NO_LIMIT)),
            "draws": Key(WHOLE, "simulated draws of a ROI; left out: 10,000", bounds=DRAWS),
            "fits": Key(
                TEXT,
                "where models are fitted: rows in memory, or sums taken in the engine; left out "
                "or empty: by size",
                choices=(*FITS, ""),
            ),
        },
    ),
    "drivers": Section(
        "the inputs among which it is asked what moves the score",
        {
            "inputs": Key(
                TEXTS,
                "names of `[inputs]`, attributes of customers or responses (derived ones too), and "
                "scores answered in the same row; left out: all `[inputs]`",
            ),
            "groups": Key(FILTER, 'inputs that are one thing: `{delivery = ["days_late"]}`'),
            "better": Key(WORDS, 'which way is good, by input: `{days_late = "lower"}`'),
        },
    ),
    "drift": Section(
        DRIFT_SAID,
        {
            "stop": Key(TEXTS, f"rules that stop it; left out: {STOPS_SAID}"),
            "off": Key(TEXTS, "rules that say nothing; left out: none"),
        },
    ),
    "voice": Section(
        "how comments are read: those of `comment` in the table of a score",
        {
            "languages": Key(
                TEXTS,
                'codes of those that occur, such as `["pt", "de"]`; left out: found among '
                + ", ".join(f"`{code}`" for code in LANGUAGES),
            ),
            "themes": Key(
                WHOLE,
                "how many are looked for in each language; left out: as many as both halves of "
                "the customers show",
                bounds=THEMES,
            ),
            "quotes": Key(
                FLAG,
                "whether comments may be shown, masked, of themes of at least 30 customers, and "
                "only those of which every word is used by 5; left out: none is",
            ),
            "stop_words": Key(
                TEXTS, "words that tell nothing here, such as the name of the company"
            ),
        },
    ),
    "outcomes": Section(
        "what is compared between the groups",
        {
            "names": Key(
                TEXTS,
                f"of a dated study: {', '.join(f'`{name}`' for name in DATED_OUTCOMES)}; of a "
                "flat one those declared below; left out: all that the tables allow",
            ),
            "matters": Key(
                MAP,
                "`{spend = 10.0}`: smallest gap worth acting on, in the outcome's unit, above 0; "
                "left out: a tenth of the mean, or of the rarer answer",
            ),
        },
    ),
}
