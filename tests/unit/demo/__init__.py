"""The demo street is the same for everyone, and every story on it is one the case table allows."""
