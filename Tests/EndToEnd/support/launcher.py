"""Starts services for tests, stops what is left, and remembers every one for the search for secrets."""

from __future__ import annotations

from pathlib import Path

from localhub.processes import Service


class Launcher:
    started: list[Service] = []  # in the whole session

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services: list[Service] = []

    def start(
        self, name: str, environment: dict[str, str], *arguments: str, ready: bool = True, wrapper: tuple[str, ...] = ()
    ) -> Service:
        log = self._folder / f"{name}-{len(self._services)}.log"
        service = Service(name, environment, log, arguments, wrapper=wrapper)
        Launcher.started.append(service)
        self._services.append(service)
        return service.wait_ready() if ready else service

    def stop_all(self) -> list[str]:
        """Stops what still runs, all at once; returns what did not end cleanly."""
        running = [service for service in self._services if service.running]
        for service in running:
            service.terminate()
        return [f"{service.name}: exit {code}\n{service.last_lines()}" for service in running if (code := service.stop())]
