"""Moments: sums taken where the data is, and the influence values made of them.

To be imported from here: `Rows`, `Column` (columns); `Design` (design); `influence`; quantiles and
ranks (order_statistics); attributes of a table as vectors (covariates).

Imports: results, files, engine, study.
"""
