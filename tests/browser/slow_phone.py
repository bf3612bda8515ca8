"""An old Android on two bars of signal, as Lighthouse means it: what it costs there to open a page.

Bytes are those that came over the wire. Time is worked out, not waited for: round trips and bytes of the emulated
network, and the time the page kept the phone's only thread busy, four times over. So a busy machine is no matter.
"""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

ROUND_TRIP_MS = 150
DOWN_BYTES_S = 1.6e6 / 8
UP_BYTES_S = 750e3 / 8
CPU_SLOWER = 4
ROUND_TRIPS = 3
"""To the first byte of a page: TCP, TLS, the request itself."""


@dataclass
class SlowPhone:
    """What one page cost so far; begin before it is opened."""

    session: CDPSession
    wire_bytes: dict[str, int] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    def behind(cls, page: Page) -> "SlowPhone":
        """Make the network of `page` slow and its phone too."""
        session = page.context.new_cdp_session(page)
        phone = cls(session)
        session.on("Network.requestWillBeSent", phone._sent)
        session.on("Network.loadingFinished", phone._came)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": ROUND_TRIP_MS,
                "downloadThroughput": DOWN_BYTES_S,
                "uploadThroughput": UP_BYTES_S,
            },
        )
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return phone

    def slow_down(self) -> None:
        """Let the processor be slow from here on; what it was busy with before is counted by ``usable_ms``."""
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})

    def total_bytes(self, *, without: str = "nothing") -> int:
        """All that came over the wire, headers included; of addresses that end otherwise than `without`."""
        return sum(size for address, size in self.wire_bytes.items() if not address.endswith(without))

    def usable_ms(self, page_path: str) -> float:
        """When the page could be used: it had come, and everything done with it until now was done."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        busy_s = float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
        page_bytes = self.wire_bytes[page_path]
        return ROUND_TRIPS * ROUND_TRIP_MS + page_bytes / DOWN_BYTES_S * 1000 + CPU_SLOWER * busy_s * 1000

    def _sent(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"].split("?")[0]

    def _came(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], event["requestId"])
        if address.startswith("http"):
            self.wire_bytes[address] = self.wire_bytes.get(address, 0) + int(event["encodedDataLength"])
