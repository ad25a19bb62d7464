"""The customers of whom every score is known, once each wave, with outcomes and baselines.

Scores of different questionnaires have different days. Outcomes are then counted from the last of
a customer's answers in the wave, so that they lie after every score, and baselines lie before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..panel.in_memory import PanelFrame

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..study.declared import Study
    from ..study.scales import Scale
    from .panels import ScorePanels

KEY = ["customer", "wave"]


@dataclass(frozen=True)
class Joint:
    """Rows on which every score is known.

    Attributes
    ----------
    study
        Of the first score: its outcomes and what is held equal.
    rows
        One a customer and wave, with columns as those of a panel.
    numbers
        By score: the answer as it was given.
    official
        By score: the answer as the score's headline counts it, see `official_values`.
    official_words
        By score: that in words.
    """

    study: Study
    rows: PanelFrame = field(compare=False)
    numbers: Mapping[str, Floats] = field(compare=False)
    official: Mapping[str, Floats] = field(compare=False)
    official_words: Mapping[str, str]


def join_scores(panels: ScorePanels) -> Joint:
    """Return the customers and waves of whom every score that could be read is known.

    Raises
    ------
    ModelError
        Fewer than two scores could be read, or nobody has all of them in one wave.
    TooManyRowsError
        Rows that must be brought into memory are over 2,000,000.
    """
    if len(panels.panels) < 2:
        reasons = "; ".join(f"{name}: {why}" for name, why in panels.refusals.items())
        raise ModelError(
            f"{len(panels.panels)} of {len(panels.names)} scores can be used"
            + (f" ({reasons})" if reasons else ""),
            "which score is worth asking is a question of two or more",
            "Declare others under [scores.NAME]",
        )
    frames = {
        name: panel.frame.assign(wave=panel.frame["wave"].astype(str))
        for name, panel in panels.panels.items()
    }
    keys = _known_of_all(frames)
    if keys.empty:
        raise ModelError(
            f"no customer has all of {', '.join(frames)} in one wave",
            "scores are held against one another on the same customers",
            "Take a longer wave, or leave out the score that few have; where one survey names its "
            "waves itself, leave wave out of its table",
        )
    own = {name: keys.merge(frame, on=KEY, how="left") for name, frame in frames.items()}
    scales = {name: panel.study.scale for name, panel in panels.panels.items()}
    first = next(iter(panels.panels.values())).study
    return Joint(
        study=first,
        rows=PanelFrame(_after_all(own, keys, first)),
        numbers={name: frame["score"].to_numpy(dtype=float) for name, frame in own.items()},
        official={
            name: official_values(scale, own[name]["score"], own[name]["group"])
            for name, scale in scales.items()
        },
        official_words={name: official_words(scale) for name, scale in scales.items()},
    )


def _known_of_all(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    first, *others = frames.values()
    keys = first[KEY]
    for frame in others:
        keys = keys.merge(frame[KEY], on=KEY)
    return keys


def _after_all(own: Mapping[str, pd.DataFrame], keys: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return outcomes, baselines and controls as they are at the last of the answers."""
    import pandas as pd

    first = next(iter(own.values()))
    held = {f"attr_{name}" for name in study.controls}
    columns = [c for c in first if c in held or str(c).endswith(("_after", "_before"))]
    stacked = pd.concat([frame[[*KEY, "answered_at", *columns]] for frame in own.values()])
    ordered = stacked.sort_values([*KEY, "answered_at"], kind="stable")
    last = ordered.drop_duplicates(KEY, keep="last").drop(columns="answered_at")
    rows = keys.merge(last, on=KEY, how="left")
    # Codes of clusters are each panel's own, and weights those of the survey of the first score.
    return rows.assign(weight=first["weight"].to_numpy(), cluster=first["cluster"].to_numpy())


def official_values(scale: Scale, scores: pd.Series[float], groups: pd.Series[str]) -> Floats:
    """Return each answer as the headline of its score counts it.

    Of NPS 1 for 9 and 10, -1 for 0 to 6, else 0; of any other 1 for the best group (the top two
    of a CSAT of five), else 0.
    """
    values = scores.to_numpy(dtype=float)
    if scale.kind == "nps":
        return np.where(values >= 9, 1.0, 0.0) - np.where(values < 7, 1.0, 0.0)
    return np.asarray(groups == scale.labels[-1], dtype=float)


def official_words(scale: Scale) -> str:
    """Say how the headline of a score counts answers."""
    if scale.kind == "nps":
        return "promoters +1, detractors -1"
    return f"{scale.describe()[-1]} or not"
