"""Text that configuration formats trip over."""

from dataclasses import replace

from hypothesis import strategies as st

from hippodrome.plan.model import DependsOn, Origin, Plan, Probe, Program, Restart

FRAGMENTS = [
    *(
        " ;",
        "\t#",
        " # ",
        ";",
        "#",
        "%",
        "%%",
        "%(here)s",
        "%(ENV_PATH)s",
        "%d",
        "'",
        '"',
        "'\"'",
        "\\",
        "\\\\",
        "\\n",
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\v",
        "\f",
        "\x1c",
        "\x85",
        "\u2028",
        " ",
        "  ",
        "$",
        "$HOME",
        "${x}",
        "$(id)",
        "`id`",
    ),
    *(
        ",",
        "=",
        "a=b,c=d",
        "[program:x]",
        "é",
        "日本語",
        "🏇",
        "\x7f",
        "\x01",
        "*",
        "~",
        "!",
        "-",
        "--",
        "&& false",
        "word",
    ),
]
text = st.lists(
    st.sampled_from(FRAGMENTS)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4),
    max_size=6,
).map("".join)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
odd_names = names | st.sampled_from(["discovery.type", "a-b", "x%y", "q'", 'd"', "semi;colon", "1ST"])
environments = st.dictionaries(odd_names, text, max_size=4)
argvs = st.lists(text, max_size=4)

PLAIN = Program(
    name="api",
    description="",
    argv=("serve",),
    directory="/",
    environment={},
    secrets={},
    host="127.0.0.1",
    ports={},
    url="",
    origin=Origin("command", "/", "command"),
    depends_on=(),
    probe=Probe("none"),
    restart=Restart(),
    stop_signal="SIGTERM",
    stop_grace_s=5.0,
    watched=(),
    setup=(),
    links=(),
    is_required=True,
    declared_at="hippodrome.yaml:1",
)


def plan_of(*programs: Program) -> Plan:
    return Plan("/", "core", "local", "moto", "dev-main-", programs)


def program(**keys: object) -> Program:
    """A plain program with some keys changed."""
    return replace(PLAIN, **keys)  # type: ignore[arg-type]


__all__ = ["DependsOn", "argvs", "environments", "names", "plan_of", "program", "text"]
