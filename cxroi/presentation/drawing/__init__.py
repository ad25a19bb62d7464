"""Drawing: scales, marks and text as strings of SVG; knows no result and computes only places.

To be imported from here: `tag`, `text`, `reach`, `drawing` (svg); `Scale` (scale);
`Area`, `look_of` (area); `Row`, `Block`, `row_chart` (rows); `Cell`, `cell_chart` (cells).

Imports: nothing of the package.
"""
