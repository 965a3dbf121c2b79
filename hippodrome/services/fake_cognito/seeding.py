"""What fresh data hold: a pool, a client and a user, the same on every machine."""

import time
import uuid

from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.model import Client, Pool, User
from hippodrome.services.fake_cognito.shapes import ClientSettings, PoolSettings, SchemaAttribute
from hippodrome.services.fake_cognito.tokens import new_key
from hippodrome.services.fake_cognito.users import with_password

POOL, CLIENT = "us-east-1_local", "local-client"
USER, PASSWORD, ACCOUNT = "local@example.com", "Local-Passw0rd!", "local"
SUB = str(uuid.uuid5(uuid.NAMESPACE_DNS, USER))


def seed(directory: Directory) -> None:
    """Safe to call at every start: what was changed or deleted since stays so."""
    with directory.store.change():
        if directory.store.pool(POOL) is not None:
            return
        now = time.time()
        pool = Pool(
            id=POOL,
            name="local",
            settings=PoolSettings(auto_verified_attributes=("email",)),
            schema=(SchemaAttribute(name="account"),),
            key=new_key(),
            created_at=now,
        )
        directory.store.put_pool(pool)
        directory.store.put_client(Client(CLIENT, POOL, "", _client_settings(), now))
        attributes = {"sub": SUB, "email": USER, "email_verified": "true", "custom:account": ACCOUNT}
        directory.keep(with_password(pool, User(POOL, USER, attributes, "CONFIRMED", now, now), PASSWORD))


def _client_settings() -> ClientSettings:
    return ClientSettings(
        client_name="local",
        explicit_auth_flows=(
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ),
    )
