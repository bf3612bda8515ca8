"""Everything that proves the product: what each folder holds is said in its own package."""
