"""Every key of a study file but those of its tables (table_schema), with type and meaning.

A key stands here once. From here come the refusals of unknown keys and wrong types (shape), the
JSON Schema for editors (json_schema) and the reference in README.md beside this file (reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .drift_rules import DRIFT_SAID, STOPS_SAID
from .keys import (
    AMOUNT_IN,
    ANSWERS,
    CODES,
    DATE,
    FILTER,
    FLAG,
    MAP,
    NO_LIMIT,
    NUMBER,
    NUMBER_OR_TEXT,
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
    column,
)
from .levers import TAKES
from .outcomes import DATED_OUTCOMES
from .outcomes import KINDS as OUTCOME_KINDS
from .scales import KINDS as SCALE_KINDS
from .scenario import BOUNDS, FIXED_PAIR, LONGEST_HORIZON
from .scenario import REQUIRED as SCENARIO_REQUIRED
from .scores import TABLES_OF_SCORES
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
SCORE = Section(
    "a score beside that of `[scale]`, such as `[scores.csat]`, for metrics and to compare which "
    "of them is worth asking: the keys of `[scale]`, and where it is",
    {
        "column": column("its answers; left out: its name"),
        "table": Key(
            TEXT,
            "the table that has it; left out: `ratings` where that is declared, else `responses`, "
            "else `customers`",
            choices=TABLES_OF_SCORES,
        ),
        **SECTIONS["scale"].keys,
    },
)
METRIC = Section(
    "a metric: another definition of one of the catalogue (`cxroi metrics` lists them), or, with "
    "`table`, one of the study's own",
    {
        "denominator": Key(TEXT, "of the catalogue's `churn`, `click_through_rate` ...: of what"),
        "better": Key(TEXT, "which way is good", choices=(*DIRECTIONS, "")),
        "good": Key(NUMBERS, "from where to where it is good, `[low, high]`"),
        "table": Key(TEXT, "its rows, one observation each: any declared table of events"),
        "kind": Key(
            TEXT,
            "what is made of them; left out: `share`, of rows that `yes` holds for",
            choices=METRIC_KINDS,
        ),
        "column": Key(TEXT, "key or attribute of that table: what is averaged or added up"),
        "over": Key(TEXT, "key or attribute that a `ratio` is over"),
        "yes": Key(FILTER, 'rows that count for a `share`: `{channel = ["phone"]}`'),
        "where": Key(FILTER, "only rows whose key or attribute holds one of these values"),
        "part": Key(TEXT, "key or attribute by whose values it is told apart"),
        "title": Key(TEXT, "what readers see; left out: its name"),
        "question": Key(TEXT, "the question that it answers"),
        "formula": Key(TEXT, "how it is computed, in words"),
        "unit": Key(TEXT, "its unit; `share` is shown in per cent"),
    },
)
INPUT = Section(
    "what happened to a customer in the days before an answer: for `[drivers]` and `[[levers]]`",
    {
        "table": Key(TEXT, "whose rows: a declared table with customers and dates", required=True),
        "from": Key(TEXT, "key of a date of a row, such as `opened_at`, from which time passes"),
        "to": Key(
            TEXT,
            "key of the date until which it passes, such as `first_response_at`; one after the "
            "answer, or none, counts up to the answer",
        ),
        "column": Key(TEXT, "key, attribute or score of a row that is a number, in their place"),
        "unit": Key(
            TEXT, "`minutes`, `hours` or `days` of that time; left out: `days`. Of a column any"
        ),
        "take": Key(
            TEXT,
            "what is made of several rows; left out: `mean`, or `count` where neither a time nor "
            "a column is named; `any` is 1 with a row and 0 without",
            choices=TAKES,
        ),
        "days": Key(
            WHOLE,
            "how long before the answer a row may be; left out: `baseline_days`",
            bounds=WINDOW_DAYS,
        ),
        "none": Key(
            NUMBER, "the value of a customer without a row; left out: not known, 0 of a count"
        ),
        "where": Key(FILTER, "only rows whose key or attribute holds one of these values"),
        "better": Key(TEXT, "which way is good", choices=DIRECTIONS),
        "title": Key(TEXT, "what readers see; left out: its name"),
    },
)
LEVER = Section(
    "what a company would change of an input, for whom, at what cost; one of `to`, `by`, "
    "`at_most`, `at_least`",
    {
        "name": Key(TEXT, "what readers see", required=True),
        "input": Key(TEXT, "one of `[drivers]` inputs", required=True),
        "to": Key(NUMBER_OR_TEXT, "everybody reached has this value"),
        "by": Key(NUMBER, "what is added to the value of each"),
        "at_most": Key(NUMBER, "who is above it comes down to it"),
        "at_least": Key(NUMBER, "who is below it comes up to it"),
        "reaches": Key(ONLY, 'whom it reaches: `{segment = "Business"}`; left out: everybody'),
        "fixed_cost": Key(RANGE, "money; left out: 0", bounds=BOUNDS["fixed_cost"]),
        "cost_per_customer": Key(
            RANGE, "money for each customer reached; left out: 0", bounds=BOUNDS["fixed_cost"]
        ),
        "causal_share": Key(
            RANGE_OR_PRIOR,
            "how much of what goes with the input is its effect on the score; left out: as in "
            "`[scenario]`",
            bounds=BOUNDS["causal_share"],
        ),
    },
)
PILOT = Section(
    "a pilot: something that was offered to customers by chance, and not to others",
    {
        "name": Key(TEXT, "what readers see", required=True),
        "pilot": Key(TEXT, "value of the column `pilot` of its rows in `offers`; left out: all"),
        "share_offered": Key(
            NUMBER, "share that was to be offered; left out: 0.5", bounds=(0.0, 1.0)
        ),
        "fixed_cost": Key(RANGE, "money; left out: 0", bounds=BOUNDS["fixed_cost"]),
        "cost_per_offered": Key(
            RANGE, "money for each customer offered; left out: 0", bounds=BOUNDS["fixed_cost"]
        ),
    },
)
NAMED_SCENARIO = Section(
    "a scenario beside `[scenario]`, such as `[scenarios.half_price]`: what it leaves out is as "
    "there. All are computed with the same draws, so that they differ by what they assume alone",
    {
        "title": Key(TEXT, "what readers see; left out: its name"),
        **{
            name: replace(key, required=False)
            for name, key in SECTIONS["scenario"].keys.items()
            if name not in FIXED_PAIR
        },
    },
)
OUTCOME_COLUMN = Section(
    "an outcome of a flat study; any name, of which `spend`, `retained`, `contacts` and "
    "`returns` enter the ROI",
    {
        "column": column("where it is", required=True),
        "kind": Key(
            TEXT,
            "what it is; a `rate` is a share of each customer, such as of an account's members",
            choices=OUTCOME_KINDS,
            required=True,
        ),
        "yes": Key(SCALARS, "codes for yes"),
        "no": Key(SCALARS, 'codes for no; "" is a blank cell, which otherwise is not known'),
        "missing": Key(SCALARS, "codes that stand for a blank"),
        "percent": Key(
            FLAG,
            "whether a `rate` is written in per cent, 0 to 100; left out: as a share, 0 to 1, and "
            "asked where the column's name says per cent and no value is above 1",
        ),
        "amount_in": AMOUNT_IN,
        "unit": Key(
            TEXT,
            "unit of its mean, of a `rate` one that begins with `share`; left out: from kind, "
            "currency and window",
        ),
        "better": Key(
            TEXT,
            "left out: `higher`, but `lower` of `churned`, `contacts` and `returns`",
            choices=DIRECTIONS,
        ),
        "baseline": column("the same thing before the answer"),
    },
)
