"""The command line: options and what each command calls.

To be imported from here: `main` (main); a command is a parser in options and a function in main;
that of the report in reporting, what is told on stderr in telling.

Imports: anything.
"""
