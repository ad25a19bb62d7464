"""Models: the sample of one outcome, its controls, and the fits that hold them equal.

To be imported from here: `Sample` (sample); `Controls` (controls); `Fit` (fit); `fit_outcome`
(outcome_models); `propensity`. A new family is an entry of families; what a fit refuses is in
refusals. In folders of their own: `lifetime`, what customers will buy and how long they stay;
`composites`, scores made of several answers.

Imports: panel, moments and what they import.
"""
