"""What common names of contact reasons mean, for schemas that list bare names.

The first entry whose pattern a name matches explains it. An author's own explanation always wins.
"""

import re

_ENTRIES = (
    (
        r"deliver\w*|shipping|shipment|parcel|logistics",
        "a parcel or order is late, missing, has not arrived or was delivered to the wrong place;"
        " courier, tracking, shipping",
    ),
    (
        r"returns?|exchange",
        "sending an item back, returning or exchanging a product that does not fit or is not "
        "wanted",
    ),
    (
        r"refunds?",
        "getting money back for a purchase or a charge",
    ),
    (
        r"billing|payments?|invoic\w*|charges?|charging",
        "a bill, charge, invoice, payment, direct debit, statement, charged twice, overcharged, "
        "refund",
    ),
    (
        r"cancel\w*|churn|terminat\w*",
        "ending or cancelling a subscription, contract or membership",
    ),
    (
        r"account(?: \w+)? access|log ?in|sign ?in|password|access|authentication"
        r"|lock(?:ed)?(?: out)?",
        "cannot log in, forgotten password, locked account, verification code",
    ),
    (
        r"account|profile",
        "changing account details, address, e-mail or profile",
    ),
    (
        r"tech\w*(?: \w+)?|bugs?|faults?|outage|malfunction|defect\w*|hardware|software",
        "something is broken or not working, an error, fault, crash, leak, no signal, keeps "
        "dropping",
    ),
    (
        r"appointments?|bookings?|scheduling|reservations?",
        "booking, moving or scheduling an appointment, a visit, a table, a room or a time slot",
    ),
    (
        r"resched\w*",
        "moving an appointment or a booking to another day or time",
    ),
    (
        r"sales(?: \w+)?|pricing|quotes?|purchas\w*|demo|pre ?sales|leads?|buying",
        "price, quote, demo, plans, buying something new, comparing products, interested in",
    ),
    (
        r"upgrade|upsell",
        "moving to a bigger plan or a better product",
    ),
    (
        r"complaints?",
        "a complaint, bad service, rude staff, wants to complain, unacceptable",
    ),
    (
        r"feedback|praise|compliment",
        "an opinion, a suggestion or praise for the service",
    ),
    (
        r"product(?: \w+)?|availability|stock",
        "a question about a product, its features, size or whether it is in stock",
    ),
    (
        r"orders?(?: \w+)?",
        "a question about an order, its status or a change to it",
    ),
    (
        r"claims?|insurance",
        "making an insurance claim, an accident, damage, theft",
    ),
    (
        r"prescriptions?|medication|medicine|refill",
        "a repeat prescription, medicine, tablets, pharmacy",
    ),
    (
        r"symptoms?|medical|health",
        "pain, symptoms, feeling ill, asking a doctor or nurse",
    ),
    (
        r"warranty|guarantee|repairs?|maintenance",
        "repair of a broken item, warranty, guarantee, spare parts",
    ),
    (
        r"fraud|scam|security",
        "a payment or login that was not made by the customer, stolen card, suspicious message",
    ),
    (
        r"hours|locations?|directions",
        "opening hours, address, parking, how to get there",
    ),
    (
        r"careers?|jobs?|recruit\w*|hiring",
        "applying for a job, vacancies, interviews",
    ),
    (
        r"positive",
        "the customer is happy and thanks warmly",
    ),
    (
        r"negative",
        "the customer is angry or disappointed",
    ),
)
GLOSSARY = tuple(
    (re.compile(rf"(?:\w+ )?(?:{pattern})(?: \w+)?", re.I), text) for pattern, text in _ENTRIES
)


def explain(name: str) -> str:
    """The common meaning of `name`, given in plain words; empty where there is none."""
    return next((text for pattern, text in GLOSSARY if pattern.fullmatch(name)), "")
