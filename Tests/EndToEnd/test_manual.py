"""The manual and the completion of bash say what the program says of itself."""

import re
import shutil
import subprocess

import pytest
from site_under_test import REPOSITORY

COMMANDS = REPOSITORY / "docs/man/label-studio.1"
SETTINGS = REPOSITORY / "docs/man/label-studio.env.5"
COMPLETION = REPOSITORY / "debian/label-studio.bash-completion"
PAGES = [COMMANDS, SETTINGS]


class Help:
    """What `label-studio COMMAND --help` says."""

    def __init__(self, workshop, command):
        result = workshop.run(command, "--help")
        assert result.returncode == 0
        usage, _, options = result.stdout.partition("\n\n")
        # -p, --port=PORT, --other=PORT: letter, name, value; what follows is the same flag.
        lines = re.findall(r"^ +(?:-(.), |    )(--[a-z-]+\S*(?: --[a-z-]+\S*)*)", options, re.M)
        self.flags = [
            (letter if number == 0 else "", *re.match(r"--([a-z-]+)(?:=(\S+?))?,?$", name).groups(""))
            for letter, names in lines for number, name in enumerate(names.split(" "))]
        usage = re.sub(r"\s+", " ", usage.partition("label-studio")[2].rpartition("\n")[0])
        self.usage = [re.sub(r".*\[OPTION\.\.\.\] ?", "", part).strip() for part in usage.split(" or: ")]

    @property
    def names(self):
        return {"--" + name for _, name, _ in self.flags}

    @property
    def words(self):
        """The first words after the options; FILE for the name of a file."""
        words = set()
        for usage in self.usage:
            first = usage.strip("[]").split(" ")[0]
            if first and first != "-" and not first.startswith("--"):
                words |= set(first.split("|"))
        return {"FILE" if word.isupper() else word for word in words}


@pytest.fixture(scope="module")
def commands(module_workshop):
    listed = module_workshop.run("--help").stdout
    names = re.findall(r"^  ([a-z_]+) +[A-Z]", listed, re.M)
    assert len(names) > 10
    return {name: Help(module_workshop, name) for name in names}


def plain(page):
    """The text of a page, without the marks of its fonts."""
    text = page.read_text()
    text = re.sub(r'^\.\\".*\n', "", text, flags=re.M)
    text = re.sub(r"\\f.", "", text).replace(r"\-", "-")
    return re.sub(r'^\.(?:[BI]|[BIR]{2}) ', "", text, flags=re.M).replace('"', "")


def entries(page):
    """What a page says under each heading of a paragraph, by that heading."""
    parts = re.split(r"^\.TP\n(.*)\n", plain(page), flags=re.M)
    return {heading: text.partition("\n.S")[0] for heading, text in zip(parts[1::2], parts[2::2])}


def test_every_command_and_word_is_in_the_manual(commands):
    headings = "\n".join(entries(COMMANDS))
    for name, help in commands.items():
        assert re.search(rf"^label-studio {name}\b", headings, re.M), name
        for word in help.words - {"FILE"}:
            assert re.search(rf"\b{name} {word}\b", headings), f"{name} {word}"


def test_every_flag_is_in_the_manual_and_no_other(commands):
    told = {}
    for heading in entries(COMMANDS):
        match = re.fullmatch(r"(?:-(\S)\s*,\s+)?--([a-z-]+)\s*(?:=\s*(\S+))?", heading)
        if match:
            told[match[2]] = (match[1] or "", match[3] or "")
    known = {name: (letter, value) for help in commands.values() for letter, name, value in help.flags}
    assert len(known) > 15
    assert told == known


def settings():
    source = (REPOSITORY / "Sources/LabelStudio/Configuration/Setting.swift").read_text()
    return re.findall(r'^    case \w+ = "([A-Z_]+)"$', source, re.M)


def test_every_variable_is_in_the_manual_with_its_default():
    told = {heading: text for heading, text in entries(SETTINGS).items() if heading.startswith("LABEL_STUDIO_")}
    assert sorted(told) == sorted(f"LABEL_STUDIO_{name}" for name in settings())
    assert [name for name, text in told.items() if "\nDefault:" not in text] == []
    # The file of the package names defaults, too.
    shipped = re.findall(r"^#(LABEL_STUDIO_\w+)=(.+)$", (REPOSITORY / "systemd/label-studio.env").read_text(), re.M)
    assert len(shipped) > 5
    for name, default in shipped:
        assert re.search(rf"^Default:\s+{re.escape(default)}\b", told[name], re.M), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_manual_is_set_without_a_warning(page):
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    result = subprocess.run(["groff", "-mandoc", "-ww", "-Tutf8", "-z", page], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


# bash


def complete(*words, directory="/", line=None):
    """What bash offers for the last of the words."""
    script = f"""source {COMPLETION}
        [[ $(complete -p label-studio) == 'complete -F _label_studio label-studio' ]] || exit 9
        COMP_WORDS=(label-studio "$@"); COMP_CWORD=$#
        _label_studio
        for word in "${{COMPREPLY[@]}}"; do printf '%s\\n' "$word"; done"""
    result = subprocess.run(
        ["bash", "--norc", "-uc", script, "bash", *map(str, words)], capture_output=True, text=True, cwd=directory,
        timeout=20)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(set(result.stdout.splitlines())) == len(result.stdout.splitlines())
    return set(result.stdout.splitlines())


def test_bash_offers_every_command(commands):
    assert complete("") == set(commands)
    assert complete("re") == {"reset_password", "restore"}
    assert complete("nothing") == set()


def test_bash_offers_the_flags_of_each_command(commands):
    for name, help in commands.items():
        assert complete(name, "--") == help.names, name
    assert complete("--") == commands["start"].names, "without a command it is start"
    assert complete("user", "--fo") == {"--format"}


def test_bash_offers_the_words_of_each_command(commands, tmp_path):
    (tmp_path / "a file").touch()
    (tmp_path / "folder").mkdir()
    for name, help in commands.items():
        expected = help.words - {"FILE"} | ({"a file", "folder"} if "FILE" in help.words else set())
        assert complete(name, "", directory=tmp_path) == expected, name
        if "FILE" not in help.words:
            for word in help.words:
                assert complete(name, word, "", directory=tmp_path) == set(), f"{name} {word}"
    assert complete("user", "re") == {"remove", "reset-link", "reactivate", "restore"}
    assert complete("user", "--format", "json", "li") == {"list"}
    assert complete("user", "--format", "=", "json", "li") == {"list"}
    assert complete("sessions", "end", "--a") == {"--all"}


def test_bash_offers_the_values_of_flags(commands, tmp_path):
    (tmp_path / "a file").touch()
    (tmp_path / "folder").mkdir()
    both, folder = {"a file", "folder"}, {"folder"}
    for words in [["--format", ""], ["--format", "="]]:
        assert complete("export", *words) == {"json", "csv"}
    assert complete("export", "--format", "=", "c") == {"csv"}
    assert complete("user", "--log-level", "") == {"DEBUG", "INFO", "WARNING", "ERROR"}
    for name, help in commands.items():
        for _, flag, value in help.flags:
            if value in ["FILE", "PATH"]:
                assert complete(name, "--" + flag, "", directory=tmp_path) == both, flag
            if value == "DIRECTORY":
                assert complete(name, "--" + flag, "", directory=tmp_path) == folder, flag
    assert complete("start", "-c", "", directory=tmp_path) == both
    assert complete("backup", "", directory=tmp_path) == both
    assert complete("backup", "--keep", "14", "", directory=tmp_path) == folder
    assert complete("user", "--username", "") == set()


def test_bash_knows_which_flags_have_a_value(commands):
    """After one that has none, a word is the operand."""
    for name, help in commands.items():
        words = complete(name, "")
        for _, flag, value in help.flags:
            if words and not value:
                assert complete(name, "--" + flag, "") == words, flag
            if words and value and value not in ["FILE", "PATH", "DIRECTORY"] and name != "backup":
                assert complete(name, "--" + flag, "x", "") == words, flag
