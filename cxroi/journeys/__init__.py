"""Journeys: what customers do between their answers, and when; all counted in the engine.

To be imported from here: `find_paths` (paths); `when_to_ask` (asking), `whom_not_to_ask`
(not_asking); `service_times`, `call_abandonment`, `cart_abandonment`, `task_completion` (service);
`observed_effort` (effort); `before_change` (score_changes); `contact_volume` (volume);
`around_events` (company_events); `since_last_wave` (last_wave); the score that they ask about:
`score_named` (scores).

Figures are associations: none of them says what caused what.

Imports: respondents and what it imports.
"""
