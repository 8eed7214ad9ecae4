"""A PostgreSQL server of our own, from Debian's packages."""

import os
import pathlib
import pwd
import shutil
import subprocess

from site_under_test import REPOSITORY, free_port, short_directory, wait_until

SAMPLE = REPOSITORY / "Tests" / "Samples" / "label_studio.postgresql.sql"


class PostgreSQL:
    """A server on a unix socket and on 127.0.0.1, there with TLS. `tester` may
    do everything and needs no password on the socket; `guarded` always has to
    give his, which is `PASSWORD`."""

    PASSWORD = "s3cret/@:%"
    IN_ADDRESS = "s3cret%2F%40%3A%25"

    def __init__(self, certificate, key):
        versions = pathlib.Path("/usr/lib/postgresql")
        assert versions.is_dir(), "PostgreSQL is missing: apt-get install postgresql"
        programs = max(versions.iterdir(), key=lambda path: int(path.name)) / "bin"
        self.directory = short_directory()
        self.port = free_port()
        self.made = 0
        data = self.directory / "data"
        # PostgreSQL refuses to run as root.
        owner = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self.user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        for file in [certificate, key]:
            shutil.copy(file, self.directory / file.name)
            (self.directory / file.name).chmod(0o600)
        self.certificate = certificate
        if owner:
            for path in [self.directory, *self.directory.iterdir()]:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.execute(
            programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        (data / "pg_hba.conf").write_text(
            "local all guarded scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        self.process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", self.directory, "-p", str(self.port), "-c", "fsync=off",
             "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on", "-c", f"ssl_cert_file={self.directory}/cert.pem",
             "-c", f"ssl_key_file={self.directory}/key.pem"],
            cwd=self.directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user)
        wait_until(self.is_ready, what="PostgreSQL")
        self.run(f"CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '{self.PASSWORD}'; CREATE ROLE stranger LOGIN")

    def execute(self, *command):
        subprocess.run(command, check=True, capture_output=True, cwd=self.directory, **self.user)

    def psql(self, sql, database):
        return subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p", str(self.port), "-U", "tester",
             database],
            input=sql, capture_output=True, text=True)

    def is_ready(self):
        assert self.process.poll() is None
        return self.psql("SELECT 1", "postgres").returncode == 0

    def run(self, sql, database="postgres"):
        result = self.psql(sql, database)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def database(self, script=""):
        """The name of a new database."""
        self.made += 1
        name = f"made{self.made}"
        self.run(f"CREATE DATABASE {name}")
        self.run(script, name)
        return name

    def sample(self):
        """A new database with the sample."""
        return self.database(SAMPLE.read_text())

    def by_socket(self, database, user="tester"):
        return f"postgresql://{user}@/{database}?host={self.directory}&port={self.port}"

    def by_network(self, database, password=IN_ADDRESS, settings=""):
        return f"postgresql://guarded:{password}@127.0.0.1:{self.port}/{database}{settings}"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
