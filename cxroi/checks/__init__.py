"""Checks: what could make the numbers wrong, one module a check.

To be imported from here: `run_checks`, `Checks` (run); `Check` (result); `Rating`, the rule that
turns checks and data into what may be claimed (rating). A new check is a module here, an entry in
run, and what its failing means in rating; what several share is in tools.

Imports: analysis and what it imports.
"""
