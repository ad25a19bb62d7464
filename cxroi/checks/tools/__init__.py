"""Tools of the checks: what several of them share, or a formula that one of them rests on.

To be imported from here: premises of a check; inputs one by one; robustness bounds and E-values.

Imports: analysis and what it imports, checks.result.
"""
