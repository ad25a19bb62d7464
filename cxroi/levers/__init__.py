"""Levers: what moves a score, what a change of it would earn, whom to move.

To be imported from here: `driver_table` (driver_table); `find_drivers` (drivers.found);
`estimate_levers` and `LeverResult` (estimate), sets of levers at once (joint_price), `portfolio`
(portfolio); `whom_to_move` (whom.targeting), `pooled_segments` (whom.pooled_segments);
`whole_scale` (scale.whole_scale).

Imports: checks and what it imports.
"""
