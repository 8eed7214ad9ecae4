"""JupyterLab behind the gate, as docs/gate.md describes it (issue 6, point 6)."""

import json
import os
import pathlib
import re
import signal
import sys
import uuid

import pytest
import websocket
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from site_under_test import PASSWORD, REPOSITORY, Client, free_port, wait_until

PROGRAM = pathlib.Path(sys.executable).parent / "jupyter-lab"
# It is slow to start where others compute.
PATIENCE = 120


def recipe(heading, beginning):
    """A block of docs/gate.md."""
    text = (REPOSITORY / "docs/gate.md").read_text().partition(f"**{heading}**")[2]
    return re.search(rf"(?m)(?:^    .*\n|^\n(?=    ))*?^    {re.escape(beginning)}.*\n(?:^(?:    .*)?\n)*", text).group()


class Laboratory:
    """The responder, `label-studio start`'s nginx beside it, and a JupyterLab that only nginx reaches."""

    def __init__(self, workshop):
        self.directory = workshop.directory()
        self.directory.chmod(0o755)
        socket = self.directory / "jupyter.sock"
        settings = recipe("JupyterLab", "c.ServerApp").replace("/run/jupyter/jupyter.sock", str(socket))
        (self.directory / "jupyter_server_config.py").write_text("\n".join(line[4:] for line in settings.split("\n")))
        (self.directory / "test.ipynb").write_text(json.dumps({
            "cells": [{"cell_type": "code", "id": "one", "metadata": {}, "execution_count": None, "outputs": [],
                       "source": "6 * 7"}],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4, "nbformat_minor": 5}))
        environment = workshop.environment(
            HOME=self.directory, JUPYTER_CONFIG_DIR=self.directory, JUPYTER_RUNTIME_DIR=self.directory / "run",
            PATH=f"{PROGRAM.parent}:{os.environ['PATH']}", JUPYTER_PLATFORM_DIRS="1")
        root = ["--allow-root"] if os.getuid() == 0 else []
        self.program = workshop.spawn(
            [PROGRAM, "--config", self.directory / "jupyter_server_config.py",
             f"--ServerApp.root_dir={self.directory}", *root], environment)
        self.site = workshop.start(data=self.directory / "data", port=free_port())
        self.url = f"http://localhost:{self.site.port}"
        self.address = self.url.removeprefix("http://")
        location = recipe("JupyterLab", "location").replace("/run/jupyter/jupyter.sock", str(socket)).replace(
            "/usr/share/label-studio", str(workshop.installation))
        file = self.site.data / "nginx/nginx.conf"
        file.write_text(file.read_text().replace("location / {", location + "location / {", 1))
        os.kill(int((self.site.data / "nginx/nginx.pid").read_text()), signal.SIGHUP)
        self.owner = Client(self.url)
        assert self.owner.sign_up("owner@example.com").status_code == 302
        wait_until(self.is_up, PATIENCE, "JupyterLab")

    def is_up(self):
        assert self.program.process.poll() is None, self.program.errors
        return self.owner.get("/jupyter/api").status_code == 200

    def socket(self, path, client, origin=None):
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return websocket.create_connection(
            f"ws://{self.address}{path}", cookie=cookie or None, origin=origin or self.url, timeout=PATIENCE)


@pytest.fixture(scope="module")
def laboratory(module_workshop):
    return Laboratory(module_workshop)


def kernel(laboratory):
    """A new one; who asks for it shows Jupyter's own token against forgery."""
    owner = laboratory.owner
    assert owner.get("/jupyter/lab").status_code == 200
    headers = {"X-XSRFToken": owner.cookies["_xsrf"], "Sec-Fetch-Site": "same-origin"}
    answer = owner.request("POST", "/jupyter/api/kernels", json={"name": "python3"}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def compute(socket, code):
    """What a kernel answers, by its messages (jupyter_client, "Messaging in Jupyter")."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "session": uuid.uuid4().hex, "username": "",
              "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    socket.send(json.dumps({
        "header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))
    while True:
        message = json.loads(socket.recv())
        if message["parent_header"].get("msg_id") == number and message["msg_type"] == "execute_result":
            return message["content"]["data"]["text/plain"]


def test_a_member_computes_and_a_stranger_does_not(laboratory):
    path = f"/jupyter/api/kernels/{kernel(laboratory)}/channels"
    socket = laboratory.socket(path, laboratory.owner)
    assert compute(socket, "1 + 1") == "2"
    stranger = Client(laboratory.url)
    for client, origin, status in [(stranger, None, 401), (laboratory.owner, "https://evil.example", 403)]:
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            laboratory.socket(path, client, origin)
        assert refused.value.status_code == status
    assert stranger.get("/jupyter/api/kernels").status_code == 401
    assert stranger.get("/jupyter/api/contents/test.ipynb").status_code == 401
    page = stranger.get("/jupyter/lab", headers={"Sec-Fetch-Mode": "navigate"})
    assert page.headers["Location"] == "/user/login/?next=/jupyter/lab"
    # The gate's protection against other origins, and Jupyter's own behind it.
    owner = laboratory.owner
    assert owner.request("POST", "/jupyter/api/kernels").json()["detail"].startswith("This request did not come from")
    behind = owner.request("POST", "/jupyter/api/kernels", headers={"Sec-Fetch-Site": "same-origin"})
    assert (behind.status_code, behind.json()["message"]) == (403, "'_xsrf' argument missing from POST")


def test_a_web_socket_of_a_kernel_ends_with_the_session(laboratory):
    member = Client(laboratory.url)
    assert member.sign_up("member@example.com").status_code == 302
    path = f"/jupyter/api/kernels/{kernel(laboratory)}/channels"
    socket = laboratory.socket(path, member)
    assert compute(socket, "'still ' + 'here'") == "'still here'"
    assert member.log_out().status_code == 302
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        while True:
            socket.recv()
    # The kernel and what it has computed are there for whoever comes.
    assert compute(laboratory.socket(path, laboratory.owner), "_") == "'still here'"


READY = """
    // Which kernel it should be.
    const select = document.querySelector(".jp-Dialog-button.jp-mod-accept");
    if (select) select.click();
    const cell = document.querySelector(".jp-Notebook .jp-CodeCell .cm-content");
    const idle = document.querySelector(".jp-Notebook-ExecutionIndicator[data-status=idle]");
    if (!cell || !cell.offsetParent || !idle) return false;
    cell.focus();
    return document.activeElement === cell;"""
OUTPUT = """
    const output = document.querySelector(".jp-Notebook .jp-OutputArea-output pre");
    return output && output.textContent.trim();"""


def test_a_notebook_runs_in_a_browser(laboratory, browsers):
    browser = browsers()
    browser.open(f"{laboratory.url}/jupyter/lab/tree/test.ipynb")
    browser.fill(email="owner@example.com", password=PASSWORD)
    browser.follow("Log in")
    assert browser.driver.current_url.startswith(f"{laboratory.url}/jupyter/lab/tree/test.ipynb")

    def output():
        """The cell is run until there is one: JupyterLab makes its page anew while it begins."""
        if browser.driver.execute_script(READY):
            ActionChains(browser.driver).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
        return browser.driver.execute_script(OUTPUT)

    assert wait_until(output, PATIENCE, "the output") == "42"
