"""The relay's limit: a Flask application that forwards and writes nothing down. Usage: bare_relay.py PORT TARGET."""

import sys
from typing import Any

import urllib3
from flask import Flask, jsonify, request
from waitress import serve

port, target = int(sys.argv[1]), sys.argv[2]
app, pool = Flask(__name__), urllib3.PoolManager(maxsize=64, retries=False)


@app.post("/webhook/eventbridge")
def forward() -> Any:
    event = request.get_json()
    if not event["detail-type"].startswith("EcomIndexSettings."):
        return jsonify(status="ignored")
    answer = pool.request("POST", target, body=request.get_data(), headers={"Content-Type": "application/json"})
    return jsonify(webhook_status="forwarded", service_response=answer.json())


@app.get("/health")
def health() -> Any:
    return jsonify(status="ok")


serve(app, host="127.0.0.1", port=port, threads=40, connection_limit=400)
