"""A real Prometheus inside a lab, that reads the API server and all pods of Snapgate."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.context import INSIDE
from tests.support.kubectl import Json
from tests.support.lab import RunningLab
from tests.support.metrics import ALERTS
from tests.support.waiting import until

ADDRESS: Final = "127.0.0.1:19090"
SCRAPE_SECONDS: Final = 1
DEADLINE_SECONDS: Final = 120
PORTS: Final = {"webhook": 8081, "reconciler": 8082}
_ASK: Final = """
import json, sys, urllib.error, urllib.parse, urllib.request as web
for path, query in json.load(sys.stdin):
    data = urllib.parse.urlencode({"query": query}).encode() if query is not None else None
    try:
        answer = web.urlopen(f"http://ADDRESS{path}", data=data, timeout=10).read().decode()
    except urllib.error.HTTPError as error:
        answer = error.read().decode()
    except OSError as error:
        answer = json.dumps({"status": "error", "error": str(error)})
    print(json.dumps(json.loads(answer)))
""".replace("ADDRESS", ADDRESS)


@dataclass(frozen=True, slots=True)
class Prometheus:
    lab: RunningLab
    directory: Path

    def follow_pods(self) -> None:
        """Read those that there are now."""
        targets = [
            f"{address}:{port}" for component, port in PORTS.items() for address in self.lab.pod_addresses(component)
        ]
        fresh = self.directory / "targets.new"
        fresh.write_text(json.dumps([{"targets": targets}]))
        fresh.replace(self.directory / "targets.json")

    def targets(self) -> list[Json]:
        (answer,) = self._ask([("/api/v1/targets?state=active", None)])
        found: list[Json] = answer["data"]["activeTargets"] if answer["status"] == "success" else []
        return found

    def rules(self) -> dict[str, Json]:
        """By the name of the alert."""
        (answer,) = self._ask([("/api/v1/rules", None)])
        return {rule["name"]: rule for group in answer["data"]["groups"] for rule in group["rules"]}

    def query(self, expressions: Iterable[str]) -> list[Json]:
        """Prometheus's whole answers, in this order."""
        return self._ask([("/api/v1/query", each) for each in expressions])

    def inputs_of(self, expressions: Iterable[str]) -> list[str]:
        """The series that these look at, each as an expression of its own."""
        asked = list(expressions)
        parsed = self._ask([("/api/v1/parse_query", each) for each in asked])
        assert {answer["status"] for answer in parsed} == {"success"}, dict(zip(asked, parsed, strict=True))
        return sorted({selector for answer in parsed for selector in _selectors(answer["data"])})

    def until_nothing_is_missing(self, missing: Callable[[], list[str]]) -> None:
        """Prometheus announces nothing, so it is asked after each scrape."""
        found: list[str] = []

        def nothing_is_missing() -> bool:
            found[:] = missing()
            return not found

        until(
            nothing_is_missing,
            lambda: f"{found}\n{(self.directory / 'prometheus.log').read_text()[-2000:]}",
            seconds=DEADLINE_SECONDS,
            every=SCRAPE_SECONDS,
        )

    def without_result(self, expressions: Iterable[str]) -> list[str]:
        """Those that cannot be asked, or find nothing."""
        asked = list(expressions)
        return [
            f"{expression}: {answer.get('error', 'no series')}"
            for expression, answer in zip(asked, self.query(asked), strict=True)
            if answer["status"] != "success" or not answer["data"]["result"]
        ]

    def _ask(self, questions: list[tuple[str, str | None]]) -> list[Json]:
        said = self.lab.run_inside(sys.executable, "-c", _ASK, given=json.dumps(questions))
        return [json.loads(line) for line in said.splitlines()]


@contextmanager
def running_prometheus(lab: RunningLab, program: Path, directory: Path) -> Iterator[Prometheus]:
    """Reads what it is to read from the moment on that this is entered."""
    prometheus = Prometheus(lab, directory)
    prometheus.follow_pods()
    (directory / "prometheus.yml").write_text(yaml.safe_dump(_configuration(lab.kubeconfig)))
    command = (
        str(program),
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address={ADDRESS}",
    )
    process = lab.start(*command, log=directory / "prometheus.log")
    try:
        prometheus.until_nothing_is_missing(lambda: _not_read(prometheus.targets()))
        yield prometheus
    finally:
        process.terminate()
        process.wait(timeout=30)


def _not_read(targets: list[Json]) -> list[str]:
    pools = {"snapgate", "apiserver"} - {target["scrapePool"] for target in targets}
    failing = [f"{each['scrapeUrl']}: {each['lastError']}" for each in targets if each["health"] != "up"]
    return [*sorted(pools), *failing]


def _configuration(kubeconfig: Path) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": "2s"},
        "rule_files": [str(ALERTS)],
        "scrape_configs": [
            {"job_name": "snapgate", "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}]},
            {
                "job_name": "apiserver",
                "scheme": "https",
                "tls_config": _credentials(kubeconfig),
                "static_configs": [{"targets": [INSIDE.removeprefix("https://")]}],
            },
        ],
    }


def _credentials(kubeconfig: Path) -> dict[str, str]:
    read = yaml.safe_load(kubeconfig.read_text())
    cluster, user = read["clusters"][0]["cluster"], read["users"][0]["user"]
    encoded = {
        "ca": cluster["certificate-authority-data"],
        "cert": user["client-certificate-data"],
        "key": user["client-key-data"],
    }
    return {name: base64.b64decode(value).decode() for name, value in encoded.items()}


def _selectors(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _selectors(each)
    if not isinstance(node, dict):
        return
    if node.get("type") in {"vectorSelector", "matrixSelector"}:
        matchers = (f"{each['name']}{each['type']}{json.dumps(each['value'])}" for each in node["matchers"])
        yield f"{{{','.join(sorted(matchers))}}}"
        return
    for member in node.values():
        yield from _selectors(member)
