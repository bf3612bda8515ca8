"""The demo street's facts: areas, places, people, wordings, photos and what happened to each case.

Everything here is pure and deterministic: the same seed gives the same street in every process. Nothing
here knows the database; loading walks these facts through the real use cases.
"""
