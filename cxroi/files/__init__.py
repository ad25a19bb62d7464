"""Files of this machine: what is kept in the cache, outputs that appear whole, progress bars.

To be imported from here: `cache`; `complete_file`, `complete_folder` (outputs); `own_folder`,
`clear_away` (locked); `interruptible` (interrupts); `steps`, `line` (progress); `versions`;
`memory`.

Imports: errors.
"""
