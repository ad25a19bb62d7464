"""Exports: one module a vendor: how its files are recognised, and what their columns mean.

To be imported from here: `recognise` (catalogue) names the export that a header belongs to;
`header_rows` (header_rows) counts the rows below a header that are headers too.

Imports: nothing of the package.
"""
