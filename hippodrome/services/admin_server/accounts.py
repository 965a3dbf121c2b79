"""Accounts, which the control plane makes."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server.identity import Admin, Everything
from hippodrome.services.common.api import Body
from hippodrome.services.common.outgoing import passed

router = APIRouter(prefix="/api/v1/accounts")


class NewAccount(Body):
    account_id: str = Field(pattern=r"^[a-z][a-z0-9]{0,11}$")
    email: str = Field(default="", max_length=254)


@router.post("/init", status_code=201)
def init(body: NewAccount, caller: Admin, context: Everything) -> Any:
    """A new account with its first key; only operators may."""
    asked = body.model_dump(by_alias=True)
    return passed(context.controller.ask("POST", "/api/v2/accounts", json=asked, headers={"x-api-key": caller.key}))
