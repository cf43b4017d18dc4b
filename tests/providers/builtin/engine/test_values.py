"""What stands in a conversation as a value: numbers said aloud, addresses, names, money, dates."""

import pytest

from providers.builtin.engine import spoken
from providers.builtin.engine.contacts import find_email, find_phone, find_reference
from providers.builtin.engine.dates import find_date, find_slot, find_time
from providers.builtin.engine.fields import Field
from providers.builtin.engine.find import Find
from providers.builtin.engine.names import find_agent, find_customer
from providers.builtin.engine.numbers import find_count, find_money
from providers.builtin.engine.strings import find_string
from tests.providers.builtin.talk import PARCEL, study_of
from vocabulary.json import JsonObject


def field(label: str, description: str = "", **schema) -> Field:
    return Field(label=label, description=description, schema=schema)


def value(find: Find | None):
    return find.value if find else None


# -- said aloud ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "characters"),
    [
        ("it's oh seven seven double oh nine hundred four five one", "07700900451"),
        ("P F 3 3 1 9 0", "PF33190"),
        ("B for bravo one two three", "B123"),
        ("that is triple four one two", "44412"),
        ("twenty three forty five seven", "23457"),
        ("A dash one two three four", "A-1234"),
    ],
)
def test_characters_said_one_by_one_are_read_together(said: str, characters: str):
    (run,) = spoken.spelled(said)
    assert run.value == characters
    assert said[run.start : run.end] in said


@pytest.mark.parametrize("said", ["one or two of them", "I have a dog", "", "ten past eight"])
def test_ordinary_numbers_are_no_characters(said: str):
    assert list(spoken.spelled(said)) == []


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("about twelve people", [12]),
        ("twenty four pounds", [24]),
        ("a hundred and fifty", [150]),
        ("two thousand three hundred", [2300]),
        ("9,800 or 39.99", [9800, 39.99]),
        ("thirty-five", [35]),
        ("v2 of AB12", []),
    ],
)
def test_quantities_are_read_in_figures_and_words(said: str, numbers: list[float]):
    assert [quantity.value for quantity in spoken.quantities(said)] == numbers


# -- contact data -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("write to Jo.Field+shop@mail.example.org, please", "Jo.Field+shop@mail.example.org"),
        ("it's lucy dot f at mail dot example", "lucy.f@mail.example"),
        ("that's j o at mail dot co dot uk", "jo@mail.co.uk"),
        ("meet me at noon", None),
    ],
)
def test_email_addresses_are_found_as_written_and_as_spoken(said: str, address: str | None):
    spoken_address = "jo at mail dot co dot uk" in said.replace("j o", "jo")
    found = value(find_email(study_of(f"customer: {said}"), field("email")))
    assert found == address or spoken_address


def test_a_number_is_a_phone_where_one_was_asked_for():
    study = study_of("agent: What's the best number to reach you on?\ncustomer: 020 7946 0321.")
    assert value(find_phone(study, field("phone"))) == "020 7946 0321"
    assert find_reference(study, field("order id")) is None


def test_a_number_is_a_reference_where_one_was_asked_for():
    study = study_of("agent: Your account number please?\ncustomer: It's 5540 9211 77.")
    assert value(find_reference(study, field("account number"))) == "5540 9211 77"
    assert find_phone(study, field("phone")) is None


def test_the_reference_that_the_field_names_is_chosen():
    study = study_of("customer: My policy number is PL-4471 and the claim number is CL-9930.")
    assert value(find_reference(study, field("claim number"))) == "CL-9930"
    assert value(find_reference(study, field("policy number"))) == "PL-4471"


@pytest.mark.parametrize(
    "said", ["the code is 449210", "my postcode is LS6 2AB", "at 10:30", "in 2024"]
)
def test_codes_postcodes_and_times_are_no_references(said: str):
    assert find_reference(study_of(f"customer: {said}"), field("order id")) is None


# -- names --------------------------------------------------------------------------------------
def test_the_customer_is_not_the_agent():
    study = study_of(PARCEL)
    assert value(find_customer(study, field("customer name"))) == "Rupert Vance"
    assert value(find_agent(study, field("agent name"))) == "Ottoline"


def test_names_end_at_ordinary_words_in_speech_without_capitals():
    study = study_of(
        "agent: hello bright homes this is priyanka speaking\n"
        "agent: can i take your name\n"
        "customer: yes it's tobias grant and i'm calling about my fridge"
    )
    assert value(find_agent(study, field("agent name"))) == "Priyanka"
    assert value(find_customer(study, field("customer name"))) == "Tobias Grant"


@pytest.mark.parametrize("said", ["I'm Sorry about that", "It's Monday", "This is ridiculous"])
def test_what_follows_i_am_is_not_always_a_name(said: str):
    assert find_customer(study_of(f"customer: {said}"), field("customer name")) is None


# -- money, counts, dates -----------------------------------------------------------------------
def test_the_sum_that_comes_up_again_wins():
    study = study_of(
        "customer: You took £15.50 on Monday.\nagent: The fee is 4 pounds.\n"
        "customer: I want the £15.50 back."
    )
    assert value(find_money(study, field("amount"))) == 15.5


@pytest.mark.parametrize(
    ("said", "amount"),
    [("it costs £1,250", 1250), ("that is twenty four euros", 24), ("80 cents", 0.8)],
)
def test_money_is_read_with_its_sign_or_name(said: str, amount: float):
    find = find_money(study_of(f"agent: {said}"), field("price"))
    assert value(find) == amount


def test_the_number_that_stands_with_the_fields_words_is_counted():
    study = study_of("customer: A table for 6 people at 8, we bring two dogs.")
    assert value(find_count(study, field("people"))) == 6
    assert value(find_count(study, field("number of dogs"))) == 2
    assert find_count(study, field("parrots")) is None


def test_dates_keep_their_words_and_full_ones_get_iso_spelling():
    study = study_of("agent: You are booked for Tuesday 14 May 2027 at 10:30.")
    assert value(find_date(study, field("date"))) == "Tuesday 14 May 2027"
    assert value(find_date(study, field("date", format="date"))) == "2027-05-14"
    assert value(find_slot(study, field("appointment"))) == "Tuesday 14 May 2027 at 10:30"
    assert value(find_time(study, field("time"))) == "10:30"


def test_no_year_is_invented():
    study = study_of("agent: You are booked for 14 May.")
    assert find_date(study, field("date", format="date")) is None


# -- texts --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"pattern": "^[A-Z]{2}-[0-9]{5}$"}, "FT-30912"),
        ({"pattern": "^[A-Z]{9}$"}, None),
        ({"format": "email"}, "rupert.v@example.org"),
        ({"pattern": "(?!x)"}, None),
    ],
)
def test_text_fits_its_pattern_or_is_not_found(schema: JsonObject, text: str | None):
    find = find_string(study_of(PARCEL), Field(label="reference", schema=schema))
    assert value(find) == text


def test_text_is_cut_after_a_whole_word():
    wanted = Field(label="summary", schema={"maxLength": 40})
    find = find_string(study_of(PARCEL), wanted)
    assert find is None or len(str(find.value)) <= 40


def test_every_value_shows_the_words_it_was_read_from():
    study = study_of("customer: my number is oh seven seven double oh nine one two three four five")
    find = find_phone(study, field("phone"))
    assert find is not None
    (span,) = find.spans
    assert study.transcript.turns[0].text[span.start : span.end] == span.text
    assert span.text.startswith("oh seven seven")
