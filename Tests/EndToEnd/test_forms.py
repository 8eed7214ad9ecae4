"""What holds for every form of every page (issue 7, point 2)."""

import pytest
from every_page import every_page
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD

pytestmark = pytest.mark.browser

# What people expect of a form, as faults in the words of whoever has to mend them.
FAULTS = """
    var found = [], ids = new Set();
    function fault(what, element) { found.push(what + ": " + element.outerHTML.replace(/\\s+/g, " ").slice(0, 160)); }
    function seen(element) { return element.checkVisibility({visibilityProperty: true}); }
    function tokens(field) { return field.autocomplete.split(" "); }
    function isBefore(one, other) { return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING; }

    document.querySelectorAll("[id]").forEach(function (element) {
        if (ids.has(element.id)) fault("two elements of one id", element);
        ids.add(element.id);
    });

    document.querySelectorAll("form").forEach(function (form) {
        var passwords = form.querySelectorAll("[type=password]"), buttons = form.querySelectorAll("button:not([type=button])");
        if (!form.noValidate) fault("the browser judges it", form);
        if (new URL(form.getAttribute("action"), location).origin !== location.origin) fault("goes elsewhere", form);
        if (form.getAttribute("method") === "get" && form.querySelector("[type=hidden][name=csrfmiddlewaretoken], [type=password]"))
            fault("shows secrets in the address", form);
        if (form.getAttribute("method") === "post" && form.acceptCharset !== "utf-8") fault("is sent in no encoding of ours", form);
        if (buttons.length !== 1) fault("has not one button to send it", form);
        buttons.forEach(function (button) {
            if (button.disabled) fault("a dead button", button);
            if (/^(submit|ok|send|go|continue)?$/i.test(button.textContent.trim())) fault("does not say what it does", button);
        });
        if (form.querySelector("[autocomplete=new-password]") && !form.querySelector("[autocomplete~=username]"))
            fault("names no account to a password manager", form);
        if (passwords.length > 2 || form.querySelectorAll("[autocomplete=new-password]").length > 1 ||
            form.querySelectorAll("[autocomplete=current-password]").length > 1) fault("asks twice", form);
    });

    document.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(function (field) {
        var labels = field.labels, described = (field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
        if (!field.id) fault("has no id", field);
        if (labels.length !== 1 || labels[0].htmlFor !== field.id || !labels[0].textContent.trim()) fault("has not one label", field);
        else if (seen(field) && !seen(labels[0])) fault("has a label that is not seen", field);
        else if (field.type !== "checkbox" && !isBefore(labels[0], field)) fault("stands before its label", field);
        ["placeholder", "maxlength", "minlength", "pattern", "required", "autofocus", "onpaste", "disabled"].forEach(function (name) {
            if (field.hasAttribute(name)) fault("has " + name, field);
        });
        if (!["checkbox", "file", "date", "select-one"].includes(field.type) && field.tagName !== "TEXTAREA" && !field.autocomplete)
            fault("says nothing to what fills in", field);
        described.forEach(function (id) {
            var text = document.getElementById(id);
            if (!text || !text.textContent.trim()) fault("is described by nothing", field);
            else if (field.type !== "checkbox" && !isBefore(text, field)) fault("stands before its rules", field);
        });
        if (field.closest("form")) {
            if (!field.name && tokens(field)[0] !== "username") fault("has no name", field);
            field.parentElement.closest(".field, .check")?.querySelectorAll(".hint, .field-problem").forEach(function (text) {
                if (!described.includes(text.id)) fault("has words that it is not described by", text);
            });
        }
        if (["password", "email"].includes(field.type)) {
            if (field.getAttribute("spellcheck") !== "false" || field.getAttribute("autocapitalize") !== "off") fault("is corrected", field);
        }
        if (field.type === "email") {
            var style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
            pen.font = style.font;
            if (field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) < pen.measureText("n".repeat(30)).width
                && innerWidth > 600) fault("shows fewer than 30 characters", field);
        }
        if (field.type === "password") {
            var kind = field.autocomplete, button = document.querySelector("[data-reveal=" + field.id + "]");
            if (kind !== "current-password" && kind !== "new-password") fault("is of no kind", field);
            if (kind === "new-password" !== field.id.includes("new-password")) fault("has an id of another kind", field);
            if (field.value) fault("came with a password", field);
            if (!button || button.type !== "button" || !seen(button) || button.getAttribute("aria-controls") !== field.id ||
                button.getAttribute("aria-label") !== "Show password") fault("cannot be shown", field);
            if (kind === "new-password" && !field.closest(".field").querySelector("[data-strength]")) fault("has no hint", field);
        }
        if (field.matches("input:not([type=checkbox], [type=file]), textarea")) {
            var paste = new ClipboardEvent("paste", {bubbles: true, cancelable: true});
            if (!field.dispatchEvent(paste)) fault("takes nothing that is pasted", field);
        }
        if (seen(field) && field.type !== "checkbox" && !field.closest(".visually-hidden")) {
            if (field.getBoundingClientRect().height < 47.9) fault("is low", field);
        }
    });

    var problems = document.querySelector(".problems"), begins = document.title.startsWith("Error: ");
    if (begins !== !!problems) found.push("the title is " + document.title);
    if (problems) {
        var main = document.querySelector("main"), links = problems.querySelectorAll("a");
        if (problems.querySelector("h2").textContent !== "There is a problem" || problems.getAttribute("role") !== "alert")
            fault("is no summary", problems);
        if (document.activeElement !== problems) found.push("the summary has no focus");
        if (Array.from(main.querySelectorAll("h1, form, .card")).some(function (part) { return !isBefore(problems, part); }))
            fault("is not the first", problems);
        if (!links.length) fault("leads nowhere", problems);
        links.forEach(function (link) {
            var field = document.getElementById(link.getAttribute("href").slice(1)), text = link.textContent.trim();
            if (!field || !field.matches("input, select, textarea") || !seen(field)) { fault("leads to no field", link); return; }
            if (/invalid|please|forbidden/i.test(text)) fault("is said in the words of machines", link);
            // A refused log-in names neither field; a filter is no place for a mistake of the visitor.
            if (field.form.id === "login-form" || field.form.getAttribute("method") === "get") return;
            var marked = document.getElementById(field.id + "-problem");
            if (field.getAttribute("aria-invalid") !== "true" || !marked) fault("is not marked", field);
            else if (marked.textContent.trim() !== "Error: " + text) fault("says something else than the summary", marked);
        });
    }
    return found;"""

# Sends every form twice, as a nervous finger does, with its passwords shown; nothing goes anywhere.
NERVOUS = """
    var found = [], went = 0;
    function stop(event) { if (!event.defaultPrevented) { went += 1; event.preventDefault(); } }
    window.addEventListener("submit", stop);
    document.querySelectorAll("form").forEach(function (form) {
        went = 0;
        form.querySelectorAll("[data-reveal]").forEach(function (button) { button.click(); });
        if (form.querySelectorAll("[data-reveal]").length !== form.querySelectorAll("[type=text][autocomplete$=password]").length)
            found.push("does not show: " + form.id);
        form.requestSubmit();
        form.requestSubmit();
        if (went !== 1) found.push(form.getAttribute("action") + " was sent " + went + " times");
        if (form.querySelector("[type=text][autocomplete$=password]")) found.push("is sent while it shows: " + form.id);
    });
    // As if somebody came back to the page: the walk goes on from here.
    window.removeEventListener("submit", stop);
    window.dispatchEvent(new PageTransitionEvent("pageshow"));
    return found;"""

FORMS = """
    return Array.from(document.querySelectorAll("form input[id], form select[id], form textarea[id]")).map(function (field) {
        return [field.id, new URL(field.form.getAttribute("action"), location).pathname]; });"""

RULES = """
    return Array.from(document.querySelectorAll("[autocomplete=new-password]")).map(function (field) {
        var hint = field.closest(".field").querySelector("[data-strength]").dataset, words = {};
        Object.keys(hint).forEach(function (key) { if (key !== "strength") words[key] = hint[key]; });
        return document.getElementById(field.id + "-hint").textContent + JSON.stringify(words); });"""


def test_every_form_is_as_people_expect(workshop, browsers):
    browser = browsers()
    found, owners, rules, refused, forms = {}, {}, set(), 0, 0
    for name, statuses in every_page(workshop, browser):
        ask = browser.driver.execute_script
        problems = ask(FAULTS) + ask(NERVOUS)
        for field, action in ask(FORMS):
            owners.setdefault(field, set()).add("profile" if action.startswith("/user/account") else action)
        rules |= set(ask(RULES))
        refused += browser.driver.title.startswith("Error: ")
        forms += len(browser.find_all("main form"))
        if problems:
            found[name] = problems
    assert not found
    assert refused >= 9 and forms >= 40
    # The same rules everywhere, and an id is of one form only, so that what fills in tells them apart.
    assert len(rules) == 1, rules
    shared = {field: actions for field, actions in owners.items() if len(actions) > 1 and not field.startswith("project-")}
    assert not shared


@pytest.mark.parametrize("path", ["/user/signup/", "/user/account/", "set-password"])
def test_a_new_password_has_its_length_and_a_hint_beside_it_and_nothing_is_sent(workshop, browsers, path):
    site = workshop.start()
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    browser = browsers()
    if path == "set-password":
        assert site.client().sign_up("member@example.com").status_code == 302
        path = owner.set_password_link(site.person("member@example.com"))
    if path == "/user/account/":
        browser.open(site.url + "/user/login/")
        browser.fill(email="owner@example.com", password=PASSWORD)
        browser.follow("css:main button[type=submit]", "Projects")
    browser.open(site.url + path)
    field, hint = browser.find("[autocomplete=new-password]"), browser.find("[data-strength]")
    assert not hint.is_displayed()
    # What screen readers are given to say.
    browser.driver.execute_script("""
        var live = document.getElementById("live");
        window.said = [];
        new MutationObserver(function () { if (live.textContent) window.said.push(live.textContent); })
            .observe(live, {childList: true});""")
    assert browser.find("#live").get_attribute("aria-live") == "polite"
    browser.complaints()
    requests = len(browser.requests)
    for typed, words in [
            ("1234", "Length: 4 of at least 8."), ("5678901234567890", "Length: 20. Easy to guess: few different characters."),
            (20 * Keys.BACKSPACE + "tulip fog", "Length: 9. One more word makes it stronger."),
            (" engine 1912", "Length: 21. That is a good length.")]:
        field.send_keys(typed)
        browser.wait(lambda: hint.text == words, words)
    browser.wait(
        lambda: "Length: 21. That is a good length." in browser.driver.execute_script("return window.said"),
        "the word to screen readers")
    # Not for every key.
    assert len(browser.driver.execute_script("return window.said")) <= 4
    field.send_keys(21 * Keys.BACKSPACE)
    browser.wait(lambda: not hint.is_displayed(), "the end of the hint")
    # Characters are counted as the server counts them.
    browser.driver.execute_script(
        "arguments[0].value = '\\u{1d566}'.repeat(8); arguments[0].dispatchEvent(new Event('input'))", field)
    assert hint.text == "Length: 8. Easy to guess: few different characters."
    assert not browser.complaints()
    assert len(browser.requests) == requests


def test_without_scripts_there_is_no_hint_and_no_button_that_does_nothing(workshop, browsers):
    site = workshop.start()
    browser = browsers(javascript=False)
    browser.open(site.url + "/user/signup/")
    browser.fill(password="tulip fog engine")
    assert not browser.find("[data-strength]").is_displayed()
    assert not browser.find("[data-reveal]").is_displayed()


def test_the_longest_address_can_be_typed_and_used(workshop, browsers):
    site = workshop.start()
    longest = "a" * 64 + "@" + ".".join(["b" * 60, "c" * 60, "d" * 59, "example"])
    assert len(longest) == 254
    browser = browsers()
    browser.open(site.url + "/user/signup/")
    browser.fill(email=longest, password=PASSWORD)
    browser.follow("Create Account", "Projects")
    assert site.query("SELECT email FROM user_account") == [(longest,)]
    assert not browser.complaints()
