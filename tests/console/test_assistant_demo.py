"""The demo page: open to everybody, loads only our own files, and writes nothing."""

import pytest

from console.access import CONTENT_SECURITY_POLICY


def test_page_is_for_everybody_and_asks_the_database_nothing(client):
    response = client.get("/assistant/demo")
    assert response.status_code == 200
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "Sign in" in response.text
    assert "<style" not in response.text
    assert "style=" not in response.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_page_is_only_read(client, method):
    assert getattr(client, method)("/assistant/demo").status_code == 405


@pytest.mark.django_db
def test_page_knows_who_is_signed_in(client, moderator):
    client.force_login(moderator)
    assert "Sign out" in client.get("/assistant/demo?page=second").text


@pytest.mark.django_db
def test_session_that_a_changed_password_ended_is_read_and_left_alone(
    client, moderator, django_assert_max_num_queries
):
    client.force_login(moderator)
    moderator.set_password("another one entirely")
    moderator.save()
    with django_assert_max_num_queries(2) as captured:
        assert "Sign in" in client.get("/assistant/demo").text
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
