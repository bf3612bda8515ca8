"""The network an address belongs to: what limits are counted against where a single address says too little."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

NEIGHBOURS: Final = {4: 24, 6: 64}
"""IP version → bits that stand for one network. Source: threats, part C."""


def network_of(address: str) -> str:
    """Return ``203.0.113.0/24`` or ``2001:db8::/64`` for an address; what is none stands for itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, NEIGHBOURS[found.version]), strict=False))
