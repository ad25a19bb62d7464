"""Sizes under which nothing is said."""

from __future__ import annotations

MINIMUM_GROUP = 30
MINIMUM_EVENTS = 10
