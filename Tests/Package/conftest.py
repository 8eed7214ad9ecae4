import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))

from machine import Machine, base, enter_network  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--package", required=True, help="the package that is tested")


@pytest.fixture(scope="session")
def package(request):
    return pathlib.Path(request.config.getoption("--package")).resolve()


@pytest.fixture(scope="session")
def debian(package):
    """The root of a Debian with what the package depends on."""
    depends = subprocess.run(
        ["dpkg-deb", "--field", package, "Depends"], check=True, capture_output=True, text=True).stdout
    return base([entry.split("|")[0].split()[0] for entry in depends.split(",")])


@pytest.fixture(scope="module")
def machine(debian):
    """A booted machine for the tests of a file, which are in its network."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="machine-"))
    machine = Machine(debian, directory)
    with open("/proc/self/ns/net") as before:
        try:
            machine.boot()
            enter_network(machine.pid)
            yield machine
        finally:
            leave_network(before)
            machine.halt()
            shutil.rmtree(directory, ignore_errors=True)


def leave_network(before):
    import ctypes
    assert ctypes.CDLL(None).setns(before.fileno(), 0x40000000) == 0


measured = []


@pytest.fixture(scope="session")
def measure():
    """Notes a number for the summary."""
    return lambda name, value: measured.append(f"{name}: {value}")


def pytest_terminal_summary(terminalreporter):
    for line in measured:
        terminalreporter.write_line(f"measured {line}")
