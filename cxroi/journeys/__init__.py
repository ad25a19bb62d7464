"""Journeys: what customers do between their answers, and when; all counted in the engine.

Figures are associations: none of them says what caused what. `find_journeys` finds them all, and
says of the rest which column is missing. To be imported from here: what `__all__` names.

Imports: respondents and what it imports.
"""

from .asking import when_to_ask
from .change_points import change_points
from .company_events import around_events
from .effort import observed_effort
from .every import Journeys, find_journeys
from .last_wave import since_last_wave
from .not_asking import whom_not_to_ask
from .paths import find_paths
from .score_changes import before_change
from .scores import score_named
from .service import call_abandonment, cart_abandonment, service_times, task_completion
from .volume import contact_volume, volume_by

__all__ = [
    "Journeys",
    "around_events",
    "before_change",
    "call_abandonment",
    "cart_abandonment",
    "change_points",
    "contact_volume",
    "find_journeys",
    "find_paths",
    "observed_effort",
    "score_named",
    "service_times",
    "since_last_wave",
    "task_completion",
    "volume_by",
    "when_to_ask",
    "whom_not_to_ask",
]
