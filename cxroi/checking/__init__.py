"""What could make the numbers wrong: one module a check."""
