"""axe finds nothing on any page, in light and in dark (issue 7, "How it is shown")."""

import importlib.util
import pathlib

import pytest
from browser import tour
from routes import NOT_THERE, example, route_table
from site_under_test import PASSWORD

pytestmark = pytest.mark.browser

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

    def examine(self, name):
        for scheme, rules in [("dark", COLOURS), ("light", None)]:
            # A colour on its way from one scheme to the other is none of either.
            self.browser.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            violations = self.browser.driver.execute_async_script(RUN, rules)
            if violations:
                self.found[f"{name} in {scheme}"] = violations

    def visit(self, site, route):
        """Opens the page of a route; those that lead to one that was seen are not examined again."""
        self.browser.open(site.url + example(route))
        page = self.browser.is_logged_in, self.browser.heading, self.browser.driver.title
        if page not in self.seen:
            self.seen.add(page)
            self.examine(f"{route} {'logged in' if self.browser.is_logged_in else 'logged out'}")


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
        assert not browser.is_logged_in
    browser.open(site.url + "/user/login/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")
    for route in sorted(routes):
        examiner.visit(site, route)
        assert browser.is_logged_in, route
        status = browser.driver.execute_script(
            "return performance.getEntriesByType('navigation')[0].responseStatus")
        assert (status == 404) is (route in NOT_THERE), route
    assert not examiner.found
    # Not one page again and again: nearly every address has its own.
    assert len(examiner.seen) >= 40
