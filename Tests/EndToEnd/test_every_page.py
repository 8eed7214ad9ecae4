"""What holds for every page, whatever it is about (issue 7, points 1 and 2)."""

import pytest
from browser import PHONE
from every_page import every_page

pytestmark = pytest.mark.browser

SHOWN = """
    function shown(element) {
        if (!element.checkVisibility({visibilityProperty: true}) || element.closest(".visually-hidden")) return false;
        var box = element.getBoundingClientRect();
        // What only screen readers see, and the link that comes with the focus.
        return box.width > 1 && box.height > 1 && box.bottom > 0;
    }
    function name(element) { return element.outerHTML.replace(/\\s+/g, " ").slice(0, 140); }
"""

SMALL_TEXT = SHOWN + """
    var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) {
        var parent = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !shown(parent)) continue;
        var size = parseFloat(getComputedStyle(parent).fontSize);
        if (size < 16) found.push(size + " px: " + name(parent));
    }
    document.querySelectorAll("input, select, textarea, button").forEach(function (field) {
        if (shown(field) && parseFloat(getComputedStyle(field).fontSize) < 16 && field.type !== "checkbox")
            found.push(name(field));
    });
    return found;"""

SMALL_TARGETS = SHOWN + """
    var found = [];
    document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])").forEach(function (target) {
        if (!shown(target)) return;
        var box = target.getBoundingClientRect(), width = box.width, height = box.height, parent = target.parentElement;
        // A link within a sentence is as high as the sentence (WCAG 2.5.8).
        if (target.matches("a") && getComputedStyle(target).display === "inline" &&
            parent.textContent.trim().length > target.textContent.trim().length) return;
        // The label of a box is part of its target.
        if (target.type === "checkbox") {
            var label = target.labels[0].getBoundingClientRect();
            height = Math.max(label.bottom, box.bottom) - Math.min(label.top, box.top);
            width = Math.max(label.right, box.right) - Math.min(label.left, box.left);
        }
        if (width < 43.9 || height < 43.9) found.push(width + " by " + height + ": " + name(target));
    });
    return found;"""

# After a press of Tab, so that Chromium shows the focus.
UNSEEN_FOCUS = SHOWN + """
    // An open dialog keeps the focus to itself.
    var found = [], place = document.querySelector("dialog:modal") || document;
    place.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])").forEach(function (target) {
        if (target.tabIndex < 0 || !target.checkVisibility({visibilityProperty: true})) return;
        target.focus();
        if (document.activeElement !== target) { found.push("takes no focus: " + name(target)); return; }
        var style = getComputedStyle(target), box = target.getBoundingClientRect();
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) found.push("no outline: " + name(target));
        if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth || box.width < 2)
            found.push("out of sight: " + name(target));
    });
    document.activeElement.blur();
    scrollTo(0, 0);
    return found;"""

PAPER = SHOWN + """
    var found = [], root = document.documentElement;
    document.querySelectorAll("nav, summary[aria-label=Menu], button, .button, .skip, footer").forEach(function (element) {
        if (shown(element)) found.push("printed: " + name(element));
    });
    if (!/^rgb\\(255, 255, 255\\)$/.test(getComputedStyle(document.body).backgroundColor)) found.push("the paper is not white");
    if (root.scrollWidth > root.clientWidth) found.push("wider than the paper");
    return found;"""

MOTION = """
    return Array.from(document.querySelectorAll("*")).filter(function (element) {
        var style = getComputedStyle(element);
        return style.transitionDuration.split(", ").some(function (time) { return parseFloat(time) > 0; })
            || style.animationName !== "none"; }).length;"""

LIGHTNESS = """
    return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)
        .reduce(function (sum, part) { return sum + part; }) / 3 / 255;"""


def test_every_page_is_readable_on_a_desktop_enlarged_and_on_paper(workshop, browsers):
    browser = browsers()
    found, count, moving = {}, 0, 0
    for name, statuses in every_page(workshop, browser):
        ask = browser.driver.execute_script
        browser.emulate(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        problems = browser.complaints(statuses) + ask(SMALL_TEXT) + ask(SMALL_TARGETS)
        problems += [f"{still} elements move" for still in [ask(MOTION)] if still]
        problems += ["not light"] if ask(LIGHTNESS) < 0.7 else []
        browser.emulate(prefers_color_scheme="dark", prefers_reduced_motion="no-preference")
        problems += ["not dark"] if ask(LIGHTNESS) > 0.3 else []
        moving += ask(MOTION)
        # On paper it is light, also where the screen is dark.
        browser.emulate("print", prefers_color_scheme="dark", prefers_reduced_motion="reduce")
        problems += ask(PAPER)
        browser.emulate()
        # A desktop at 200 %, and one at 400 %, has half and a quarter of its pixels in each direction.
        for width, height in [(640, 400), (320, 200)]:
            browser.resize(width, height, 1280 // width)
            problems += [f"{width} px wide: {overflow}" for overflow in [browser.overflow()] if overflow]
        browser.resize(1280, 800)
        problems += browser.complaints(statuses)
        count += 1
        if problems:
            found[name] = problems
    assert not found
    assert count >= 90
    # Something does move where nobody minds.
    assert moving


def test_every_page_shows_its_focus_and_has_targets_for_a_thumb(workshop, browsers):
    browser = browsers(size=PHONE)
    found, count = {}, 0
    for name, statuses in every_page(workshop, browser):
        problems = browser.driver.execute_script(SMALL_TARGETS) + browser.driver.execute_script(SMALL_TEXT)
        problems += [overflow for overflow in [browser.overflow()] if overflow]
        browser.press("\ue004")
        problems += browser.driver.execute_script(UNSEEN_FOCUS)
        problems += browser.complaints(statuses)
        count += 1
        if problems:
            found[name] = problems
    assert not found
    assert count >= 90
