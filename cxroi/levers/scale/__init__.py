"""The whole scale: an outcome at each answer, steps, cuts, rises and falls.

To be imported from here: `whole_scale`, `WholeScale` (whole_scale).

Imports: what `levers` imports.
"""
