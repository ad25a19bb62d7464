"""Sizes under which nothing is said."""

from __future__ import annotations

MINIMUM_GROUP = 30
# Events of a group from which a gap is estimated (ridge), and a likelihood fitted.
FEWEST_EVENTS = 5
MINIMUM_EVENTS = 10
