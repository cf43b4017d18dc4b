"""What a chat, an embedding, a usage and an error are: frozen types of the standard library alone."""
