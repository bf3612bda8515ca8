"""Is there any input that breaks it? Hypothesis looks for one."""
