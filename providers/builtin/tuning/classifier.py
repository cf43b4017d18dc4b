"""What a fine-tuned classifier says to a chat: its label, in the shape that is asked for.

Free text is the label itself; one of a list, the likeliest of those it knows; JSON, the label with
its probability. A schema's lists of exactly its labels are its own; all else that a schema asks for
is found by the engine. Tools are never called.
"""

import json
import math
from dataclasses import replace
from typing import Final, assert_never

from common.patterns import compiled
from providers.builtin import dialogue
from providers.builtin.answers import respond
from providers.builtin.engine.extract import extract, fill
from providers.builtin.engine.sense import best_sense
from providers.builtin.engine.study import Study
from providers.builtin.engine.transcript import read_transcript
from providers.builtin.tuning.heads import Head
from providers.builtin.tuning.judges import Judge, Odds
from providers.protocols import Target
from vocabulary.chat import (
    AnyJson,
    ChatRequest,
    ChatResponse,
    Choice,
    Matching,
    NamedTool,
    OneOf,
    Output,
    SchemaJson,
    Text,
    TokenLogprob,
)
from vocabulary.errors import InvalidRequest, Unrepresentable, UpstreamRefused
from wire.extraction import Extraction, recognise, write_finding
from wire.training_files import Turn, material

LEAST: Final = 0.5
"""How sure it must be to say a label where null is allowed; an account's option
`least_confidence` says otherwise."""
MOST_TOP: Final = 20


def classify(head: Head, request: ChatRequest, target: Target) -> ChatResponse:
    """Blocks for 10 ms and more. Raises `InvalidRequest`, `Unrepresentable`, `UpstreamRefused`."""
    dialogue.check_tools(request)
    if request.tool_choice == "required" or isinstance(request.tool_choice, NamedTool):
        raise Unrepresentable("tool_choice", "a classifier calls no tools")
    extraction = recognise(request)
    judge = Judge(head, _material(request, extraction), _least(target))
    text = _say(judge, request, extraction)
    response = respond(request, target, Text(text=text))
    if not request.sampling.logprobs:
        return response
    choices = tuple(_with_logprobs(c, judge.odds, request) for c in response.choices)
    return replace(response, choices=choices)


def _material(request: ChatRequest, extraction: Extraction | None) -> str:
    lines = dialogue.lines(request) if extraction is None else extraction.lines
    turns = [Turn(line.role, line.text) for line in lines]
    if not any(turn.text.strip() for turn in turns):
        raise InvalidRequest("messages", "there are no words to classify")
    return material(turns)


def _least(target: Target) -> float:
    least = target.account.options.get("least_confidence")
    return float(least) if isinstance(least, int | float) else LEAST


def _say(judge: Judge, request: ChatRequest, extraction: Extraction | None) -> str:
    if extraction is not None:
        return write_finding(extract(extraction, judge=judge))
    if request.output is None:
        return judge.odds[0].label
    return _shaped(judge, request, request.output)


def _shaped(judge: Judge, request: ChatRequest, output: Output) -> str:
    match output:
        case SchemaJson():
            study = Study(read_transcript(dialogue.lines(request)), best_sense(), judge=judge)
            wanted = output.description or dialogue.orders(request)
            return json.dumps(fill(study, output.schema, wanted).value, ensure_ascii=False)
        case AnyJson():
            best = judge.odds[0]
            answer = {"label": best.label, "confidence": round(best.share, 4)}
            return json.dumps(answer, ensure_ascii=False)
        case OneOf():
            known = [odds.label for odds in judge.odds if odds.label in output.choices]
            if not known:
                raise Unrepresentable("response_format", "this classifier has none of the choices")
            return known[0]
        case Matching():
            fitting = [o.label for o in judge.odds if _matches(output.pattern, o.label)]
            if not fitting:
                raise UpstreamRefused(f"no label of this classifier matches {output.pattern}")
            return fitting[0]
        case _:
            assert_never(output)


def _matches(pattern: str, label: str) -> bool:
    return compiled(pattern).fullmatch(label) is not None


def _with_logprobs(choice: Choice, odds: list[Odds], request: ChatRequest) -> Choice:
    """The whole label is one token. An answer that is more, or less, than a label has none."""
    said = choice.message.text
    shares = {each.label: _log(each.share) for each in odds}
    if said not in shares:
        return choice
    most = min(request.sampling.top_logprobs or 0, MOST_TOP)
    top = tuple((each.label, shares[each.label]) for each in odds[:most])
    return replace(choice, logprobs=(TokenLogprob(token=said, logprob=shares[said], top=top),))


def _log(share: float) -> float:
    return math.log(max(share, 1e-30))
