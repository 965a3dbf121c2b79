"""What each mistake is answered with; the table is the specification."""

from dataclasses import replace

import pytest

from hippodrome.config.model import Cell, Config, Dependency, EnvFile, HealthCheck, Profile, Service, Setup, Source
from hippodrome.errors import ExitCode, UserError
from hippodrome.plan.choose import Selection
from hippodrome.plan.look import Folder, Inputs
from tests.plan.building import HOME, compiled, config, problems, service, with_folders

NEEDS_API = {"api": Dependency()}
HEALTHY = {"api": Dependency(condition="service_healthy")}
COMPLETED = {"api": Dependency(condition="service_completed_successfully")}


def says(value: str) -> Config:
    """One service with this value in its environment."""
    return config({"api": service(port=8000, environment={"A": value})})


MISTAKES: list[tuple[str, Config, str, str]] = [
    (
        "two services on one port",
        config({"a": service(port=80), "b": service(port=80)}, places={"services.b.port": "4:9"}),
        "hippodrome.yaml:4:9: `b` wants port 80, which `a` has [port-taken-twice]",
        "Give `b` a port of its own.",
    ),
    (
        "one address being everywhere",
        config({"a": service(port=80, host="0.0.0.0"), "b": service(ports={"admin": 80})}),
        "`b` wants port 80, which `a` has [port-taken-twice]",
        "Give `b` a port of its own.",
    ),
    (
        "one port twice in a service",
        config({"a": service(ports={"x": 80, "y": 80})}),
        "`a` has port 80 twice [port-taken-twice]",
        "Give `a` a port of its own.",
    ),
    (
        "a required dependency outside of the profile",
        config(
            {"web": service(depends_on=NEEDS_API), "api": service(profiles=("full",))},
            profiles={"core": Profile(), "full": Profile()},
            places={"services.web.depends_on.api": "9:5"},
        ),
        "hippodrome.yaml:9:5: `web` requires `api`, which is left out: "
        "not in profile `core`; it comes with `full` [required-left-out]",
        "Leave out `web` too, bring `api` back, or make it `required: false`.",
    ),
    (
        "a required dependency that is not for this cell",
        config(
            {"web": service(depends_on=NEEDS_API), "api": service(cells=("local",))},
            cells={"local": Cell(service="api"), "prod": Cell(url="https://x")},
            cell="prod",
        ),
        "`web` requires `api`, which is left out: "
        "only runs with cell `local`, and this is `prod` [required-left-out]",
        "Leave out `web` too, bring `api` back, or make it `required: false`.",
    ),
    (
        "a cell whose service was taken away",
        config({"web": service(depends_on={"cell": Dependency()})}, cells={"local": Cell(service="api")}),
        "`web` requires `api`, which is left out: no layer defines it [required-left-out]",
        "Leave out `web` too, bring `api` back, or make it `required: false`.",
    ),
    (
        "a cycle",
        config(
            {
                "a": service(depends_on={"b": Dependency()}),
                "b": service(depends_on={"c": Dependency()}),
                "c": service(depends_on={"a": Dependency()}),
            },
            places={"services.a.depends_on.b": "3:20"},
        ),
        "hippodrome.yaml:3:20: these wait for each other: a → b → c → a [dependency-cycle]",
        "Take one of these dependencies away; `required: false` does not help, for it still orders the start.",
    ),
    (
        "health that nobody can know",
        config({"web": service(depends_on=HEALTHY), "api": service()}),
        "`web` waits for `api` to be healthy, and it has neither health check nor port [endless-wait]",
        "Give `api` a `healthcheck` or a `port`, or wait for `service_started`.",
    ),
    (
        "an end that never comes",
        config({"web": service(depends_on=COMPLETED), "api": service()}, places={"services.api.restart": "2:2"}),
        "`web` waits for `api` to complete, and it is always started again [endless-wait]",
        "Give `api` `restart: no` or `on-failure`.",
    ),
    (
        "a deployed cell without an address",
        config({"api": service(environment={"U": "${services.cell.url}"})}, cells={"prod": Cell()}, cell="prod"),
        "cell `prod` has no address [cell-without-url]",
        "Write `cells: {prod: {url: https://…}}` into hippodrome.yaml or hippodrome.local.yaml.",
    ),
    (
        "a name that is nothing",
        says("${prt}"),
        "`${prt}` names nothing [undefined-reference]",
        "Did you mean `port`?",
    ),
    (
        "a name as compose means it",
        says("${PATH}"),
        "`${PATH}` names nothing [undefined-reference]",
        "For your environment's write `${env.PATH}`.",
    ),
    (
        "a name as compose means it, which a default must not hide",
        says("${LOG_LEVEL:-info}"),
        "`${LOG_LEVEL}` names nothing [undefined-reference]",
        "For your environment's write `${env.LOG_LEVEL}`.",
    ),
    (
        "a mistyped name, which a default must not hide",
        says("${prt:-80}"),
        "`${prt}` names nothing [undefined-reference]",
        "Did you mean `port`?",
    ),
    (
        "a variable that is not set",
        config({"api": service(environment={"A": "${env.KEY}"})}, places={"services.api.environment.A": "5:8"}),
        "hippodrome.yaml:5:8: `KEY` is not set in your environment [unset-variable]",
        "Set it, or write `${env.KEY:-…}`.",
    ),
    (
        "a service that is not known",
        says("${services.apj.url}"),
        "there is no service `apj` [undefined-reference]",
        "Did you mean `api`?",
    ),
    (
        "a service that is left out",
        config({"api": service(environment={"A": "${services.moto.url}"}), "moto": service(enabled=False, port=1)}),
        "`moto` is not in the plan: switched off by `enabled: false` [undefined-reference]",
        "Give a default, perhaps none: `${services.moto.url:-}`.",
    ),
    (
        "a part of a service that is not there",
        says("${services.api.prt}"),
        "`api` has no `prt` [undefined-reference]",
        "Did you mean `port`?",
    ),
    (
        "the port of a service that has none",
        config({"api": service(environment={"A": "${services.b.url}"}), "b": service()}),
        "`b` has no port [undefined-reference]",
        "Give `services.b` a `port`, or write `${services.b.url:-…}`.",
    ),
    (
        "its own port where it has none",
        config({"api": service(environment={"A": "${port}"})}),
        "`api` has no port [undefined-reference]",
        "Give `services.api` a `port`.",
    ),
    (
        "a named port that is not there",
        config({"api": service(ports={"admin": 1}, environment={"A": "${ports.admni}"})}),
        "`api` has no port called `admni` [undefined-reference]",
        "Did you mean `admin`?",
    ),
    (
        "a path to check without a port",
        config({"api": service(healthcheck=HealthCheck(http="/health"))}),
        "`api` has no port [undefined-reference]",
        "Give `services.api` a `port`.",
    ),
    (
        "a pattern that is none",
        config({"api": service(healthcheck=HealthCheck(log="ready ("))}),  # type: ignore[arg-type]
        "`ready (` is no regular expression: missing ), unterminated subpattern at position 6 [bad-pattern]",
        "Python's `re` reads it.",
    ),
    (
        "a variable that cannot be one",
        config({"api": service(environment={"a=b": "1"})}),
        "`a=b` cannot be the name of a variable [bad-variable-name]",
        "Use letters, digits and `_`.",
    ),
    (
        "a value that no program can be given",
        says("nul\0"),
        "`services.api.environment.A` has a character that no program can be given [unusable-character]",
        "A NUL, or bytes that are not UTF-8.",
    ),
    (
        "an environment file that is not there",
        config({"api": service(env_file=(EnvFile(path=".env.x"), EnvFile(path=".env.y", required=False)))}),
        "`.env.x` is not there, or not UTF-8 text [missing-env-file]",
        "Paths are relative to the project root; `{path: …, required: false}` does without.",
    ),
    (
        "nothing to run",
        config({"api": Service()}),
        "`api` has nothing to run [no-command]",
        "Give `services.api` a `command`, or a `source` that has one.",
    ),
    (
        "no source that is there",
        config({"api": service(sources=(Source(path="one", command=("x",)), Source(path="two")))}),
        "no source of `api` is there: looked for `one` and `two` [no-source]",
        "Check it out there, name another folder with `--source api=PATH`, or leave it out: `--without api`.",
    ),
    (
        "a profile that is not there",
        config({"api": service()}, profile="cote"),
        "there is no profile `cote` [unknown-profile]",
        "Did you mean `core`?",
    ),
    (
        "a cell that is not there",
        config({"api": service()}, cells={"local": Cell(service="api")}, cell="loca"),
        "there is no cell `loca` [unknown-cell]",
        "Did you mean `local`?",
    ),
]


@pytest.mark.parametrize(
    ("made", "said", "hint"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_told_once_and_with_a_hint(made: Config, said: str, hint: str) -> None:
    assert [str(problem) for problem in problems(made)] == [f"{said}\n  hint: {hint}"]


def test_a_secret_where_everybody_looks_is_refused() -> None:
    made = config({"api": service(port=80, healthcheck=HealthCheck(http="/?key=${env.API_KEY}"))})
    (problem,) = problems(made, here=replace(HOME, environ={**HOME.environ, "API_KEY": "hush"}))
    said = "`services.api.healthcheck.http` would put the value of `API_KEY`, a secret, into the plan"
    assert (problem.code, problem.what) == ("secret-in-plan", said)
    assert "`$API_KEY`" in problem.hint


CHOICES = [
    (Selection(only=("wbe",)), "there is no service `wbe` [no-such-service]"),
    (Selection(without=("wbe",)), "--without: there is no service `wbe` [no-such-service]"),
    (Selection(sources={"wbe": "x"}), "--source: there is no service `wbe` [no-such-service]"),
    (Selection(only=("old",)), "`old` is asked for, and switched off by `enabled: false` [asked-but-left-out]"),
    (
        Selection(only=("web",), without=("web",)),
        "`web` is asked for, and left out by `--without` [asked-but-left-out]",
    ),
    (Selection(sources={"web": "reference"}), "--source: `web` has no reference implementation [no-such-source]"),
    (
        Selection(sources={"web": "gone"}),
        "--source: `web` cannot run from `gone`: it is not a folder [no-such-source]",
    ),
    (
        Selection(sources={"api": "empty"}),
        "--source: `api` cannot run from `empty`: it has no `app.py` [no-such-source]",
    ),
    (
        Selection(sources={"bare": "empty"}),
        "--source: `bare` cannot run from `empty`: it has no command for a folder [no-such-source]",
    ),
]


@pytest.mark.parametrize(("chosen", "said"), CHOICES, ids=[said for _, said in CHOICES])
def test_a_choice_that_cannot_be_is_a_mistake_of_usage(chosen: Selection, said: str) -> None:
    api = service(sources=(Source(path="api", marker="app.py", command=("python", "app.py")),))
    bare = Service(sources=(Source(reference="controller", command=("python", "app.py")),))
    made = config({"web": service(), "api": api, "old": service(enabled=False), "bare": bare})
    here = with_folders(HOME, empty=Folder(True, True), api=Folder(True, True, frozenset({"app.py"})))
    with pytest.raises(UserError) as raised:
        compiled(made, chosen, here)
    assert str(raised.value).splitlines()[0] == said
    assert raised.value.exit_code == ExitCode.USAGE


def test_all_mistakes_are_told_at_once_in_the_order_of_their_places() -> None:
    made = config(
        {
            "a": service(port=80, environment={"X": "${nothing}"}),
            "b": service(port=80, depends_on={"c": Dependency()}),
            "c": service(enabled=False),
        },
        table_prefix="é",
        places={
            "services.a.environment.X": "10:3",
            "services.b.port": "9:3",
            "services.b.depends_on.c": "20:3",
            "table_prefix": "1:1",
        },
    )
    found = [problem.code for problem in problems(made)]
    assert found == ["bad-table-prefix", "port-taken-twice", "undefined-reference", "required-left-out"]


def test_one_mistake_makes_one_message_however_many_depend_on_it() -> None:
    chain = {f"s{at}": service(depends_on={f"s{at - 1}": Dependency()}) for at in range(1, 5)}
    made = config({"s0": service(environment={"A": "${nothing}"}), **chain})
    assert [problem.code for problem in problems(made)] == ["undefined-reference"]


def test_a_checkout_without_what_its_setup_is_made_from_is_broken() -> None:
    step = Setup(venv="requirements.txt")
    here = with_folders(HOME, api=Folder(True, True))
    inputs = {("/home/ada/shop/api", step): Inputs(("requirements.txt",), "0", ("requirements.txt",))}
    made = config({"api": service(sources=(Source(path="api", command=("x",), setup=(step,)),))})
    (problem,) = problems(made, here=replace(here, inputs=inputs))
    assert problem.code == "broken-source"
    assert problem.what == "`api` is set up from `requirements.txt`, which ./api does not have"
