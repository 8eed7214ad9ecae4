"""The pages that the route table names."""

import re
import urllib.parse

from site_under_test import REPOSITORY
from test_attacks import ACTS

# Addresses that a browser is not shown as pages: files, and another host's.
NO_PAGES = {"/organization/audit.csv", "/organization/audit.json", "/version", "/health", "/-/accounts/ticket"}

# Those that are not there without a labeling server.
NOT_THERE = {
    "/-/accounts/enter", "/organization/people/#/labeling-server", "/organization/people/#/labeling-server/separate"}


def route_table():
    """The addresses of the pages in the route table, as patterns."""
    text = (REPOSITORY / "Sources/Web/Routes.swift").read_text()
    found = re.findall(r'Route\(\s*"([^"]+)"((?:(?!Route\().)*)', text, re.DOTALL)
    patterns = {path for path, rest in found if "(.get" in rest}
    acts = {path for path in patterns if "act.rawValue" in path}
    patterns = patterns - acts | {f"/organization/people/#/{act}" for act in ACTS}
    return {path for path in patterns if not re.match("/api/(?!docs$)", path)} - NO_PAGES


def example(route):
    """An address that a pattern stands for, where there are two people and a project."""
    return route.replace("/projects/#", "/projects/1").replace("#", "2").replace("*", "x")


def pattern(address):
    """The pattern to which an address belongs, as it stands in the route table."""
    path = urllib.parse.urlsplit(address).path
    return re.sub(r"/\d+(?=/|$)", "/#", path).rstrip("/") or "/"
