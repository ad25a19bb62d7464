"""Results: an estimate with its interval, and how numbers and tables are shown.

To be imported from here: `Estimate`, `tidy_table` (estimate); `TidyMixin`, `Table`, `Text`
(display); digits and units (formats); the sizes under which nothing is said (thresholds).

Imports: errors, arrays.
"""
