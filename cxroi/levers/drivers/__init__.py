"""Drivers: which inputs go with the score, how much of it, and for which groups.

To be imported from here: `find_drivers`, `Drivers` (found). Underneath, of arrays: importance
(LMG, Johnson), odds of groups (proportional odds, multinomial), must-haves (necessity), halo.

Imports: what `levers` imports, and `levers.driver_table`.
"""
