"""Levers: what moves the score, and what moving it earns.

To be imported from here: the inputs of every answer (driver_table), what a change of one does to
the groups (moves) and to money (roi), what it does beside the score (direct), all of a study's
levers (estimate).

Imports: checks and what it imports.
"""
