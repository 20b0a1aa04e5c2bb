"""A name server that answers as an attacker's would (RFC 1035, as much of it as this takes)."""

import ipaddress
import socket
import struct
import threading
from collections import Counter

from tests.gateways.media.arena.world import NAME_SERVER, PUBLIC

A, CNAME, AAAA = 1, 5, 28
# A pointer to the name in the question.
QUESTION = b"\xc0\x0c"
METADATA = "169.254.169.254"
# Names -> addresses; IPv6 ones are told to those who ask for them.
ZONE: dict[str, tuple[str, ...]] = {
    "public.test": (PUBLIC,),
    "cdn.public.test": (PUBLIC,),
    "private.test": ("10.0.0.5",),
    "two.test": (PUBLIC, "10.0.0.5"),
    "two-kinds.test": (PUBLIC, "fd00:ec2::254"),
    "mapped.test": ("::ffff:169.254.169.254",),
    "nat64.test": ("64:ff9b::a9fe:a9fe",),
    "loopback.test": ("127.0.0.1",),
    "any.test": ("0.0.0.0",),
    "metadata.google.internal": (METADATA,),
    "127.0.0.1.nip.test": ("127.0.0.1",),
}


class Names:
    """Serves the zone; `rebind.test` is public at every odd question, `cname.test` is another name for localhost."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((NAME_SERVER, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            packet, client = self._sock.recvfrom(512)
            name, kind, question = _question(packet)
            if name == "silent.test":
                continue
            self._sock.sendto(_answer(packet, question, self._records(name, kind)), client)

    def _records(self, name: str, kind: int) -> list[bytes]:
        if name == "cname.test":
            known = [_address("127.0.0.1", b"\x09localhost\x00")] if kind == A else []
            return [_record(CNAME, b"\x09localhost\x00"), *known]
        addresses = ZONE.get(name, ())
        if name == "rebind.test" and kind == A:
            self.asked[name] += 1
            addresses = (PUBLIC if self.asked[name] % 2 else METADATA,)
        return [_address(one) for one in addresses if (":" in one) == (kind == AAAA)]


def _question(packet: bytes) -> tuple[str, int, bytes]:
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii", "replace"))
        at += 1 + packet[at]
    (kind,) = struct.unpack_from(">H", packet, at + 1)
    return ".".join(labels).lower(), kind, packet[12 : at + 5]


def _address(text: str, name: bytes = QUESTION) -> bytes:
    packed = ipaddress.ip_address(text).packed
    return _record(A if len(packed) == 4 else AAAA, packed, name)


def _record(kind: int, data: bytes, name: bytes = QUESTION) -> bytes:
    # The time to live is none.
    return name + struct.pack(">HHIH", kind, 1, 0, len(data)) + data


def _answer(packet: bytes, question: bytes, records: list[bytes]) -> bytes:
    # A name with an address of the other kind exists, which glibc takes for an answer of none.
    return packet[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0) + question + b"".join(records)
