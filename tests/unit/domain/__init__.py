"""Are the rules right? Mirrors `tracker/domain/` by name; no application, no database."""
