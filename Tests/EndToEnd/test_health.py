"""`GET /health`: up only if accounts can be read and written (issue 5, point 5)."""

import os
import subprocess

import pytest
from site_under_test import log_lines, nobody, wait_until

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount, and run programs as somebody else")


def health(site):
    answer = site.client().get("/health")
    assert answer.json() == {"status": {200: "UP", 503: "DOWN"}[answer.status_code]}
    return answer.json()["status"]


@pytest.fixture
def small_disk(workshop):
    """A file system of 4 MiB."""
    directory = workshop.directory()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs", directory], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    yield directory
    workshop.clear()
    subprocess.run(["umount", "--lazy", directory], check=True)


def test_a_full_disk_is_down_until_there_is_room_again(workshop, small_disk):
    site = workshop.start(data=small_disk / "data")
    assert health(site) == "UP"
    with open(small_disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4096))
    wait_until(lambda: health(site) == "DOWN", what="the full disk")
    (small_disk / "filler").unlink()
    wait_until(lambda: health(site) == "UP", what="the room")
    assert site.client().sign_up("owner@example.com").status_code == 302
    assert site.program.stop() == 0
    line = log_lines(site.program, "not-healthy")[0]
    assert line.level == "error" and "the disk is full" in line.fields["error"]


def test_a_database_that_became_read_only_is_down(workshop):
    user = nobody()
    data = workshop.directory() / "data"
    data.mkdir()
    data.parent.chmod(0o755)
    os.chown(data, user.pw_uid, user.pw_gid)
    site = workshop.start(
        data=data, prefix=["setpriv", "--reuid", user.pw_uid, "--regid", user.pw_gid, "--clear-groups"])
    assert health(site) == "UP"
    os.chown(site.database, 0, 0)
    site.database.chmod(0o444)
    wait_until(lambda: health(site) == "DOWN", what="the file that cannot be written")
    assert site.client().get("/user/login/").status_code == 200


def test_a_flood_costs_one_look_a_second(workshop):
    site = workshop.start()
    client = site.client()
    site.database.rename(site.database.with_suffix(".away"))
    wait_until(lambda: health(site) == "DOWN", what="the missing file")
    for _ in range(200):
        assert client.get("/health").status_code == 503
    site.database.with_suffix(".away").rename(site.database)
    wait_until(lambda: health(site) == "UP", what="the file")
    assert site.program.stop() == 0
    looks = len(log_lines(site.program, "not-healthy"))
    answers = len([line for line in log_lines(site.program, "request") if line.fields["status"] == "503"])
    assert answers > 200 and looks <= answers / 20, (looks, answers)
