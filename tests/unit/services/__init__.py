"""Use cases on a real database of each kind, mirrored by name."""
