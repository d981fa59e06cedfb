#!/usr/bin/env python3
"""Ends the broker whose socket is in LANYARD_HOME, by the id that it says itself, and waits for it.
Before it come its tray and window, which would start another one.

usage: stop-broker.py LANYARD_HOME
"""

import http.client
import json
import os
import pathlib
import select
import signal
import socket
import sys


def main():
    pid = broker(pathlib.Path(sys.argv[1], "lanyard.sock"))
    if pid is None:
        return
    # The launcher is the broker's only child, and tray and window are the launcher's.
    for launcher in children(pid):
        for view in children(launcher):
            end(view)
    end(pid)


def broker(path):
    connection = http.client.HTTPConnection("lanyard", timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(5)
    try:
        connection.sock.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    connection.request("GET", "/v1/status")
    return json.load(connection.getresponse())["broker"]["pid"]


def children(parent):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # The second field, a name in brackets, may hold anything.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            yield int(stat.parent.name)


def end(pid):
    try:
        process = os.pidfd_open(pid)
        for sent in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(process, sent)
            if select.select([process], [], [], 5)[0]:
                break
    except ProcessLookupError:
        pass


main()
