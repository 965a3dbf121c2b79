"""Running a service: its logs on standard output, and an end within two seconds of SIGTERM."""

import logging
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from hippodrome.services.common.environment import Environment

GRACE_S = 1
LIBRARIES = (
    "uvicorn",
    "httpx",
    "httpcore",
    "botocore",
    "boto3",
    "urllib3",
)  # what they say, ours say in their own way


def serve(make_app: Callable[[], ASGIApp], environment: Environment, *, name: str) -> None:
    """Returns when the service has been told to end. What is logged while the application is made is told too."""
    logging.basicConfig(
        stream=sys.stdout, level=environment.log_level, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger(name).info("serving host=%s port=%d", environment.host, environment.port)
    uvicorn.run(
        make_app(),
        host=environment.host,
        port=environment.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
