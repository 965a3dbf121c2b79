"""Making what brings events of an account here: each thing is journalled first, and nothing is left half made."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.account import names as naming
from hippodrome.events.account.aws import AbsentError, Account
from hippodrome.events.account.cleanup import remove_all
from hippodrome.events.account.journal import Journal, Kind, Resource
from hippodrome.events.account.names import Names
from hippodrome.wait import Deadline, until

AUTHORIZED_S = 30.0
TARGET = "local-stack"

Steady = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Maker:
    """Makes things of one id. Within `steady` no signal interrupts: what was asked for is known to be made or not."""

    account: Account
    journal: Journal
    names: Names
    say: Callable[[str], None]
    steady: Steady = nullcontext

    def by_tunnel(self, public_url: str, secret: str) -> None:
        """Rules → API destination → `public_url`, with `secret` as its key. Raises UserError, with all undone."""
        with self._undone_on_failure():
            role = self._role()
            self._note("connection")
            connection = self._connection(secret)
            self._note("destination")
            made = self._ask(
                "create_api_destination",
                Name=self.names.shared,
                Description=self._description,
                ConnectionArn=connection,
                InvocationEndpoint=public_url + naming.PATH,
                HttpMethod="POST",
            )
            self._rules({"Arn": made["ApiDestinationArn"], "RoleArn": role})

    def by_queue(self) -> str:
        """Rules → queue. Its URL. What is there of the same id is used. Raises UserError, with all undone."""
        with self._undone_on_failure():
            self._note("queue")
            wanted = {
                "MessageRetentionPeriod": str(naming.KEPT_S),
                "VisibilityTimeout": str(naming.TAKEN_S),
                "Policy": naming.sending(self.names, self.account.place),
            }
            queue = self._ask("create_queue", "sqs", QueueName=self.names.shared, Attributes=wanted)
            self._rules({"Arn": self.account.place.name("sqs", self.names.shared)})
            return str(queue["QueueUrl"])

    def move(self, public_url: str) -> None:
        """The tunnel has another address. Raises UserError."""
        self._ask("update_api_destination", Name=self.names.shared, InvocationEndpoint=public_url + naming.PATH)

    def resources(self, way: str) -> Iterator[Resource]:
        """All that this way leads to being made, but for the role."""
        for kind in ("queue",) if way == "sqs" else ("connection", "destination"):
            yield self._resource(kind)  # type: ignore[arg-type]
        for feed in self.names.feeds:
            yield self._resource("rule", feed.bus)

    def _rules(self, target: dict[str, str]) -> None:
        for feed in self.names.feeds:
            self._note("rule", feed.bus)
            try:
                self._ask(
                    "put_rule",
                    Name=self.names.shared,
                    EventBusName=feed.bus,
                    EventPattern=naming.pattern(self.names.prefix),
                    Description=self._description,
                )
            except AbsentError as error:
                raise no_bus(feed.bus, self.account) from error
            targets = [{"Id": TARGET, **target}]
            told = self._ask("put_targets", Rule=self.names.shared, EventBusName=feed.bus, Targets=targets)
            if told["FailedEntryCount"]:
                said = told["FailedEntries"][0]
                problem = Problem(
                    "aws-failed",
                    f"events:PutTargets failed: {said.get('ErrorCode')}: {said.get('ErrorMessage')}",
                    "Try again; AWS fails.",
                )
                raise UserError(problem, exit_code=ExitCode.FAILED)

    def _role(self) -> str:
        """Made once, for all local stacks of the account, and never removed. Somebody else's is used as it is."""
        try:
            role = self._ask("get_role", "iam", RoleName=naming.ROLE)["Role"]["Arn"]
        except AbsentError:
            role = self._ask(
                "create_role",
                "iam",
                RoleName=naming.ROLE,
                AssumeRolePolicyDocument=naming.trust(self.account.place),
                Description="Lets EventBridge call API destinations of local stacks. Made by Hippodrome, and reused.",
            )["Role"]["Arn"]
        if not self._has_policy():
            document = naming.invoking(self.account.place)
            policy = {"PolicyName": naming.ROLE_POLICY, "PolicyDocument": document}
            self._ask("put_role_policy", "iam", RoleName=naming.ROLE, **policy)
        return str(role)

    def _has_policy(self) -> bool:
        """True also for who may not look: the role was then made by somebody who may."""
        try:
            self._ask("get_role_policy", "iam", RoleName=naming.ROLE, PolicyName=naming.ROLE_POLICY)
        except AbsentError:
            return False
        except UserError as error:
            if error.problems[0].code != "aws-denied":
                raise
        return True

    def _connection(self, secret: str) -> str:
        key = {"ApiKeyName": naming.KEY_HEADER, "ApiKeyValue": secret}
        made = self._ask(
            "create_connection",
            Name=self.names.shared,
            Description=self._description,
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": key},
        )
        until(self._is_authorized, Deadline(AUTHORIZED_S), pause_s=0.5)  # what comes next says it when it is not
        return str(made["ConnectionArn"])

    def _is_authorized(self) -> bool:
        told = self._ask("describe_connection", Name=self.names.shared)
        return bool(told["ConnectionState"] == "AUTHORIZED")

    @contextmanager
    def _undone_on_failure(self) -> Iterator[None]:
        """The last first; what cannot be removed is said, and stays in the journal."""
        try:
            yield
        except Exception:
            remove_all(self.account, self.journal, self.say)
            raise

    def _ask(self, operation: str, service: str = "events", **parameters: Any) -> Any:
        with self.steady():
            return self.account.ask(service, operation, **parameters)

    def _note(self, kind: Kind, bus: str = "") -> None:
        self.journal.note(self._resource(kind, bus))

    def _resource(self, kind: Kind, bus: str = "") -> Resource:
        place = self.account.place
        return Resource(kind, self.names.shared, place.account, place.region, bus)

    @property
    def _description(self) -> str:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return naming.description(self.names.prefix, self.account.place, now)


def no_bus(bus: str, account: Account) -> UserError:
    """For a person whose prefix has no infrastructure."""
    problem = Problem(
        "no-event-bus",
        f"there is no event bus {bus} in {account.who}",
        "Deploy the stacks of this table prefix, or name another with --table-prefix; "
        "`hd events validate` looks at all of it.",
    )
    return UserError(problem, exit_code=ExitCode.FAILED)
