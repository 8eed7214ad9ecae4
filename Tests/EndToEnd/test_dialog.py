"""Add People as a dialog in a real Chromium (issue 7, point 4)."""

import pytest
from browser import DESKTOP, PHONE
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD, Client

pytestmark = pytest.mark.browser

CLIPBOARD = "navigator.clipboard.readText().then(arguments[0], function (error) { arguments[0]('failed: ' + error); })"


@pytest.fixture
def place(workshop):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    return site


@pytest.fixture
def owner(place):
    client = place.client()
    assert client.log_in("owner@example.com").status_code == 302
    return client


def at_organization(place, browser, path="/organization/"):
    """The owner, where the button is."""
    browser.open(f"{place.url}/user/login/?next={path}")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]")
    return browser.find("main [data-dialog]")


def dialog(browser):
    return browser.find("#add-people")


def open_dialog(browser, button, key=None):
    if key:
        button.send_keys(key)
    else:
        button.click()
    browser.wait(lambda: dialog(browser).is_displayed(), "the dialog")


def is_gone(browser):
    browser.wait(lambda: not dialog(browser).is_displayed(), "the end of the dialog")
    return True


def active(browser):
    return browser.driver.switch_to.active_element


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("path", ["/organization/", "/projects"])
def test_the_button_shows_what_the_page_shows_in_front_of_the_page(place, browsers, size, path):
    browser = browsers(size=size)
    button = at_organization(place, browser, path)
    address = browser.driver.current_url
    open_dialog(browser, button)
    shown = dialog(browser)
    assert shown.aria_role == "dialog" and shown.accessible_name == "Add People"
    assert browser.driver.execute_script("return arguments[0].matches(':modal')", shown)
    # A screen reader begins at the title.
    assert (active(browser).tag_name, active(browser).text) == ("h1", "Add People")
    link = shown.find_element(By.ID, "invite-link").get_attribute("value")
    assert link.startswith(place.url + "/user/signup/?token=")
    for words in ["Nobody has joined by this link since", "Did it reach the wrong people?"]:
        assert words in shown.text
    assert shown.find_element(By.CSS_SELECTOR, "svg").rect["width"] >= 200
    assert browser.driver.current_url == address
    assert not browser.overflow()
    assert browser.driver.execute_script("return arguments[0].scrollWidth <= arguments[0].clientWidth", shown)
    text = shown.find_element(By.CSS_SELECTOR, ".dialog-content").text
    browser.open(place.url + "/organization/invite")
    assert browser.find("main .card").text == text
    assert browser.find("#invite-link").get_attribute("value") == link
    assert not browser.complaints()


def test_escape_and_close_end_it_and_give_the_focus_back(place, browsers):
    browser = browsers()
    button = at_organization(place, browser)
    for _ in range(2):
        open_dialog(browser, button, Keys.ENTER)
        active(browser).send_keys(Keys.ESCAPE)
        assert is_gone(browser) and active(browser) == button
        open_dialog(browser, button)
        close = dialog(browser).find_element(By.CSS_SELECTOR, "[data-close]")
        assert close.text == "Close"
        close.send_keys(Keys.ENTER)
        assert is_gone(browser) and active(browser) == button
    assert not browser.complaints()


def test_the_keyboard_stays_in_the_dialog_and_reaches_everything_in_it(place, browsers):
    browser = browsers()
    button = at_organization(place, browser)
    open_dialog(browser, button, Keys.ENTER)
    reached = []
    for _ in range(8):
        active(browser).send_keys(Keys.TAB)
        reached.append(active(browser))
    inside = browser.driver.execute_script(
        "var dialog = arguments[0]; return arguments[1].every(function (element) {"
        " return dialog.contains(element) || element === document.body; });", dialog(browser), reached)
    assert inside
    names = {element.accessible_name for element in reached}
    assert {"Close", "Invite link", "Copy Link", "Limit Link", "Reset Link"} <= names


def test_copy_works_in_the_dialog_and_is_heard_there(place, browsers):
    browser = browsers()
    button = at_organization(place, browser)
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "origin": place.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    for _ in range(2):
        open_dialog(browser, button)
        copy = dialog(browser).find_element(By.CSS_SELECTOR, "[data-copy=invite-link]")
        assert copy.is_displayed() and copy.text == "Copy Link"
        copy.click()
        browser.wait(lambda: copy.text == "Copied", "the word on the button")
        # What stands behind a dialog is silent: the word has to be in it.
        said = dialog(browser).find_element(By.CSS_SELECTOR, "[role=status]")
        browser.wait(lambda: said.get_attribute("textContent") == "Copied", "the word for screen readers")
        assert browser.driver.execute_async_script(CLIPBOARD) == browser.find("#invite-link").get_attribute("value")
        assert active(browser) == copy
        active(browser).send_keys(Keys.ESCAPE)
        assert is_gone(browser)
    assert not browser.complaints()


def test_it_shows_the_link_that_there_is_each_time(place, browsers, owner):
    browser = browsers()
    button = at_organization(place, browser)
    open_dialog(browser, button)
    first = browser.find("#invite-link").get_attribute("value")
    active(browser).send_keys(Keys.ESCAPE)
    assert is_gone(browser)
    assert owner.submit("/organization/invite/reset", {}, "invite-reset-form").status_code == 302
    open_dialog(browser, button)
    assert browser.find("#invite-link").get_attribute("value") == place.url + owner.get("/api/invite").json()["invite_url"]
    assert browser.find("#invite-link").get_attribute("value") != first
    assert len(browser.find_all("#invite-link")) == 1
    assert not browser.complaints()


def test_reset_and_limits_lead_to_their_pages_and_nothing_old_is_there_on_the_way_back(place, browsers):
    browser = browsers()
    button = at_organization(place, browser)
    open_dialog(browser, button)
    browser.follow("Limit Link", "Limit the invite link")
    browser.driver.back()
    browser.wait(lambda: browser.heading == "Label Studio", "the organization")
    assert not dialog(browser).is_displayed()
    # Some browsers keep a page as it was for those who come back.
    open_dialog(browser, browser.find("main [data-dialog]"))
    browser.driver.execute_script("window.dispatchEvent(new Event('pagehide'))")
    assert is_gone(browser)
    open_dialog(browser, browser.find("main [data-dialog]"))
    browser.follow("Reset Link", "Reset the invite link?")
    browser.follow("Reset Link", "Add People")
    assert "The invite link was reset" in browser.text
    assert not browser.complaints()


def test_if_the_page_does_not_come_the_button_is_a_link(place, browsers):
    """The session is over, nobody answers, somebody wants a window of its own."""
    browser = browsers()
    button = at_organization(place, browser)
    browser.driver.execute_script("window.fetch = function () { return Promise.reject(new TypeError('no network')); };")
    browser.follow("Add People", "Add People")
    assert browser.driver.current_url == place.url + "/organization/invite"

    browser.open(place.url + "/organization/")
    place.execute("DELETE FROM session")
    browser.follow("Add People", "Log in")
    assert browser.driver.current_url.endswith("/user/login/?next=/organization/invite")

    button = at_organization(place, browser)
    button.send_keys(Keys.CONTROL, Keys.ENTER)
    browser.wait(lambda: len(browser.driver.window_handles) == 2, "a window of its own")
    assert not dialog(browser).is_displayed()


def test_without_scripts_it_is_a_page(place, browsers):
    browser = browsers(javascript=False)
    at_organization(place, browser)
    assert not dialog(browser).is_displayed()
    browser.follow("Add People", "Add People")
    assert browser.driver.current_url == place.url + "/organization/invite"


def test_a_member_sees_the_dialog_without_what_owners_do(place, browsers):
    member = Client(place.url)
    assert member.sign_up("member@example.com").status_code == 302
    browser = browsers()
    browser.open(place.url + "/user/login/?next=/organization/")
    browser.fill(email="member@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Label Studio")
    assert not browser.has(".quiet-links")
    open_dialog(browser, browser.find("main [data-dialog]"))
    assert "Limit Link" not in dialog(browser).text and "Reset Link" in dialog(browser).text
