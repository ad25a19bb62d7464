"""Moves: how many would change group were an input changed, with its error.

To be imported from here: `align` (answers), `model_of_groups` (group_model), `moves_of`,
`LeverMoves` (net_moves), effects beside the score (direct).

Imports: what `levers` imports, and `levers.driver_table`.
"""
