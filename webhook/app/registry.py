"""The metrics of one process."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector


def process_registry() -> CollectorRegistry:
    """With what every process of ours says of itself: version, memory, CPU time, open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    build = Gauge("snapgate_build_info", "1, with the version that runs.", ("version",), registry=registry)
    build.labels(version("snapgate")).set(1)
    return registry
