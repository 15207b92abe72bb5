"""A running isigurt of the bench's own: production build, own data directory on a real disk, free ports on loopback."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
PROGRAMS = ("portal", "desk", "keeper", "courier")
MEASURED = ("portal", "desk", "keeper")  # whose CPU a report is charged with


class Failed(Exception):
    """Something was lost, refused or did not work: no number is worth printing."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def work_folder():
    """A folder on a disk that is really written to, through which other users may pass (programs run as their own)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="isigurt-bench-", dir=os.environ.get("ISIGURT_BENCH_DIR", "/var/tmp")))
    folder.chmod(0o755)
    kind = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", folder], text=True, capture_output=True, check=False).stdout.strip()
    if kind in ("tmpfs", "ramfs"):
        shutil.rmtree(folder)
        raise Failed(f"{folder.parent} lies in memory, where syncing costs nothing; set ISIGURT_BENCH_DIR to a folder on a disk")
    return folder


def stage(build, folder):
    """As root each program becomes a user of its own, who must reach the programs: a copy, where the build lies closed."""
    if os.getuid() != 0 or all(p.stat().st_mode & 1 for p in [build, *build.parents]):
        return build
    to = folder / "programs"
    to.mkdir()
    for program in [build / "isigurt", *(build / f"isigurt-{p}" for p in PROGRAMS)]:
        shutil.copy2(program, to)
    shutil.copytree(build / "share", to / "share")
    subprocess.run(["chmod", "-R", "go+rX", to], check=True)
    return to


def totp(secret, at):
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret.replace(" ", "")) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at // 30)), "sha1").digest()
    return f"{(struct.unpack('>I', mac[(o := mac[19] & 15):o + 4])[0] & 0x7fffffff) % 1000000:06d}"


class Session:
    def __init__(self, desk_port):
        self.port, self.cookie, self.csrf = desk_port, "", ""
        self.connection = None

    def call(self, method, path, body=None, accept="application/json", **headers):
        """One call on a connection that is kept. Returns status, body, headers."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Accept": accept, **headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if method != "GET" and self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        if body is not None:
            headers["Content-Type"] = "application/json"
        for again in (True, False):
            try:
                self.connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = self.connection.getresponse()
                break
            except http.client.RemoteDisconnected:  # kept longer than the server keeps an idle one
                self.connection.close()
                if not again:
                    raise
        data = answer.read()
        if answer.will_close:
            self.connection = None
        return answer.status, data, answer.headers

    def json(self, method, path, body=None):
        status, data, _ = self.call(method, path, body)
        if status not in (200, 201):
            raise Failed(f"{method} {path}: {status} {data[:300]!r}")
        return json.loads(data)


class Instance:
    def __init__(self, build, folder, name, init=()):
        self.build, self.root = build, folder / name
        self.root.mkdir()
        self.root.chmod(0o755)
        self.data, self.keys = self.root / "data", self.root / "data-keys"
        self.portal, self.desk, self.process = free_port(), free_port(), None
        done = subprocess.run([build / "isigurt", "init", "--data", self.data, "--demo", *init], text=True, capture_output=True, check=False)
        if done.returncode:
            raise Failed(f"isigurt init: {done.stderr.strip()}")
        with open(self.data / "isigurt.conf", "a", encoding="utf8") as f:  # everything else as it is delivered
            f.write(f"portal.url = http://localhost:{self.portal}\ndesk.url = http://127.0.0.1:{self.desk}\n")
        self.accounts = {a["role"]: a for a in json.loads((self.data / "demo-accounts.json").read_text("utf8"))}
        self.log = open(self.root / "log", "ab")

    def serve(self, **env):
        """Starts it. Returns seconds from the spawn to the first answers of both sites."""
        started = time.monotonic()
        self.process = subprocess.Popen(
            [self.build / "isigurt", "serve", "--data", self.data, "--portal", f"127.0.0.1:{self.portal}", "--desk", f"127.0.0.1:{self.desk}"],
            env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for port, path in ((self.portal, "/"), (self.desk, "/sign-in")):
            while self.first_status(port, path) != 200:
                if self.process.poll() is not None or time.monotonic() - started > 20:
                    raise Failed(f"serve did not answer: {(self.root / 'log').read_text('utf8')[-500:]}")
                time.sleep(0.001)
        return time.monotonic() - started

    @staticmethod
    def first_status(port, path):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n".encode())
                return int((s.recv(64) + b"HTTP/1.1 0")[9:12])
        except (OSError, ValueError):
            return 0

    def pids(self):
        found = {"serve": self.process.pid}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            program = re.search(rb"/isigurt-(\w+)$", words[0])
            if program and os.fsencode(self.data) in words:
                found[program.group(1).decode()] = int(entry.name)
        if set(found) != {"serve", *PROGRAMS}:
            raise Failed(f"running: {sorted(found)}")
        return found

    def cpu(self):
        """CPU seconds of each measured program, all threads, user and system."""
        out = {}
        for name, pid in self.pids().items():
            if name in MEASURED:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
                out[name] = (int(fields[11]) + int(fields[12])) / TICK
        return out

    def memory(self):
        """Proportional set size of each process, MB. The programs are not dumpable, so the kernel tells root alone."""
        out = {}
        for name, pid in self.pids().items():
            path = f"/proc/{pid}/smaps_rollup"
            text = pathlib.Path(path).read_text("ascii") if os.getuid() == 0 else subprocess.run(
                ["sudo", "-n", "cat", path], text=True, capture_output=True, check=True).stdout
            out[name] = int(re.search(r"^Pss: +(\d+) kB", text, re.M).group(1)) / 1024
        return out

    def sign_in(self, account):
        session = Session(self.desk)
        for _ in range(2):
            status, data, headers = session.call("POST", "/api/v1/session", {"username": account["username"], "password": account["password"],
                                                 "totp": totp(account["totp_secret"], time.time())}, Origin=f"http://127.0.0.1:{self.desk}")
            if status == 200:
                break
            time.sleep(30 - time.time() % 30 + 0.2)  # each code works once
        else:
            raise Failed(f"sign-in of {account['username']}: {status} {data[:200]!r}")
        session.cookie = "; ".join(c.split(";")[0] for c in headers.get_all("Set-Cookie"))
        session.csrf = json.loads(data)["csrf_token"]
        return session

    def desk_rows(self, sql, schema="desk"):
        """What the desk's own file says; read from outside, in short transactions."""
        db = sqlite3.connect(f"file:{self.data}/{schema}/{schema}.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def settle(self, seconds=120):
        """Waits until nothing is left to be tagged or told to reply. Returns how long that took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if self.desk_rows("select exists (select 1 from report where tag_box is not null) + exists (select 1 from reply_due)")[0][0] == 0:
                return time.monotonic() - started
            time.sleep(0.1)
        raise Failed(f"the desk had not settled after {seconds} s")

    def lookup(self, receipt):
        """What the store knows a receipt by (docs/protocol.md, "Receipt"), reckoned here once more."""
        bits = "".join(f"{'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.index(c):05b}" for c in receipt.replace("-", ""))
        code = int(bits.ljust(104, "0"), 2).to_bytes(13, "big")
        root = hashlib.blake2b(code, digest_size=32, salt=(self.keys / "install.id").read_bytes(), person=b"isigurt.receipt1").digest()
        return hashlib.blake2b(b"", digest_size=16, key=root, salt=(1).to_bytes(16, "little"), person=b"isgrcpt1").digest()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failed("serve did not stop within 20 s") from None

    def remove(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.root, ignore_errors=True)
