"""Lifetime: how long customers stay, how often they buy, and what that is worth.

To be imported from here: `lifetime_values` (values), of whichever table a study has;
`customer_value` (customer_value), of orders; `contract_value` (contracts), of subscriptions, and
`margin_multiple` beside it; what they read, of `buying_histories` and `contract_periods`
(histories); the models alone: `fit_bg_nbd` (bg_nbd), `fit_gamma_gamma` (gamma_gamma),
`fit_mixing` (beta_geometric).

Imports: panel, moments and what they import; kaplan_meier.
"""
