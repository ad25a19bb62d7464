"""Opening and typing the declared tables; `tables` is the face of it."""
