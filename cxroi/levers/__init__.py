"""Levers: what moves a score, what a change of it would earn, whom to move.

To be imported from here: `driver_table` (driver_table), `estimate_levers` and `LeverResult`
(estimate), sets of levers at once (joint_price).

Imports: checks and what it imports.
"""
