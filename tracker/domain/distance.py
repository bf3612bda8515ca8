"""How far it is between two places: on a globe, in metres."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius. Source: IUGG."""


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres along the ground between two points given in WGS-84 degrees (haversine; off by 0.5 % at most)."""
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(chord))
