"""Requests that no browser of ours would send."""

import pytest
from flask.testing import FlaskClient

from tests.factories import Street


@pytest.mark.parametrize("address", ["/q/ABC%00DEF", "/find?code=%00", "/t/%00", "/desk/cases/2611%00"])
def test_a_nul_in_an_address_is_not_understood(client: FlaskClient, street: Street, address: str) -> None:
    assert client.get(address).status_code == 400
