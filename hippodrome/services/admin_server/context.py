"""What every route of the back office works with."""

import os
from dataclasses import dataclass

from fastapi import Request

from hippodrome.services.admin_server.items import Items
from hippodrome.services.common.aws import Names
from hippodrome.services.common.outgoing import Upstream


@dataclass(frozen=True)
class Context:
    """The services that it asks, and its own items in DynamoDB."""

    names: Names
    items: Items
    controller: Upstream
    cell: Upstream
    ingest: Upstream

    @classmethod
    def read(cls) -> "Context":
        """From CONTROLLER_URL, CELL_URL, CELL_API_KEY, ECOM_INGEST_URL and TABLE_PREFIX."""
        said, names = os.environ.get, Names.read()
        return cls(
            names=names,
            items=Items(),
            controller=Upstream("controller", said("CONTROLLER_URL", "http://localhost:9002"), timeout_s=35),
            cell=Upstream.cell(timeout_s=30),
            ingest=Upstream("ecom_ingest", said("ECOM_INGEST_URL", "http://localhost:9019")),
        )


def context_of(request: Request) -> Context:
    """The one that the application was made with."""
    found: Context = request.app.state.context
    return found
