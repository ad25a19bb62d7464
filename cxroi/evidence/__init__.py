"""Evidence: what pilots show, and what that makes of the causal share.

To be imported from here: `estimate_pilots`, `Pilot` (pilots); `share_from_pilots` (causal_share).

Imports: checks and what it imports.
"""
