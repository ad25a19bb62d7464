"""Levers: what moves the score, what moving it does along the whole scale.

To be imported from here: `whole_scale` (whole_scale).

Imports: checks and what it imports.
"""
