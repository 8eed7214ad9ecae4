"""axe finds nothing on any page, in light and in dark (issue 7, "How it is shown")."""

import importlib.util
import pathlib
import re

import pytest
from browser import tour
from site_under_test import PASSWORD, REPOSITORY
from test_attacks import ACTS

pytestmark = pytest.mark.browser

# Addresses that a browser is not shown as pages: files, and another host's.
NO_PAGES = {"/organization/audit.csv", "/organization/audit.json", "/version", "/health", "/-/accounts/ticket"}

# Those that are not there without a labeling server.
NOT_THERE = {
    "/-/accounts/enter", "/organization/people/#/labeling-server", "/organization/people/#/labeling-server/separate"}

# What depends on the colours is all that is looked at twice.
COLOURS = ["color-contrast", "link-in-text-block"]

RUN = """
    var rules = arguments[0], done = arguments[1], options = {resultTypes: ["violations"], preload: false};
    if (rules) options.runOnly = {type: "rule", values: rules};
    axe.run(document, options).then(function (result) {
        done(result.violations.map(function (violation) {
            return violation.id + ": " + violation.nodes.map(function (node) {
                return node.html.slice(0, 160) + " " + node.failureSummary; }).join(" | ").slice(0, 600); }));
    }, function (error) { done(["axe failed: " + error]); });"""


def route_table():
    """The addresses of the pages in the route table, as patterns."""
    text = (REPOSITORY / "Sources/Web/Routes.swift").read_text()
    found = re.findall(r'Route\(\s*"([^"]+)"((?:(?!Route\().)*)', text, re.DOTALL)
    patterns = {path for path, rest in found if "(.get" in rest}
    acts = {path for path in patterns if "act.rawValue" in path}
    patterns = patterns - acts | {f"/organization/people/#/{act}" for act in ACTS}
    return {path for path in patterns if not re.match("/api/(?!docs$)", path)} - NO_PAGES


class Examiner:
    """Lets axe look at the page that a browser shows."""

    def __init__(self, browser):
        self.browser = browser
        self.found = {}
        self.seen = set()
        package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
        # Before any page, since the pages allow no script of others.
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": (pathlib.Path(package) / "axe.min.js").read_text()})
        browser.driver.set_script_timeout(60)

    @property
    def is_logged_in(self):
        return self.browser.has("header .menu")

    def examine(self, name):
        for scheme, rules in [("dark", COLOURS), ("light", None)]:
            self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
                {"name": "prefers-color-scheme", "value": scheme},
                # A colour on its way from one scheme to the other is none of either.
                {"name": "prefers-reduced-motion", "value": "reduce"}]})
            violations = self.browser.driver.execute_async_script(RUN, rules)
            if violations:
                self.found[f"{name} in {scheme}"] = violations

    def visit(self, site, route):
        """Opens the page of a route; those that lead to one that was seen are not examined again."""
        self.browser.open(site.url + route.replace("/projects/#", "/projects/1").replace("#", "2").replace("*", "x"))
        page = self.is_logged_in, self.browser.heading, self.browser.driver.title
        if page not in self.seen:
            self.seen.add(page)
            self.examine(f"{route} {'logged in' if self.is_logged_in else 'logged out'}")


def test_axe_finds_nothing_in_all_states_of_the_pages(workshop, browsers):
    browser = browsers()
    examiner = Examiner(browser)
    count = 0
    for name, _ in tour(workshop, browser):
        examiner.examine(name)
        count += 1
    assert not examiner.found
    assert count >= 34


def test_axe_finds_nothing_on_any_page_of_the_route_table_logged_in_and_out(workshop, browsers):
    site = workshop.start()
    owner, member = site.client(), site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert member.sign_up("member@example.com").status_code == 302
    owner.submit("/projects/new", {"title": "Birds", "description": "Calls and songs."}, "project-form")
    browser = browsers()
    examiner = Examiner(browser)
    routes = route_table()
    assert len(routes) >= 45
    for route in sorted(routes):
        examiner.visit(site, route)
        assert not examiner.is_logged_in
    browser.open(site.url + "/user/login/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")
    for route in sorted(routes):
        examiner.visit(site, route)
        assert examiner.is_logged_in, route
        status = browser.driver.execute_script(
            "return performance.getEntriesByType('navigation')[0].responseStatus")
        assert (status == 404) is (route in NOT_THERE), route
    assert not examiner.found
    # Not one page again and again: nearly every address has its own.
    assert len(examiner.seen) >= 40
