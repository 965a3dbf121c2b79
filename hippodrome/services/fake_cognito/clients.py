"""What an application has to show before anything is done for its users."""

import base64
import hmac

from hippodrome.services.fake_cognito.errors import not_authorized
from hippodrome.services.fake_cognito.model import Client


def check_secret(client: Client, said: str | None, *usernames: str) -> None:
    """`said`: SECRET_HASH, made with one of these usernames. Raises NotAuthorizedException."""
    if not client.secret:
        if said is not None:
            raise not_authorized(f"Client {client.id} is not configured for secret but secret hash was received")
        return
    if said is None:
        raise not_authorized(f"Client {client.id} is configured with secret but SECRET_HASH was not received")
    if not any(hmac.compare_digest(_hash(client, each), said.encode()) for each in usernames):
        raise not_authorized(f"Unable to verify secret hash for client {client.id}")


def _hash(client: Client, username: str) -> bytes:
    made = hmac.digest(client.secret.encode(), (username + client.id).encode(), "sha256")
    return base64.b64encode(made)
