"""Effects: the raw gap of groups and the ladder of estimates above it, with verdicts.

To be imported from here: `compare_groups` (groups); `regress_outcome` (adjusted);
`flexible_contrast` (doubly_robust); `change_within` (within); `score_trend` (trend);
`churn_survival` (survival); `judge`, `judge_together` (verdicts).

Imports: models and what it imports.
"""
