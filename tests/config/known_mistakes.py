"""Mistakes as people make them, each with what is said: place, what is wrong, code, hint."""

MISTAKES = [
    ("servces: {}", "1:1: unknown key `servces` [unknown-key] Did you mean `services`?"),
    ("services: {a: {comand: x}}", "1:16: unknown key `comand` [unknown-key] Did you mean `command`?"),
    (
        "services: {a: {command: x, port: no}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, port: 70000}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services:\n  a: {command: x}\n  a: {command: y}",
        "3:3: `a` is set twice, first in line 3 [duplicate-key] Keep one of them.",
    ),
    (
        "services: {a: {command: !python x}}",
        "1:25: the tag `!python` means nothing here [unknown-tag] Known: !reset, !override.",
    ),
    ("services: &a {b: *a}", "1:11: an alias holds itself [endless-alias] Write the value out."),
    (
        "services: {1a: {command: x}}",
        "1:12: `1a` cannot be a name [bad-name] Use letters, digits, `_` and `-`, beginning with a letter.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, tcp: 80}}}",
        "1:41: the health check of `a` is of several kinds: http, tcp [several-checks] Keep one.",
    ),
    (
        "services: {a: {command: x, healthcheck: {}}}",
        "1:41: the health check of `a` says nothing to check [empty-check] Give it `http`, `tcp`, `test` or `log`.",
    ),
    (
        "services: {a: {command: x, restart: sometimes}}",
        "1:37: `restart: sometimes` is no policy [bad-restart] "
        "Write `always`, `on-failure`, `on-failure:3`, `unless-stopped` or `no`.",
    ),
    (
        "services: {a: {command: x, logging: {options: {max-size: 3t}}}}",
        "1:58: `max-size: 3t` is no size from 4k to 1g [bad-logging] Write `20m`, or `512k`.",
    ),
    (
        "services: {a: {command: x, logging: {options: {max-file: 0}}}}",
        "1:58: `max-file: 0` is no number from 1 to 20 [bad-logging] Write `3`.",
    ),
    (
        "services: {a: {command: x, logging: {options: {max_size: 3m}}}}",
        "1:58: `max_size` is no option of a log [bad-logging] Write `max-size` or `max-file`.",
    ),
    (
        "services: {a: {command: x, stop_signal: SIGNOPE}}",
        "1:41: `SIGNOPE` is no signal [bad-signal] Write `SIGTERM` or `INT`.",
    ),
    (
        "services: {a: {command: x, sources: [{path: p, reference: r}]}}",
        "1:38: a source of `a` must be either a `path` or a `reference` [unclear-source] Write one of them.",
    ),
    (
        "services: {a: {command: x, setup: [{venv: a, npm: b}]}}",
        "1:36: a set-up step of `a` must do one thing [unclear-setup] "
        "Write `venv: requirements.txt`, `npm: .`, or `run: make assets`.",
    ),
    (
        "services: {a: {command: x, profiles: [nope]}}\nprofiles: {dev: {description: d}}",
        "1:38: `a` names the profile `nope`, which nobody defines [unknown-profile] Known: `default`, `dev`.",
    ),
    (
        "services: {a: {command: x, cells: [nope]}}\ncells: {dev: {service: a}}",
        "1:35: `a` names the cell `nope`, which nobody defines [unknown-cell] Known: `dev`.",
    ),
    (
        "profiles: {dev: {extends: [nope]}}",
        "1:27: profile `dev` extends `nope`, which nobody defines [unknown-profile] Known: `default`, `dev`.",
    ),
    (
        "services: {a: {command: x, depends_on: [b]}}",
        "1:40: `a` depends on `b`, which nobody defines [unknown-service] Define `b` below `services:`.",
    ),
    (
        "services: {a: {command: x, depends_on: [cell]}}",
        "1:40: `a` depends on `cell`, which nobody defines [unknown-service] Define `cell` below `services:`.",
    ),
    (
        "cells: {near: {service: fakes}}",
        "1:25: cell `near` is the service `fakes`, which nobody defines [unknown-service] "
        "There are no services yet: define it below `services:`.",
    ),
    (
        "services: {fake: {command: x}}\ncells: {near: {service: fakes}}",
        "2:25: cell `near` is the service `fakes`, which nobody defines [unknown-service] Did you mean `fake`?",
    ),
    (
        "services: {api: {command: x}}\nprofiles: {dev: {services: {apy: {port: 80}}}}",
        "2:29: profile `dev` changes the service `apy`, which nobody defines [unknown-service] Did you mean `api`?",
    ),
    (
        "services: {api: {command: x}}\ncells: {near: {services: {apy: {port: 80}}}}",
        "2:27: cell `near` changes the service `apy`, which nobody defines [unknown-service] Did you mean `api`?",
    ),
    (
        "services: {a: {command: x, depends_on: [{b: 1}]}}",
        "1:41: an item of `depends_on` must be the name of a service [wrong-type] "
        "Conditions need a mapping: `{api: {condition: service_healthy}}`.",
    ),
    (
        "services: {a: {command: x, stop_grace_period: 5 parsecs}}",
        "1:47: `stop_grace_period` must be a duration [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: 5}}",
        '1:25: `command` must be a command [wrong-type] Write `python app.py`, or `["python", "app.py"]`.',
    ),
    (
        "services: {a: {command: [x, {y: 1}]}}",
        "1:29: an item of `command` must be text [wrong-type] Write one value, quoted if it has special characters.",
    ),
    (
        'services: {a: {command: "unbalanced \'quote"}}',
        "1:25: `command` cannot be split as a shell splits it: No closing quotation [wrong-type] "
        "Close the quote, or write a list.",
    ),
    (
        "services: {a: {command: x, develop: {watch: [{pth: .}]}}}",
        "1:47: unknown key `pth` [unknown-key] Did you mean `path`?",
    ),
    (
        "services: {a: {command: x, develop: {watch: [{ignore: [b]}]}}}",
        "1:46: an item of `watch` must say `path` [wrong-type] Write `path: …` there.",
    ),
    (
        "cells: {c: {aws: both}}",
        "1:18: `aws` must be one of moto, account, and is `both` [wrong-type] Known: `account`, `moto`.",
    ),
    ("<<: 5", "1:5: `<<` takes a mapping [wrong-type] Write `<<: *name`."),
    (
        "services: {a: {command: x, enabled: maybe}}",
        "1:37: `enabled` must be true or false [wrong-type] Write `true` or `false`.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, interval: -5}}}",
        "1:61: `interval` must be a duration above zero [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: x, healthcheck: {log: '('}}}",
        "1:47: `log` must be a regular expression [wrong-type] "
        "Brackets and other special characters are escaped with a backslash.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, timeout: 0s}}}",
        "1:60: `timeout` must be a duration above zero [wrong-type] "
        "Write `5s`, `1m30s`, `500ms`, or seconds as a number.",
    ),
    (
        "services: {a: {command: x, healthcheck: {http: /, retries: 0}}}",
        "1:60: `retries` must be a whole number from 1 [wrong-type] Write `3`.",
    ),
    (
        "services: {a: {command: x, healthcheck: {test: [pg_isready]}}}",
        "1:48: `test` must begin with CMD, CMD-SHELL or NONE [wrong-type] "
        'Write `["CMD", "pg_isready"]`, or one string for a shell.',
    ),
    (
        "services: {a: {command: x, healthcheck: {test: [CMD]}}}",
        '1:48: `test` has nothing after CMD [wrong-type] Write `["CMD", "pg_isready"]`, or one string for a shell.',
    ),
    (
        "services: {a: {command: x, ports: [8000-8010]}}",
        "1:36: an item of `ports` must be a port, and is `8000-8010` [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: ['80:70000']}}",
        "1:36: an item of `ports` must be a port, and is `80:70000` [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: [{published: 80}]}}",
        "1:36: an item of `ports` must be a port [wrong-type] "
        'Write `8000` or `"8080:8000"`; ranges cannot be had here.',
    ),
    (
        "services: {a: {command: x, ports: 8000}}",
        "1:35: `ports` must be a list of ports, or a mapping of names to ports [wrong-type] "
        "Write `[8000]`, or `{admin: 8001}`.",
    ),
    (
        "services: {a: {command: x, port: ²}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, port: " + "1" * 5000 + "}}",
        "1:34: `port` must be a number from 1 to 65535 [wrong-type] Write `port: 8000`.",
    ),
    (
        "services: {a: {command: x, environment: [A: b]}}",
        "1:42: an item of `environment` must be `NAME=value` or `NAME` [wrong-type] "
        "Write `- NAME=value`; with a colon it is a mapping: no `- `.",
    ),
    (
        "services: {a: {command: x, env_file: [!reset .env]}}",
        "1:39: an item of `env_file` cannot be marked by itself [wrong-type] Mark the whole list: `!reset […]`.",
    ),
    (
        "services: {a: {command: x, env_file: [{required: false}]}}",
        "1:39: an item of `env_file` must say `path` [wrong-type] Write `path: …` there.",
    ),
    (
        "services: {a: {command: x, depends_on: {b: {condition: healthy}}}, b: {command: y}}",
        "1:56: `condition` must be one of service_started, service_healthy, service_completed_successfully, "
        "and is `healthy` [wrong-type] Did you mean `service_healthy`?",
    ),
    (
        "services: {a: {command: x, depends_on: b}}",
        "1:40: `depends_on` must name services [wrong-type] Write `[api]`, or `{api: {condition: service_healthy}}`.",
    ),
    ("services: {a: {command: x, ? [1] : 2}}", "1:30: a key must be text [wrong-type] Write a plain word."),
    (
        "services: {a: {command: !!binary aGk=}}",
        "1:25: the tag `!!binary` means nothing here [unknown-tag] Known: !reset, !override.",
    ),
    ("x-a: &a {<<: *a}", "1:6: an alias holds itself [endless-alias] Write the value out."),
    (
        "services: [a]",
        "1:11: `services` must be a mapping of names [wrong-type] Write a name, a colon, and its keys below.",
    ),
    (
        "services: {a: {command: x, secrets: [TOKEN]}}",
        "1:37: `secrets` must be a mapping [wrong-type] Write `name: value`.",
    ),
    (
        "services: {a: {command: x, secrets: {T: {env: X, file: y}}}}",
        "1:41: `T` must say in one way where its value is [wrong-type] Write `command: …`, `env: NAME`, or "
        "`file: PATH`.",
    ),
    (
        "services: {a: {command: x, environment: {A: {command: x}}}}",
        "1:45: `A` must be text [wrong-type] Quote it, or write it as JSON in quotes; a secret of a service is "
        "`{secret: {command: …}}`.",
    ),
    (
        "services: {a: {command: x, environment: {A: {secret: {vault: x}}}}}",
        "1:54: `A` must say in one way where its value is [wrong-type] Write `command: …`, `env: NAME`, or "
        "`file: PATH`.",
    ),
    (
        "services: {a: {command: x, setup: {venv: x}}}",
        "1:35: `setup` must be a list [wrong-type] Write `[one, two]`, or a line with `- ` for each.",
    ),
    (
        "services: {a: {command: x, environment: {A: [1]}}}",
        "1:45: `A` must be text [wrong-type] Quote it, or write it as JSON in quotes.",
    ),
    (
        "services: {a: {command: x}}\nevents: {routes: {r: {pattern: {source: [s]}, service: b}}}",
        "2:56: route `r` leads to `b`, which nobody defines [unknown-service] Known: `a`.",
    ),
    (
        "services: {a: {command: x}}\nevents: {routes: {r: {pattern: {source: [s]}}}}",
        "2:22: route `r` leads to no service [unknown-service] Known: `a`.",
    ),
    (
        "services: {a: {command: x}}\nevents: {routes: {r: {pattern: {source: [s]}, service: a, path: in}}}",
        "2:65: the path of route `r` must begin with `/` [bad-route] Write `path: /in`.",
    ),
    (
        "services: {a: {command: x}}\nevents: {routes: {r: {pattern: {source: s}, service: a}}}",
        "2:41: route `r`: `source` must be a list of values, or a mapping [bad-event-pattern] Write `source: [s]`.",
    ),
    (
        "services: {a: {command: x}}\nevents: {routes: {r: {pattern: {source: [{prefx: s}]}, service: a}}}",
        "2:41: route `r`: `prefx` is no comparison that event patterns have [bad-event-pattern] "
        "Did you mean `prefix`?",
    ),
    (
        "registry: /srv/hippodrome\nservices: {a: {command: x}}",
        "1:11: `registry` is not of one project: its stacks would not be seen by others of this machine "
        "[bad-registry] Write it into /etc/xdg/hippodrome/hippodrome.yaml, or set HIPPODROME_REGISTRY.",
    ),
    (
        "services: {a: {command: x}}\nevents: {via: post}",
        "2:15: `via` must be one of streams, tunnel, sqs, none, and is `post` [wrong-type] "
        "Known: `none`, `sqs`, `streams`, `tunnel`.",
    ),
]
