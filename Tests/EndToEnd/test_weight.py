"""What the log-in page weighs (issue 7, "How it is shown")."""

import json

import pytest

pytestmark = pytest.mark.browser


def sent(browser):
    """What came over the network since the last call: address, and bytes with their header fields."""
    addresses, found, cached = {}, {}, set()
    for entry in browser.driver.get_log("performance"):
        event = json.loads(entry["message"])["message"]
        details = event["params"]
        if event["method"] == "Network.requestWillBeSent" and details["request"]["url"].startswith("http"):
            addresses[details["requestId"]] = details["request"]["url"]
        if event["method"] == "Network.requestServedFromCache" or (
                event["method"] == "Network.responseReceived" and details["response"].get("fromDiskCache")):
            cached.add(details["requestId"])
        if event["method"] == "Network.loadingFinished" and details["requestId"] in addresses:
            found[details["requestId"]] = details["encodedDataLength"]
    return [(addresses[number], size) for number, size in found.items() if number not in cached]


def test_the_log_in_page_weighs_little_and_less_the_second_time(workshop, browsers):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    browser = browsers()
    sent(browser)
    browser.open(site.url + "/user/login/")
    first = sent(browser)
    assert browser.heading == "Log in"
    assert 2 <= len(first) <= 4, first
    assert sum(size for _, size in first) < 30 * 1024, first
    # Debian's nginx compresses what may be: the page itself holds secrets beside words of a visitor.
    for address, size in first:
        name = address.rpartition("/")[2]
        if name in ("app.css", "app.js"):
            assert size < 0.5 * (workshop.installation / "nginx" / "static" / name).stat().st_size, (name, size)
    browser.open("about:blank")
    sent(browser)
    browser.open(site.url + "/user/login/")
    assert [address for address, _ in sent(browser)] == [site.url + "/user/login/"]
    assert not browser.complaints()


def test_the_log_in_page_is_painted_before_its_script_has_come(workshop, browsers):
    site = workshop.start()
    assert site.client().sign_up("owner@example.com").status_code == 302
    browser = browsers(waits=False)
    browser.driver.execute_cdp_cmd("Fetch.enable", {"patterns": [{"urlPattern": "*/app.js"}]})
    browser.open(site.url + "/user/login/")
    browser.wait(lambda: browser.driver.execute_script(
        "return performance.getEntriesByName('first-contentful-paint').length"), "the first paint")
    browser.wait(lambda: browser.has("h1") and browser.heading == "Log in", "the page")
    assert not browser.find("[data-reveal]").is_displayed()
    browser.driver.execute_cdp_cmd("Fetch.disable", {})
    browser.wait(lambda: browser.find("[data-reveal]").is_displayed(), "the script")
