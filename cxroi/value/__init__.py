"""Value: a scenario and the effects -> value, cost and ROI, every uncertainty carried along.

To be imported from here: `estimate_roi`, `Roi` (roi); the same under other
assumptions (scenarios, surface) and for parts of the customers (segments); the arithmetic (money).

Imports: effects and what it imports.
"""
