"""The Python client that people use today, unchanged, against ours."""

import pytest
from site_under_test import PASSWORD

pytestmark = pytest.mark.client

TOKEN = "abcde"


@pytest.fixture
def started(workshop):
    return workshop.start("--username", "owner@example.com", "--password", PASSWORD, "--user-token", TOKEN)


def client_of(site, token):
    from label_studio_sdk import LabelStudio

    return LabelStudio(base_url=site.url, api_key=token)


def test_it_says_who_one_is(started):
    user = client_of(started, TOKEN).users.whoami()
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


def test_a_colleague_registers_by_its_invite_link_until_it_is_reset(started):
    client = client_of(started, TOKEN)
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
