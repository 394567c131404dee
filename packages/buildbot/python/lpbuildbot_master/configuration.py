"""Makes Buildbot's configuration from the settings: which objects there are and how they are wired together."""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from buildbot.plugins import schedulers, steps, util
from buildbot.process.factory import BuildFactory
from sqlalchemy.pool import QueuePool
from twisted.internet.endpoints import quoteStringArgument

from lpbuildbot_master import change_hooks, names, settings
from lpbuildbot_master.chosen_worker import collapse
from lpbuildbot_master.git import ENVIRONMENT
from lpbuildbot_master.logins import LoggedIn, LoginsFile
from lpbuildbot_master.names import within
from lpbuildbot_master.poller import BranchPoller
from lpbuildbot_master.scheduler import TestfixScheduler
from lpbuildbot_master.workers import EagerWorker

# `buildsets.reason` takes 256 characters; the rest is for the name of whoever forced the build.
FORCED_REASON_LENGTH = 160
SILENCE_SECONDS = 1200


def configure(folder: Path) -> dict[str, Any]:
    """The dictionary that Buildbot calls BuildmasterConfig; `folder` holds the JSON files."""
    loaded = settings.load(folder)
    site, projects, workers = loaded.site, loaded.projects, loaded.workers
    return {
        "title": site.title,
        "titleURL": site.url,
        "buildbotURL": site.url,
        "buildbotNetUsageData": None,
        "db": _database(site.database_url),
        "protocols": {"pb": {"port": _workers_port(site)}},
        "www": _www(site),
        "projects": [util.Project(name=project.name, slug=within(project.name, names.SLUG)) for project in projects],
        "workers": [
            EagerWorker(
                each.name,
                each.password,
                max_builds=each.capacity,
                properties={} if each.arch is None else {"arch": each.arch},
            )
            for each in workers
        ]
        + [
            # It never connects, so its builders wait, and its name says what for.
            EagerWorker(name, secrets.token_hex(32))
            for name in sorted(_missing_workers(projects, workers))
        ],
        "builders": [
            _builder(project, builder, _worker_names(builder, workers))
            for project in projects
            for builder in project.builders
        ],
        "change_source": list(_pollers(projects)),
        "schedulers": [
            scheduler
            for project in projects
            for branch in _branches(project)
            for scheduler in _schedulers(project, branch)
        ],
        "configurators": [util.JanitorConfigurator(logHorizon=timedelta(days=site.log_retention_days), hour=3)],
    }


def _workers_port(site: settings.Site) -> str:
    where = f"{site.workers.port}:interface={quoteStringArgument(site.workers.host)}"
    if site.workers_tls is None:
        return f"tcp:{where}"
    key = quoteStringArgument(site.workers_tls.key_file)
    certificate = quoteStringArgument(site.workers_tls.certificate_file)
    return f"ssl:{where}:privateKey={key}:certKey={certificate}"


def _database(url: str | None) -> dict[str, Any]:
    if url is not None:
        # A server that was restarted has closed the connections of before.
        return {"db_url": url, "engine_kwargs": {"pool_pre_ping": True}}
    # Buildbot's default opens the file anew for every statement, which makes SQLite write its whole log back each time:
    # builds take a quarter longer.
    return {"engine_kwargs": {"poolclass": QueuePool}}


def _www(site: settings.Site) -> dict[str, Any]:
    return {
        "port": f"tcp:{site.web.port}:interface={quoteStringArgument(site.web.host)}",
        "plugins": {"waterfall_view": {}, "console_view": {}, "grid_view": {}},
        "auth": LoginsFile(site.logins_file),
        # Everyone may read; whatever changes state needs a login.
        "authz": util.Authz(
            allowRules=[util.AnyControlEndpointMatcher(role=LoggedIn.ROLE)],
            roleMatchers=[LoggedIn(site.logins_file)],
        ),
        # Without a secret nobody is listened to.
        "change_hook_dialects": {}
        if site.webhook_secret_file is None
        else change_hooks.dialects(site.webhook_secret_file),
    }


def _builder(project: settings.Project, builder: settings.Builder, worker_names: list[str]) -> util.BuilderConfig:
    factory = BuildFactory(
        [
            steps.Git(
                repourl=project.repository,
                branch=builder.branch,
                mode="full",
                method="fresh",
                # A fetch that fails, for the network or for what a killed worker left behind, is followed by a new
                # clone, and that is tried four times.
                clobberOnFailure=True,
                retry=(10, 3),
                env=ENVIRONMENT,
                logEnviron=False,
                haltOnFailure=True,
            ),
            *(
                steps.ShellCommand(
                    name=within(step.name, names.STEP_NAME),
                    # Without these Buildbot's pages tell a failed step by the first words of its command.
                    description=step.name,
                    descriptionDone=step.name,
                    command=step.command,
                    maxTime=step.timeout_seconds,
                    timeout=step.timeout_seconds or SILENCE_SECONDS,
                    # A step that is ended has this long to clean up behind itself.
                    sigtermTime=15,
                    haltOnFailure=True,
                    logEnviron=False,
                )
                for step in builder.steps
            ),
        ]
    )
    return util.BuilderConfig(
        name=builder.name,
        workernames=worker_names,
        factory=factory,
        project=project.name,
        # A forced build may ask for one worker (the canary of an upgrade, say), and then waits for that one.
        canStartBuild=util.enforceChosenWorker,
        collapseRequests=collapse,
        tags=sorted({builder.branch, builder.image or "host"}),
    )


def _worker_names(builder: settings.Builder, workers: Iterable[settings.Worker]) -> list[str]:
    able = [each.name for each in workers if builder.image is None or builder.image in each.images]
    return able or [_missing_worker(builder)]


def _missing_workers(projects: Iterable[settings.Project], workers: list[settings.Worker]) -> set[str]:
    given = {each.name for each in workers}
    return {
        name for project in projects for builder in project.builders for name in _worker_names(builder, workers)
    } - given


def _missing_worker(builder: settings.Builder) -> str:
    name = "no-worker-yet" if builder.image is None else f"no-worker-has-{_identifier(builder.image)}"
    return within(name, names.WORKER_NAME)


def _pollers(projects: Iterable[settings.Project]) -> Iterable[BranchPoller]:
    by_repository: dict[str, list[settings.Project]] = {}
    for project in projects:
        by_repository.setdefault(project.repository, []).append(project)
    for repository, users in by_repository.items():
        yield BranchPoller(
            repository=repository,
            addresses=sorted({project.push for project in users if project.push is not None}),
            branches=sorted({branch for project in users for branch in _branches(project)}),
            project=users[0].name if len(users) == 1 else "",
            poll_seconds=min(project.poll_seconds for project in users),
        )


def _branches(project: settings.Project) -> list[str]:
    return sorted({builder.branch for builder in project.builders})


def _schedulers(project: settings.Project, branch: str) -> Iterable[Any]:
    builder_names = [builder.name for builder in project.builders if builder.branch == branch]
    yield TestfixScheduler(
        name=within(f"{project.name}/{branch}", names.STATE_NAME),
        builderNames=builder_names,
        repository=project.repository,
        branch=branch,
        testfix=project.testfix,
    )
    yield schedulers.ForceScheduler(
        name=f"force-{_identifier(project.name)}-{_identifier(branch)}",
        label=f"Force a build of {branch}",
        buttonName=f"Force a build of {branch}",
        builderNames=builder_names,
        # Whoever may force a build is logged in, and that is the name that counts.
        username=util.UserNameParameter(hide=True),
        reason=util.StringParameter(
            name="reason",
            label="Reason:",
            required=True,
            default="",
            size=60,
            maxsize=FORCED_REASON_LENGTH,
        ),
        reasonString="%(reason)s (forced by %(owner)s)",
        properties=[util.WorkerChoiceParameter(label="Worker:", default=util.WorkerChoiceParameter.anySentinel)],
        codebases=[
            util.CodebaseParameter(
                "",
                label=f"What to build; without a revision the tip of {branch}",
                branch=util.FixedParameter(name="branch", default=branch),
                revision=util.StringParameter(
                    name="revision",
                    label="Revision:",
                    regex=r"^([0-9a-f]{40})?\Z",
                    default="",
                    size=40,
                ),
                repository=util.FixedParameter(name="repository", default=project.repository),
                project=util.FixedParameter(name="project", default=project.name),
            )
        ],
    )


def _identifier(name: str) -> str:
    """A name as the identifiers that Buildbot asks for in URLs; different names stay different."""
    return re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match.group()):x}_", name)
