"""Names of waves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def name_waves(numbers: pd.Series[int]) -> pd.Categorical[str]:
    """Name waves that come as 20262, a small number a row being quick to fetch, as 2026Q2."""
    import pandas as pd

    codes, found = numbers.factorize(sort=True)
    return pd.Categorical.from_codes(codes, pd.Index([wave_name(n) for n in found]))


def wave_name(wave: object) -> str:
    """Name one wave; that of an undated study has its name already."""
    return wave if isinstance(wave, str) else f"{int(wave) // 10}Q{int(wave) % 10}"  # type: ignore[call-overload]
