"""Whom to move: segments drawn together, where the effect differs, a rule and what it earns.

To be imported from here: `whom_to_move`, `Targeting` (targeting); `pooled_segments`
(pooled_segments).

Imports: what `levers` imports.
"""
