"""The pools with their users, as operations find, change and write to them."""

import logging
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from hippodrome.services.fake_cognito.chance import Chance
from hippodrome.services.fake_cognito.errors import CognitoError, expired_code, wrong_code
from hippodrome.services.fake_cognito.model import Client, Pool, Purpose, SentCode, User
from hippodrome.services.fake_cognito.sealing import Seal
from hippodrome.services.fake_cognito.store import Store

log = logging.getLogger("cognito")
CODE_S = {"sign-up": 24 * 3600, "password": 3600}
MESSAGES = 100


@dataclass(frozen=True)
class Directory:
    """All that operations work on. `messages`: what would have been sent to users, the newest last."""

    store: Store
    seal: Seal
    chance: Chance
    base_url: str
    messages: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MESSAGES))

    def pool(self, pool: str) -> Pool:
        """Raises ResourceNotFoundException."""
        if found := self.store.pool(pool):
            return found
        raise CognitoError("ResourceNotFoundException", f"User pool {pool} does not exist.")

    def client(self, client: str, *, pool: str | None = None) -> Client:
        """Of `pool`, where it is said. Raises ResourceNotFoundException."""
        found = self.store.client(client)
        if found and pool in (None, found.pool):
            return found
        raise CognitoError("ResourceNotFoundException", f"User pool client {client} does not exist.")

    def user(self, pool: str, said: str) -> User:
        """Raises ResourceNotFoundException, UserNotFoundException."""
        if found := self.find(self.pool(pool), said):
            return found
        raise CognitoError("UserNotFoundException", "User does not exist.")

    def find(self, pool: Pool, said: str) -> User | None:
        """By username, sub, or what the pool takes in place of the username."""
        name = key_of(pool, said)
        return self.store.user(pool.id, name) or self.named(pool, said) or self._by_sub(pool, said)

    def named(self, pool: Pool, said: str) -> User | None:
        """By an address: any where it is the username, one that is verified where it is an alias."""
        for attribute in (*pool.settings.username_attributes, *pool.settings.alias_attributes):
            value = key_of(pool, said) if attribute == "email" else said
            for user in self.store.users_with(pool.id, attribute, value=value):
                if attribute in pool.settings.username_attributes or _is_verified(user, attribute):
                    return user
        return None

    def keep(self, user: User) -> User:
        self.store.put_user(key_of(self.pool(user.pool), user.username), user)
        return user

    def remove(self, user: User) -> None:
        self.store.drop_user(user.pool, key_of(self.pool(user.pool), user.username))

    def send_code(self, user: User, purpose: Purpose) -> dict[str, str]:
        """A new code, which the one before it is no more; to where it would have gone, as AWS tells it."""
        code = SentCode(self.chance.code(), time.time() + CODE_S[purpose])
        self.keep(user.with_code(purpose, code))
        self.send(user, {"kind": purpose, "code": code.code})
        return delivery_of(user)

    def send(self, user: User, told: dict[str, str]) -> None:
        """Nothing leaves this machine: it is logged, and to be read at `/__fake/messages`."""
        self.messages.append({"pool": user.pool, "username": user.username, **told})
        said = " ".join(f"{name}={value}" for name, value in told.items())
        log.info("not sent pool=%s username=%r %s", user.pool, user.username, said)

    def take_code(self, user: User, purpose: Purpose, *, said: str) -> User:
        """The user without it, not kept yet. Raises CodeMismatchException, ExpiredCodeException."""
        sent = (user.codes or {}).get(purpose)
        if sent is None or sent.expires_at < time.time():
            raise expired_code()
        if sent.code != said:
            raise wrong_code()
        return user.with_code(purpose, None)

    def sign_out(self, user: User) -> User:
        """No token of theirs is good here any more."""
        return self.keep(replace(user, sign_ins={}))

    def _by_sub(self, pool: Pool, said: str) -> User | None:
        return next(iter(self.store.users_with(pool.id, "sub", value=said)), None)


@dataclass(frozen=True)
class Door:
    """A client of a pool, through which its users come in."""

    directory: Directory
    client: Client

    @property
    def pool(self) -> Pool:
        return self.directory.pool(self.client.pool)

    def find(self, said: str) -> User | None:
        return self.directory.find(self.pool, said)

    def known(self, said: str) -> User | None:
        """None for nobody, where the client is not to tell that. Raises UserNotFoundException where it is."""
        hides = self.client.settings.prevent_user_existence_errors == "ENABLED"
        return self.find(said) if hides else self.directory.user(self.client.pool, said)


def key_of(pool: Pool, username: str) -> str:
    """Under which a user is kept."""
    return username if pool.settings.username_configuration.case_sensitive else username.lower()


def delivery_of(user: User) -> dict[str, str]:
    """Where a message goes, with most of the address hidden."""
    address = user.attributes.get("email") or user.attributes.get("phone_number") or ""
    if "@" in address:
        name, _, host = address.partition("@")
        hidden = f"{name[:1]}***@{host[:1]}***"
        return {"Destination": hidden, "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    return {"Destination": f"+*******{address[-4:]}", "DeliveryMedium": "SMS", "AttributeName": "phone_number"}


def _is_verified(user: User, attribute: str) -> bool:
    return attribute == "preferred_username" or user.attributes.get(f"{attribute}_verified") == "true"
