"""The adapter of Azure's model inference API."""

from providers.azure import codec
from providers.chatting import Chatting, Embedding


class Azure(Chatting, Embedding):
    """Chats and embeds."""

    def __init__(self) -> None:
        Chatting.__init__(self, codec)
        Embedding.__init__(self, codec)
