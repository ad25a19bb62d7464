"""Respondents: who was asked, who answered, who answered again and moved between groups.

To be imported from here: `weigh_responses` (nonresponse); `count_moves` (moves); pairs of waves
(wave_pairs).

Imports: models and what it imports.
"""
