"""The main job by the keys alone: Tab, Enter, Space and Escape (issue 7, "How it is shown")."""

import pytest
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD

pytestmark = pytest.mark.browser

NAME = """
    var element = document.activeElement;
    if (!element || element === document.body) return null;
    return element.getAttribute("aria-label") || (element.labels && element.labels.length ? element.labels[0].textContent
        : element.textContent).trim();"""


def focus(browser):
    """What has the focus, as it is read out."""
    return browser.driver.execute_script(NAME)


def stops(browser):
    """Where Tab stops, from the top of the page to its end."""
    found = []
    while len(found) < 60:
        browser.press(Keys.TAB)
        name = focus(browser)
        if name is None:
            return found
        found.append(name)
    raise AssertionError(f"Tab comes to no end: {found}")


def tab_to(browser, name):
    passed = []
    while focus(browser) != name:
        passed.append(focus(browser))
        assert len(passed) < 60, (name, passed)
        browser.press(Keys.TAB)


def enter(browser, name, leads_to):
    """Goes to what has this name, and presses Enter there."""
    tab_to(browser, name)
    browser.turn(lambda: browser.press(Keys.ENTER), f"a page after {name}")
    assert browser.heading == leads_to, browser.text


def test_somebody_signs_up_invites_and_resets_by_keyboard(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    browser.open(site.url + "/")
    assert stops(browser) == [
        "Skip to content", "E-mail", "Create a password", "Show password", "Create Account", "Log in", "Appearance"]
    browser.open(site.url + "/")
    tab_to(browser, "Skip to content")
    browser.press(Keys.ENTER)
    assert browser.focused.get_attribute("id") == "main"
    browser.press(Keys.TAB)
    assert focus(browser) == "E-mail"
    browser.press("owner@example.com", Keys.TAB, PASSWORD, Keys.TAB, Keys.SPACE)
    assert focus(browser) == "Hide password"
    browser.press(Keys.SPACE)
    assert focus(browser) == "Show password"
    enter(browser, "Create Account", "Projects")

    # The menu opens, gives way to Escape, and leads on.
    tab_to(browser, "Menu")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.find(".menu nav").is_displayed(), "the menu")
    browser.press(Keys.TAB, Keys.TAB)
    assert focus(browser) == "Organization"
    browser.press(Keys.ESCAPE)
    browser.wait(lambda: not browser.find(".menu nav").is_displayed(), "the end of the menu")
    assert focus(browser) == "Menu"
    browser.press(Keys.ENTER)
    enter(browser, "Organization", "Label Studio")

    # A dialog does what the menu does.
    tab_to(browser, "Add People")
    for _ in range(2):
        browser.press(Keys.ENTER)
        browser.wait(lambda: focus(browser) == "Add People" and browser.focused.tag_name == "h1", "the dialog")
        browser.press(Keys.ESCAPE)
        browser.wait(lambda: focus(browser) == "Add People" and browser.focused.tag_name == "a", "the end of the dialog")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.focused.tag_name == "h1", "the dialog")
    link = browser.find("#invite-link").get_attribute("value")
    tab_to(browser, "Invite link")
    # Ready to be copied.
    assert browser.driver.execute_script("return getSelection().toString()") == link
    enter(browser, "Reset Link", "Reset the invite link?")
    enter(browser, "Cancel", "Add People")
    assert browser.find("#invite-link").get_attribute("value") == link
    enter(browser, "Reset Link", "Reset the invite link?")
    enter(browser, "Reset Link", "Add People")
    assert browser.find("#invite-link").get_attribute("value") != link

    tab_to(browser, "Menu")
    browser.press(Keys.ENTER)
    enter(browser, "Log Out", "Log in")
    assert not browser.complaints()


def test_somebody_logs_in_after_a_mistake_by_keyboard(workshop, browsers):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    browser = browsers()
    browser.open(site.url + "/user/login/")
    assert stops(browser) == [
        "Skip to content", "E-mail", "Password", "Show password", "Keep me logged in this browser", "Log in", "Sign up",
        "Appearance"]
    browser.open(site.url + "/user/login/")
    tab_to(browser, "E-mail")
    browser.press("owner@example.com", Keys.TAB, "not the password")
    browser.turn(lambda: browser.press(Keys.ENTER), "the refusal")
    # The summary has the focus; from there the next stop is its link, and that leads to the field.
    assert "problems" in browser.focused.get_attribute("class")
    browser.press(Keys.TAB, Keys.ENTER)
    browser.wait(lambda: focus(browser) == "E-mail", "the focus on the field")
    tab_to(browser, "Password")
    browser.press(PASSWORD)
    tab_to(browser, "Keep me logged in this browser")
    browser.press(Keys.SPACE)
    assert not browser.focused.is_selected()
    enter(browser, "Log in", "Projects")
    assert not browser.complaints([422])
