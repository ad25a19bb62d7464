"""The sections of a study file of which there may be several: by name, or in a list.

What stands in `schema` of the others holds of these: a key stands here once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .keys import (
    AMOUNT_IN,
    FILTER,
    FLAG,
    NUMBER,
    NUMBER_OR_TEXT,
    NUMBERS,
    ONLY,
    RANGE,
    RANGE_OR_PRIOR,
    SCALARS,
    TEXT,
    WHOLE,
    Key,
    Section,
    column,
)
from .levers import TAKES
from .outcomes import KINDS as OUTCOME_KINDS
from .scenario import BOUNDS, FIXED_PAIR
from .schema import DIRECTIONS, METRIC_KINDS, SECTIONS, WINDOW_DAYS
from .scores import TABLES_OF_SCORES

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
# Of the first a study has `[NAME.x]`, of the second `[[NAME]]`.
NAMED: Mapping[str, Section] = {
    "scenarios": NAMED_SCENARIO,
    "scores": SCORE,
    "metrics": METRIC,
    "inputs": INPUT,
}
LISTED: Mapping[str, Section] = {"levers": LEVER, "pilots": PILOT}
