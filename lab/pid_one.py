"""`python -m lab.pid_one`, started by `up` with two inherited sockets: makes the namespaces and becomes their PID 1."""

import asyncio
import os
import shutil
import socket

import click

from lab.context import Lab
from lab.namespaces import enter_new_namespaces, mount_own_proc
from lab.network import set_up_network
from lab.paths import lab_paths
from lab.record import own_record
from lab.supervisor import Supervisor


@click.command()
@click.option("--name", required=True)
@click.option("--listener", "listener_descriptor", type=int, required=True)
@click.option("--report", "report_descriptor", type=int, required=True)
@click.option("--snapgate", is_flag=True)
def main(name: str, listener_descriptor: int, report_descriptor: int, *, snapgate: bool) -> None:
    """Run a lab. Its end, however it comes, ends every process inside: the kernel sees to that."""
    enter_new_namespaces()
    if os.fork() != 0:
        os._exit(0)  # not sys.exit: the child has the interpreter's clean-up to do, we do not
    lab = Lab(name, lab_paths(name))
    listener = socket.socket(fileno=listener_descriptor)
    connection = socket.socket(fileno=report_descriptor)
    own_record(listener.getsockname()[1]).write(lab.paths.record)
    mount_own_proc()
    set_up_network()
    try:
        asyncio.run(_supervise(lab, listener, connection, snapgate=snapgate))
    finally:
        for directory in (lab.paths.runtime, lab.paths.state):
            shutil.rmtree(directory, ignore_errors=True)  # what a dying process still wrote, `down` removes


async def _supervise(lab: Lab, listener: socket.socket, connection: socket.socket, *, snapgate: bool) -> None:
    await Supervisor(lab, listener, connection, snapgate=snapgate).run()


if __name__ == "__main__":
    main()
