"""All claims by their name, in the order of a reader's questions."""

from __future__ import annotations

from collections.abc import Mapping

from .beyond import BEYOND
from .claim import Claim
from .groups import GROUPS
from .money import MONEY
from .people import PEOPLE
from .prediction import PREDICTION
from .staying import STAYING
from .treatment import TREATMENT

_ALL = (*GROUPS, *PREDICTION, *TREATMENT, *STAYING, *MONEY, *PEOPLE, *BEYOND)
CLAIMS: Mapping[str, Claim] = {claim.name: claim for claim in _ALL}
