"""Services pasted from compose files: what means something without containers is taken, the rest is warned of."""

from pathlib import Path

import pytest

from hippodrome.config.load import examine
from hippodrome.config.model import Service
from tests.config.asking import loaded, request

POSTGRES = """
services:
  db:
    image: postgres:16-alpine
    container_name: shop-db
    command: postgres -c max_connections=200
    restart: unless-stopped
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${env.POSTGRES_PASSWORD:-secret}
      PGDATA: /var/lib/postgresql/data/pgdata
    volumes:
      - db-data:/var/lib/postgresql/data
    ports:
      - "5432:5432"
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U shop"]
      interval: 10s
      timeout: 5s
      retries: 5
      start_period: 30s
      start_interval: 500ms
    networks: [backend]
    shm_size: 128mb
"""
REDIS = """
services:
  cache:
    image: redis:7
    command: ["redis-server", "--appendonly", "yes"]
    ports: ["127.0.0.1:6379:6379/tcp"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1m30s}
    stop_grace_period: 1m
    stop_signal: SIGINT
"""
WEB = """
services:
  web:
    build:
      context: .
      target: dev
    command: npm run dev
    working_dir: ./web
    env_file:
      - path: .env
        required: false
      - .env.local
    environment:
      - NODE_ENV=development
      - DEBUG
      - URL=http://api:8000/?a=b
    depends_on:
      api:
        condition: service_healthy
        restart: true
      migrate:
        condition: service_completed_successfully
        required: false
    ports:
      - target: 3000
        published: "8080"
        protocol: tcp
      - 9229
    develop:
      watch:
        - action: sync
          path: ./web/src
          target: /app/src
          ignore: [node_modules/]
    profiles: [frontend]
    deploy: {resources: {limits: {memory: 512M}}}
    labels: {traefik.enable: "true"}
  api: {command: uvicorn app:app, healthcheck: {test: curl -f http://localhost:8000/health}, restart: "on-failure:3"}
  migrate: {command: alembic upgrade head, restart: "no"}
profiles: {frontend: {}}
"""


CONTAINER = {
    *("image", "container_name", "volumes", "networks", "shm_size", "build", "deploy", "labels"),
    *("restart", "target"),
}


def service(folder: Path, text: str, name: str) -> Service:
    return loaded(folder, text).settings.services[name]


def test_a_database(tmp_path: Path) -> None:
    db = service(tmp_path, POSTGRES, "db")
    assert db.command == ("postgres", "-c", "max_connections=200")
    assert db.restart == "unless-stopped"
    assert db.ports == {"p5432": 5432}
    assert db.healthcheck
    assert db.healthcheck.test == ("CMD-SHELL", "pg_isready -U shop")
    assert (db.healthcheck.interval, db.healthcheck.timeout, db.healthcheck.retries) == (10.0, 5.0, 5)
    assert (db.healthcheck.start_period, db.healthcheck.start_interval) == (30.0, 0.5)


def test_a_cache(tmp_path: Path) -> None:
    cache = service(tmp_path, REDIS, "cache")
    assert cache.command == ("redis-server", "--appendonly", "yes")
    assert cache.ports == {"p6379": 6379}
    assert cache.stop_grace_period == 60.0
    assert cache.stop_signal == "SIGINT"
    assert cache.healthcheck
    assert cache.healthcheck.interval == 90.0


def test_a_web_application(tmp_path: Path) -> None:
    web = service(tmp_path, WEB, "web")
    assert dict(web.environment) == {"NODE_ENV": "development", "DEBUG": None, "URL": "http://api:8000/?a=b"}
    assert [(file.path, file.required) for file in web.env_file] == [(".env", False), (".env.local", True)]
    assert web.depends_on["api"].condition == "service_healthy"
    assert web.depends_on["migrate"].condition == "service_completed_successfully"
    assert not web.depends_on["migrate"].required
    assert set(web.ports.values()) == {3000, 9229}
    assert [(watch.path, watch.action) for watch in web.develop.watch] == [("./web/src", "sync")]
    assert web.profiles == ("frontend",)


@pytest.mark.parametrize("text", [POSTGRES, REDIS, WEB])
def test_what_needs_a_container_is_warned_of_by_line(tmp_path: Path, text: str) -> None:
    found = examine(request(tmp_path, text))
    assert found.problems == ()
    warned = [warning.split("`")[1] for warning in found.config.warnings]
    assert set(warned) <= CONTAINER
    assert warned
