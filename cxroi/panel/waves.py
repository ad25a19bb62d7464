"""Numbers and names of waves.

In a panel the wave of a dated answer is a small number, quick to fetch: 20263 for 2026Q3, 1020271
for FY2027Q1, 202609 for 2026-09. A study's own waves keep their names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..reading.waves import in_fiscal_year

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study

ORIGIN = dt.datetime(2000, 1, 1)  # from which mean dates are counted, in days
_MONTHS, _FISCAL = 100_000, 1_000_000  # numbers from here on are of months, of fiscal quarters


def wave_number(study: Study, at: str) -> str:
    """Return the SQL of the number of a dated answer's wave; of its name where it is the study's.

    Parameters
    ----------
    at
        SQL of the date of the answer.
    """
    if study.own_waves:
        return "wave"
    if study.waves == "month":
        return f"100 * year({at}) + month({at})"
    day = in_fiscal_year(study, at)
    number = f"10 * year({day}) + quarter({day})"
    return number if study.fiscal_year_starts == 1 else f"{_FISCAL} + {number}"


def name_waves(numbers: pd.Series[int]) -> pd.Categorical[str]:
    """Name waves that come as 20262, a small number a row being quick to fetch, as 2026Q2."""
    import pandas as pd

    codes, found = numbers.factorize(sort=True)
    return pd.Categorical.from_codes(codes, pd.Index([wave_name(n) for n in found]))


def wave_name(wave: object) -> str:
    """Name one wave; one of a study's own has its name already."""
    if isinstance(wave, str):
        return wave
    number = int(wave)  # type: ignore[call-overload]
    if _MONTHS <= number < _FISCAL:
        return f"{number // 100}-{number % 100:02}"
    fiscal, number = divmod(number, _FISCAL)
    return f"{'FY' if fiscal else ''}{number // 10}Q{number % 10}"


def in_order(waves: Mapping[str, float | None]) -> tuple[str, ...]:
    """Order the names of a study's own waves.

    Parameters
    ----------
    waves
        Name -> mean date of the answers, in days since `ORIGIN`; None where they have none,
        and the order is that of the names.
    """
    dated = {name: at for name, at in waves.items() if at is not None and at == at}
    if len(dated) < len(waves):
        return tuple(sorted(waves))
    return tuple(sorted(dated, key=lambda name: (dated[name], name)))
