"""A tiny HTTP service that misbehaves as told: `tiny_service.py PORT [MODE…]`.

delay=S       listens after S seconds        crash=S      exits with 3 after S seconds
exit=N        exits with N at once           deaf         ignores SIGTERM
children      has a child in its group       stranger     has a child in a session of its own
sick=PATH     answers 503 while PATH exists  mute         accepts and never answers
needs=PATH    crashes until PATH exists      daemon       goes into the background (linger=S: after S seconds)
pids=PATH     writes the pids of all there
"""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

port = int(sys.argv[1])
modes = dict(mode.partition("=")[::2] for mode in sys.argv[2:])


def note(pid: int) -> None:
    if "pids" in modes:
        with Path(modes["pids"]).open("a") as file:
            file.write(f"{pid}\n")


def linger() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(os.getpid())
    time.sleep(3600)


def answer(client: socket.socket) -> None:
    with client:
        client.settimeout(5)
        if "mute" in modes:
            time.sleep(3600)
        request = client.recv(4096)
        is_sick = "sick" in modes and Path(modes["sick"]).exists()
        agent = next((line for line in request.decode().splitlines() if line.startswith("User-Agent")), "")
        client.sendall(f"HTTP/1.0 {503 if is_sick else 200} said\r\n\r\n{os.getpid()} {agent}".encode())


if "exit" in modes:
    sys.exit(int(modes["exit"]))
if "needs" in modes and not Path(modes["needs"]).exists():
    sys.exit("not there yet")
if "daemon" in modes and (child := os.fork()):
    note(child)  # which may be ended before it says so itself
    time.sleep(float(modes.get("linger", 0)))
    sys.exit(0)
if "daemon" in modes:
    os.setsid()
note(os.getpid())
if "children" in modes and not os.fork():
    linger()
if "stranger" in modes and not os.fork():
    os.setsid()
    linger()
if "deaf" in modes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("starting", flush=True)
time.sleep(float(modes.get("delay", 0)))
with socket.create_server(("127.0.0.1", port), backlog=64) as server:
    print(f"listening on {port}", flush=True)
    if "crash" in modes:
        threading.Timer(float(modes["crash"]), os._exit, [3]).start()
    while True:
        threading.Thread(target=answer, args=[server.accept()[0]], daemon=True).start()
