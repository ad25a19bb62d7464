"""Every score that a customer has against every outcome, and which score is worth asking.

To be imported from here: `score_panels` (panels); `score_grid` (grid); `worth_asking` (asking).

Imports: checks and what it imports.
"""
