"""The three JSON files beside master.cfg, parsed into frozen values.

`pipeline.json` is the compiled pipeline file (its schema is packages/pipeline/src/compiled.ts), `site.json` says how
this master is reached and where its secrets lie, `workers.json` holds the workers with their passwords.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buildbot.config.errors import ConfigErrors

from lpbuildbot_master.fields import Fields
from lpbuildbot_master.names import WORKER_NAME

FORMAT = 1
LONGEST_POLL_SECONDS = 7 * 24 * 3600
LONGEST_STEP_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]
    timeout_seconds: int | None


@dataclass(frozen=True)
class Builder:
    name: str
    branch: str
    image: str | None
    steps: list[Step]


@dataclass(frozen=True)
class Project:
    name: str
    repository: str
    # Another address of it, where branches are moved.
    push: str | None
    poll_seconds: float
    testfix: bool
    builders: list[Builder]


@dataclass(frozen=True)
class Address:
    host: str
    port: int


@dataclass(frozen=True)
class Tls:
    key_file: str
    certificate_file: str


@dataclass(frozen=True)
class Site:
    title: str
    url: str
    web: Address
    workers: Address
    workers_tls: Tls | None
    database_url: str | None
    logins_file: str
    webhook_secret_file: str | None
    log_retention_days: int


@dataclass(frozen=True)
class Worker:
    name: str
    password: str
    images: list[str]
    capacity: int
    arch: str | None


@dataclass(frozen=True)
class Settings:
    site: Site
    projects: list[Project]
    workers: list[Worker]


def load(folder: Path) -> Settings:
    """Reads the files of one configuration; every mistake in them is in the ConfigErrors that this raises."""
    mistakes: list[str] = []
    projects = _projects(_read(folder, "pipeline.json", mistakes), mistakes)
    site = _site(_read(folder, "site.json", mistakes), folder, mistakes)
    workers = _workers(_read(folder, "workers.json", mistakes))
    if mistakes:
        raise ConfigErrors(mistakes)
    return Settings(site, projects, workers)


def _read(folder: Path, name: str, mistakes: list[str]) -> Fields:
    value: Any = None
    try:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        mistakes.append(f"{name}: cannot be read: {error.strerror}")
    except ValueError as error:
        mistakes.append(f"{name}: not JSON: {error}")
    else:
        return Fields(value, name, mistakes)
    return Fields({}, name, [])


def _projects(fields: Fields, mistakes: list[str]) -> list[Project]:
    if fields.integer("format", 0, 1_000_000) != FORMAT:
        mistakes.append(f"pipeline.json.format: this master reads format {FORMAT} alone")
        return []
    projects = [
        Project(
            name=project.text("name"),
            repository=project.text("repository"),
            push=project.optional_text("push"),
            poll_seconds=project.number("pollSeconds", 0.01, LONGEST_POLL_SECONDS),
            testfix=project.flag("testfix"),
            builders=[
                Builder(
                    name=builder.text("name"),
                    branch=builder.text("branch"),
                    image=builder.optional_text("image"),
                    steps=[
                        Step(step.text("name"), step.texts("command"), _timeout(step))
                        for step in builder.objects("steps")
                    ],
                )
                for builder in project.objects("builders")
            ],
        )
        for project in fields.objects("projects")
    ]
    fields.close()
    return projects


def _timeout(step: Fields) -> int | None:
    present = step.optional_number("timeoutSeconds", 1, LONGEST_STEP_SECONDS)
    return None if present is None else int(present)


def _site(fields: Fields, folder: Path, mistakes: list[str]) -> Site:
    webhook_secret_file = fields.optional_text("webhookSecretFile")
    site = Site(
        title=fields.text("title"),
        url=fields.text("url"),
        web=_address(fields.object("web")),
        workers=_address(fields.object("workers")),
        workers_tls=_tls(fields.optional_object("workersTls")),
        database_url=_database_url(fields.optional_text("databaseUrlFile"), folder, mistakes),
        logins_file=str(folder / fields.text("loginsFile")),
        webhook_secret_file=None if webhook_secret_file is None else str(folder / webhook_secret_file),
        log_retention_days=fields.integer("logRetentionDays", 1, 36500),
    )
    fields.close()
    return site


def _address(fields: Fields) -> Address:
    address = Address(fields.text("host"), fields.integer("port", 1, 65535))
    fields.close()
    return address


def _tls(fields: Fields | None) -> Tls | None:
    if fields is None:
        return None
    tls = Tls(fields.text("keyFile"), fields.text("certificateFile"))
    fields.close()
    return tls


def _database_url(file: str | None, folder: Path, mistakes: list[str]) -> str | None:
    if file is None:
        return None
    try:
        return (folder / file).read_text(encoding="utf-8").strip()
    except OSError as error:
        mistakes.append(f"site.json.databaseUrlFile: {file} cannot be read: {error.strerror}")
        return None


def _workers(fields: Fields) -> list[Worker]:
    workers = [
        Worker(
            name=worker.text("name", longest=WORKER_NAME),
            password=worker.text("password"),
            images=worker.texts("images"),
            capacity=worker.integer("capacity", 1, 1000),
            arch=worker.optional_text("arch"),
        )
        for worker in fields.objects("workers")
    ]
    fields.close()
    return workers
