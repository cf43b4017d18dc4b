"""The adapter of upstreams that speak Anthropic's Messages API."""

from providers.anthropic import codec
from providers.chatting import Chatting


class Anthropic(Chatting):
    """Answers chats."""

    def __init__(self) -> None:
        super().__init__(codec)
