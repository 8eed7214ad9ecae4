import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))

from machine import Machine, base, network_of  # noqa: E402


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
    try:
        machine.boot()
        with network_of(machine.pid):
            yield machine
    finally:
        machine.halt()
        shutil.rmtree(directory, ignore_errors=True)


measured = []


@pytest.fixture(scope="session")
def measure():
    """Notes a number for the summary."""
    return lambda name, value: measured.append(f"{name}: {value}")


def pytest_terminal_summary(terminalreporter):
    for line in measured:
        terminalreporter.write_line(f"measured {line}")
