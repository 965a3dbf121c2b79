"""The program: makes what brings events of an account here, keeps it going, and removes it at its end."""

import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.account.aws import Account
from hippodrome.events.account.cleanup import remove_all, sweep
from hippodrome.events.account.door import Door
from hippodrome.events.account.ending import EndedError, Ending
from hippodrome.events.account.journal import Journal
from hippodrome.events.account.keeper import Keeper
from hippodrome.events.account.names import Names, is_proof_text, new_id
from hippodrome.events.account.polling import Reader
from hippodrome.events.account.proof import Proof
from hippodrome.events.account.provisioning import Maker
from hippodrome.events.account.status import Board, State, left_tunnel, now, sentence
from hippodrome.events.account.webhook import Answer, Webhook
from hippodrome.events.tunnels.tunnel import choose
from hippodrome.plan.layout import Layout
from hippodrome.rundir import read_plan

TURN_S = 0.5  # while something is awaited
STEADY_S = 2.0  # while all is well
MOVE_AGAIN_S = 10.0  # after AWS did not take a new address

log = logging.getLogger("account_events")


@dataclass(frozen=True)
class Settings:
    """What the environment says."""

    layout: Layout
    prefix: str
    via: str
    webhook: str
    host: str
    port: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises KeyError."""
        run_dir = Path(environ["RUN_DIR"])
        return cls(
            Layout(run_dir, run_dir),
            environ["TABLE_PREFIX"],
            environ["EVENTS_VIA"],
            environ["RELAY_URL"],
            environ.get("HOST", "127.0.0.1"),
            int(environ.get("PORT", "9015")),
        )


class Program:
    """One life of it."""

    def __init__(self, settings: Settings, ending: Ending) -> None:
        self._settings, self._ending = settings, ending
        self._journal = Journal(settings.layout)
        self._board = Board(settings.layout, State(via=settings.via, prefix=settings.prefix))
        self._webhook = Webhook(settings.webhook, settings.via)
        self._account: Account | None = None
        self._keeper: Keeper | None = None
        self._door: Door | None = None

    def run(self) -> None:
        """Until it is told to end. Raises UserError where it cannot go on; nothing is left then either."""
        with self._journal.held() as is_ours:
            if not is_ours:
                what = "another program of this instance brings events of the account"
                raise UserError(Problem("instance-busy", what, "End it."), exit_code=ExitCode.CONFLICT)
            if tunnel := left_tunnel(self._settings.layout):
                tunnel.send(signal.SIGKILL)
            try:
                self._work()
            finally:
                self._ending.over()
                self._close()

    def _work(self) -> None:
        self._board.serve(self._settings.host, self._settings.port)
        account = self._account = Account.find(os.environ)
        place, maker = account.place, self._maker(account)
        self._board.put(
            account=place.account,
            region=place.region,
            rule=maker.names.shared,
            buses=tuple(feed.bus for feed in maker.names.feeds),
        )
        plan = read_plan(self._settings.layout)
        proof = Proof(account, maker.names, self._board, is_off=bool(plan and plan.is_data_real))
        if proof.is_off:
            log.info("no proofs are sent: the data of this cell is real")
        if self._settings.via == "sqs":
            self._by_queue(maker, proof)
        else:
            self._by_tunnel(maker, proof)

    def _maker(self, account: Account) -> Maker:
        """A queue that the program's last life has left is read on, with all that came meanwhile."""
        left = set(self._journal.left())
        for name in {each.name for each in left}:
            maker = self._maker_of(account, Names.of(name, self._settings.prefix))
            if self._settings.via == "sqs" and left <= set(maker.resources("sqs")):
                log.info("taking over what is there: %s", name)
                return maker
        for resource in sweep(self._journal, os.environ, log.warning).gone:
            log.info("removed %s, which was left behind", resource.shown)
        return self._maker_of(account, Names(new_id(), self._settings.prefix))

    def _maker_of(self, account: Account, names: Names) -> Maker:
        return Maker(account, self._journal, names, log.warning, self._ending.held)

    def _by_queue(self, maker: Maker, proof: Proof) -> None:
        queue = maker.by_queue()
        self._board.put(queue=queue, is_ready=True, why="", since=now())
        log.info("%s", sentence(self._board.state))
        reader = Reader(maker.account, queue, self._webhook.post, self._proved, time.sleep)
        while True:
            proof.turn()
            reader.turn()
            self._board.put(is_ready=not reader.why, why=reader.why)

    def _by_tunnel(self, maker: Maker, proof: Proof) -> None:
        secret = secrets.token_urlsafe(32)
        door = self._door = Door(secret, self._pass_on)
        tunnel = choose(os.environ)
        keeper = self._keeper = Keeper(
            tunnel,
            door.port,
            self._settings.layout.run_dir,
            lambda process: self._board.put(tunnel=(process.pid, process.started) if process else None),
        )
        while not (url := keeper.turn()):
            self._board.put(why=keeper.why)
            time.sleep(TURN_S)
        maker.by_tunnel(url, secret)
        self._lead_to(url)
        while True:
            self._keep_tunnel(keeper, maker)
            if self._board.state.is_ready:
                proof.turn()
            time.sleep(STEADY_S if self._board.state.is_ready else TURN_S)

    def _keep_tunnel(self, keeper: Keeper, maker: Maker) -> None:
        url = keeper.turn()
        if not url:
            self._board.put(is_ready=False, why=keeper.why)
        elif url == self._board.state.public_url:
            self._board.put(is_ready=True, why="")
        else:
            try:
                maker.move(url)
            except UserError as error:
                self._board.put(is_ready=False, why=error.problems[0].what)
                log.warning("the address has changed to %s, and cannot be told: %s", url, error.problems[0].what)
                time.sleep(MOVE_AGAIN_S)
            else:
                self._lead_to(url)

    def _lead_to(self, url: str) -> None:
        self._board.put(public_url=url, is_ready=True, why="", since=now())
        log.info("%s", sentence(self._board.state))

    def _pass_on(self, body: bytes) -> Answer:
        answer = self._webhook.post(body)
        if answer.is_taken and is_proof_text(body):
            self._proved()
        return answer

    def _proved(self) -> None:
        self._board.put(proved_at=now())

    def _close(self) -> None:
        """Only the role stays; what cannot be removed stays in the journal for the next command."""
        if self._keeper:
            self._keeper.close()
        if self._door:
            self._door.close()
        if self._account:
            for resource in remove_all(self._account, self._journal, log.error).gone:
                log.info("removed %s", resource.shown)
        self._board.clear()


def main() -> None:
    """Ends with 0 when it was told to, with 1 where a person must mend something first."""
    logging.basicConfig(
        stream=sys.stdout,
        level=os.environ.get("LOG_LEVEL", "info").upper(),
        format="%(levelname)s %(name)s: %(message)s",
    )
    for library in ("botocore", "boto3", "urllib3", "pyngrok"):
        logging.getLogger(library).setLevel(logging.WARNING)
    _tidy(os.environ)
    ending = Ending()
    ending.listen()
    try:
        Program(Settings.read(os.environ), ending).run()
    except EndedError:
        log.info("ended")
    except UserError as error:
        for problem in error.problems:
            log.error("%s [%s] hint: %s", problem.what, problem.code, problem.hint)
        sys.exit(error.exit_code)


def _tidy(environ: "os._Environ[str]") -> None:
    """An empty variable is one that the caller has not; what is on this machine is not asked for by a proxy."""
    for name in ("NGROK_AUTHTOKEN", "XDG_CONFIG_HOME"):
        if not environ.get(name):
            with suppress(KeyError):
                del environ[name]
    for name in ("NO_PROXY", "no_proxy"):
        environ[name] = ",".join(filter(None, (environ.get(name, ""), "127.0.0.1", "localhost")))
