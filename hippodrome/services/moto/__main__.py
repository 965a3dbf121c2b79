"""Runs AWS on this machine: `python -m hippodrome.services.moto`."""

import logging
import os
import signal
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from hippodrome.services.common.aws import Names
from hippodrome.services.common.environment import Environment
from hippodrome.services.moto.app import Aws
from hippodrome.services.moto.keeping import Keeper
from hippodrome.services.moto.seeding import seed

log = logging.getLogger("moto")
SAVE_S = 1.0
ENDING = {signal.SIGTERM, signal.SIGINT}
CONFIGURE_S = 10
REGION = "us-east-1"


class Service:
    """The server, and beside it what seeds it first and keeps its data afterwards."""

    def __init__(self, environment: Environment, server: BaseWSGIServer, aws: Aws) -> None:
        self._url = f"http://{environment.host}:{server.server_port}"
        self._server, self._aws = server, aws
        self._keeper = Keeper(environment.data_dir, self.client, Names.read().prefix)
        self._is_over = threading.Event()

    @cache  # noqa: B019 - one service a process
    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._url,
            region_name=os.environ.get("AWS_DEFAULT_REGION", REGION),
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(user_agent_extra=self._aws.pass_word),
        )

    def run(self) -> None:
        """Returns when SIGTERM has come, with everything on disk."""
        # blocked in all threads and waited for: a handler was seen to sleep on in a main thread that waits for a lock
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        keeping = threading.Thread(target=self._seed_and_keep)
        keeping.start()
        serving = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        signal.sigwait(ENDING)
        self._is_over.set()
        keeping.join()  # it asks the server
        self._server.shutdown()

    def _seed_and_keep(self) -> None:
        try:
            self._seed()
        except Exception:
            log.exception("seeding failed")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        while not self._is_over.wait(SAVE_S):
            self._save()
        self._save()

    def _seed(self) -> None:
        executing, url = {"stepfunctions": {"execute_state_machine": True}}, f"{self._url}/moto-api/config"
        as_ours = {"User-Agent": self._aws.pass_word}
        requests.post(url, json=executing, headers=as_ours, timeout=CONFIGURE_S).raise_for_status()
        names = Names.read()
        seed(self.client, names)
        self._keeper.load()
        self._aws.changed.clear()
        self._aws.is_ready.set()
        log.info("seeded prefix=%s tables=%d", names.prefix, len(names.tables))

    def _save(self) -> None:
        if self._aws.changed.is_set():
            self._aws.changed.clear()
            try:
                self._keeper.save()
            except Exception:  # what is being deleted meanwhile is saved the next time
                log.exception("saving failed")
                self._aws.changed.set()


def main() -> None:
    environment = Environment.read(port=9003)
    logging.basicConfig(
        stream=sys.stdout, level=environment.log_level, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    for noisy in ("werkzeug", "botocore", "boto3", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    Path(environment.data_dir).mkdir(parents=True, exist_ok=True)
    aws = Aws()
    server = make_server(environment.host, environment.port, aws, threaded=True, request_handler=MotoRequestHandler)
    log.info("serving host=%s port=%d", environment.host, server.server_port)
    Service(environment, server, aws).run()


if __name__ == "__main__":
    main()
