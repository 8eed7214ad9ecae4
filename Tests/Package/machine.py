"""A Debian 12 of our own, booted by its systemd in a container, without a network
but for its own loopback."""

import contextlib
import ctypes
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "label-studio-accounts"
# What a machine has before our package comes.
PACKAGES = ["systemd", "systemd-sysv", "dbus", "nginx", "openssl", "ssl-cert", "procps", "bash-completion"]
SUITE = "bookworm"


def mirror():
    """Where this machine gets its own packages from."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(SUITE) $(CODENAME) $(COMPONENT)"],
        check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        uri, *names = line.split()
        if SUITE in names and "main" in names:
            return uri
    raise AssertionError(f"apt knows no mirror of Debian {SUITE}")


def base(dependencies):
    """A root directory with these packages, made once and kept for later runs."""
    packages = sorted({*PACKAGES, *dependencies})
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:16]
    root = CACHE / f"{SUITE}-{name}"
    if not root.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        making = pathlib.Path(tempfile.mkdtemp(dir=CACHE))
        # It becomes the root directory, for all users.
        making.chmod(0o755)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", SUITE, making, mirror()],
            check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(making / "var/cache/apt/archives")
        # Others may have been faster.
        with contextlib.suppress(OSError):
            making.rename(root)
        shutil.rmtree(making, ignore_errors=True)
    return root


@contextlib.contextmanager
def network_of(pid):
    """This thread, and those that it starts, are in the network of a process."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(namespace):
        if libc.setns(namespace.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{pid}/ns/net") as theirs:
        enter(theirs)
        try:
            yield
        finally:
            enter(ours)


class Machine:
    def __init__(self, base, directory):
        self.root = directory / "root"
        self.log = directory / "console"
        subprocess.run(["cp", "--archive", "--reflink=auto", base, self.root], check=True)
        (self.root / "etc/hostname").write_text("machine\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost machine\n::1 localhost\n")
        self.process = None
        self.pid = None

    def boot(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", "--directory", self.root, "--register=no", "--keep-unit",
                 "--private-network", "--machine", f"label-studio-{os.getpid()}", "--console=pipe"],
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "0"}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        self.until(self.has_booted, 60, "the boot")
        return self

    def has_booted(self):
        assert self.process.poll() is None, self.log.read_text()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if not children:
            return False
        self.pid = int(children[0])
        state = self.run("systemctl is-system-running", check=False)
        return state.stdout.strip() in ("running", "degraded")

    def run(self, command, check=True, given=None, seconds=120):
        """Runs a command line of bash in the machine, as root."""
        done = subprocess.run(
            ["nsenter", "--target", str(self.pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
             "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
             "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "bash", "-c", f"cd; {command}"],
            input=given, stdin=None if given is not None else subprocess.DEVNULL, capture_output=True, text=True,
            timeout=seconds)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def output(self, command):
        return self.run(command).stdout.strip()

    def copy(self, file, to):
        shutil.copy(file, self.root / to.lstrip("/"))

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def write(self, path, text):
        (self.root / path.lstrip("/")).write_text(text)

    def until(self, condition, seconds=30, what="the condition"):
        end = time.monotonic() + seconds
        while not (result := condition()):
            assert time.monotonic() < end, f"{what} did not come true within {seconds} s"
            time.sleep(0.05)
        return result

    def halt(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
