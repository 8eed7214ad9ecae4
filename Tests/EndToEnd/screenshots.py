"""Writes three pictures of every page to a directory: in light, in dark, and on a phone
of 320 px. Give it a directory that is not there yet, and look at each of them.

    python Tests/EndToEnd/screenshots.py DIRECTORY
"""

import pathlib
import shutil
import sys

from browser import DESKTOP, PHONE, Browser
from every_page import every_page
from site_under_test import Workshop, install, short_directory

KINDS = [("light", DESKTOP, "light"), ("dark", DESKTOP, "dark"), ("phone", PHONE, "light")]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    target = pathlib.Path(sys.argv[1]).resolve()
    target.mkdir(parents=True)
    installation = install(short_directory())
    workshop, browser = Workshop(installation), Browser(size=DESKTOP)
    try:
        for number, (name, _) in enumerate(every_page(workshop, browser)):
            for kind, size, scheme in KINDS:
                browser.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
                browser.resize(*size)
                browser.screenshot(target / f"{number:02}-{name}-{kind}.png")
            browser.resize(*DESKTOP)
    finally:
        browser.close()
        workshop.clear()
        shutil.rmtree(installation, ignore_errors=True)


if __name__ == "__main__":
    main()
