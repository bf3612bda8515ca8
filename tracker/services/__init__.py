"""Use cases: one function, one transaction each. Reads for pages are nouns, changes are verbs."""
