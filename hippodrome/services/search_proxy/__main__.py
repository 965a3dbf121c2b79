"""Runs the gateway: `python -m hippodrome.services.search_proxy`."""

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.search_proxy.app import create_app
from hippodrome.services.search_proxy.environment import Gates

if __name__ == "__main__":
    serve(lambda: create_app(Gates.read()), Environment.read(port=9005), name="search_proxy")
