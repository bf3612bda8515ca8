"""Which network an address belongs to."""

import pytest

from tracker.domain.network import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_neighbours_count_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
