"""Moments: sums taken where the data is, and the influence values made of them.

To be imported from here: what statistics ask of rows, `Rows` (rows), with its two backends
`FrameRows` and `EngineRows`; columns of a model, `Design` (design); `influence`; extremes,
quantiles and ranks (order_statistics); independent units (units). Estimates that run in step:
plan, wide_statements.

Imports: arrays, results, files, engine, study.
"""
