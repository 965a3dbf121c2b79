"""The back office: its routes by module, and the work that goes on behind them."""

import contextlib
from collections.abc import AsyncIterator

from botocore import exceptions as aws
from fastapi import FastAPI

from hippodrome.services.admin_server import (
    accounts,
    aliases,
    analytics,
    collections,
    documents,
    events,
    forks,
    indexes,
    internal,
    jobs,
    portable,
    rules,
    settings,
)
from hippodrome.services.admin_server.background import Background
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Callers
from hippodrome.services.admin_server.unreachable import answer_for_aws, answer_unreachable
from hippodrome.services.common.api import create_api

VERSION = "0.1.0"
ROUTERS = tuple(
    module.router
    for module in (
        accounts,
        aliases,
        analytics,
        collections,
        documents,
        events,
        forks,
        indexes,
        internal,
        jobs,
        portable,
        rules,
        settings,
    )
)


def create_app(context: Context) -> FastAPI:
    """The application."""
    background = Background(
        context, {"export": portable.run_export, "import": portable.run_import, "fork": forks.run_fork}
    )

    @contextlib.asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        background.resume()
        yield
        background.stop()

    api = create_api("admin_server", VERSION, lifespan=working)
    api.state.context, api.state.callers, api.state.background = context, Callers(), background
    for kind in (aws.ConnectionError, aws.HTTPClientError, aws.NoCredentialsError):
        api.add_exception_handler(kind, answer_unreachable)
    api.add_exception_handler(aws.ClientError, answer_for_aws)
    for router in ROUTERS:
        api.include_router(router)
    return api
