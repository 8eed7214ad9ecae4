"""The Python client that people use today, unchanged, against ours."""

import pytest
from site_under_test import PASSWORD

pytestmark = pytest.mark.client

TOKEN = "abcde"


@pytest.fixture
def started(workshop):
    return workshop.start("--username", "owner@example.com", "--password", PASSWORD, "--user-token", TOKEN)


@pytest.fixture(params=["API token", "personal access token"])
def key(request, started):
    """What the client is given: it works alike with both."""
    return TOKEN if request.param == "API token" else client_of(started, TOKEN).tokens.create().token


def client_of(site, token):
    from label_studio_sdk import LabelStudio

    return LabelStudio(base_url=site.url, api_key=token)


def test_it_says_who_one_is(started, key):
    user = client_of(started, key).users.whoami()
    assert user.email == "owner@example.com"
    assert user.active_organization == 1


def test_it_reads_and_resets_the_token(started):
    from label_studio_sdk.core.api_error import ApiError

    client = client_of(started, TOKEN)
    assert client.users.get_token().token == TOKEN
    token = client.users.reset_token().token
    assert len(token) == 40
    with pytest.raises(ApiError) as refused:
        client.users.whoami()
    assert refused.value.status_code == 401
    assert client_of(started, token).users.whoami().email == "owner@example.com"


def test_a_colleague_registers_by_its_invite_link_until_it_is_reset(started, key):
    client = client_of(started, key)
    link = client.organizations.invites.get_invite_link()
    assert link.invite_url == f"/user/signup/?token={link.token}"
    assert started.client().sign_up("colleague@example.com", query=f"?token={link.token}").status_code == 302
    reset = client.organizations.reset_token()
    assert reset.token != link.token
    assert started.client().get(link.invite_url).status_code == 403
    assert started.client().sign_up("second@example.com", query=f"?token={reset.token}").status_code == 302


def test_the_older_client_logs_in_with_e_mail_and_password(started):
    from label_studio_sdk._legacy.client import Client, ClientCredentials

    credentials = ClientCredentials(email="owner@example.com", password=PASSWORD)
    # With versions given it does not ask for them.
    client = Client(started.url, credentials=credentials, versions={"release": "none"})
    assert client.api_key == TOKEN


def test_a_wrong_token_is_an_error_of_the_client(started):
    from label_studio_sdk.core.api_error import ApiError

    with pytest.raises(ApiError) as refused:
        client_of(started, "wrong-token").users.whoami()
    assert refused.value.status_code == 401


def test_it_makes_edits_and_deletes_people(started, key):
    from label_studio_sdk.core.api_error import ApiError

    client = client_of(started, key)
    made = client.users.create(username="cleo", email="Cleo@Example.com", first_name="Cleo", allow_newsletters=False)
    assert (made.id, made.email, made.username) == (2, "cleo@example.com", "cleo")
    # The link that sets the password of the new account, in the answer.
    link = made.model_dump()["set_password_url"]
    assert link.startswith(started.url + "/user/set-password/?token=")
    colleague = started.client()
    assert colleague.log_in("cleo@example.com", PASSWORD).status_code == 422
    assert colleague.submit(link[len(started.url):], {"new_password": PASSWORD + " of Cleo"}).status_code == 302
    assert colleague.log_in("cleo@example.com", PASSWORD + " of Cleo").status_code == 302
    assert [user.email for user in client.users.list()] == ["owner@example.com", "cleo@example.com"]
    assert client.users.get(2).first_name == "Cleo"
    changed = client.users.update(2, last_name="Patra", phone="+1 555 0100")
    assert (changed.last_name, changed.phone, changed.initials) == ("Patra", "+1 555 0100", "CP")
    with pytest.raises(ApiError) as refused:
        client.users.create(username="cleo", email="cleo@example.com")
    assert refused.value.status_code == 400
    assert "already exists" in str(refused.value.body)
    client.users.delete(2)
    assert len(client.users.list()) == 1
    assert colleague.get("/organization/").status_code == 302


def test_it_keeps_shortcuts(started, key):
    client = client_of(started, key)
    hotkeys = {"annotation:submit": {"key": "ctrl+enter", "active": True}}
    assert client.users.update_hotkeys(custom_hotkeys=hotkeys).custom_hotkeys == hotkeys
    assert client.users.get_hotkeys().custom_hotkeys == hotkeys


def test_it_reads_and_names_the_organization(started, key):
    client = client_of(started, key)
    assert [(each.id, each.title) for each in client.organizations.list()] == [(1, "Label Studio")]
    assert client.organizations.get(1).created_by == 1
    assert client.organizations.update(1, title="Birds & Co").title == "Birds & Co"
    assert client.users.whoami().active_organization_meta["title"] == "Birds & Co"
    assert client.versions.get().release
    policy = client.session_policy.get()
    assert (policy.max_session_age, policy.max_time_between_activity) == (11520, 4320)
    assert client.session_policy.update(max_session_age=600).max_session_age == 600


def test_it_goes_through_250_members_to_the_end(started, key):
    from label_studio_sdk.core.api_error import ApiError

    client = client_of(started, key)
    for number in range(1, 250):
        client.users.create(username=f"member-{number:03}", email=f"member-{number:03}@example.com")
    members = list(client.organizations.members.list(1, page_size=30))
    assert len(members) == 250
    names = [member.user.username for member in members]
    assert names == sorted(names) and len(set(names)) == 250
    assert client.organizations.members.get(1, 7).user == 7
    client.organizations.members.delete(1, 7)
    with pytest.raises(ApiError) as refused:
        client.organizations.members.delete(1, 7)
    assert refused.value.status_code == 404
    with pytest.raises(ApiError) as refused:
        client.organizations.members.delete(1, 1)
    assert refused.value.status_code == 405


def test_it_makes_renames_and_deletes_projects(started, key):
    from label_studio_sdk.core.api_error import ApiError

    client = client_of(started, key)
    config = '<View><Text name="text" value="$text"/></View>'
    made = client.projects.create(title="Birds", description="By their songs", label_config=config)
    assert (made.title, made.label_config) == ("Birds", config)
    assert client.projects.update(made.id, title="Songbirds").title == "Songbirds"
    project = client.projects.get(made.id)
    assert (project.title, project.description, project.label_config) == ("Songbirds", "By their songs", config)
    assert project.created_by.email == "owner@example.com"
    for number in range(35):
        client.projects.create(title=f"Project {number}")
    assert len(list(client.projects.list())) == 36
    client.projects.delete(made.id)
    with pytest.raises(ApiError) as refused:
        client.projects.get(made.id)
    assert refused.value.status_code == 404


def test_the_older_client_works_too(started):
    from label_studio_sdk._legacy.client import Client

    client = Client(started.url, TOKEN)
    assert client.check_connection() == {"status": "UP"}
    assert client.is_enterprise is False
    assert [user.email for user in client.get_users()] == ["owner@example.com"]
    user = {"username": "cleo", "email": "cleo@example.com", "first_name": "", "last_name": ""}
    assert client.create_user(dict(user)).email == "cleo@example.com"
    # An address that has an account already is no error to it.
    assert client.create_user(dict(user)) is None
    assert client.get_organization()["title"] == "Label Studio"


def test_a_personal_access_token_works_as_its_key(started):
    from label_studio_sdk.core.api_error import ApiError

    owner = client_of(started, TOKEN)
    assert owner.tokens.list() == []
    made = owner.tokens.create().token
    client = client_of(started, made)
    assert client.users.whoami().email == "owner@example.com"
    assert client.projects.create(title="Birds").title == "Birds"
    listed = client.tokens.list()
    assert [each.token for each in listed] == [made.rsplit(".", 1)[0]]
    with pytest.raises(ApiError) as refused:
        client.tokens.create()
    assert refused.value.status_code == 409
    access = client.tokens.refresh(refresh=made).access
    assert access.count(".") == 2
    rotated = client.tokens.rotate(refresh=made).refresh
    assert client_of(started, rotated).users.whoami().id == 1
    with pytest.raises(ApiError) as refused:
        client_of(started, made).users.whoami()
    assert refused.value.status_code == 401
    owner.tokens.blacklist(refresh=rotated)
    with pytest.raises(ApiError) as refused:
        client_of(started, rotated).users.whoami()
    assert refused.value.status_code == 401


def test_it_switches_kinds_of_tokens_on_and_off(started):
    from label_studio_sdk.core.api_error import ApiError

    owner = client_of(started, TOKEN)
    made = owner.tokens.create().token
    client = client_of(started, made)
    assert (owner.jwt_settings.get().api_tokens_enabled, owner.jwt_settings.get().legacy_api_tokens_enabled) == (
        True, True)
    client.jwt_settings.update(
        api_token_ttl_days=30, api_tokens_enabled=True, legacy_api_tokens_enabled=False)
    with pytest.raises(ApiError) as refused:
        owner.users.whoami()
    assert refused.value.status_code == 401
    assert "legacy token authentication has been disabled" in str(refused.value.body)
    client.jwt_settings.update(
        api_token_ttl_days=30, api_tokens_enabled=True, legacy_api_tokens_enabled=True)
    assert owner.users.whoami().id == 1


def test_what_the_product_we_follow_does_not_have_is_an_error_of_the_client(started, key):
    from label_studio_sdk.core.api_error import ApiError

    client = client_of(started, key)
    for call, status in [
        (lambda: client.users.get_current_user(), 404),
        (lambda: client.organizations.members.update(1), 405),
        (lambda: client.organizations.invites.revoke_invite(email="x@example.com"), 404),
    ]:
        with pytest.raises(ApiError) as refused:
            call()
        assert refused.value.status_code == status
