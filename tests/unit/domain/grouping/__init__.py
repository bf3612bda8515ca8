"""Which reports are about the same trouble."""
