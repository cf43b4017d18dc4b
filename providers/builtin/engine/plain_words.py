"""English words that are not names, though they may stand where a name does (`it's fine`)."""

from pathlib import Path

PLAIN_WORDS = frozenset(Path(__file__).with_name("plain_words.txt").read_text().split())
