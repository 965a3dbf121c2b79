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
    environment = Environment.read(port=9019)
    serve(
        lambda: create_app(settings.open_store(environment.data_dir), settings.capacity),
        environment,
        name="ecom_ingest",
    )
