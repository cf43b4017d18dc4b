"""The provider that needs no key, no network and no server: it embeds, finds, quotes and echoes."""
