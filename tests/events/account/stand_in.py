"""Stands in for `cloudflared` and `ngrok`: says what they say, and really forwards to the port that it is given.

Run as `stand_in.py FOLDER NAME …`, what follows being the real one's command line. FOLDER holds `faults.json` (what
is to go wrong), and gets `NAME.json`: the pid, the public address, and the port that stands for it on this machine.
What it prints is from the real ones' sources and logs as people have published them; standard library only.
"""

import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER, NAME, ARGUMENTS = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
NO_JSON = "invalid character 'e' looking for beginning of value"
TOKENLESS = (
    "authentication failed: Usage of ngrok requires a verified account and authtoken.\\n\\nSign up for an account: "
    "https://dashboard.ngrok.com/signup\\nInstall your authtoken: "
    "https://dashboard.ngrok.com/get-started/your-authtoken\\r\\n\\r\\nERR_NGROK_4018\\r\\n"
)


def fault(name: str) -> Any:
    try:
        return json.loads((FOLDER / "faults.json").read_text()).get(name)
    except FileNotFoundError:
        return None


def next_number() -> int:
    """How many there have been, this one included."""
    with (FOLDER / f"{NAME}.starts").open("a") as file:
        file.write("x")
    return (FOLDER / f"{NAME}.starts").stat().st_size


def forward(port: int) -> int:
    """A port that leads to `port`, byte by byte."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)

    def copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(1 << 16):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            sink.close()

    def accept() -> None:
        while True:
            outside, _ = listening.accept()
            try:
                inside = socket.create_connection(("127.0.0.1", port))
            except OSError:
                outside.close()
                continue
            for pair in ((outside, inside), (inside, outside)):
                threading.Thread(target=copy, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listening.getsockname()[1])


def serve(answers: Any, port: int = 0) -> int:
    """`answers`: path → status and JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, told = answers(self.path)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def open_for_all(url: str, port: int) -> None:
    """Where tests find it."""
    told = {"pid": os.getpid(), "url": url, "port": forward(port)}
    staging = FOLDER / f"{NAME}.json.new"
    staging.write_text(json.dumps(told))
    staging.replace(FOLDER / f"{NAME}.json")


def flags(known: set[str], switches: set[str], words: list[str]) -> dict[str, str]:
    """As the real ones read them; they refuse what they do not know."""
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word in switches:
            found[word] = ""
        elif word in known:
            found[word] = words.pop(0)
        else:
            print(f"Incorrect Usage: flag provided but not defined: {word}", file=sys.stderr, flush=True)
            sys.exit(1)
    return found


def cloudflared() -> None:
    assert ARGUMENTS.pop(0) == "tunnel"
    given = flags({"--config", "--metrics", "--url"}, {"--no-autoupdate"}, list(ARGUMENTS))
    assert Path(given["--config"]).read_text() == "{}\n"

    def say(level: str, text: str) -> None:
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {level} {text}", file=sys.stderr, flush=True)

    number = next_number()
    say("INF", "Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to "
               "experiment and try it out. [...] https://developers.cloudflare.com/cloudflare-one/")  # fmt: skip
    say("INF", "Requesting new quick Tunnel on trycloudflare.com...")
    if fault("rationed"):
        say("ERR", "Error unmarshaling QuickTunnel response: error code: 1015 "
                   "error=\"invalid character 'e' looking for beginning of value\" "
                   'status_code="429 Too Many Requests"')  # fmt: skip
        print(
            "failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value", file=sys.stderr
        )
        sys.exit(1)
    if fault("offline"):
        print('failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup '
              "api.trycloudflare.com: no such host", file=sys.stderr)  # fmt: skip
        sys.exit(1)
    time.sleep(fault("slow") or 0)
    url = f"https://quiet-river-{number}.trycloudflare.com"
    said = ["Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):", url]
    widest = max(map(len, said))
    say("INF", "+" + "-" * (widest + 4) + "+")
    for line in said:
        say("INF", f"|  {line.ljust(widest)}  |")
    say("INF", "+" + "-" * (widest + 4) + "+")
    say("INF", "Cannot determine default configuration path. No file [config.yml config.yaml] in [~/.cloudflared]")
    say("INF", f"Settings: map[config:{given['--config']} metrics:{given['--metrics']} url:{given['--url']}]")
    is_connected = threading.Event()

    def answers(path: str) -> tuple[int, Any]:
        is_ready = is_connected.is_set() and not fault("lost")
        status = 200 if path == "/ready" and is_ready else 503
        return status, {"status": status, "readyConnections": int(is_ready), "connectorId": "0"}

    say("INF", f"Starting metrics server on 127.0.0.1:{serve(answers)}/metrics")
    open_for_all(url, int(given["--url"].rpartition(":")[2]))
    is_connected.set()
    say("INF", "Registered tunnel connection connIndex=0 connection=26c0d854 event=0 ip=198.41.192.27 location=fra "
               "protocol=quic")  # fmt: skip


def ngrok() -> None:
    assert ARGUMENTS.pop(0) == "http"
    target = ARGUMENTS.pop(0)
    flags({"--log", "--log-format", "--log-level"}, set(), list(ARGUMENTS))

    def say(text: str) -> None:
        print(f"t={time.strftime('%Y-%m-%dT%H:%M:%S+0000', time.gmtime())} lvl={text}", flush=True)

    number = next_number()
    say('info msg="no configuration paths supplied"')
    settings = Path(os.environ.get("XDG_CONFIG_HOME", f"{os.environ['HOME']}/.config")) / "ngrok" / "ngrok.yml"
    say(f'info msg="using configuration at default config path" path={settings}')
    has_token = os.environ.get("NGROK_AUTHTOKEN") or (settings.exists() and "authtoken" in settings.read_text())
    time.sleep(fault("slow") or 0)
    refused = fault("refused") or ("ERR_NGROK_4018" if not has_token else "")
    if refused:
        said = TOKENLESS.replace("ERR_NGROK_4018", refused)
        say(f'eror msg="failed to auth" obj=tunnels.session err="{said}"')
        for line in said.replace("\\r", "").split("\\n"):
            print(f"ERROR:  {line}", flush=True)
        sys.exit(1)
    url = f"https://quiet-river-{number}.ngrok-free.app"

    def answers(path: str) -> tuple[int, Any]:
        say(f"info msg=start pg={path} id=0")
        if path != "/api/tunnels" or fault("lost"):
            return 200, {"tunnels": [], "uri": "/api/tunnels"}
        tunnel = {"name": "command_line", "public_url": url, "proto": "https", "config": {"addr": target}}
        return 200, {"tunnels": [tunnel], "uri": "/api/tunnels"}

    web = serve(answers)
    say(f'info msg="starting web service" obj=web addr=127.0.0.1:{web} allow_hosts=[]')
    say('info msg="client session established" obj=tunnels.session')
    say('info msg="tunnel session started" obj=tunnels.session')
    open_for_all(url, int(target.rpartition(":")[2]))
    say(f'info msg="started tunnel" obj=tunnels name=command_line addr={target} url={url}')


{"cloudflared": cloudflared, "ngrok": ngrok}[NAME]()
while True:
    time.sleep(3600)
