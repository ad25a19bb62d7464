"""Models: the sample of one outcome, its controls, and the fits that hold them equal.

To be imported from here: `Sample` (sample); `Controls` (controls); `Fit` (fit); `fit_outcome`
(outcome_models); `propensity`. A new family is an entry of families; what a fit refuses is in
refusals.

Imports: panel, moments and what they import.
"""
