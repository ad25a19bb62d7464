"""The simulated company behind `simulate`: its worlds, its customers, its truth."""
