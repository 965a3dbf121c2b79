"""Runs the indexer: `python -m hippodrome.services.ecom_indexer_service`."""

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.ecom_indexer_service.app import create_app

if __name__ == "__main__":
    serve(create_app, Environment.read(port=9018), name="ecom_indexer_service")
