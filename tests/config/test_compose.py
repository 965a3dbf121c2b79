"""Services pasted from compose files: what means something without containers is taken, the rest is warned of."""

from pathlib import Path

import pytest

from hippodrome.config.load import examine
from hippodrome.config.model import Service
from tests.config.asking import loaded, mistakes, request

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


WHOLE = """
version: "3.9"
name: shop

x-python: &python
  working_dir: ./backend
  environment: &settings
    DJANGO_SETTINGS_MODULE: shop.settings
    PYTHONUNBUFFERED: 1
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: 10m}}

services:
  web:
    <<: *python
    image: shop/backend:latest
    command: gunicorn shop.wsgi -b 0.0.0.0:8000
    ports: ["8000:8000"]
    healthcheck:
      test: curl --fail http://localhost:8000/health || exit 1
      interval: 30s
    depends_on: [db, cache]
  worker:
    <<: *python
    command: celery -A shop worker
    environment:
      <<: *settings
      CONCURRENCY: 4
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started}
    deploy: {replicas: 2}
    stop_grace_period: 1m30s
    ulimits: {nofile: 65535}
  beat:
    <<: [*python]
    command: celery -A shop beat
    restart: "no"
    profiles: ["scheduled"]
  db: {command: postgres, ports: [5432], healthcheck: {test: ["CMD", "pg_isready"]}}
  cache: {command: redis-server, expose: ["6379"], healthcheck: {disable: true}}

volumes: {db-data: {}}
networks: {backend: {driver: bridge}}
configs: {}
secrets: {db_password: {file: ./password.txt}}
"""


CONTAINER = {
    *("image", "container_name", "volumes", "networks", "shm_size", "build", "deploy", "labels"),
    *("restart", "target", "version", "name", "configs", "secrets", "ulimits", "expose"),
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


def test_a_whole_file_with_anchors_and_merges(tmp_path: Path) -> None:
    services = loaded(tmp_path, WHOLE).settings.services
    assert list(services) == ["web", "worker", "beat", "db", "cache"]
    assert services["web"].working_dir == "./backend"
    assert services["web"].restart == "unless-stopped"
    assert services["worker"].environment == {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "PYTHONUNBUFFERED": "1",
        "CONCURRENCY": "4",
    }
    assert services["worker"].stop_grace_period == 90.0
    assert services["beat"].restart == "no"
    assert list(services["web"].depends_on) == ["db", "cache"]
    assert services["web"].healthcheck
    assert services["web"].healthcheck.test == ("CMD-SHELL", "curl --fail http://localhost:8000/health || exit 1")


def test_profiles_need_no_declaration_and_none_is_chosen(tmp_path: Path) -> None:
    found = loaded(tmp_path, WHOLE)
    assert found.profile == "default"
    assert list(found.settings.profiles) == ["default", "scheduled"]
    assert loaded(tmp_path, WHOLE, profile="scheduled").profile == "scheduled"


ONLY_COMPOSE = [  # what would change the meaning, were it read over
    (
        "services: {a: {command: x, secrets: [db_password]}}",
        "1:37: `secrets` must be a mapping [wrong-type] Write `name: value`.",
    ),
    (
        "include: [other.yaml]",
        "1:1: unknown key `include` [unknown-key] Known: `aws`, `cell`, `cells`, `dashboard`, `events`, `idle_stop`, "
        "`packaged`, `profile`, `profiles`, `registry`, `services`, `table_prefix`.",
    ),
    (
        "services: {a: {command: x, depends_on: {b: {condition: service_ready}}}, b: {command: y}}",
        "1:56: `condition` must be one of service_started, service_healthy, service_completed_successfully, "
        "and is `service_ready` [wrong-type] Did you mean `service_healthy`?",
    ),
    (
        'services: {a: {command: x, ports: ["3000-3005"]}}',
        "1:36: an item of `ports` must be a port, and is `3000-3005` [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
]


@pytest.mark.parametrize(("text", "told"), ONLY_COMPOSE)
def test_what_cannot_be_meant_here_is_one_mistake(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text) == [told]


def test_what_another_service_is_made_of_is_not_read_over(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "services: {a: {command: x, extends: {service: b}}}")
    assert told.startswith("1:28: unknown key `extends` [unknown-key]")


def test_a_warning_names_line_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert loaded(tmp_path, "services:\n  a:\n    image: x\n    command: y\n").warnings == (
        "hippodrome.yaml:4:5: `image` means nothing without a container; it is ignored.",
    )


@pytest.mark.parametrize("text", [POSTGRES, REDIS, WEB, WHOLE])
def test_what_needs_a_container_is_warned_of_by_line(tmp_path: Path, text: str) -> None:
    found = examine(request(tmp_path, text))
    assert found.problems == ()
    warned = [warning.split("`")[1] for warning in found.config.warnings]
    assert set(warned) <= CONTAINER
    assert warned
