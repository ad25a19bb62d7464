"""Levers: what moves a score, what a change of it would earn, whom to move.

To be imported from here: `driver_table` (driver_table); `find_drivers` (drivers.found);
`whole_scale` (scale.whole_scale).

Imports: checks and what it imports.
"""
