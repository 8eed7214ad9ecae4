"""A real Chromium, and a walk through all pages."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import tempfile

from pictures import portrait
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from site_under_test import PASSWORD, Client, free_port

PHONE = (320, 640)
DESKTOP = (1280, 800)


class Browser:
    """One profile of its own; it reaches nothing but this machine."""

    def __init__(self, javascript=True, size=DESKTOP, patience=10, waits=True):
        self.requests = {}
        self.patience = patience
        self.javascript = javascript
        self.profile = tempfile.mkdtemp(prefix="lsb", dir="/tmp")
        options = webdriver.ChromeOptions()
        # Without waiting, what loads for ever holds nothing up.
        options.page_load_strategy = "normal" if waits else "none"
        options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
        for argument in [
            "--headless=new", f"--user-data-dir={self.profile}", "--no-first-run", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-default-apps", "--disable-extensions", "--password-store=basic",
            "--ignore-certificate-errors", "--hide-scrollbars", "--lang=en-US",
            # Names below localhost are of this machine to Chromium.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
        ]:
            options.add_argument(argument)
        if os.getuid() == 0:
            options.add_argument("--no-sandbox")
        preferences = {"credentials_enable_service": False, "profile.password_manager_leak_detection": False}
        if not javascript:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver") or "/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        # The page that Chromium begins with finds no network; what it says about that is not ours.
        self.driver.get("about:blank")
        self.complaints()
        self.resize(*size)

    def close(self):
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def resize(self, width, height, scale=1):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def open(self, address):
        self.driver.get(address)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def has(self, selector):
        return bool(self.find_all(selector))

    @property
    def heading(self):
        return self.find("h1").text

    @property
    def is_logged_in(self):
        return self.has("header .menu")

    @property
    def text(self):
        return self.find("body").text

    def emulate(self, media="", **features):
        """What the system says: a medium, and features with underscores for hyphens."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def press(self, *keys):
        """Types where the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def wait(self, condition, what):
        return WebDriverWait(self.driver, self.patience, 0.02).until(lambda _: condition(), what)

    def fill(self, **fields):
        """Types into the fields with these names."""
        for name, text in fields.items():
            field = self.find(f"main [name={name}]")
            field.clear()
            field.send_keys(text)

    def choose(self, name, content):
        """Chooses a file with this content in the field of this name."""
        path = pathlib.Path(self.profile) / "chosen.png"
        path.write_bytes(content)
        self.find(f"main [name={name}]").send_keys(str(path))

    def follow(self, target, leads_to=None):
        """Clicks on a link or button (its text, or a CSS selector with "css:") and waits for the next page."""
        if target.startswith("css:"):
            element = self.find(target[4:])
        else:
            found = [element for element in self.find_all("a, button") if element.text.strip() == target]
            shown = [element for element in found if element.is_displayed()]
            assert shown, f"there is no {target} to click on in: {self.text}"
            element = shown[-1]
        self.turn(element.click, f"a new page after {target}")
        if leads_to:
            assert self.heading == leads_to, (target, self.heading, self.text)

    def turn(self, act, what="a new page"):
        """Does what leads to another page, and waits for it."""
        old = self.find("html")
        act()
        self.wait(lambda: self._is_replaced(old), what)

    def _is_replaced(self, old):
        try:
            old.is_enabled()
            return False
        except StaleElementReferenceException:
            return self.driver.execute_script("return document.readyState") == "complete"
        except WebDriverException:
            return False

    def add_people(self):
        """Presses Add People, which shows a dialog; without scripts it leads to a page."""
        if not self.javascript:
            return self.follow("Add People", "Add People")
        self.find("main [data-dialog]").click()
        self.wait(lambda: self.find("#add-people").is_displayed(), "the dialog")

    def open_menu(self):
        self.find("details.menu > summary").click()
        self.wait(lambda: self.find("details.menu nav").is_displayed(), "the menu")

    def complaints(self, statuses=()):
        """Console messages, violations, requests that failed or were answered
        with a status that was not expected; since the last call."""
        found = []
        for entry in self.driver.get_log("browser"):
            if any(f"status of {status}" in entry["message"] for status in statuses):
                continue
            found.append(entry["message"])
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            details = event.get("params", {})
            if event["method"] == "Network.loadingFailed" and not details.get("canceled"):
                address = self.requests.get(details["requestId"])
                found.append(f"failed: {address} {details}")
            if event["method"] == "Network.responseReceived":
                answer = details["response"]
                if answer["status"] >= 400 and answer["status"] not in statuses:
                    found.append(f"{answer['status']} {answer['url']}")
            if event["method"] == "Network.requestWillBeSent":
                address = details["request"]["url"]
                self.requests[details["requestId"]] = address
                if not re.match(r"https?://(127\.0\.0\.1|([a-z]+\.)?localhost):|data:|chrome:", address):
                    found.append(f"asked for {address}")
        return found

    def overflow(self):
        """By how many pixels the page is wider than the window, and what sticks out."""
        return self.driver.execute_script("""
            var root = document.documentElement, wide = root.scrollWidth - root.clientWidth;
            if (wide <= 0) return null;
            var out = [];
            document.querySelectorAll("body *").forEach(function (element) {
                if (element.getBoundingClientRect().right > root.clientWidth + 0.5) out.push(element.outerHTML.slice(0, 120));
            });
            return wide + " px: " + out.slice(0, 5).join(" | ");""")

    def screenshot(self, path):
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        width = self.driver.execute_script("return window.innerWidth")
        self.resize(width, max(height, 400), 2 if width < 500 else 1)
        self.driver.save_screenshot(str(path))
        self.resize(width, 800)


LONG = "averyveryverylongaddresswithoutanyplacetobreakitinto.lines." * 2 + "name@department.example.com"


def tour(workshop, browser):
    """Opens every page, with contents that are hard to fit; yields the name of
    each, and the statuses that its requests may have."""
    site = workshop.start()
    url = site.url
    browser.open(url + "/")
    yield "sign-up-first", ()
    browser.fill(email="no address", password="short")
    browser.follow("Create Account")
    yield "sign-up-refused", (422,)
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("Create Account", "Projects")
    yield "welcome-first", ()
    browser.follow("Hide This", "Projects")
    yield "home-empty", ()

    for number, name in enumerate([LONG, "ada@example.com", "grace@example.com"]):
        member = Client(url)
        assert member.sign_up(name).status_code == 302
        if number:
            names = {"first_name": name.partition("@")[0].title(), "last_name": "Lovelace-Hopper"}
            member.submit("/user/account/", names, "profile-form")
            photo = member.page("/user/account/").form("photo-form")
            member.post(photo.action, photo.fields, files={"avatar": ("me.png", portrait(240, 320), "image/png")})
    owner = Client(url)
    owner.log_in("owner@example.com")
    for title, description, address in [
        ("Birds of the northern woods",
         "Calls and songs, recorded in *spring*.\n\n# How\n\n1. the species\n2. then `who` calls [whom](/tools/)\n\n> Once, and well.\n\n---\n\n    1 2 3", "/tools/"),
        ("W" * 255, "x" * 500, "/" + "x" * 300), ("Street signs", "", "")]:
        fields = {"title": title, "description": description, "site_address": address}
        address = owner.submit("/projects/new", fields).headers["Location"]
        if title.startswith("Birds"):
            project = address
    browser.open(url + "/")
    yield "home", ()
    browser.open(url + "/?q=nothing")
    yield "home-nothing", ()
    browser.open(url + "/")
    browser.open_menu()
    yield "menu", ()
    browser.open(url + project)
    yield "project", ()
    browser.open(url + project.replace("/1/", "/2/"))
    yield "project-long", ()
    browser.open(url + project + "edit")
    yield "project-edit", ()
    browser.open(url + project + "delete")
    yield "project-delete", ()
    browser.open(url + "/projects/new")
    yield "project-new", ()
    browser.follow("Create Project")
    yield "project-refused", (422,)
    browser.open(url + "/organization/")
    yield "organization", ()
    browser.open(url + "/organization/?q=nobody&sort=-joined")
    yield "organization-nobody", ()
    browser.open(url + "/organization/")
    browser.find("tbody summary").click()
    yield "organization-acts", ()
    browser.add_people()
    yield "add-people", ()
    browser.open(url + "/organization/rename")
    browser.fill(title="")
    browser.follow("Rename")
    yield "rename-refused", (422,)
    browser.open(url + "/organization/rename")
    yield "rename", ()
    browser.open(url + "/organization/invite")
    yield "invite", ()
    link = browser.find("#invite-link").get_attribute("value")
    browser.open(link)
    yield "already-member", ()
    browser.open(url + "/organization/invite/limits")
    yield "invite-limits", ()
    browser.fill(joins="none")
    browser.follow("Save")
    yield "invite-limits-refused", (422,)
    browser.open(url + "/organization/invite/reset")
    yield "invite-reset", ()
    browser.follow("Reset Link")
    yield "invite-after-reset", ()
    browser.open(url + "/user/account/")
    yield "account", ()
    browser.fill(current_password="wrong password", new_password="another good one")
    browser.follow("Change Password")
    yield "account-refused", (422,)
    browser.choose("avatar", b"no picture")
    browser.follow("Save Photo")
    yield "account-photo-refused", (422,)
    browser.choose("avatar", portrait(640, 400))
    browser.follow("Save Photo")
    yield "account-photo", ()
    browser.open(url + "/user/account/token/reset")
    yield "token-reset", ()
    other = Client(url)
    other.session.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 " \
        "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
    other.log_in("owner@example.com")
    browser.open(url + "/user/account/sessions")
    yield "sessions", ()
    browser.open(url + "/user/account/activity")
    yield "activity", ()
    browser.open(url + "/user/account/leave")
    yield "leave", ()
    browser.open(url + "/user/account/delete")
    yield "delete-account", ()
    browser.fill(email="other@example.com", password="wrong password")
    browser.follow("Delete Account")
    yield "delete-account-refused", (422,)
    browser.open(url + "/organization/people/3/")
    yield "person", ()
    browser.open(url + "/organization/people/3/remove")
    yield "person-remove", ()
    browser.follow("Remove")
    yield "person-removed", ()
    browser.open(url + "/organization/removed")
    yield "removed-people", ()
    browser.open(url + "/organization/people/2/reset-link")
    browser.follow("Create Set-Password Link")
    yield "set-password-link", ()
    set_password = browser.find("#password-link").get_attribute("value")
    browser.open(url + "/organization/audit")
    yield "audit", ()
    browser.open(url + "/user/account/")
    browser.follow("Create Token", "Your personal access token")
    yield "access-token", ()
    browser.open(url + "/user/account/")
    browser.follow("Revoke Token", "Revoke this personal access token?")
    yield "access-token-revoke", ()
    browser.open(url + "/organization/access")
    yield "access", ()
    browser.follow("Log Everybody Out", "Log everybody out?")
    yield "sessions-end", ()
    browser.open(url + "/api/docs/")
    for call in browser.find_all("details.call summary")[:8]:
        call.click()
    yield "api-docs", ()
    browser.open(url + "/organization/audit?since=yesterday")
    yield "audit-refused", (422,)
    browser.open(url + "/nothing/here")
    yield "error-404", (404,)
    browser.driver.execute_script("""
        var form = document.createElement("form");
        form.method = "post"; form.action = "/organization/"; document.body.append(form); form.submit();""")
    browser.wait(lambda: browser.heading == "That does not work here", "the refusal")
    yield "error-405", (405,)
    browser.open(url + "/logout")
    yield "log-out", ()
    browser.follow("css:#logout-form button")
    browser.open(url + "/logout")
    yield "logged-out", ()
    browser.open(url + "/user/login/")
    yield "log-in", ()
    browser.fill(email="owner@example.com", password="wrong password")
    browser.follow("Log in")
    yield "log-in-refused", (422,)
    browser.open(set_password)
    yield "set-password", ()
    browser.fill(new_password="12345678")
    browser.follow("Set Password")
    yield "set-password-refused", (422,)
    browser.fill(new_password="tulip engine 1912 fog")
    browser.follow("Set Password")
    yield "password-set", ()
    browser.open(set_password)
    yield "set-password-used", (410,)
    browser.open(url + "/user/signup/")
    yield "sign-up", ()
    browser.open(url + "/user/signup/?token=" + owner.get("/api/invite").json()["token"])
    yield "sign-up-invited", ()
    browser.open(link)
    yield "invitation-refused", (403,)
    browser.open("data:text/html,<form method=post action='" + url + "/user/login/'><input name=email></form>")
    browser.driver.execute_script("document.forms[0].submit()")
    browser.wait(lambda: browser.has("h1"), "the refusal")
    yield "form-from-elsewhere", (403,)
    browser.open(url + "/%zz")
    yield "nginx-400", (400,)

    locked = workshop.start(LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true")
    browser.open(locked.url + "/")
    yield "setup-needed", (403,)
    locked.program.kill()
    locked = workshop.start(
        LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true", LABEL_STUDIO_USERNAME="set@example.com",
        LABEL_STUDIO_PASSWORD=PASSWORD)
    browser.open(locked.url + "/user/signup/")
    yield "invitation-needed", (403,)
    browser.open(locked.url + "/user/login/?next=/user/account/")
    browser.fill(email="set@example.com", password=PASSWORD)
    browser.follow("Log in", "Account & Settings")
    yield "account-provisioned", ()

    responder = workshop.fastcgi()
    nginx = workshop.in_front(responder.socket, f"127.0.0.1:{free_port()}")
    responder.send(signal.SIGKILL)
    responder.wait()
    browser.open(f"http://127.0.0.1:{nginx.port}/")
    yield "nginx-502", (502,)
