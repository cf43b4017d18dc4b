"""The adapter of Amazon Bedrock."""

from common import clock
from providers.bedrock import codec
from providers.bedrock.access import authorise
from providers.chatting import Chatting
from providers.protocols import Account
from wire.http import HttpCall


class Bedrock(Chatting):
    """Answers chats."""

    def __init__(self) -> None:
        super().__init__(codec)

    def prepare(self, call: HttpCall, account: Account) -> HttpCall:
        return authorise(call, account, clock.now())
