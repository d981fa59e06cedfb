#!/usr/bin/env python3
"""Ends the broker whose socket is in LANYARD_HOME, by the id that it says itself, and waits for it.

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

path = pathlib.Path(sys.argv[1], "lanyard.sock")
connection = http.client.HTTPConnection("lanyard", timeout=5)
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.settimeout(5)
try:
    connection.sock.connect(str(path))
    connection.request("GET", "/v1/status")
    pid = json.load(connection.getresponse())["broker"]["pid"]
except (FileNotFoundError, ConnectionRefusedError):
    sys.exit(0)

try:
    broker = os.pidfd_open(pid)
    for sent in (signal.SIGTERM, signal.SIGKILL):
        signal.pidfd_send_signal(broker, sent)
        if select.select([broker], [], [], 5)[0]:
            break
except ProcessLookupError:
    pass
