"""Which services a choice gives, and what is said of the others."""

from dataclasses import replace

from hippodrome.config.model import Cell, Dependency, Profile
from hippodrome.plan.choose import Selection
from tests.plan.building import HOME, compiled, config, service

PROFILES = {"core": Profile(), "ecom": Profile(extends=("core",)), "full": Profile(all_services=True)}
SERVICES = {
    "board": service(),
    "api": service(profiles=("core",)),
    "search": service(profiles=("ecom",), depends_on={"api": Dependency(), "extra": Dependency(required=False)}),
    "extra": service(profiles=("labs",)),
    "old": service(enabled=False),
}


def names(profile: str, selection: Selection | None = None) -> set[str]:
    return set(compiled(config(SERVICES, profiles=PROFILES, profile=profile), selection).names)


def test_a_profile_has_its_own_services_and_those_that_are_in_every_one() -> None:
    assert names("core") == {"board", "api"}


def test_a_profile_has_what_it_extends() -> None:
    assert names("ecom") == {"board", "api", "search"}


def test_a_profile_may_have_every_service_known() -> None:
    assert names("full") == {"board", "api", "search", "extra"}


def test_a_profile_that_only_services_name_is_one() -> None:
    assert names("labs") == {"board", "extra"}


def test_profiles_that_extend_each_other_end() -> None:
    profiles = {"a": Profile(extends=("b",)), "b": Profile(extends=("a",))}
    made = config({"x": service(profiles=("b",))}, profiles=profiles, profile="a")
    assert compiled(made).names == ("x",)


def test_asking_for_a_service_brings_what_it_requires_and_nothing_else() -> None:
    assert names("core", Selection(only=("search",))) == {"search", "api"}


def test_asking_for_a_service_brings_what_it_can_use_where_the_profile_has_it() -> None:
    assert names("full", Selection(only=("search",))) == {"search", "api", "extra"}


def test_leaving_out_an_optional_service_drops_the_wait_for_it() -> None:
    plan = compiled(config(SERVICES, profiles=PROFILES, profile="full"), Selection(without=("extra",)))
    assert [each.program for each in plan.program("search").depends_on] == ["api"]


def test_every_service_left_out_has_its_reason() -> None:
    cells = {"local": Cell(service="cell_here"), "prod": Cell(url="https://cell.example.com")}
    services = {**SERVICES, "cell_here": service(cells=("local",))}
    made = config(services, profiles=PROFILES, cells=cells, cell="prod", places={"services.old.enabled": "7:5"})
    plan = compiled(made, Selection(without=("board",)))
    assert {each.name: each.reason for each in plan.left_out} == {
        "board": "left out by `--without`",
        "search": "not in profile `core`; it comes with `ecom`",
        "extra": "not in profile `core`; it comes with `labs`",
        "old": "switched off by `enabled: false` (hippodrome.yaml:7)",
        "cell_here": "only runs with cell `local`, and this is `prod`",
    }
    asked = compiled(made, Selection(only=("api",)))
    assert {each.name: each.reason for each in asked.left_out}["board"] == "not asked for"


def test_depending_on_the_cell_means_its_service_and_vanishes_with_a_deployed_one() -> None:
    services = {
        "api": service(
            depends_on={"cell": Dependency()}, environment={"U": "${services.cell.url}", "V": "${cell.url}"}
        ),
        "fake": service(cells=("local",), port=9001),
    }
    cells = {"local": Cell(service="fake"), "prod": Cell(url="https://cell.example.com:8443/")}
    local = compiled(config(services, cells=cells)).program("api")
    assert [(each.program, each.condition) for each in local.depends_on] == [("fake", "healthy")]
    assert set(local.environment.values()) == {"http://127.0.0.1:9001"}
    deployed = compiled(config(services, cells=cells, cell="prod")).program("api")
    assert deployed.depends_on == ()
    assert set(deployed.environment.values()) == {"https://cell.example.com:8443"}


def test_the_cell_decides_which_aws_unless_it_is_said() -> None:
    cells = {"local": Cell(service="api"), "prod": Cell(url="https://x", aws="account")}
    assert compiled(config({"api": service()}, cells=cells)).aws == "moto"
    assert compiled(config({"api": service()}, cells=cells, cell="prod")).aws == "account"
    assert compiled(config({"api": service()}, cells=cells, cell="prod", aws="moto")).aws == "moto"


def test_where_something_is_written_does_not_depend_on_the_current_folder() -> None:
    made = config(
        {"old": service(enabled=False), "api": service()},
        places={"services.old.enabled": "7:5", "services.api": "3:3"},
        shown="../../hippodrome.yaml",
    )
    plan = compiled(made)
    assert plan.left_out[0].reason == "switched off by `enabled: false` (hippodrome.yaml:7)"
    assert plan.program("api").declared_at == "hippodrome.yaml:3"


def test_a_service_may_want_one_of_the_two_kinds_of_aws() -> None:
    services = {"moto": service(aws=("moto",)), "api": service()}
    assert compiled(config(services)).names == ("moto", "api")
    account = compiled(config(services, aws="account"))
    assert account.names == ("api",)
    assert account.left_out[0].reason == "only runs with AWS `moto`, and this is `account`"


def test_a_service_may_want_variables_of_the_caller() -> None:
    services = {"postgres": service(only_if={"STORE": "postgres", "STORE_URL": ""})}

    def reason(**environ: str) -> str:
        plan = compiled(config(services), here=replace(HOME, environ=environ))
        return plan.left_out[0].reason if plan.left_out else ""

    assert reason() == "only runs with STORE `postgres`"
    assert reason(STORE="postgres", STORE_URL="postgres://there") == "only runs with STORE_URL unset"
    assert reason(STORE="postgres") == reason(STORE="postgres", STORE_URL="") == ""


def test_a_service_gives_variables_to_those_that_depend_on_it_while_it_is_there() -> None:
    services = {
        "moto": service(port=9003, gives={"AWS_ENDPOINT_URL": "${url}", "AWS_ACCESS_KEY_ID": "testing"}),
        "api": service(depends_on={"moto": Dependency(required=False)}, environment={"AWS_ACCESS_KEY_ID": "own"}),
        "other": service(),
    }
    plan = compiled(config(services))
    given = plan.program("api").environment
    assert (given["AWS_ENDPOINT_URL"], given["AWS_ACCESS_KEY_ID"]) == ("http://127.0.0.1:9003", "own")
    assert "AWS_ENDPOINT_URL" not in plan.program("other").environment
    without = compiled(config(services), Selection(without=("moto",)))
    assert "AWS_ENDPOINT_URL" not in without.program("api").environment


def test_what_is_given_stands_in_for_a_variable_that_the_caller_does_not_have() -> None:
    given = {"STORE_URL": "postgres://here"}
    api = service(depends_on={"postgres": Dependency()}, environment={"STORE_URL": None, "OTHER": None})
    made = config({"postgres": service(gives=given), "api": api})
    assert compiled(made).program("api").environment == given
    own = compiled(made, here=replace(HOME, environ={"STORE_URL": "postgres://there"}))
    assert own.program("api").environment == {"STORE_URL": "postgres://there"}
