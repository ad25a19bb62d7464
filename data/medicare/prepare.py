"""Lay a table of Medicare star ratings out for `cxroi`: one row a contract and survey.

    python data/medicare/prepare.py medicare_stars.csv data/medicare/contracts.csv

The source has one row a contract and star year. The survey of star year Y is taken in spring of
Y - 1, and its `left_percent` is of the calendar year Y - 2: members who leave after that survey
stand under Y + 2, those who left before it under Y. Star year 2021 repeats the ratings of 2020
(no survey was held) and is left out, as are rows where the rating or either share is unknown.
"""

import sys

import pandas as pd

REPEATED = 2021
YEARS_LATER = 2
KEY = ["contract", "star_year"]
NEEDED = ["plan_rating", "left_before", "left_after"]


def prepare(stars: pd.DataFrame) -> pd.DataFrame:
    """Put what came before and after each survey beside its ratings."""
    stars = stars.rename(columns={"contract_id": "contract", "left_percent": "left_before"})
    later = stars[[*KEY, "left_before"]].rename(columns={"left_before": "left_after"})
    later = later.assign(star_year=later["star_year"] - YEARS_LATER)
    rows = stars.merge(later, on=KEY, how="left", validate="one_to_one")
    rows = rows[rows["star_year"] != REPEATED].dropna(subset=NEEDED).sort_values(KEY)
    return rows[[*KEY, *NEEDED, "service_rating", "care_rating"]]


if __name__ == "__main__":
    source, target = sys.argv[1:]
    prepare(pd.read_csv(source)).to_csv(target, index=False, float_format="%g")
