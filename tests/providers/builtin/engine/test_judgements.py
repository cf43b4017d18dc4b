"""What has to be weighed: moods, outcomes, topics, degrees, summaries, lists."""

import pytest

from providers.builtin.engine.arrays import find_items
from providers.builtin.engine.booleans import find_boolean
from providers.builtin.engine.choices import find_choice, find_choices
from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find
from providers.builtin.engine.free_text import answer
from providers.builtin.engine.numbers import find_number
from providers.builtin.engine.resolution import find_follow_up, find_resolved
from providers.builtin.engine.sense import Keywords, best_sense
from providers.builtin.engine.summaries import summarise
from tests.providers.builtin.talk import PARCEL, study_of

ANGRY = """
agent: How can I help?
customer: My heating has been off for a week and nobody calls me back. This is ridiculous.
agent: I'm afraid I can't send anybody today. I'll pass this on to the team and they will call you.
customer: That's not good enough, I'm really disappointed.
"""
CALM = """
agent: How can I help?
customer: I want to change the address on my account.
agent: That's updated for you.
customer: Okay, bye.
"""
FEELINGS = ("positive", "neutral", "negative")
SENSES = [Keywords(), best_sense()]


def field(label: str, description: str = "", **schema) -> Field:
    return Field(label=label, description=description, schema=schema)


def value(find: Find | None):
    return find.value if find else None


@pytest.mark.parametrize("sense", SENSES)
@pytest.mark.parametrize(
    ("talk", "feeling", "stars"),
    [(PARCEL, "positive", 5), (CALM, "neutral", 4), (ANGRY, "negative", 1)],
)
def test_moods_are_told_apart(talk: str, feeling: str, stars: int, sense):
    study = study_of(talk, sense)
    assert value(find_choice(study, field("sentiment"), FEELINGS)) == feeling
    assert abs(value(find_number(study, field("csat", minimum=1, maximum=5))) - stars) <= 1


def test_a_score_that_was_named_wins():
    study = study_of(ANGRY + "customer: I'd give you 4 out of 5 though.")
    assert value(find_number(study, field("csat", minimum=1, maximum=5))) == 4
    assert value(find_number(study, field("rating", minimum=0, maximum=10))) == 8


@pytest.mark.parametrize("sense", SENSES)
@pytest.mark.parametrize(("talk", "settled"), [(PARCEL, True), (CALM, True), (ANGRY, False)])
def test_outcomes_are_told_apart(talk: str, settled: bool, sense):
    study = study_of(talk, sense)
    assert value(find_resolved(study, field("resolved"))) is settled
    assert value(find_follow_up(study, field("follow up required"))) is not settled
    assert value(find_choice(study, field("status"), ("resolved", "unresolved"))) == (
        "resolved" if settled else "unresolved"
    )


def test_silence_is_neither_yes_nor_no():
    study = study_of("customer: Good morning.")
    assert find_resolved(study, field("resolved")) is None
    assert find_boolean(study, field("owns a car", "The customer owns a car")) is None


def test_an_answered_question_is_a_boolean():
    study = study_of(
        "agent: Have you been a patient with us before?\ncustomer: No, I just moved here."
    )
    wanted = field("existing patient", "Have you been a patient with us before")
    assert value(find_boolean(study, wanted)) is False


@pytest.mark.parametrize("sense", SENSES)
def test_a_topic_is_chosen_by_its_explanation(sense):
    description = "pets: a dog, a cat or another animal; plants: a tree, a flower or the garden"
    study = study_of("customer: The flowers in my garden look ill, and the tree too.", sense)
    find = find_choice(study, field("subject", description), ("pets", "plants", "other"))
    assert value(find) == "plants"


def test_what_is_about_nothing_listed_is_other_or_nothing():
    study = study_of("customer: Hm.")
    assert value(find_choice(study, field("topic"), ("billing", "delivery", "other"))) == "other"
    assert find_choice(study, field("topic"), ("billing", "delivery")) is None


def test_letters_that_nobody_explains_are_no_topics():
    assert find_choice(study_of(PARCEL), field("unit"), ("c", "f")) is None


def test_urgency_follows_pressing_words():
    study = study_of("customer: There is a gas leak, it's an emergency!")
    assert value(find_choice(study, field("priority"), ("low", "medium", "critical"))) == "critical"


def test_several_values_may_fit():
    study = study_of("customer: My parcel is late. And my invoice is wrong, you charged me twice.")
    finds = find_choices(study, field("topics"), ("delivery", "billing", "cancellation"), 3)
    assert {find.value for find in finds} == {"delivery", "billing"}


@pytest.mark.parametrize("sense", SENSES)
def test_a_summary_quotes_whole_sentences_in_order(sense):
    study = study_of(PARCEL, sense)
    find = summarise(study, most=2)
    assert find is not None
    assert find.value == " ".join(span.text for span in find.spans)
    assert [span.message for span in find.spans] == sorted(span.message for span in find.spans)
    assert "never arrived" in str(find.value)
    assert len(find.spans) == 2


def test_what_was_promised_is_listed():
    finds = find_items(study_of(ANGRY), field("action items"), {"type": "string"}, 3)
    assert any("they will call you" in str(find.value) for find in finds)


@pytest.mark.parametrize(
    ("instructions", "text"),
    [
        ("What is the customer's email address?", "rupert.v@example.org"),
        ("Which order number was given?", "FT-30912"),
        ("What did the customer feel? Give the sentiment.", "positive"),
        ("Was the issue resolved?", "yes"),
        ("What is the name of the agent?", "Ottoline"),
    ],
)
def test_a_question_without_a_schema_gets_the_kind_of_answer_it_asks_for(
    instructions: str, text: str
):
    assert value(answer(study_of(PARCEL), instructions)) == text


def test_a_question_about_nothing_that_was_said_gets_no_answer():
    assert answer(study_of(PARCEL, best_sense()), "Describe the lighthouse keeper's boat") is None
