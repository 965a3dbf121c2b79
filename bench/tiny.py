"""A tiny HTTP service for measurements: answers 200 on PORT after DELAY seconds. Usage: tiny.py PORT DELAY."""

import socket
import sys
import time

port, delay_s = int(sys.argv[1]), float(sys.argv[2])
time.sleep(delay_s)
with socket.create_server(("127.0.0.1", port), backlog=64) as server:
    while True:
        client, _ = server.accept()
        with client:
            client.recv(4096)
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
