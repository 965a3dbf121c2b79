"""Runs the back office: `python -m hippodrome.services.admin_server`."""

from hippodrome.services.admin_server.app import create_app
from hippodrome.services.admin_server.context import Context
from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve

if __name__ == "__main__":
    serve(lambda: create_app(Context.read()), Environment.read(port=9004), name="admin_server")
