"""The catalogue: every metric by its name."""

from __future__ import annotations

from collections.abc import Mapping

from .behaviour import BEHAVIOUR
from .burdens import BURDENS
from .by_score import BY_SCORE
from .loyalty import LOYALTY
from .metric import Metric
from .purchases import PURCHASES
from .scores import SCORES
from .service import SERVICE
from .surveys import SURVEYS
from .web import WEB

CATALOGUE: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *SCORES,
        *SURVEYS,
        *BEHAVIOUR,
        *WEB,
        *SERVICE,
        *BURDENS,
        *PURCHASES,
        *LOYALTY,
        *BY_SCORE,
    )
}
