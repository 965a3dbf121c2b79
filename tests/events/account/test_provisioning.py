"""Making things in an account, and undoing it; the calls go to moto, through a gate that can refuse any of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hippodrome.errors import UserError
from hippodrome.events.account.aws import Account
from hippodrome.events.account.cleanup import not_removed, remove_all, sweep
from hippodrome.events.account.journal import Journal, Resource
from hippodrome.events.account.names import Names, Place, description, proof
from hippodrome.events.account.provisioning import Maker
from hippodrome.plan.layout import Layout
from tests.events.account.conftest import PREFIX, REGION, Aws, Gate

URL = "https://quiet-river-1.trycloudflare.com"
ROLE = "local-stack-eventbridge-api-dest-role"
TUNNEL_STEPS = (
    "CreateRole",
    "PutRolePolicy",
    "CreateConnection",
    "CreateApiDestination",
    "PutRule",
    "PutTargets",
)
SQS_STEPS = ("CreateQueue", "PutRule", "PutTargets")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(Layout(tmp_path, tmp_path))


@pytest.fixture
def maker(gate: tuple[Gate, Aws], journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Maker:
    _, seen = gate
    for name, value in seen.environ.items():
        monkeypatch.setenv(name, value)
    account = Account(Place("123456789012", REGION, "arn:aws:iam::123456789012:user/ada"))
    return Maker(account, journal, Names("abc", PREFIX), print)


def made(maker: Maker, via: str) -> None:
    if via == "sqs":
        maker.by_queue()
    else:
        maker.by_tunnel(URL, "secret")


def steps() -> Iterator[tuple[str, str, int]]:
    """Way, call, and which of its calls: the second is the second bus's."""
    for via, calls in (("tunnel", TUNNEL_STEPS), ("sqs", SQS_STEPS)):
        for call in calls:
            for which in (1, 2) if call in ("PutRule", "PutTargets") else (1,):
                yield via, call, which


def nth(wanted: str, which: int, do: str) -> Callable[[str], str]:
    """A judge for one of the calls of a name."""
    seen: list[str] = []

    def judge(operation: str) -> str:
        seen.append(operation)
        return do if operation == wanted and seen.count(wanted) == which else "pass"

    return judge


@pytest.mark.parametrize(("via", "call", "which"), list(steps()))
def test_a_denied_step_undoes_all_that_was_made_and_names_what_is_missing(
    via: str, call: str, which: int, gate: tuple[Gate, Aws], aws: Aws, maker: Maker
) -> None:
    judged, _ = gate
    judged.judge = nth(call, which, "deny")
    with pytest.raises(UserError) as caught:
        made(maker, via)
    (problem,) = caught.value.problems
    assert problem.code == "aws-denied"
    assert f":{call} to arn:aws:iam::123456789012:user/ada" in problem.what
    assert f"the permission some:{call} is missing" in problem.what and "\n" not in problem.what
    assert aws.left == [] and set(aws.roles) <= {ROLE}
    assert maker.journal.is_empty


@pytest.mark.parametrize("via", ["tunnel", "sqs"])
def test_it_is_undone_in_reverse_order(via: str, gate: tuple[Gate, Aws], maker: Maker) -> None:
    judged, _ = gate
    judged.judge = nth("PutTargets", 2, "deny")
    with pytest.raises(UserError):
        made(maker, via)
    removed = [each for each in judged.calls if each.startswith("Delete")]
    rest = ["DeleteQueue"] if via == "sqs" else ["DeleteApiDestination", "DeleteConnection"]
    assert removed == ["DeleteRule", "DeleteRule", *rest]


@pytest.mark.parametrize("via", ["tunnel", "sqs"])
def test_each_thing_is_in_the_journal_before_it_is_made(
    via: str, gate: tuple[Gate, Aws], aws: Aws, maker: Maker
) -> None:
    judged, _ = gate
    seen: list[tuple[str, int]] = []

    def judge(operation: str) -> str:
        seen.append((operation, len(maker.journal.left())))
        return "pass"

    judged.judge = judge
    made(maker, via)
    counts = {operation: count for operation, count in seen if operation != "PutTargets"}
    wanted = (
        {"CreateQueue": 1, "PutRule": 3}
        if via == "sqs"
        else {"CreateRole": 0, "CreateConnection": 1, "CreateApiDestination": 2, "PutRule": 4}
    )
    assert {name: counts[name] for name in wanted} == wanted
    assert set(maker.journal.left()) == set(maker.resources(via))
    assert oct(maker.journal.path.stat().st_mode)[-3:] == "600"
    assert "secret" not in maker.journal.path.read_text()


def test_a_role_that_is_there_is_used_as_it_is(gate: tuple[Gate, Aws], aws: Aws, maker: Maker) -> None:
    judged, _ = gate
    made(maker, "tunnel")
    remove_all(maker.account, maker.journal, print)
    judged.calls.clear()
    made(maker, "tunnel")
    assert "GetRole" in judged.calls
    assert not {"CreateRole", "PutRolePolicy", "DeleteRole"} & set(judged.calls)


def test_a_person_who_may_not_look_at_the_role_s_policy_uses_it_all_the_same(
    gate: tuple[Gate, Aws], aws: Aws, maker: Maker
) -> None:
    made(maker, "tunnel")
    judged, _ = gate
    judged.judge = lambda operation: "deny" if operation in ("GetRolePolicy", "PutRolePolicy") else "pass"
    remove_all(maker.account, maker.journal, print)
    made(maker, "tunnel")


def test_what_cannot_be_removed_stays_in_the_journal(gate: tuple[Gate, Aws], aws: Aws, maker: Maker) -> None:
    judged, _ = gate
    made(maker, "tunnel")
    judged.judge = lambda operation: "deny" if operation == "DeleteApiDestination" else "pass"
    removed = remove_all(maker.account, maker.journal, print)
    assert len(removed.gone) == 3
    (left,) = maker.journal.left()
    assert left.kind == "destination"
    error = not_removed(removed, maker.journal)
    assert error and error.problems[0].code == "account-leftovers" and "hd events cleanup" in error.problems[0].hint
    judged.judge = lambda _: "pass"
    assert not_removed(remove_all(maker.account, maker.journal, print), maker.journal) is None
    assert aws.left == [] and maker.journal.is_empty


def test_what_somebody_has_removed_by_hand_is_gone(aws: Aws, maker: Maker) -> None:
    made(maker, "tunnel")
    aws.client("events").delete_api_destination(Name=maker.names.shared)
    aws.client("events").delete_event_bus(Name=f"{PREFIX}EcomEventBus")
    assert not remove_all(maker.account, maker.journal, print).left
    assert maker.journal.is_empty


def test_leftovers_in_another_account_are_told_and_kept(
    gate: tuple[Gate, Aws], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen = gate
    maker.journal.note(Resource("queue", "local-stack-webhook-1", "999999999999", REGION))
    with pytest.raises(UserError, match="in account 999999999999, and these credentials are of 123456789012"):
        sweep(maker.journal, seen.environ, print)
    made(maker, "sqs")
    removed = sweep(maker.journal, seen.environ, print)
    assert len(removed.gone) == 3 and [each.account for each, _ in removed.left] == ["999999999999"]


def test_an_empty_journal_asks_nobody(journal: Journal) -> None:
    assert journal.is_empty
    assert sweep(journal, {}, print).gone == ()


def test_half_a_line_of_a_crash_is_no_resource(journal: Journal) -> None:
    whole = Resource("queue", "local-stack-webhook-1", "1", REGION)
    journal.note(whole)
    with journal.path.open("a") as file:
        file.write('{"kind": "rule", "na')
    assert journal.left() == (whole,)
    after = Resource("rule", "local-stack-webhook-1", "1", REGION, "Bus")
    journal.note(after)
    assert journal.left() == (whole, after)


def test_a_journal_that_a_program_holds_is_not_ours(journal: Journal) -> None:
    with journal.held() as first, journal.held() as second:
        assert first and not second


def test_a_description_is_never_longer_than_a_rule_s_may_be() -> None:
    place = Place("1", REGION, "arn:aws:sts::1:assumed-role/" + "r" * 600)
    assert len(description(PREFIX, place, "now")) == 512


def test_the_proof_is_an_event_of_the_first_bus() -> None:
    entry = proof(Names("abc", PREFIX))
    assert entry["EventBusName"] == f"{PREFIX}EcomEventBus"
    assert entry["DetailType"] == "EcomIndexSettings.MODIFY"
    assert '"HIPPODROME#PROOF"' in entry["Detail"] and f'"{PREFIX}EcomIndexSettingsTable"' in entry["Detail"]
