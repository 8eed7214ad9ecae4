"""The lists of people and projects in a real Chromium (issue 7, points 4 and 6)."""

import pytest
from browser import DESKTOP, PHONE
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def site(workshop):
    """Eight people and eight projects."""
    site = workshop.start()
    for number in range(8):
        client = site.client()
        assert client.sign_up(f"person{number}@example.com").status_code == 302
        client.submit("/user/account/", {"first_name": f"Name {number}", "last_name": "Ö" * 30}, "profile-form")
        client.submit("/projects/new", {"title": f"Birds {number}", "description": "*Calls*"}, "project-form")
    return site


def log_in(site, browser, email="person0@example.com"):
    browser.open(site.url + "/user/login/")
    browser.fill(email=email, password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Projects")


def names(browser):
    return [element.text.split("Ö")[0].strip() for element in browser.find_all("tbody .name .break")]


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_somebody_sorts_and_searches_people(site, browsers, javascript, size):
    browser = browsers(javascript=javascript, size=size)
    log_in(site, browser)
    browser.open(site.url + "/organization/")
    assert names(browser) == [f"Name {number}" for number in range(8)]
    browser.follow("Name", "Label Studio")
    assert names(browser) == [f"Name {number}" for number in reversed(range(8))]
    assert browser.find("th[aria-sort]").get_attribute("aria-sort") == "descending"
    browser.fill(q="NAME 3 oo")
    browser.follow("Search", "Label Studio")
    assert names(browser) == ["Name 3"] and "1 person found" in browser.text
    assert browser.find("th[aria-sort]").get_attribute("aria-sort") == "descending", "the order stays"
    browser.fill(q="person")
    browser.follow("Search", "Label Studio")
    assert len(names(browser)) == 8
    browser.fill(q="nobody")
    browser.follow("Search", "Label Studio")
    assert "Nobody’s name" in browser.text and names(browser) == []
    assert browser.overflow() is None
    browser.follow("Show everybody", "Label Studio")
    assert len(names(browser)) == 8
    assert not browser.complaints()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_owner_acts_upon_a_person_from_the_list(site, browsers, javascript, size):
    browser = browsers(javascript=javascript, size=size)
    log_in(site, browser)
    browser.open(site.url + "/organization/")
    rows = browser.find_all("tbody tr")
    assert not rows[0].find_elements("css selector", "summary"), "nothing for oneself"
    menu = rows[-1].find_element("css selector", "summary")
    assert menu.get_attribute("aria-label").startswith("What you can do with Name 7")
    assert menu.rect["width"] >= 44 and menu.rect["height"] >= 44
    links = rows[-1].find_elements("css selector", ".menu-panel a")
    assert not any(link.is_displayed() for link in links)
    browser.driver.execute_script("arguments[0].focus()", menu)
    browser.press(Keys.ENTER)
    browser.wait(lambda: all(link.is_displayed() for link in links), "the menu")
    assert [link.text for link in links] == [
        "Create Set-Password Link", "Log Out Everywhere", "Make Owner", "Deactivate", "Remove"]
    assert all(link.rect["height"] >= 44 for link in links)
    for link in links:
        browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
        assert browser.driver.execute_script(
            "var box = arguments[0].getBoundingClientRect();"
            "return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === arguments[0];",
            link), "nothing lies over it"
    assert browser.overflow() is None
    if javascript:
        browser.press(Keys.TAB)
        assert browser.focused == links[0]
        browser.press(Keys.ESCAPE)
        browser.wait(lambda: not links[0].is_displayed(), "the end of the menu")
        assert browser.focused == menu
        browser.press(Keys.ENTER)
        browser.wait(lambda: links[0].is_displayed(), "the menu again")
    browser.turn(links[3].click)
    assert browser.heading == "Deactivate person7@example.com?"
    browser.follow("Deactivate")
    assert "This person is deactivated" in browser.text
    browser.open(site.url + "/organization/")
    last = browser.find_all("tbody tr")[-1]
    assert "deactivated" in last.text
    assert [link.get_attribute("textContent") for link in last.find_elements("css selector", ".menu-panel a")] == [
        "Reactivate", "Remove"]
    assert not browser.complaints()


def test_a_member_finds_people_and_no_acts(site, browsers):
    browser = browsers(size=PHONE)
    log_in(site, browser, "person3@example.com")
    browser.open(site.url + "/organization/")
    assert len(names(browser)) == 8
    assert not browser.has("tbody summary") and not browser.has("tbody a")
    assert browser.overflow() is None


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_finds_a_project(site, browsers, javascript):
    browser = browsers(javascript=javascript, size=PHONE)
    log_in(site, browser)
    browser.open(site.url + "/")
    assert len(browser.find_all(".projects li")) == 8
    assert browser.find(".projects .description").text == "Calls"
    browser.fill(q="BIRDS 5")
    browser.follow("Search", "Projects")
    assert [title.text for title in browser.find_all(".projects h2")] == ["Birds 5"]
    browser.fill(q="fish")
    browser.follow("Search", "Projects")
    assert "No project has “fish” in its title." in browser.text
    browser.follow("Show all projects", "Projects")
    assert len(browser.find_all(".projects li")) == 8
    assert browser.overflow() is None and not browser.complaints()
