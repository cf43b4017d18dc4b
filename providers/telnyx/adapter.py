"""The adapter of Telnyx."""

from providers.chatting import Chatting, Embedding
from providers.sounding import SoundAdapter
from providers.telnyx import codec, sound_codec


class Telnyx(Chatting, Embedding, SoundAdapter):
    """Chats, embeds, speaks and listens."""

    guides = True

    def __init__(self) -> None:
        Chatting.__init__(self, codec)
        Embedding.__init__(self, codec)
        SoundAdapter.__init__(self, sound_codec)
