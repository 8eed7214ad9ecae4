"""Every page, in the states that a browser comes to: the walk through them, and what
the route table names, where everything has a long name."""

from browser import tour
from routes import NOT_THERE, example, pattern, route_table
from site_under_test import PASSWORD, Client

# A hundred characters, with places to break it and without.
LONG_ORGANIZATION = "The Society of the Friends of Observation, Counting and Description of the Birds of Northern Gardens"
LONG_TITLE = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvogelbeobachtungenjahr"

# What addresses answer to whom they were not given to.
REFUSALS = (400, 410)


def every_page(workshop, browser):
    """Opens them; yields the name of each, and the statuses that its requests may have."""
    yield from tour(workshop, browser)
    site = workshop.start()
    owner, member = Client(site.url), Client(site.url)
    assert owner.sign_up("owner@example.com").status_code == 302
    assert member.sign_up("the.longest.address.in.the.whole.house@department.example.com").status_code == 302
    member.submit("/user/account/", {"first_name": "W" * 100, "last_name": LONG_TITLE[:100]}, "profile-form")
    renamed = owner.request(
        "PATCH", "/api/organizations/1", json={"title": LONG_ORGANIZATION},
        headers={"Authorization": f"Token {owner.api_token()}"})
    assert renamed.status_code == 200, renamed.text
    owner.submit("/projects/new", {"title": LONG_TITLE, "description": "Calls and songs."}, "project-form")
    yield from every_route(site, browser)
    browser.open(site.url + "/user/login/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")
    yield from every_route(site, browser)


def every_route(site, browser):
    """Opens every address of the route table; several may lead to one page."""
    seen = set()
    for route in sorted(route_table() - NOT_THERE):
        browser.open(site.url + example(route))
        page = pattern(browser.driver.current_url), browser.heading
        if page not in seen:
            seen.add(page)
            inside = "inside" if browser.is_logged_in else "outside"
            yield f"{inside}{route}".translate({ord("/"): "-", ord("#"): "n", ord("*"): "x"}), REFUSALS
