"""The pages in a real Chromium (issue 2, points 6 and 10)."""

import pathlib
import subprocess

import pytest
from browser import DESKTOP, PHONE
from pictures import png, portrait
from selenium.webdriver.support.ui import Select
from site_under_test import PASSWORD, free_port, wait_until

pytestmark = pytest.mark.browser


def sign_up_first(browser, site):
    """The visitor who creates the organization, at home."""
    browser.open(site.url + "/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")


def main_job(site, first, second):
    """Sign up, invite, register by the link, reset; with or without scripts."""
    first.open(site.url + "/")
    assert first.heading == "Set up your organization"
    first.fill(email="owner@example.com", password=PASSWORD)
    first.follow("Create Account", "Projects")
    assert "Close the sign-up page" in first.text
    first.follow("Hide This", "Projects")
    assert "Close the sign-up page" not in first.text

    menu = first.find("details.menu > summary").rect
    assert menu["x"] < 40 and menu["y"] < 40, "the menu is at the upper left"
    first.open_menu()
    first.follow("Organization", "Label Studio")
    first.add_people()
    link = first.find("#invite-link").get_attribute("value")
    assert link.startswith(site.url + "/user/signup/?token=")

    second.open(link)
    assert second.heading == "Join Label Studio"
    second.fill(email="colleague@example.com", password=PASSWORD)
    second.follow("Create Account", "Projects")
    assert "You are a member now." in second.text
    second.open(site.url + "/organization/")
    assert "owner@example.com" in second.text and "colleague@example.com" in second.text
    second.open(link)
    assert second.heading == "You are already a member of Label Studio"

    first.follow("Reset Link", "Reset the invite link?")
    first.follow("Cancel", "Add People")
    assert first.find("#invite-link").get_attribute("value") == link
    first.follow("Reset Link", "Reset the invite link?")
    first.follow("Reset Link", "Add People")
    assert "The invite link was reset" in first.text
    assert first.find("#invite-link").get_attribute("value") != link

    second.open_menu()
    second.follow("css:.menu button", "Log in")
    assert first.complaints() + second.complaints() == []
    second.open(link)
    assert second.heading == "This invite link does not work"
    assert not second.has("form")
    second.follow("Log in", "Log in")
    second.fill(email="colleague@example.com", password=PASSWORD)
    second.follow("css:main button[type=submit]", "Projects")
    assert not second.complaints([403])
    return link


def test_the_main_job_in_two_browsers(workshop, browsers):
    site = workshop.start()
    first, second = browsers(), browsers()
    main_job(site, first, second)

    # Copy puts the link where it can be pasted from.
    first.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "origin": site.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    first.open(site.url + "/organization/invite")
    button = first.find("[data-copy=invite-link]")
    assert button.is_displayed() and button.text == "Copy Link"
    button.click()
    first.wait(lambda: button.text == "Copied", "the word on the button")
    copied = first.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], function (error) { arguments[0]('failed: ' + error); })")
    assert copied == first.find("#invite-link").get_attribute("value")
    first.wait(lambda: button.text == "Copy Link", "the old word on the button")
    assert not first.complaints()


def link_in_the_code(browser):
    """What a camera reads on the page; by zbar, for Chromium on Linux has no reader."""
    picture = pathlib.Path(browser.profile) / "code.png"
    code = browser.find(".code-picture svg")
    browser.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })", code)
    code.screenshot(str(picture))
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", str(picture)], capture_output=True, text=True, timeout=60, check=True)
    return read.stdout.strip()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_code_holds_the_invite_link(workshop, browsers, size, dark):
    site = workshop.start()
    browser = browsers(size=size)
    sign_up_first(browser, site)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    browser.open(site.url + "/organization/invite")
    link = browser.find("#invite-link").get_attribute("value")
    assert link_in_the_code(browser) == link
    browser.follow("Reset Link", "Reset the invite link?")
    browser.follow("Reset Link", "Add People")
    assert link_in_the_code(browser) == browser.find("#invite-link").get_attribute("value") != link
    assert not browser.overflow()
    assert not browser.complaints()


def test_the_link_can_be_shared_where_the_browser_can(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    sign_up_first(browser, site)
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "Object.defineProperty(navigator, 'share', { value: undefined, configurable: true });"})
    browser.open(site.url + "/organization/invite")
    assert not browser.find("[data-share]").is_displayed()

    # Chromium on Linux has nothing to share with: a stand-in notes what it is given, and refuses the second time.
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
        window.shared = [];
        Object.defineProperty(navigator, "share", { value: function (data) {
            window.shared.push(data);
            return window.shared.length === 1 ? Promise.resolve() : Promise.reject(new DOMException("no", "DataError"));
        } });"""})
    browser.open(site.url + "/organization/invite")
    button = browser.find("[data-share]")
    assert button.is_displayed() and button.text == "Share"
    button.click()
    (shared,) = browser.driver.execute_script("return window.shared")
    assert shared["url"] == browser.find("#invite-link").get_attribute("value")
    button.click()
    browser.wait(lambda: "Not shared" in browser.find("#live").get_attribute("textContent"), "the word that it failed")
    assert not browser.complaints()


def test_the_main_job_without_scripts(workshop, browsers):
    site = workshop.start()
    first, second = browsers(javascript=False), browsers(javascript=False)
    main_job(site, first, second)
    first.open(site.url + "/organization/invite")
    # What cannot work is not shown.
    assert not first.find("[data-copy]").is_displayed()
    assert not first.find("[data-share]").is_displayed()
    assert link_in_the_code(first) == first.find("#invite-link").get_attribute("value")
    first.open(site.url + "/user/login/")
    second.open(site.url + "/projects/new")
    second.fill(title="Without scripts", description="Two\nlines")
    second.follow("Create Project", "Without scripts")
    second.follow("Edit", "Edit project")
    second.fill(title="Changed")
    second.follow("Save", "Changed")
    second.follow("Delete", "Delete Changed?")
    second.follow("Delete Project", "Projects")
    assert "The project was deleted." in second.text
    second.open(site.url + "/user/account/")
    assert not second.find("[data-reveal]").is_displayed()
    second.fill(first_name="Ada", last_name="Lovelace")
    second.follow("Save", "Account & Settings")
    assert "Your profile was saved." in second.text
    second.fill(current_password=PASSWORD, new_password="another good password")
    second.follow("Change Password", "Account & Settings")
    assert "Your password was changed." in second.text
    token = second.find("#api-token").get_attribute("value")
    second.follow("Reset Token", "Reset your API token?")
    second.follow("Reset Token", "Account & Settings")
    assert second.find("#api-token").get_attribute("value") != token
    assert not second.complaints()


@pytest.mark.parametrize("javascript", [True, False])
def test_under_lockdown_only_the_invite_link_lets_somebody_in(workshop, browsers, javascript):
    site = workshop.start(
        LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true", LABEL_STUDIO_USERNAME="owner@example.com",
        LABEL_STUDIO_PASSWORD=PASSWORD)
    owner, stranger = browsers(javascript=javascript), browsers(javascript=javascript)
    stranger.open(site.url + "/user/signup/")
    assert stranger.heading == "You need an invite link"
    assert not stranger.has("main form")
    stranger.follow("Log in", "Log in")
    assert not stranger.has("main a[href*=signup]")
    owner.open(site.url + "/user/login/?next=/organization/invite")
    owner.fill(email="owner@example.com", password=PASSWORD)
    owner.follow("css:main button[type=submit]", "Add People")
    stranger.open(owner.find("#invite-link").get_attribute("value"))
    stranger.fill(email="colleague@example.com", password="short")
    stranger.follow("Create Account", "Join Label Studio")
    stranger.fill(password=PASSWORD)
    stranger.follow("Create Account", "Projects")
    assert not owner.complaints() + stranger.complaints([403, 422])


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_sees_where_he_is_logged_in_and_ends_a_session_there(workshop, browsers, javascript):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    first, second, third = (browsers(javascript=javascript) for _ in range(3))
    for browser in [first, second, third]:
        browser.open(site.url + "/user/login/")
        browser.fill(email="owner@example.com", password=PASSWORD)
        browser.follow("css:main button[type=submit]", "Projects")
    first.open_menu()
    first.follow("Account & Settings", "Account & Settings")
    first.follow("Where you are logged in", "Where you are logged in")
    # The sign-up was in none of these browsers.
    assert [len(first.find_all(selector)) for selector in [".rows > li", ".rows .tag", ".rows form"]] == [4, 1, 3]
    # The newest of the others is the third.
    first.follow("css:.rows form button", "Where you are logged in")
    assert len(first.find_all(".rows > li")) == 3
    third.open(site.url + "/")
    assert third.heading == "Log in"
    second.open(site.url + "/")
    assert second.heading == "Projects"
    first.follow("End All Others", "Where you are logged in")
    assert len(first.find_all(".rows > li")) == 1
    second.open(site.url + "/")
    assert second.heading == "Log in"
    assert not first.complaints() + second.complaints() + third.complaints()


def test_without_scripts_somebody_leaves_for_good(workshop, browsers):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    browser = browsers(javascript=False)
    browser.open(site.url + "/user/signup/")
    browser.fill(email="member@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")
    browser.open(site.url + "/user/account/")
    browser.follow("Delete your account", "Delete your account?")
    browser.fill(email="member@example.com", password="not the password")
    browser.follow("Delete Account", "Delete your account?")
    assert browser.driver.title.startswith("Error: ")
    assert browser.find("main [name=email]").get_attribute("value") == "member@example.com"
    browser.fill(password=PASSWORD)
    browser.follow("Delete Account")
    browser.open(site.url + "/")
    browser.fill(email="member@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Log in")
    assert not browser.complaints([422])


def test_a_password_can_be_shown_and_is_hidden_again_when_sent(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    browser.open(site.url + "/user/signup/")
    field, button = browser.find("#signup-new-password"), browser.find("[data-reveal=signup-new-password]")
    assert field.get_attribute("type") == "password"
    assert button.get_attribute("aria-label") == "Show password"
    field.send_keys("short")
    button.click()
    assert field.get_attribute("type") == "text"
    assert (button.text, button.get_attribute("aria-label")) == ("Hide", "Hide password")
    browser.follow("Create Account")
    assert browser.find("#signup-new-password").get_attribute("type") == "password"
    assert not browser.complaints([422])


def test_a_refused_form_shows_a_summary_that_has_the_focus_and_leads_to_the_field(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    browser.open(site.url + "/user/signup/")
    browser.fill(email="word", password=PASSWORD)
    browser.follow("Create Account")
    focused = browser.driver.switch_to.active_element
    assert "problems" in focused.get_attribute("class")
    assert browser.driver.title.startswith("Error: ")
    assert browser.find("#signup-email").get_attribute("value") == "word"
    browser.find(".problems a").click()
    browser.wait(
        lambda: browser.driver.switch_to.active_element.get_attribute("id") == "signup-email", "the focus on the field")
    assert not browser.complaints([422])


def test_a_double_click_sends_a_form_once(workshop, browsers):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    browser = browsers()
    browser.open(site.url + "/user/login/?next=/projects/new")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("css:main button[type=submit]", "Create a project")
    browser.fill(title="Once")
    old = browser.find("html")
    browser.driver.execute_script(
        "var button = document.querySelector('main button[type=submit]'); button.click(); button.click();")
    browser.wait(lambda: browser._is_replaced(old), "the project")
    wait_until(lambda: site.query("SELECT count(*) FROM project")[0][0] > 0, what="the project")
    browser.open(site.url + "/")
    assert site.query("SELECT count(*) FROM project") == [(1,)]


def test_the_menu_closes_by_escape_and_works_by_keyboard(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    sign_up_first(browser, site)
    summary = browser.find("details.menu > summary")
    summary.send_keys("\ue007")
    browser.wait(lambda: browser.find("details.menu nav").is_displayed(), "the menu")
    browser.driver.switch_to.active_element.send_keys("\ue00c")
    browser.wait(lambda: not browser.find("details.menu nav").is_displayed(), "the end of the menu")
    assert browser.driver.switch_to.active_element == summary


COLOURS = """
    var style = getComputedStyle(document.documentElement), colours = {};
    for (var sheet of document.styleSheets) for (var rule of sheet.cssRules)
        if (rule.selectorText === ":root") for (var name of rule.style)
            if (name.startsWith("--")) colours[name] = style.getPropertyValue(name);
    colours.scheme = style.colorScheme;
    colours.page = getComputedStyle(document.body).backgroundColor;
    return colours;"""


def test_somebody_chooses_dark_and_the_pages_stay_so_until_he_leaves_it_to_the_device(workshop, browsers):
    site = workshop.start()
    browser = browsers()

    def colours(system):
        browser.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": system}]})
        return browser.driver.execute_script(COLOURS)

    def choose(words):
        select = browser.find("#appearance")
        browser.wait(select.is_displayed, "the switch")
        Select(select).select_by_visible_text(words)

    browser.open(site.url + "/user/signup/")
    light, dark = colours("light"), colours("dark")
    assert light["page"] != dark["page"] and len(light) > 20
    choose("Dark")
    assert colours("light") == {**dark, "scheme": "dark"}
    # Also on the next pages, from the beginning: the server says so.
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")
    source = browser.driver.execute_async_script(
        "var done = arguments[0]; fetch('/').then(function (answer) { return answer.text(); }).then(done);")
    assert '<html lang="en" data-appearance="dark">' in source
    assert colours("light")["page"] == dark["page"]
    assert Select(browser.find("#appearance")).first_selected_option.text == "Dark"
    choose("Light")
    assert colours("dark") == {**light, "scheme": "light"}
    choose("Same as device")
    assert (colours("light"), colours("dark")) == (light, dark)
    assert browser.driver.get_cookie("label_studio_appearance") is None
    assert not browser.complaints()


def test_without_scripts_the_device_decides(workshop, browsers):
    site = workshop.start()
    browser = browsers(javascript=False)
    browser.open(site.url + "/user/signup/")
    assert not browser.find("#appearance").is_displayed()


def test_the_session_cookie_is_not_for_scripts(workshop, browsers):
    site = workshop.start()
    browser = browsers()
    sign_up_first(browser, site)
    assert browser.driver.get_cookie("sessionid")["httpOnly"] is True
    assert "sessionid" not in browser.driver.execute_script("return document.cookie")


def test_behind_tls_at_a_sub_path_the_browser_keeps_the_cookie(workshop, browsers):
    port = free_port()
    responder = workshop.fastcgi(LABEL_STUDIO_HOST=f"https://localhost:{port}/labels")
    certificate, key = workshop.certificate()
    workshop.in_front(
        responder.socket, f"127.0.0.1:{port} ssl", "/labels", f"ssl_certificate {certificate}; ssl_certificate_key {key};")
    browser = browsers()
    browser.open(f"https://localhost:{port}/labels/")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")
    browser.open_menu()
    browser.follow("Organization", "Label Studio")
    assert browser.driver.current_url == f"https://localhost:{port}/labels/organization/"
    names = [cookie["name"] for cookie in browser.driver.get_cookies()]
    assert any(name.startswith("__Host-sessionid-") for name in names), names
    browser.open_menu()
    browser.follow("css:.menu button", "Log in")
    assert not browser.complaints()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_photo_is_chosen_seen_everywhere_and_removed(workshop, browsers, javascript):
    site = workshop.start()
    browser = browsers(javascript=javascript)
    browser.open(site.url + "/user/signup/")
    browser.fill(email="ada@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")
    browser.open(site.url + "/user/account/")
    browser.choose("avatar", png(1300, 20))
    browser.follow("Save Photo", "Account & Settings")
    assert "Choose a smaller photo" in browser.text
    assert not browser.has(".photo img")
    browser.choose("avatar", portrait(640, 400))
    browser.follow("Save Photo", "Account & Settings")
    assert "Your photo was saved." in browser.text
    assert not browser.complaints([422])
    for page, selector in [("/user/account/", ".photo img"), ("/organization/", "table img"), ("/", "header img")]:
        browser.open(site.url + page)
        image = browser.find(selector)
        circle = image.find_element("xpath", "..").rect
        assert (image.rect["width"], image.rect["height"]) == (circle["width"], circle["height"])
        assert image.get_property("naturalWidth") == 512
    assert not browser.complaints()
    # A database that comes back without its files: the initials are seen.
    for file in (site.data / "avatars").iterdir():
        file.unlink()
    browser.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.open(site.url + "/user/account/")
    assert browser.find(".photo .initials").text.lower() == "ad"
    browser.follow("Remove Photo", "Account & Settings")
    assert "Your photo was removed." in browser.text
    assert not browser.has("img")
