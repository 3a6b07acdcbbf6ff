"""Deployments that the lab's node can run."""

from __future__ import annotations

from typing import Any, Final

from tests.support.kubectl import Json

SERVER: Final = "exec python3 -u /etc/web/server.py"
SCRIPT: Final = """
import http.server, os, pathlib, signal, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = pathlib.Path("/etc/web/text").read_bytes()
        self.send_response(503 if text == b"not ready" else 200)
        self.end_headers()
        self.wfile.write(text)

def stop(*_):
    print("asked to stop", flush=True)
    time.sleep(float(os.environ["STOPPING_SECONDS"]))
    sys.exit(0)

signal.signal(signal.SIGTERM, stop)
http.server.HTTPServer((os.environ["POD_IP"], 8080), Handler).serve_forever()
"""


def web(name: str, *, text: str = "hello", replicas: int = 1, **pod: Any) -> tuple[Json, ...]:
    """A server that says what is in its ConfigMap, and is not ready when that is `not ready`. Members of `pod` replace
    those of the pod's spec; `stopping_seconds` is how long it takes to stop."""
    labels = {"app": name}
    stopping = pod.pop("stopping_seconds", 0)
    container = {
        "name": "web",
        "image": "snapgate",
        "command": ["/bin/sh", "-c", SERVER],
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "STOPPING_SECONDS", "value": str(stopping)},
        ],
        "startupProbe": {"httpGet": {"port": "http"}, "periodSeconds": 1, "failureThreshold": 30},
        "readinessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 1, "failureThreshold": 1},
        "volumeMounts": [{"name": "settings", "mountPath": "/etc/web"}],
    }
    spec = {
        "enableServiceLinks": False,
        "containers": [container],
        "volumes": [{"name": "settings", "configMap": {"name": name}}],
        **pod,
    }
    return (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": settings(text)},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": _service(labels)},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        },
    )


def settings(text: str) -> dict[str, str]:
    return {"text": text, "server.py": SCRIPT}


def _service(labels: dict[str, str]) -> Json:
    return {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}
