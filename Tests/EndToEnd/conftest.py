import pathlib
import shutil

import pytest
from site_under_test import Workshop, install, short_directory


def pytest_addoption(parser):
    parser.addoption("--pictures", type=pathlib.Path, help="a directory for the picture of a Label Studio that README.md shows")


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real Chromium")
    config.addinivalue_line("markers", "client: uses the Python client of Label Studio")
    config.addinivalue_line("markers", "memory: measures it; it says nothing of a program with the address sanitizer")
    config.addinivalue_line("markers", "slow: loads or crashes the program for a while")


@pytest.fixture(scope="session")
def installation():
    """The program with its templates and nginx files, copied to a place of its own."""
    directory = install(short_directory())
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def workshop(installation):
    """Starts programs for one test."""
    workshop = Workshop(installation)
    yield workshop
    workshop.clear()


@pytest.fixture(scope="module")
def module_workshop(installation):
    """Starts programs for all tests of a file."""
    workshop = Workshop(installation)
    yield workshop
    workshop.clear()


@pytest.fixture(scope="module")
def site(module_workshop):
    """An open site whose owner is owner@example.com, shared by the tests of a file."""
    site = module_workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


@pytest.fixture
def owner(site):
    """The owner, logged in anew."""
    client = site.client()
    assert client.log_in("owner@example.com").status_code == 302
    return client


@pytest.fixture
def visitor(site):
    """Somebody without an account."""
    return site.client()


@pytest.fixture
def member(site):
    """A new member, logged in; his address is `member.email`."""
    client = site.client()
    client.email = f"member-{next(counter)}@example.com"
    assert client.sign_up(client.email).status_code == 302
    return client


@pytest.fixture
def browsers():
    """Makes browsers, each with a profile of its own."""
    # Not every environment of these tests has what it takes.
    from browser import Browser

    made = []

    def make(**options):
        made.append(Browser(**options))
        return made[-1]

    yield make
    for browser in made:
        browser.close()


@pytest.fixture
def keep_picture(request):
    """Writes what a browser shows, if pictures are asked for."""
    directory = request.config.getoption("--pictures")

    def keep(name, browser):
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            browser.driver.save_screenshot(str(directory / f"{name}.png"))

    return keep


def numbers():
    number = 0
    while True:
        number += 1
        yield number


counter = numbers()
