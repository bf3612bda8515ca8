"""The demo street: its facts, and the loader that walks them through the real use cases.

The facts (areas, places, people, wordings, drawn photos, what happened to each case) are pure and deterministic:
the same seed gives the same street in every process. Only load, registers and photo_pool know the database.
"""
