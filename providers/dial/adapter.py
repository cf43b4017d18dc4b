"""The adapter of an AI DIAL core."""

from providers.chatting import Chatting, Embedding
from providers.dial import codec


class Dial(Chatting, Embedding):
    """Chats and embeds."""

    def __init__(self) -> None:
        Chatting.__init__(self, codec)
        Embedding.__init__(self, codec)
