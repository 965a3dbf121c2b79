"""The server's side of SRP-6a as Cognito speaks it: 3072 bits, SHA-256, numbers as padded hex.

The group is number 15 of RFC 3526; the padding, the info of the derived key and what is signed are those of the
clients that AWS publishes (amazon-cognito-identity-js).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

GROUP = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
KEY_INFO = b"Caldera Derived Key\x01"
KEY_BYTES = 16
SALT_BYTES = 16
SECRET_BITS = 1024


@dataclass(frozen=True)
class Credential:
    """What is kept of a password: numbers as hex. The password cannot be had from it but by trying."""

    salt: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Whom a password belongs to, as it is hashed with it: the pool's id after its region, and the username."""

    pool: str
    username: str

    def hashed_with(self, password: str) -> bytes:
        return hashlib.sha256(f"{self.pool}{self.username}:{password}".encode()).digest()


@dataclass(frozen=True)
class Exchange:
    """The server's half of one sign-in: its secret exponent, and the client's public value."""

    secret: int
    client_public: int

    def server_public(self, credential: Credential) -> int:
        """B."""
        return (_MULTIPLIER * int(credential.verifier, 16) + pow(GENERATOR, self.secret, GROUP)) % GROUP

    def key(self, credential: Credential) -> bytes:
        """The key that both sides have when the password is the same."""
        scrambler = _number(padded(self.client_public) + padded(self.server_public(credential)))
        verifier = int(credential.verifier, 16)
        shared = pow(self.client_public * pow(verifier, scrambler, GROUP), self.secret, GROUP)
        extracted = hmac.digest(padded(scrambler), padded(shared), "sha256")
        return hmac.digest(extracted, KEY_INFO, "sha256")[:KEY_BYTES]


def begin(client_public: str) -> Exchange | None:
    """None for a public value that would make the key the same for every password, or that is no number."""
    try:
        number = int(client_public, 16)
    except ValueError:
        return None
    return Exchange(secrets.randbits(SECRET_BITS), number) if 0 < number < GROUP else None


def credential_of(identity: Identity, password: str, *, salt: str = "") -> Credential:
    """With a salt of its own where none is given."""
    salt = salt or secrets.token_hex(SALT_BYTES)
    exponent = _number(padded(int(salt, 16)) + identity.hashed_with(password))
    return Credential(salt, f"{pow(GENERATOR, exponent, GROUP):x}")


def is_password(credential: Credential, identity: Identity, *, password: str) -> bool:
    return hmac.compare_digest(credential_of(identity, password, salt=credential.salt).verifier, credential.verifier)


def signature(key: bytes, identity: Identity, *, said: bytes) -> bytes:
    """What a client that knows the password answers; `said` is the secret block, and when it was signed."""
    return hmac.digest(key, f"{identity.pool}{identity.username}".encode() + said, "sha256")


def padded(number: int) -> bytes:
    """Big-endian, with a zero byte before a first bit that is set, as two's complement has it."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _number(hashed: bytes) -> int:
    return int.from_bytes(hashlib.sha256(hashed).digest(), "big")


_MULTIPLIER = _number(padded(GROUP) + padded(GENERATOR))
