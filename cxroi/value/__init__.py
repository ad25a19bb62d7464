"""Value: a scenario and the effects -> value, cost and ROI, every uncertainty carried along.

To be imported from here: `estimate_roi`, `Roi` (roi); the arithmetic (money).

Imports: effects and what it imports.
"""
