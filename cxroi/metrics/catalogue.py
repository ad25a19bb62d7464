"""The catalogue: every metric by its name."""

from __future__ import annotations

from collections.abc import Mapping

from .attitude import ATTITUDE
from .behaviour import BEHAVIOUR
from .metric import Metric
from .outcomes import OUTCOMES
from .service import SERVICE

CATALOGUE: Mapping[str, Metric] = {
    metric.name: metric for metric in (*ATTITUDE, *BEHAVIOUR, *SERVICE, *OUTCOMES)
}
