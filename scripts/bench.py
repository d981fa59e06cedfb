#!/usr/bin/env python3
"""Measures Lanyard beside oidc-agent, azure-identity and msal-extensions; run by bench.sh, on a private desktop.

Both agents use the same OpenID provider and answer from their cache. Takes lanyard and lanyard-app from
PATH. A figure that cannot be had is reported as such, and the exit code is then 1.
"""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / "tests" / "peers"
RUNS = 200
ACCOUNTS = 10
REQUESTS = 4000
WRITES = 50
CONFIDENTIAL = ("lanyard-confidential", "peer-client-secret")


def main():
    table = Table()
    with contextlib.ExitStack() as stack:
        work = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuer = stack.enter_context(openid_provider())
        lanyard = stack.enter_context(Lanyard.signed_in(work / "lanyard", issuer))
        table.add("lanyard token, warm, whole process", lambda: of_runs(["lanyard", "token", "p0"], lanyard.env))
        table.add("oidc-token (oidc-agent), warm, whole process", lambda: oidc_agent(work / "oidc-agent", issuer))
        table.add("import azure.identity (Python), whole process", import_azure_identity)
        table.add("socket, cached token, 1 client", lambda: of_socket(lanyard, clients=1))
        table.add("socket, cached token, 32 clients", lambda: of_socket(lanyard, clients=32))
        table.add(f"broker, idle, {ACCOUNTS} accounts", lambda: memory([lanyard.broker()]))
        table.add("broker and tray, idle", lambda: memory([lanyard.broker(), lanyard.tray()]))
        table.add("broker start to the first token", lanyard.first_token)
        for writers in (1, 4, 8, 32):
            table.add(f"msal-extensions, {writers} writers", lambda: msal_writers(work, writers))
    return table.close()


class Table:
    """Prints a line for each figure as it is had."""

    def __init__(self):
        self.missing = 0
        print(f"{'what':<48} {'figure':<40}")

    def add(self, name, measure):
        try:
            figure = measure()
        except Exception as error:
            self.missing += 1
            figure = f"not had: {error}"
        print(f"{name:<48} {figure}", flush=True)

    def close(self):
        return 1 if self.missing else 0


@contextlib.contextmanager
def openid_provider():
    with process(["node", PEERS / "oidc-provider" / "op.mjs", "--access-ttl", "36000"], stdout=subprocess.PIPE) as op:
        yield json.loads(op.stdout.readline())["issuer"]


class Lanyard:
    """A home with ACCOUNTS signed-in profiles p0, p1, …; its broker is started by whoever asks first."""

    def __init__(self, home, issuer):
        home.mkdir(mode=0o700)
        self.home = home
        self.env = {**os.environ, "LANYARD_HOME": str(home)}
        profiles = "".join(
            f'[profile.p{n}]\nprovider = "oidc"\nissuer = "{issuer}"\nclient_id = "lanyard"\n'
            'scopes = ["openid", "offline_access"]\n'
            for n in range(ACCOUNTS)
        )
        config = home / "config.toml"
        config.write_text(f'default_profile = "p0"\n[approval]\nagents = "allow"\n[lock]\nafter = "never"\n{profiles}')
        config.chmod(0o600)

    @classmethod
    @contextlib.contextmanager
    def signed_in(cls, home, issuer):
        lanyard = cls(home, issuer)
        try:
            for number in range(ACCOUNTS):
                lanyard.sign_in(f"p{number}", f"user{number}")
            yield lanyard
        finally:
            lanyard.stop()

    def sign_in(self, profile, user):
        command = ["lanyard", "login", profile, "--no-browser"]
        with process(command, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as login:
            browse(login.stdout.readline().strip(), user)
            if login.wait(30) != 0:
                raise RuntimeError(f"lanyard login {profile} ended with {login.returncode}")

    def stop(self):
        subprocess.run([ROOT / "scripts" / "stop-broker.py", self.home], check=True, timeout=30)

    def broker(self):
        connection = self.connect()
        connection.request("GET", "/v1/status")
        return json.load(connection.getresponse())["broker"]["pid"]

    def tray(self):
        """Has the broker show its tray, and returns its process id once its icon is in the panel."""
        connection = self.connect()
        connection.request("POST", "/v1/show", json.dumps({"show": "tray"}))
        tray = json.load(connection.getresponse())["pid"]
        item = f"org.kde.StatusNotifierItem-{tray}-1"
        asked = ["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method",
                 "org.freedesktop.DBus.NameHasOwner", item]
        wait_until(lambda: b"true" in subprocess.run(asked, capture_output=True, timeout=10).stdout, "the tray")
        return tray

    def connect(self):
        connection = http.client.HTTPConnection("lanyard", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.home / "lanyard.sock"))
        connection.sock.settimeout(10)
        return connection

    def first_token(self):
        seconds = []
        for _ in range(10):
            self.stop()
            seconds.append(time_of(["lanyard", "token", "p0"], self.env))
        return f"median {milliseconds(statistics.median(seconds))} of 10 cold starts"


def of_runs(command, env=None):
    for _ in range(5):
        time_of(command, env)
    seconds = sorted(time_of(command, env) for _ in range(RUNS))
    return f"median {milliseconds(statistics.median(seconds))}, p95 {milliseconds(seconds[RUNS * 95 // 100])} of {RUNS} runs"


def time_of(command, env=None):
    began = time.perf_counter()
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    seconds = time.perf_counter() - began
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode().strip()}")
    return seconds


def oidc_agent(home, issuer):
    (home / ".config" / "oidc-agent").mkdir(parents=True)
    env = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "OIDC_ENCRYPTION_PW": "bench", "OIDC_REFRESH_TOKEN": refresh_token(issuer)}
    agent = json.loads(subprocess.run(["oidc-agent", "--no-autoload", "--json"], env=env, check=True, capture_output=True).stdout)
    env["OIDC_SOCK"] = agent["socket"]
    try:
        generate = ["oidc-gen", "--issuer", issuer, "--client-id", CONFIDENTIAL[0], "--client-secret", CONFIDENTIAL[1],
                    "--scope", "openid offline_access", "--rt-env", "--flow=refresh", "--pw-env", "--prompt=none",
                    "--confirm-yes", "--no-url-call", "-m", "bench"]
        subprocess.run(generate, env=env, check=True, capture_output=True, timeout=30)
        return of_runs(["oidc-token", "bench"], env)
    finally:
        os.kill(int(agent["dpid"]), signal.SIGTERM)


def refresh_token(issuer):
    """Signs a user in as the confidential client, by hand."""
    answers = queue.Queue()

    class Callback(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            answers.put(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query))

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Callback) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        redirect = f"http://127.0.0.1:{server.server_port}/callback"
        verifier = "v" * 43
        query = {"client_id": CONFIDENTIAL[0], "response_type": "code", "redirect_uri": redirect, "prompt": "consent",
                 "scope": "openid offline_access", "code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        browse(f"{issuer}/auth?{urllib.parse.urlencode(query)}", "bench")
        code = answers.get(timeout=10)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    basic = base64.b64encode(":".join(CONFIDENTIAL).encode()).decode()
    request = urllib.request.Request(f"{issuer}/token", urllib.parse.urlencode(form).encode(), {"authorization": f"Basic {basic}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["refresh_token"]


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def browse(url, user):
    subprocess.run([PEERS / "browser" / "sign-in.mjs", url, "--user", user], check=True, timeout=60, stdout=subprocess.DEVNULL)


def import_azure_identity():
    python = ROOT / "build" / "bench-venv" / "bin" / "python"
    command = [python, "-c", "import azure.identity; print('ok')"]
    time_of(command)
    seconds = [time_of(command) for _ in range(20)]
    return f"median {milliseconds(statistics.median(seconds))} of 20 runs"


def msal_writers(work, writers):
    """Each writer is a process that adds to the one file, as two programs with MSAL would."""
    script = [ROOT / "build" / "bench-venv" / "bin" / "python", ROOT / "scripts" / "bench-writers.py"]
    cache = work / f"msal-{writers}"
    run = lambda count: [subprocess.Popen([*script, cache, str(count), f"user-{n}"]) for n in range(writers)]
    idle, busy = (time_of_all(run(count)) for count in (0, WRITES))
    return f"{writers * WRITES / max(busy - idle, 1e-9):.0f} refreshes stored a second"


def time_of_all(processes):
    began = time.perf_counter()
    if any([process.wait(300) for process in processes]):
        raise RuntimeError("a writer failed")
    return time.perf_counter() - began


def of_socket(lanyard, clients):
    """Each client keeps its connection and asks one request after another."""
    command = ["bench-socket", lanyard.home / "lanyard.sock", "p0", str(clients), str(REQUESTS)]
    done = subprocess.run(command, check=True, timeout=120, capture_output=True, text=True)
    p50, p99, rate = (int(figure) for figure in done.stdout.split())
    return f"p50 {p50 / 1000:.3f} ms, p99 {p99 / 1000:.3f} ms, {rate} a second"


def memory(pids):
    time.sleep(2)
    kib = sum(int(re.search(r"^Pss:\s+(\d+)", smaps(pid), re.M)[1]) for pid in pids)
    return f"{kib / 1024:.1f} MiB PSS"


def smaps(pid):
    return pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()


def wait_until(condition, what):
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not start")


@contextlib.contextmanager
def process(command, **how):
    started = subprocess.Popen(command, text=True, **how)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(10)


def milliseconds(seconds):
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    missing = [program for program in ("lanyard", "oidc-agent", "node") if not shutil.which(program)]
    sys.exit(f"bench: {', '.join(missing)} not found" if missing else main())
