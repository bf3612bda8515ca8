"""Is the rule right? Mirrors tracker/domain and tracker/services by name; services get a database."""
