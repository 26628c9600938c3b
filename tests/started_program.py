"""``franking`` that has started already: a process that has read the program forks one a command.

    python -m tests.started_program SOCKET

Each command is a process of its own, with the arguments, folder, environment and open files of
whoever asked; only the second that reading the code takes is spent once, not for every command.
The asking is done by ``ASKER``, which stands on the path as ``franking``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

from franking.cli.app import run_franking, tree

ASKER = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(asked, [len(told).to_bytes(4, "big")], [0, 1, 2])
    asked.sendall(told)
    status = asked.recv(1)
sys.exit(status[0] if status else 70)
"""
"""The program that takes the place of ``franking``."""
_LENGTH = 4


def main(address: str) -> None:
    """Answer until it is ended; ready when the socket stands in its folder."""
    tree()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{address}.new")
    listening.listen(64)
    Path(f"{address}.new").rename(address)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the commands but who asked
    while True:
        asked, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(asked)
        asked.close()


def _answer(asked: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = 70
    try:
        status = _run(asked)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        asked.sendall(bytes([status]))
        os._exit(status)


def _run(asked: socket.socket) -> int:
    length, files, _, _ = socket.recv_fds(asked, _LENGTH, 3)
    wanted = int.from_bytes(length, "big")
    arguments, folder, environment = json.loads(asked.recv(wanted, socket.MSG_WAITALL))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["franking", *arguments]
    return run_franking(arguments)


if __name__ == "__main__":
    main(sys.argv[1])
