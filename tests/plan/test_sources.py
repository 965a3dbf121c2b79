"""Where code is taken from, and what is said when that is not where one would think."""

from dataclasses import replace

from hippodrome.config.model import Config, Develop, Service, Setup, Source, Watch
from hippodrome.plan.choose import Selection
from hippodrome.plan.look import Folder, Inputs
from hippodrome.plan.model import Plan
from hippodrome.plan.node import NodeBin
from hippodrome.plan.surroundings import Surroundings
from tests.plan.building import HOME, ROOT, SERVICES, compiled, config, with_folders

VENV, NPM, MADE = (
    Setup(venv="requirements.txt"),
    Setup(npm="web"),
    Setup(run=("make", "${name}"), inputs=("Makefile",)),
)
CONTROLLER = Service(
    sources=(
        Source(path="components/controller", marker="manage.py", command=("python", "manage.py"), setup=(VENV,)),
        Source(path="~/controller", command=("python", "there.py")),
        Source(reference="controller", command=("python", "-m", "controller"), environment={"A": "own"}),
    ),
    environment={"A": "service", "B": "service"},
    develop=Develop(watch=(Watch(path="app"),)),
)
CHECKOUT = Folder(True, True, frozenset({"manage.py"}))


def made(**services: Service) -> Config:
    return config({"controller": CONTROLLER, **services})


def looked(here: Surroundings, *folders: str, **steps: Setup) -> Surroundings:
    """With the inputs of every step found in the folders."""
    known = [*steps.values()] or [VENV]
    inputs = {(folder, step): Inputs(("requirements.txt",), "abc") for folder in folders for step in known}
    return replace(here, inputs=inputs)


def here(**folders: Folder) -> Surroundings:
    return looked(with_folders(HOME, **folders), f"{ROOT}/components/controller", f"{ROOT}/other")


def controller(plan: Plan) -> tuple[str, str, tuple[str, ...]]:
    program = plan.program("controller")
    return program.origin.kind, program.origin.shown, program.argv


def test_the_first_candidate_that_is_there_is_run() -> None:
    plan = compiled(made(), here=here(components__controller=CHECKOUT))
    venv = f"{ROOT}/components/controller/.venv"
    assert controller(plan) == ("path", "./components/controller", (f"{venv}/bin/python", "manage.py"))
    assert plan.program("controller").directory == f"{ROOT}/components/controller"
    assert plan.notices == ()


def test_a_path_below_home_is_understood_and_shown_as_such() -> None:
    there = replace(HOME, folders={**HOME.folders, "/home/ada/controller": Folder(True, True)})
    assert controller(compiled(made(), here=there)) == ("path", "~/controller", ("python", "there.py"))


def test_the_reference_comes_last_and_runs_on_our_python() -> None:
    plan = compiled(made())
    assert controller(plan) == ("reference", "reference", (HOME.python, "-m", "controller"))
    assert plan.program("controller").environment == {"A": "own", "B": "service"}


def test_a_reference_in_a_checkout_finds_the_package() -> None:
    plan = compiled(made(), here=replace(HOME, package_root="/src", is_installed=False))
    assert plan.program("controller").environment["PYTHONPATH"] == "/src"


def test_a_folder_without_its_marker_is_passed_over_aloud() -> None:
    plan = compiled(made(), here=here(components__controller=Folder(True, True)))
    assert controller(plan)[0] == "reference"
    assert plan.notices == ("controller: ./components/controller is there but has no `manage.py`, so reference runs",)


def test_a_file_in_the_place_of_a_checkout_is_passed_over_aloud() -> None:
    plan = compiled(made(), here=here(components__controller=Folder(True)))
    assert plan.notices == ("controller: ./components/controller is no folder, so reference runs",)


def test_the_command_line_chooses_the_reference_over_a_checkout() -> None:
    chosen = Selection(sources={"controller": "reference"})
    plan = compiled(made(), chosen, here(components__controller=CHECKOUT))
    assert controller(plan)[0] == "reference"
    assert plan.notices == ()


def test_the_command_line_names_another_folder_that_is_run_as_the_candidate_it_fits() -> None:
    chosen = Selection(sources={"controller": "other"})
    plan = compiled(made(), chosen, here(other=CHECKOUT))
    assert controller(plan) == ("path", "./other", (f"{ROOT}/other/.venv/bin/python", "manage.py"))


def test_a_service_with_a_command_alone_can_be_run_from_a_named_folder() -> None:
    plain = config({"api": Service(command=("./serve",))})
    assert compiled(plain).program("api").argv == (f"{ROOT}/serve",)
    moved = compiled(plain, Selection(sources={"api": "other"}), here(other=CHECKOUT)).program("api")
    assert (moved.argv, moved.directory) == ((f"{ROOT}/other/serve",), f"{ROOT}/other")


def test_what_is_watched_lies_in_the_source() -> None:
    assert [each.path for each in compiled(made()).program("controller").watched] == [f"{SERVICES}/controller/app"]


def test_what_is_set_up_comes_first_on_the_path() -> None:
    one = Service(sources=(Source(reference="console", command=("vite",), setup=(VENV, NPM)),))
    folder = f"{SERVICES}/console"
    there = looked(HOME, folder, venv=VENV, npm=NPM)
    program = compiled(config({"console": one}), here=there).program("console")
    venv, npm = program.setup
    assert (venv.kind, npm.kind, venv.is_shared, npm.is_shared) == ("venv", "npm", True, True)
    assert venv.product == str(HOME.cache.venv(venv.key))
    assert npm.product == f"{folder}/web/node_modules"
    path = f"{venv.product}/bin:{npm.product}/.bin:/usr/bin:/bin"
    assert program.environment == {"PATH": path}
    elsewhere = replace(there, node=NodeBin("/opt/node/bin", "24.1.0"))
    found = compiled(config({"console": one}), here=elsewhere).program("console")
    assert found.environment["PATH"].endswith(":/opt/node/bin:/usr/bin:/bin")


def test_a_component_has_a_copy_of_what_checkouts_share_unless_it_depends_on_the_checkout() -> None:
    def is_cloned(folder: str, *, is_portable: bool) -> bool:
        one = config({"api": Service(sources=(Source(path=folder, command=("x",), setup=(VENV,)),))})
        found = replace(with_folders(HOME, **{folder: CHECKOUT}), inputs={
            (f"{ROOT}/{folder}", VENV): Inputs(("requirements.txt",), "abc", is_portable=is_portable)
        })  # fmt: skip
        (made,) = compiled(one, here=found).program("api").setup
        assert made.product == f"{ROOT}/{folder}/.venv"
        return made.is_cloned

    assert is_cloned("api", is_portable=True)
    assert not is_cloned("api", is_portable=False)
    assert not is_cloned("an api", is_portable=True), "scripts cannot name an interpreter there"


def test_node_is_fetched_where_none_suits() -> None:
    one = config({"console": Service(sources=(Source(reference="console", command=("vite",), setup=(NPM,)),))})
    there = replace(looked(HOME, f"{SERVICES}/console", npm=NPM), node=None)
    node, npm = compiled(one, here=there).program("console").setup
    assert (node.kind, node.product) == ("node", str(HOME.cache.node(node.key)))
    path = compiled(one, here=there).program("console").environment["PATH"]
    assert path == f"{npm.product}/.bin:{node.product}/bin:/usr/bin:/bin"


def test_what_a_program_of_the_machine_makes_needless_is_not_set_up() -> None:
    one = config({"console": Service(sources=(Source(reference="console", command=("vite",), setup=(VENV, NPM)),))})
    folder = f"{SERVICES}/console"
    there = replace(looked(HOME, folder, venv=VENV, npm=NPM), node=None)
    needless = replace(there, inputs={**there.inputs, (folder, NPM): Inputs((), "", is_needless=True)})
    assert [step.kind for step in compiled(one, here=there).program("console").setup] == ["node", "venv", "npm"]
    assert [step.kind for step in compiled(one, here=needless).program("console").setup] == ["venv"]


def test_a_command_of_ones_own_is_set_up_with_its_references_resolved() -> None:
    one = config({"api": Service(command=("x",), setup=(MADE,))})
    (step,) = compiled(one, here=looked(HOME, ROOT, made=MADE)).program("api").setup
    assert (step.kind, step.argv, step.is_shared) == ("command", ("make", "api"), False)


def test_a_key_changes_with_the_inputs_and_with_what_the_product_is_bound_to() -> None:
    one = config({"console": Service(sources=(Source(reference="console", command=("x",), setup=(VENV,)),))})
    folder = f"{SERVICES}/console"
    there = looked(HOME, folder)

    def key(here: Surroundings) -> str:
        return compiled(one, here=here).program("console").setup[0].key

    other_inputs = replace(there, inputs={(folder, VENV): Inputs(("requirements.txt",), "xyz")})
    assert len({key(there), key(other_inputs), key(replace(there, python_tag="cpython-312"))}) == 3
    assert key(there) == key(looked(HOME, folder))
