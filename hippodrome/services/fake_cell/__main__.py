"""Runs the data plane: `python -m hippodrome.services.fake_cell`."""

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.fake_cell.app import create_app

if __name__ == "__main__":
    environment = Environment.read(port=9001)
    serve(lambda: create_app(environment.data_dir), environment, name="fake_cell")
