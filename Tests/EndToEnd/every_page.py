"""Every page, in the states that a browser comes to: the walk through them, and
whatever else the route table names."""

from browser import tour
from routes import NOT_THERE, example, pattern, route_table
from site_under_test import PASSWORD


def every_page(workshop, browser):
    """Opens them; yields the name of each, and the statuses that its requests may have."""
    routes = route_table() - NOT_THERE
    shown = set()
    for name, statuses in tour(workshop, browser):
        shown.add(key(browser))
        yield name, statuses
    site = workshop.start()
    for email in ["owner@example.com", "member@example.com"]:
        assert site.client().sign_up(email).status_code == 302
    owner = site.client()
    owner.log_in("owner@example.com")
    owner.submit("/projects/new", {"title": "Birds", "description": "Calls and songs."}, "project-form")
    yield from rest(site, browser, routes, shown)
    browser.open(site.url + "/user/login/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")
    yield from rest(site, browser, routes, shown)


# What addresses answer to whom they were not given to.
REFUSALS = (400, 410)


def rest(site, browser, routes, shown):
    """Opens every address of the route table; those that lead to a page that was shown are not shown again."""
    for route in sorted(routes):
        browser.open(site.url + example(route))
        if key(browser) not in shown:
            shown.add(key(browser))
            yield route.strip("/").translate({ord("/"): "-", ord("#"): "n", ord("*"): "x"}), REFUSALS


def key(browser):
    """What makes a page another one than those before."""
    return browser.is_logged_in, pattern(browser.driver.current_url), browser.driver.title
