"""Answers told in events, and events put together again."""

from hypothesis import given

from tests.wire.strategies import responses
from vocabulary.chat import Finished, PartGrew, PartStarted, Started, Text
from vocabulary.streams import Fold, explode, fold

STARTED = Started(id="chatcmpl-1", model="m", created=1)


@given(responses())
def test_an_exploded_response_folds_to_itself(response):
    assert fold(explode(response)) == response


def test_what_one_vendor_alone_says_of_a_message_comes_with_its_end():
    extras = {"dial": {"custom_content": {"state": 1}}}
    response = fold([STARTED, Finished(finish="stop", extras=extras)])
    assert response.choices[0].message.extras == extras
    assert fold(explode(response)) == response


def test_a_broken_stream_folds_to_what_arrived():
    folding = Fold()
    for event in (
        STARTED,
        PartStarted(index=0, part=Text(text="")),
        PartGrew(index=0, text="Hel"),
        PartGrew(index=0, text="lo"),
    ):
        folding.add(event)
    assert not folding.complete
    assert folding.response().text == "Hello"
    assert folding.response().choices[0].finish == "error"


def test_a_stream_is_complete_when_each_choice_has_finished():
    folding = Fold()
    folding.add(STARTED)
    assert not folding.complete
    folding.add(PartStarted(index=0, choice=1, part=Text(text="")))
    folding.add(Finished(choice=0, finish="stop"))
    assert not folding.complete
    folding.add(Finished(choice=1, finish="stop"))
    assert folding.complete
