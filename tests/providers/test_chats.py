"""What adapters of chats share."""

import pytest

from providers.chats import patience
from providers.protocols import Account
from wire.http import Deadlines


@pytest.mark.parametrize(
    ("options", "stream", "deadlines"),
    [
        ({}, False, Deadlines(total=120, between_bytes=120)),
        ({}, True, Deadlines(total=600, between_bytes=120)),
        ({"timeout": 900}, False, Deadlines(total=900, between_bytes=900)),
        ({"timeout": 900}, True, Deadlines(total=900, between_bytes=900)),
        ({"timeout": 0}, False, Deadlines(total=120, between_bytes=120)),
    ],
)
def test_silence_may_last_as_long_as_a_whole_answer_may_take(options, stream, deadlines):
    account = Account(name="a", kind="openai", options=options)
    assert patience(account, stream=stream) == deadlines
