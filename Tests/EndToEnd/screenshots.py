"""Writes a picture of every page, on a desktop and on a phone, to a directory.

    python Tests/EndToEnd/screenshots.py DIRECTORY
"""

import pathlib
import shutil
import sys

from browser import DESKTOP, PHONE, Browser, tour
from site_under_test import Workshop, install, short_directory


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    target = pathlib.Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    installation = install(short_directory())
    try:
        for kind, size in [("desktop", DESKTOP), ("phone", PHONE)]:
            workshop, browser = Workshop(installation), Browser(size=size)
            try:
                for number, (name, _) in enumerate(tour(workshop, browser)):
                    browser.screenshot(target / f"{kind}-{number:02}-{name}.png")
                    browser.resize(*size)
            finally:
                browser.close()
                workshop.clear()
    finally:
        shutil.rmtree(installation, ignore_errors=True)


if __name__ == "__main__":
    main()
