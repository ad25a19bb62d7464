"""Checks: what could make the numbers wrong, one module a check.

To be imported from here: `run_checks`, `Checks` (run); `Check` (result). A new check is a module
here and an entry in run; what several share is in tools.

Imports: analysis and what it imports.
"""
