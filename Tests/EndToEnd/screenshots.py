"""Writes three pictures of every page to a directory that is not there yet: in light, in
dark, and on a phone of 320 px. Look at each of them. With --readme it writes those of
our pages that README.md shows.

    python Tests/EndToEnd/screenshots.py DIRECTORY
    python Tests/EndToEnd/screenshots.py --readme docs/images
"""

import contextlib
import pathlib
import shutil
import sys

from browser import DESKTOP, PHONE, Browser
from every_page import every_page
from pictures import portrait
from site_under_test import PASSWORD, Workshop, install, short_directory

KINDS = [("light", DESKTOP, "light"), ("dark", DESKTOP, "dark"), ("phone", PHONE, "light")]


def main():
    match sys.argv[1:]:
        case ["--readme", directory]:
            write, target = write_best, pathlib.Path(directory).resolve()
        case [directory] if not directory.startswith("-"):
            write, target = write_all, pathlib.Path(directory).resolve()
            target.mkdir(parents=True)
        case _:
            sys.exit(__doc__.strip())
    with working() as (workshop, browser):
        write(workshop, browser, target)


@contextlib.contextmanager
def working():
    installation = install(short_directory())
    workshop, browser = Workshop(installation), Browser(size=DESKTOP)
    try:
        yield workshop, browser
    finally:
        browser.close()
        workshop.clear()
        shutil.rmtree(installation, ignore_errors=True)


def write_all(workshop, browser, target):
    for number, (name, _) in enumerate(every_page(workshop, browser)):
        for kind, size, scheme in KINDS:
            browser.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            browser.resize(*size)
            browser.screenshot(target / f"{number:03}-{name}-{kind}.png")
        browser.resize(*DESKTOP)


def write_best(workshop, browser, target):
    site = workshop.start()
    for names in ["Grace Hopper", "Ada Lovelace", "Mary Somerville", "Katherine Johnson", "Emmy Noether"]:
        first, last = names.split()
        person = site.client()
        assert person.sign_up(f"{first.lower()}@example.com").status_code == 302
        person.submit("/user/account/", {"first_name": first, "last_name": last}, "profile-form")
        if first == "Ada":
            photo = person.page("/user/account/").form("photo-form")
            person.post(photo.action, photo.fields, files={"avatar": ("me.png", portrait(480, 320), "image/png")})
    browser.emulate(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    browser.open(site.url + "/user/login/?next=/organization/")
    browser.driver.save_screenshot(str(target / "log-in.png"))
    browser.fill(email="grace@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]")
    browser.driver.save_screenshot(str(target / "organization.png"))


if __name__ == "__main__":
    main()
