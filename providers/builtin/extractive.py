"""`builtin/extractive`: finds and quotes. Every answer stands somewhere in the request.

An extraction goes to the engine; so does any answer that must have a shape. Tools are called where
they are forced or near; what a tool said is quoted, which ends the loop. Else it is a question, and
the nearest passage is quoted with its source.
"""

import json
from typing import assert_never

from providers.builtin import dialogue
from providers.builtin.answers import Said
from providers.builtin.engine.choices import find_choice
from providers.builtin.engine.extract import extract, fill
from providers.builtin.engine.fields import Field
from providers.builtin.engine.samples import first_match
from providers.builtin.engine.sense import Sense, best_sense
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import read_transcript
from providers.builtin.retrieval import NOTHING, SOURCES, quote_answer
from providers.builtin.tools import call_tool
from vocabulary.chat import AnyJson, ChatRequest, Matching, OneOf, Output, SchemaJson, Text
from vocabulary.errors import UpstreamRefused
from wire.extraction import recognise, write_finding


def answer(request: ChatRequest) -> Said:
    """What the model says to `request`. Blocks for up to about a second."""
    extraction = recognise(request)
    if extraction is not None:
        return Text(text=write_finding(extract(extraction)))
    sense = best_sense()
    if (call := call_tool(request, sense)) is not None:
        return call
    if request.output is not None:
        return Text(text=_shaped(request, request.output, sense))
    results = dialogue.tool_results(request)
    if results:
        return Text(text="\n".join(f"“{text}” (from {SOURCES['tool']})" for text in results))
    found = quote_answer(request, sense)
    return Text(text=str(found) if found else NOTHING)


def _shaped(request: ChatRequest, output: Output, sense: Sense) -> str:
    match output:
        case SchemaJson():
            study = Study(read_transcript(dialogue.lines(request)), sense)
            wanted = output.description or dialogue.orders(request)
            return json.dumps(fill(study, output.schema, wanted).value, ensure_ascii=False)
        case AnyJson():
            return _sourced(request, sense)
        case OneOf():
            return _chosen(request, output, sense)
        case Matching():
            return _matched(request, output)
        case _:
            assert_never(output)


def _sourced(request: ChatRequest, sense: Sense) -> str:
    """JSON without a schema: the answer, and where each sentence of it stands."""
    found = quote_answer(request, sense)
    if found is None:
        return json.dumps({"answer": None, "sources": []})
    source: dict[str, int | str] = {"file": found.passage.file}
    if not found.passage.file:
        source = {"message": found.passage.message, "role": found.passage.role}
    sources = [{**source, "quote": sentence} for sentence in found.sentences]
    return json.dumps({"answer": found.text, "sources": sources}, ensure_ascii=False)


def _chosen(request: ChatRequest, output: OneOf, sense: Sense) -> str:
    """The choice that fits best; one must be made, so at worst the first."""
    study = Study(read_transcript(dialogue.lines(request)), sense)
    field = Field(label="", schema={}, description=dialogue.orders(request))
    find = find_choice(study, field, output.choices)
    return str(find.value) if find else output.choices[0]


def _matched(request: ChatRequest, output: Matching) -> str:
    """The latest words that match."""
    for message in reversed(request.messages):
        if (match := first_match(output.pattern, message.text)) is not None:
            return match
    raise UpstreamRefused(f"builtin/extractive found nothing that matches {output.pattern}")
