"""The documents agree with the code and the tests. No server is needed."""

import re

import pytest
from site_under_test import REPOSITORY

SECURITY = (REPOSITORY / "docs/security.md").read_text()
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400}


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows_below(heading, text=SECURITY):
    """The rows of the table with this heading."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(heading)) + 2
    rows = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        rows.append(cells(line))
    return rows


POINTS = rows_below("| # | point |")


def cited(text):
    """The tests that a cell names: file and name."""
    return re.findall(r"`([A-Za-z]+/[\w/-]+\.(?:swift|py|txt)): ([^`]+)`", text)


def has_test(file, name):
    path = REPOSITORY / "Tests" / file
    if not path.is_file():
        return False
    text = path.read_text()
    if path.suffix == ".py":
        return re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE) is not None
    if path.suffix == ".swift":
        return f"func `{name}`(" in text
    return f"======== {name}\n" in text


def test_the_64_points_are_all_there_in_order():
    assert [row[0] for row in POINTS] == [str(number) for number in range(1, 65)]
    assert all(len(row) == 4 for row in POINTS)
    assert {row[2] for row in POINTS} <= {"met", "met in code, no test", "open", "n/a"}
    assert all(row[3] for row in POINTS)


@pytest.mark.parametrize("row", POINTS, ids=lambda row: row[0])
def test_a_point_that_is_met_names_tests_that_exist(row):
    number, _, state, evidence = row
    tests = cited(evidence)
    assert tests or state != "met"
    missing = [f"{file}: {name}" for file, name in tests if not has_test(file, name)]
    assert not missing
    # Nothing that looks like a test is left unread.
    assert len(re.findall(r"\.(?:swift|py|txt): ", evidence)) == len(tests)


def test_a_test_that_does_not_exist_would_be_missed():
    assert has_test("EndToEnd/test_documents.py", "test_a_test_that_does_not_exist_would_be_missed")
    assert not has_test("EndToEnd/test_documents.py", "test_a_test")
    assert not has_test("EndToEnd/nothing.py", "test_a_test")
    assert not has_test("WebTests/RouteTests.swift", "a stranger enters")


def seconds(text):
    number, unit = text.split()
    return int(number) * SECONDS[unit]


@pytest.mark.parametrize(
    ["head", "files"],
    [("| budget | counts |", ["Web/Throttle.swift"]),
     ("| rows of the audit | counts |", ["Web/AuditBounds.swift", "Accounts/Accounts.swift"])])
def test_the_budgets_have_the_numbers_of_the_code(head, files):
    source = "".join((REPOSITORY / "Sources" / file).read_text() for file in files)
    units = {"minute": 60, "hour": 3600, "day": 86_400}

    def value(expression):
        product = 1
        for factor in expression.split("*"):
            product *= units.get(factor.strip()) or int(factor.replace("_", ""))
        return product

    pattern = r"let (\w+) = Budget\(\s*Allowance\(free: (.+?), firstDelay: (.+?), maximumDelay: (.+?), forgetAfter: (.+?)\)"
    code = {name: [value(number) for number in numbers] for name, *numbers in re.findall(pattern, source)}
    documented = {
        row[0].strip("`"): [int(row[2]), *map(seconds, row[3:])]
        for row in rows_below(head)
    }
    assert len(code) == source.count("Budget(\n") > 0
    assert documented == code


def test_the_limits_of_nginx_have_the_numbers_of_its_files():
    rate, = re.findall(r"rate=(\d+)r/s", (REPOSITORY / "nginx/http.conf").read_text())
    burst, = re.findall(r"burst=(\d+)", (REPOSITORY / "nginx/limits.conf").read_text())
    text = " ".join(SECURITY.split())
    assert f"{rate} forms a second" in text and f"and {burst} more at once" in text


def test_every_purpose_of_a_key_is_named():
    source = (REPOSITORY / "Sources/Secrets/MasterKey.swift").read_text()
    code = re.findall(r"case (\w+) = (\d+)$", source, re.MULTILINE)
    documented = [(row[1].strip("`"), row[0]) for row in rows_below("| number | purpose |")]
    assert documented == code != []


def documents():
    return "".join(path.read_text() for path in [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("docs/*.md"))])


def settings():
    source = (REPOSITORY / "Sources/LabelStudio/Configuration/Setting.swift").read_text()
    return re.findall(r'^    case \w+ = "([A-Z_]+)"$', source, re.MULTILINE)


def test_every_setting_is_documented():
    assert len(settings()) > 15
    text = documents()
    assert [name for name in settings() if not re.search(rf"\bLABEL_STUDIO_{name}\b", text)] == []


def test_every_variable_that_is_documented_is_a_setting():
    named = set(re.findall(r"\bLABEL_STUDIO_([A-Z_]+)\b", documents()))
    # An ML backend has these.
    assert named - set(settings()) == {"URL", "API_KEY"}


def test_every_act_of_the_user_command_is_in_the_readme():
    source = (REPOSITORY / "Sources/LabelStudio/Commands/Command.swift").read_text()
    acts, = re.findall(r"\[(add\|[a-z|-]+) EMAIL\]", source)
    readme = (REPOSITORY / "README.md").read_text()
    assert [act for act in acts.split("|") if f"`{act}`" not in readme] == []


DOCUMENTS = ["README.md", "SECURITY.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in REPOSITORY.glob("docs/*.md"))]


def anchors(text):
    """The names of the headings, as the pages of the repository have them."""
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_link_inside_of_the_repository_leads_to_a_file_and_a_heading(name):
    document = REPOSITORY / name
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        leads_to = document.parent / file if file else document
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to.read_text()), target


OPERATE = (REPOSITORY / "docs/operate.md").read_text()


def commands():
    source = (REPOSITORY / "Sources/LabelStudio/Commands/Command.swift").read_text()
    return {raw or name.strip("`") for name, raw in re.findall(r"^    case ([\w`]+)(?: = \"(\w+)\")?$", source, re.MULTILINE)}


def test_the_guide_for_operators_names_commands_that_exist():
    named = re.findall(r"(?:`|^ {4,}(?:.* )?)label-studio ([a-z_]+)", OPERATE, re.MULTILINE)
    assert len(named) > 15 and set(named) - commands() == set()
    flags = set(re.findall(r"name: \"([a-z-]+)\"", (REPOSITORY / "Sources/LabelStudio/Configuration/Setting.swift").read_text()))
    used = {flag.removeprefix("--") for line in OPERATE.splitlines() if re.search(r"label-studio [a-z]", line)
            for flag in re.findall(r"(?<= )--[a-z-]+", line.partition("label-studio ")[2])
            if not re.search("systemctl|apt ", line)}
    assert len(used) >= 5 and used - flags == set()
    acts = set(re.findall(r"user ([a-z-]+) EMAIL", OPERATE))
    readme = (REPOSITORY / "README.md").read_text()
    assert [act for act in acts if f"`{act}`" not in readme] == []


def test_the_guide_for_operators_names_units_and_files_that_exist():
    units = set(re.findall(r"label-studio[a-z-]*\.(?:service|socket|timer)", OPERATE))
    # This one is the operator's own: the guide says what is in it.
    units.discard("label-studio-metrics.socket")
    assert len(units) > 2 and [unit for unit in units if not (REPOSITORY / "systemd" / unit).exists()] == []
    files = set(re.findall(r"/usr/share/label-studio/(nginx/[a-z.]+conf)", OPERATE))
    assert len(files) > 2 and [file for file in files if not (REPOSITORY / file).exists()] == []
    lines = set(re.findall(r"^ +((?:set|listen|include) [^;]+;)$", OPERATE, re.MULTILINE))
    site = (REPOSITORY / "nginx/label-studio.site").read_text()
    assert {line.split()[1] for line in lines if line.startswith("set ")} == {"$label_studio_prefix"}
    assert [line for line in lines if line.startswith("include") and line not in site] == []
