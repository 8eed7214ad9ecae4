"""Photos (issue 4, points 1 and 6; issue 7, point 5; WIRE.md, section 6)."""

import concurrent.futures
import os
import random
import re
import stat
import time

import pytest
import requests
from pictures import PNG, chunk, png, size
from site_under_test import PASSWORD, Client, Page, assert_shows_problem, free_port, memory

ADDRESS = re.compile(r"/data/avatars/[0-9a-f]{8}-[0-9a-f]{32}\.(png|jpg)")
SCRIPT = b"<script>alert(1)</script>"
MEBIBYTE = 1 << 20


def user(client):
    return client.get(f"{client.prefix}/api/current-user/whoami").json()


def send(client, number, content, name="me.png", kind="image/png", field="avatar", **options):
    """By the API, with the session."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    return client.post(
        f"{client.prefix}/api/users/{number}/avatar/", files={field: (name, content, kind)}, headers=headers, **options)


def upload(client, content, name="me.png", **options):
    """By the form of the account page."""
    form = client.page(f"{client.prefix}/user/account/").form("photo-form")
    return client.post(form.action, form.fields, files={"avatar": (name, content, "image/png")}, **options)


def stored(site):
    return sorted(os.listdir(site.data / "avatars"))


def test_a_photo_is_uploaded_shown_replaced_and_removed(site, member):
    answer = upload(member, png())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/account/?done=photo")
    page = member.get("/user/account/?done=photo").text
    assert "Your photo was saved." in page
    first = ADDRESS.search(page).group()
    assert user(member)["avatar"] == first
    assert first in member.get("/organization/").text
    assert size(member.get(first).content) == (60, 40)

    assert upload(member, png(30, 20)).status_code == 302
    second = user(member)["avatar"]
    assert second != first
    assert member.get(first).status_code == 404
    assert size(member.get(second).content) == (30, 20)

    removal = member.submit("/user/account/", {}, "photo-removal-form")
    assert (removal.status_code, removal.headers["Location"]) == (302, "/user/account/?done=photo-removed")
    assert user(member)["avatar"] is None
    assert member.get(second).status_code == 404
    page = Page(member.get("/user/account/"))
    assert not page.has_form("photo-removal-form")


def test_a_link_among_the_photos_leads_nowhere(site):
    """Whoever got hold of the responder would read with the rights of nginx."""
    link = site.data / "avatars" / f"00000001-{'0' * 32}.png"
    (site.data / "secret").write_text("what nginx may read")
    link.symlink_to(site.data / "secret")
    try:
        answer = site.client().get(f"/data/avatars/{link.name}")
        assert answer.status_code == 403 and "what nginx" not in answer.text
    finally:
        link.unlink()
        (site.data / "secret").unlink()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("field", ["avatar", "file", "x"])
def test_programs_send_photos_too(site, member, slash, field):
    number = user(member)["id"]
    program = site.client()
    program.session.headers["Authorization"] = f"Token {member.api_token()}"
    path = f"/api/users/{number}/avatar{slash}"
    answer = program.post(path, files={field: ("me.gif", png(1200, 600), "image/gif")})
    assert (answer.status_code, answer.json()) == (200, {"detail": "avatar saved"})
    address = program.get(f"/api/users/{number}/").json()["avatar"]
    assert size(program.get(address).content) == (512, 256)
    assert program.request("DELETE", path).status_code == 204
    assert program.get(f"/api/users/{number}/").json()["avatar"] is None


@pytest.mark.parametrize(["colour", "kind"], [((1, 2, 3), "image/jpeg"), ((1, 2, 3, 100), "image/png")])
def test_a_photo_is_served_as_a_picture_and_nothing_else_to_whoever_knows_its_name(site, member, colour, kind):
    assert send(member, user(member)["id"], png(60, 40, colour)).status_code == 200
    address = user(member)["avatar"]
    for client in [member, site.client()]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer.headers
    for number in (1, 9, -2):
        wrong = address[:number] + "0" + address[number + 1:]
        if wrong != address:
            assert site.client().get(wrong).status_code != 200
    assert site.client().get("/data/avatars/").status_code == 404


def test_files_can_be_read_by_the_web_server_and_listed_by_nobody_else(site, member):
    assert send(member, user(member)["id"], png()).status_code == 200
    directory = site.data / "avatars"
    name = user(member)["avatar"].rsplit("/", 1)[1]
    assert stat.S_IMODE((directory / name).stat().st_mode) == 0o644
    assert stat.S_IMODE(directory.stat().st_mode) == 0o711


def test_nothing_that_was_hidden_in_a_file_is_served(site, member):
    """A picture that is a page and an archive as well."""
    text = chunk(b"tEXt", b"Comment\0" + SCRIPT)
    file = png(60, 40, (1, 2, 3), text) + SCRIPT + b"PK\x03\x04" + SCRIPT
    assert send(member, user(member)["id"], file).status_code == 200
    content = member.get(user(member)["avatar"]).content
    assert size(content) == (60, 40)
    assert SCRIPT not in content and b"PK\x03\x04" not in content


@pytest.mark.parametrize(["content", "status", "detail", "problem"], [
    (b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", 415, "PNG, JPEG, GIF or WebP", "Choose a PNG"),
    (b"<!DOCTYPE html>" + SCRIPT, 415, "PNG, JPEG, GIF or WebP", "Choose a PNG"),
    (b"BM" + bytes(100), 415, "PNG, JPEG, GIF or WebP", "Choose a PNG"),
    (png()[:-20], 400, "broken", "This file is damaged"),
    (PNG, 400, "broken", "This file is damaged"),
    (b"GIF89a" + SCRIPT, 400, "broken", "This file is damaged"),
    (b"\xff\xd8\xff" + SCRIPT, 400, "broken", "This file is damaged"),
    (b"RIFF\0\0\0\0WEBP" + SCRIPT, 400, "broken", "This file is damaged"),
    (png(1201, 10), 400, "1200 x 1200", "Choose a smaller photo"),
    (png(1, 1, claims=(65_535, 65_535)), 400, "1200 x 1200", "Choose a smaller photo"),
    (png() + bytes(MEBIBYTE), 413, "1 MiB", "Choose a smaller file"),
], ids=["svg", "html", "bmp", "cut", "png", "gif", "jpeg", "webp", "wide", "bomb", "long"])
def test_what_is_no_photo_is_refused_and_leaves_nothing(site, member, content, status, detail, problem):
    before = stored(site)
    answer = send(member, user(member)["id"], content)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.json()["status_code"], detail in answer.json()["detail"]) == (status, True)
    assert_shows_problem(upload(member, content), problem)
    assert stored(site) == before
    assert user(member)["avatar"] is None


@pytest.mark.memory
def test_a_file_that_says_that_it_is_large_costs_nothing(site, member):
    bomb = png(1, 1, claims=(65_535, 65_535))
    number = user(member)["id"]
    before, began = memory(site.program.pid), time.monotonic()
    for _ in range(50):
        assert send(member, number, bomb).status_code == 400
    assert time.monotonic() - began < 5
    assert memory(site.program.pid) - before < 8


def test_a_photo_of_1_mib_is_taken_and_larger_ones_are_not(member):
    number = user(member)["id"]
    for length, status in [(MEBIBYTE, 200), (MEBIBYTE + 1, 413), (2 * MEBIBYTE, 413)]:
        answer = send(member, number, png().ljust(length, b"\0"))
        assert answer.status_code == status
        assert "detail" in answer.json()
    # The form is not read: that it comes from our page, only browsers can show.
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert_shows_problem(upload(member, png().ljust(2 * MEBIBYTE), headers=headers), "Choose a smaller file")
    # Far beyond, nginx answers.
    assert send(member, number, bytes(5 * MEBIBYTE)).status_code == 413
    assert member.get("/user/account/").status_code == 200


def test_other_addresses_take_what_they_took(member):
    number = user(member)["id"]
    headers = {"Sec-Fetch-Site": "same-origin"}
    for method, path in [
            ("PATCH", f"/api/users/{number}/"), ("POST", "/user/account/"), ("DELETE", f"/api/users/{number}/avatar/"),
            ("PUT", f"/api/users/{number}/avatar/"), ("POST", "/user/account/photo/remove")]:
        answer = member.request(method, path, data=bytes(65_537), headers=headers)
        assert answer.status_code == (405 if method == "PUT" else 413), path
    assert member.get("/user/account/").status_code == 200


def test_a_form_without_a_file_says_so(member):
    number = user(member)["id"]
    headers = {"Sec-Fetch-Site": "same-origin"}
    path = f"/api/users/{number}/avatar/"
    answer = send(member, number, b"", name="")
    assert answer.status_code == 400
    answer = member.post(path, {"avatar": "x"}, headers=headers)
    assert answer.status_code == 415
    answer = member.request("POST", path, headers=headers)
    assert answer.status_code == 415
    answer = member.request("POST", path, data=b"x", headers={**headers, "Content-Type": "multipart/form-data"})
    assert (answer.status_code, answer.json()["detail"][:26]) == (400, "Multipart form parse error")
    assert_shows_problem(upload(member, b"", name=""), "Choose a file with a photo")


@pytest.mark.parametrize("name", [
    "../../../../tmp/x.png", "..\\..\\x.png", "/etc/passwd", "x\0.png", "a" * 3000, "x.php", ".htaccess", "\u202egnp.exe"])
def test_the_name_of_a_file_names_nothing(site, member, name):
    answer = send(member, user(member)["id"], png(), name=name)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert ADDRESS.fullmatch(user(member)["avatar"])
    assert all(ADDRESS.fullmatch(f"/data/avatars/{name}") for name in stored(site))


@pytest.mark.parametrize("path", [
    "/data/avatars/../accounts.key", "/data/avatars/..%2faccounts.key", "/data/avatars/%2e%2e/accounts.key",
    "/data/avatars//accounts.key", "/data/avatars/accounts.key", "/data/accounts.key", "/data/avatars%2f..%2faccounts.key",
    "/data/avatars/00000000-00000000000000000000000000000000.png/../../accounts.key",
    "/data/avatars/00000000-00000000000000000000000000000000.png%00", "/data/avatars/.", "/data/avatars/x/%2e%2e/"])
def test_no_other_file_can_be_reached(site, path):
    # Sent as it stands here: the library would resolve the dots.
    prepared = requests.Request("GET", site.url).prepare()
    prepared.url = site.url + path
    answer = site.client().session.send(prepared, allow_redirects=False, timeout=20)
    assert answer.status_code in (302, 400, 404)
    assert (site.data / "accounts.key").read_bytes() not in answer.content


def test_members_set_nobody_elses_photo_and_owners_do(site, member, owner):
    number, other = user(member)["id"], user(owner)["id"]
    refused = send(member, other, png())
    assert refused.status_code == 403
    assert refused.json()["detail"] == "You do not have permission to perform this action."
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert member.request("DELETE", f"/api/users/{other}/avatar/", headers=headers).status_code == 403
    assert send(owner, number, png()).status_code == 200
    assert ADDRESS.fullmatch(user(member)["avatar"])
    assert user(owner)["avatar"] is None
    assert send(owner, 99_999, png()).status_code == 404
    assert owner.request("DELETE", f"/api/users/{number}/avatar/", headers=headers).status_code == 204
    assert user(member)["avatar"] is None


def test_strangers_and_other_sites_send_nothing(site, member):
    number = user(member)["id"]
    before = stored(site)
    assert send(site.client(), number, png()).status_code == 401
    assert site.client().post("/user/account/photo", files={"avatar": png()}).headers["Location"].startswith("/user/login/")
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in [f"/api/users/{number}/avatar/", "/user/account/photo"]:
        assert member.post(path, files={"avatar": png()}, headers=foreign).status_code == 403
        # Not a browser, and without the token of the form.
        assert member.post(path, files={"avatar": png()}).status_code == 403
    assert stored(site) == before


def test_a_photo_goes_with_the_account(site):
    client = site.client()
    assert client.sign_up("leaving@example.com").status_code == 302
    assert send(client, user(client)["id"], png()).status_code == 200
    address = user(client)["avatar"]
    answer = client.submit(
        "/user/account/delete", {"password": PASSWORD, "email": "leaving@example.com"}, "leaving-form")
    assert answer.status_code == 302, answer.text
    assert site.client().get(address).status_code == 404
    assert not (site.data / "avatars" / address.rsplit("/", 1)[1]).exists()


def test_pages_work_without_the_file_and_after_a_restart(workshop):
    site = workshop.start()
    owner = site.client()
    assert owner.sign_up("owner@example.com").status_code == 302
    assert send(owner, user(owner)["id"], png()).status_code == 200
    address = user(owner)["avatar"]
    used = site.data / "avatars" / address.rsplit("/", 1)[1]
    lost = used.with_name(used.name[:9] + "0" * 32 + ".png")
    other = used.with_name("00000000-" + "0" * 32 + ".png")
    for path in [lost, other, used]:
        path.write_bytes(used.read_bytes())
        os.utime(path, (time.time() - 3700,) * 2)
    assert site.program.stop() == 0
    site = workshop.start(data=site.data)
    owner = site.client()
    assert owner.log_in("owner@example.com").status_code == 302
    # Nobody has it; the other one belongs to another database.
    assert (used.exists(), lost.exists(), other.exists()) == (True, False, True)
    used.unlink()
    assert owner.get(address).status_code == 404
    for path in ["/user/account/", "/organization/"]:
        assert owner.get(path).status_code == 200
    assert user(owner)["avatar"] == address
    assert send(owner, user(owner)["id"], png()).status_code == 200
    assert owner.get(user(owner)["avatar"]).status_code == 200


def test_below_a_sub_path(workshop):
    port = free_port()
    site = workshop.start(port=port, LABEL_STUDIO_HOST=f"http://127.0.0.1:{port}/labels")
    client = Client(site.url, "/labels")
    assert client.sign_up("owner@example.com").status_code == 302
    assert upload(client, png()).status_code == 302
    address = user(client)["avatar"]
    assert address.startswith(f"http://127.0.0.1:{port}/labels/data/avatars/")
    path = address.removeprefix(site.url)
    assert f'src="{path}"' in client.get("/labels/user/account/").text
    assert size(client.get(path).content) == (60, 40)
    assert send(client, user(client)["id"], png().ljust(MEBIBYTE, b"\0")).status_code == 200


def test_behind_an_nginx_of_ones_own(workshop):
    responder = workshop.fastcgi()
    nginx = workshop.in_front(
        responder.socket, f"127.0.0.1:{free_port()}", photos=responder.data / "avatars")
    client = Client(f"http://127.0.0.1:{nginx.port}")
    assert client.sign_up("owner@example.com").status_code == 302
    assert upload(client, png().ljust(MEBIBYTE, b"\0")).status_code == 302
    assert size(client.get(user(client)["avatar"]).content) == (60, 40)


def test_many_send_photos_at_once(site):
    clients = []
    for number in range(12):
        client = site.client()
        assert client.sign_up(f"many-{number}@example.com").status_code == 302
        client.number = user(client)["id"]
        clients.append(client)
    photo = png(1200, 1200).ljust(MEBIBYTE, b"\0")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda client: [send(client, client.number, photo).status_code for _ in range(3)], clients))
    assert answers == [[200] * 3] * 12
    assert len({user(client)["avatar"] for client in clients}) == 12


def test_changed_files_never_make_the_server_fail(site, member):
    chance = random.Random(int(os.environ.get("LABEL_STUDIO_TEST_SEED", "21")))
    number = user(member)["id"]
    files = [png(), png(30, 20, (1, 2, 3, 4))]
    assert send(member, number, png()).status_code == 200
    files.append(member.get(user(member)["avatar"]).content)
    for _ in range(300):
        file = bytearray(chance.choice(files))
        for _ in range(chance.randrange(1, 6)):
            file[chance.randrange(len(file))] = chance.randrange(256)
        if chance.random() < 0.3:
            file = file[:chance.randrange(len(file))]
        assert send(member, number, bytes(file)).status_code in (200, 400, 415)
    assert "libpng" not in site.program.errors
