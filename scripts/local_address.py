"""Print the address at which a phone in the same network reaches us: ``local_address.py PORT``."""

import socket
import sys

ANYWHERE_ELSE = ("192.0.2.1", 9)  # TEST-NET-1, RFC 5737: routed nowhere, and nothing is sent to it


def local_host() -> str:
    """The machine's own address on the way out, or this machine alone if there is no way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANYWHERE_ELSE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


if __name__ == "__main__":
    print(f"http://{local_host()}:{sys.argv[1]}")
