"""Runs the ingest buffer: `python -m hippodrome.services.ecom_ingest`."""

import os

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.ecom_ingest.app import create_app
from hippodrome.services.ecom_ingest.memory import MemoryStore

CAPACITY = 50_000

if __name__ == "__main__":
    capacity = int(os.environ.get("ECOM_INGEST_CAPACITY", CAPACITY))
    serve(lambda: create_app(MemoryStore(capacity), capacity), Environment.read(port=9019), name="ecom_ingest")
