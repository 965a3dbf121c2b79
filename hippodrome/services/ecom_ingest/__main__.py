"""Runs the ingest buffer: `python -m hippodrome.services.ecom_ingest`."""

import sys

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.ecom_ingest.app import create_app
from hippodrome.services.ecom_ingest.settings import Settings

if __name__ == "__main__":
    try:
        settings = Settings.read()
    except ValueError as error:
        sys.exit(f"ERROR ecom_ingest: {error}")
    serve(
        lambda: create_app(settings.open_store(), settings.capacity), Environment.read(port=9019), name="ecom_ingest"
    )
