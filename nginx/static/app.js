// Small comforts. Every page works without this file.
(function () {
  "use strict";

  // Label Studio's own pages follow a link by putting what they load into themselves,
  // this file included. Ours is no part of a page: it is opened, as soon as its address
  // is known.

  function leave(page) {
    document.documentElement.hidden = true;
    window.setInterval(function () {
      if (window.location.href !== page) window.location.reload();
    }, 10);
  }

  if (!document.querySelector("a.skip")) {
    leave(window.location.href);
    return;
  }

  // What is said to those who listen. Its attributes have every word that this file shows.
  var live = document.getElementById("live");
  var words = live.dataset;

  // What a dialog stands over is silent: it has a place of its own for what is said.
  function say(text) {
    var place = document.querySelector("dialog[open] [role=status]") || live;
    place.textContent = "";
    window.setTimeout(function () { place.textContent = text; }, 50);
  }

  function each(selector, action, root) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), action);
  }

  // Error summary

  var problems = document.querySelector(".problems");
  if (problems) problems.focus();

  // Copy buttons: <button type="button" data-copy="ID" hidden>

  function copyBySelection(source, text) {
    var made = null;
    if (!source.select) {
      made = document.createElement("textarea");
      made.value = text;
      made.readOnly = true;
      made.className = "visually-hidden";
      document.body.appendChild(made);
    }
    (made || source).select();
    var done = false;
    try { done = document.execCommand("copy"); } catch (ignored) { /* stays false */ }
    if (made) made.remove();
    return done;
  }

  function copy(source) {
    var text = "value" in source ? source.value : source.textContent;
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text).then(
        function () { return true; },
        function () { return copyBySelection(source, text); }
      );
    }
    return Promise.resolve(copyBySelection(source, text));
  }

  function prepareCopy(button) {
    var source = document.getElementById(button.dataset.copy);
    if (!source) return;
    var label = button.textContent;
    var timer = 0;
    button.hidden = false;
    button.addEventListener("click", function () {
      copy(source).then(function (done) {
        button.focus();
        if (!done && source.select) { source.focus(); source.select(); }
        button.textContent = done ? words.copied : label;
        say(done ? words.copied : words.notCopied);
        window.clearTimeout(timer);
        timer = window.setTimeout(function () { button.textContent = label; }, 2500);
      });
    });
  }

  // Share buttons, where the browser can: <button type="button" data-share="ID" hidden>

  function prepareShare(button) {
    var source = document.getElementById(button.dataset.share);
    if (!source || !navigator.share) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.share({ title: document.title, url: source.value }).catch(function (error) {
        if (error.name !== "AbortError") say(words.notShared);
      });
    });
  }

  // What a page and what is put into a dialog have in common.

  function prepare(root) {
    each("[data-copy]", prepareCopy, root);
    each("[data-share]", prepareShare, root);
    each("input[readonly]:not([name])", function (input) {
      input.addEventListener("focus", function () { input.select(); });
    }, root);
  }

  prepare(document);

  // Pages in a dialog: <a href="PAGE" data-dialog="ID">. It shows the card of the page; if that does not come soon, the page itself comes.

  function card(page) {
    return window.fetch(page, { signal: AbortSignal.timeout(5000) }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(answer.url);
      return answer.text();
    }).then(function (text) {
      return new DOMParser().parseFromString(text, "text/html").querySelector("main .card");
    });
  }

  function show(dialog, card) {
    var content = dialog.querySelector(".dialog-content");
    content.replaceChildren.apply(content, card.childNodes);
    prepare(content);
    var title = content.querySelector("h1");
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.showModal();
    dialog.scrollTop = 0;
    title.tabIndex = -1;
    title.focus();
  }

  each("a[data-dialog]", function (link) {
    var dialog = document.getElementById(link.dataset.dialog);
    if (!dialog || !dialog.showModal || !window.AbortSignal || !AbortSignal.timeout) return;
    link.setAttribute("aria-haspopup", "dialog");
    dialog.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
    // An old link must not be there when somebody comes back.
    window.addEventListener("pagehide", function () { dialog.close(); });
    link.addEventListener("click", function (event) {
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (link.hasAttribute("aria-busy")) return;
      link.setAttribute("aria-busy", "true");
      card(link.href).then(function (card) { show(dialog, card); }).catch(function () {
        window.location.assign(link.href);
      }).then(function () { link.removeAttribute("aria-busy"); });
    });
  });

  // Show and hide a password: <button type="button" data-reveal="ID" hidden>

  function reveal(button, input, shown) {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
    button.setAttribute("aria-label", shown ? words.hidePassword : words.showPassword);
  }

  each("[data-reveal]", function (button) {
    var input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      var shown = input.type === "password";
      reveal(button, input, shown);
      say(shown ? words.passwordShown : words.passwordHidden);
    });
    if (input.form) {
      input.form.addEventListener("submit", function () { reveal(button, input, false); });
    }
    window.addEventListener("pageshow", function () { reveal(button, input, false); });
  });

  // Beside a new password: its length and a coarse hint, in the words of templates/strength.html. Nothing is sent; what the server says of
  // a password that was sent is more. It stands in the field of the password.

  function strength(characters, minimum) {
    var different = new Set(characters).size;
    if (characters.length < minimum) return "short";
    if (different < 5 || characters.every(function (one) { return one >= "0" && one <= "9"; })) return "simple";
    return characters.length < 16 || different < 8 ? "fair" : "long";
  }

  each("[data-strength]", function (hint) {
    var input = hint.parentElement.querySelector("[autocomplete=new-password]");
    if (!input) return;
    var said = "";
    var timer = 0;
    input.addEventListener("input", function () {
      // As the server counts them: by code points.
      var characters = Array.from(input.value);
      var verdict = strength(characters, Number(hint.dataset.minimum));
      hint.hidden = !characters.length;
      hint.textContent = hint.dataset[verdict].replace("{length}", characters.length);
      // Those who listen hear it when they pause, and only if it is another one.
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        if (hint.hidden || verdict === said) return;
        said = verdict;
        say(hint.textContent);
      }, 1500);
    });
  });

  // A second click while the first is under way sends nothing. The guard ends by itself, and when the page is shown again.

  function release(form) {
    delete form.dataset.sent;
    Array.prototype.forEach.call(form.querySelectorAll("[aria-busy]"), function (button) { button.removeAttribute("aria-busy"); });
  }

  each("form", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      var button = event.submitter || form.querySelector("[type=submit]");
      if (button) button.setAttribute("aria-busy", "true");
      window.setTimeout(function () { release(form); }, 5000);
    });
  });

  window.addEventListener("pageshow", function () { each("form[data-sent]", release); });

  // Light or dark, if somebody chose. The server reads the cookie, so that the next page begins with the right colours.

  each("footer[data-cookie-path]", function (footer) {
    var root = document.documentElement;
    var select = footer.querySelector("select");

    function show() {
      var chosen = /(?:^|; )label_studio_appearance=(light|dark)(?:;|$)/.exec(document.cookie);
      select.value = chosen ? chosen[1] : "";
      if (chosen) root.dataset.appearance = chosen[1];
      else delete root.dataset.appearance;
    }

    select.addEventListener("change", function () {
      document.cookie = "label_studio_appearance=" + select.value + "; Path=" + footer.dataset.cookiePath +
        "; Max-Age=" + (select.value ? 31536000 : 0) + "; SameSite=Lax" + (location.protocol === "https:" ? "; Secure" : "");
      show();
    });
    // Another page may have changed it before this one is shown again.
    window.addEventListener("pageshow", show);
    footer.hidden = false;
  });

  // Menu: Escape, a click elsewhere, or leaving it with the keyboard closes it

  each("details[data-menu]", function (menu) {
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", function (event) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("focusout", function (event) {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  });
})();
