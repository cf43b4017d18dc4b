"""Conversations as the tests write them: `customer:` and `agent:` lines."""

from providers.builtin.engine.sense import Keywords, Sense
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import read_transcript
from wire.extraction import Line

ROLES = {"customer": "user", "agent": "assistant"}

PARCEL = """
agent: Good morning, thanks for calling Fernhill Toys. My name is Ottoline, how can I help?
customer: Hi, it's Rupert Vance. My parcel with the train set never arrived.
agent: I'm sorry about that, Mr Vance. What is the order number?
customer: It's FT-30912, and my email is rupert.v@example.org.
agent: Thank you. I've sent a new one today, it will be there on Friday. It cost 45.99 pounds.
customer: That's brilliant, thank you so much for your help. You've been very kind.
"""


def lines_of(text: str) -> tuple[Line, ...]:
    said = [line.strip().partition(": ") for line in text.strip().splitlines()]
    return tuple(
        Line(index=index, role=ROLES[who], name="", text=words)
        for index, (who, _, words) in enumerate(said)
    )


def study_of(text: str, sense: Sense | None = None) -> Study:
    return Study(read_transcript(lines_of(text)), sense or Keywords())
