"""Voice: what customers write beside their score: themes, tone, and what they are worth.

Comments are masked before anything else is done with them, and none is kept. `find_themes` finds
everything. To be imported from here: what `__all__` names.

Imports: journeys and what it imports.
"""

from .masking import mask
from .theme import Theme, Voice
from .themes import find_themes
from .worth import money_at_stake

__all__ = ["Theme", "Voice", "find_themes", "mask", "money_at_stake"]
