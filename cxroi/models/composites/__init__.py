"""Composites: one score made of several answers, how far to trust it, and what to weigh it by.

To be imported from here: `Items`, `items_of` and `items_in` (items); `cronbach_alpha`,
`mcdonald_omega` (reliability); `declared_weights`, `estimated_weights`, `block_sums`
(quality_index). The factor behind answers: one_factor.

Imports: metrics and what it imports.
"""
