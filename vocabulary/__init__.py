"""What a chat, an embedding, a usage and an error are: frozen types, the standard library alone."""
