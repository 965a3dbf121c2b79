"""The client's side of Cognito's SRP, from the algorithm that AWS publishes: hex text throughout, as there."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

INFO = bytearray("Caldera Derived Key", "utf-8")


def _pi_times(power: int) -> int:
    """Pi times 2**power, rounded down, after Machin."""
    one = 1 << (power + 64)

    def inverse_tangent(of: int) -> int:
        term, total, number, sign = one // of, 0, 1, 1
        while term:
            total += sign * (term // number)
            term, number, sign = term // (of * of), number + 2, -sign
        return total

    return (4 * (4 * inverse_tangent(5) - inverse_tangent(239))) >> 64


N = 2**3072 - 2**3008 - 1 + 2**64 * (_pi_times(2942) + 1690314)  # RFC 3526, group 15
G = 2


def pad_hex(number: int) -> str:
    text = f"{number:x}"
    if len(text) % 2:
        return "0" + text
    return "00" + text if text[0] in "89abcdef" else text


def hash_hex(text: str) -> int:
    return int(hashlib.sha256(bytes.fromhex(text)).hexdigest(), 16)


K = hash_hex("00" + f"{N:x}" + "0" + f"{G:x}")


@dataclass
class SrpClient:
    """One sign-in. `pool`: what follows the region in the pool's id."""

    pool: str
    password: str
    secret: int = field(default_factory=lambda: secrets.randbits(1024))

    @property
    def public(self) -> str:
        return f"{pow(G, self.secret, N):x}"

    def answer(self, challenge: dict[str, str]) -> dict[str, str]:
        """What to respond to PASSWORD_VERIFIER with."""
        user = challenge["USER_ID_FOR_SRP"]
        block = base64.standard_b64decode(challenge["SECRET_BLOCK"])
        now = datetime.now(UTC)
        timestamp = now.strftime(f"%a %b {now.day} %H:%M:%S UTC %Y")
        key = self._key(user, challenge)
        said = bytearray(self.pool + user, "utf-8") + bytearray(block) + bytearray(timestamp, "utf-8")
        signature = base64.standard_b64encode(hmac.new(key, said, "sha256").digest()).decode()
        return {
            "USERNAME": challenge["USERNAME"],
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": signature,
        }

    def _key(self, user: str, challenge: dict[str, str]) -> bytes:
        server, salt = int(challenge["SRP_B"], 16), int(challenge["SALT"], 16)
        u = hash_hex(pad_hex(int(self.public, 16)) + pad_hex(server))
        inner = hashlib.sha256(f"{self.pool}{user}:{self.password}".encode()).hexdigest()
        x = hash_hex(pad_hex(salt) + inner)
        shared = pow(server - K * pow(G, x, N), self.secret + u * x, N)
        extracted = hmac.new(bytes.fromhex(pad_hex(u)), bytes.fromhex(pad_hex(shared)), "sha256").digest()
        return hmac.new(extracted, INFO + bytearray(chr(1), "utf-8"), "sha256").digest()[:16]
