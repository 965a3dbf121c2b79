"""Runs PostgreSQL: `python -m hippodrome.services.postgres`. This process becomes the server."""

import os
import sys
from collections.abc import Mapping

from hippodrome.services.common.environment import Environment
from hippodrome.services.postgres.account import UnableError, choose_account
from hippodrome.services.postgres.cluster import Cluster
from hippodrome.services.postgres.programs import Programs, find_programs

SETTINGS = {  # small, and for one client
    "shared_buffers": "16MB",
    "max_connections": "20",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_line_prefix": "",
    "log_timezone": "UTC",
}


def main() -> None:
    environment = Environment.read(port=9020)
    try:
        argv = prepare(environment, os.environ)
    except (UnableError, OSError) as error:
        sys.exit(f"ERROR postgres: {error}")
    sys.stdout.flush()
    os.execv(argv[0], argv)


def prepare(environment: Environment, environ: Mapping[str, str]) -> list[str]:
    """The server's command, with its data folder made. Raises UnableError, OSError."""
    cluster = Cluster(environment.data_dir.absolute())
    programs = choose_programs(find_programs(environ.get("PATH", "")), cluster)
    return start_command(programs, cluster, environment)


def start_command(programs: Programs, cluster: Cluster, environment: Environment) -> list[str]:
    """With the cluster made, ours, and free. Raises UnableError, OSError."""
    cluster.folder.mkdir(parents=True, exist_ok=True)
    account = choose_account(cluster.path, programs.folder / "postgres")
    if cluster.major is None:
        cluster.make(programs, account)
    account.own(cluster.path)
    cluster.free()
    # no Unix socket: its folder would have to be somewhere that is short, ours, and survives
    where = ["-D", str(cluster.path), "-h", environment.host, "-p", str(environment.port), "-k", ""]
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [*account.prefix, programs["postgres"], *where, *settings]


def choose_programs(found: list[Programs], cluster: Cluster) -> Programs:
    """Those of the version that made the data; for a new cluster the first. Raises UnableError."""
    fitting = [programs for programs in found if cluster.major in (None, programs.major)]
    if fitting:
        return fitting[0]
    if cluster.major is None:
        raise UnableError("there is no PostgreSQL here; `hd setup postgres` fetches it")
    there = ", ".join(str(programs.major) for programs in found) or "none"
    raise UnableError(
        f"{cluster.path} was made by PostgreSQL {cluster.major}, and here is {there}: install that version, "
        "or delete the folder and with it what is in the buffer"
    )


if __name__ == "__main__":
    main()
