"""Documents of an invented shop, written for this project: something to search and to ask about."""

from dataclasses import dataclass

BUCKET = "handbook"


@dataclass(frozen=True, slots=True)
class SampleDocument:
    path: str
    text: str


DOCUMENTS = (
    SampleDocument(
        "delivery.md",
        """\
# Delivery

Orders that reach us before two in the afternoon leave the warehouse the same day. A parcel takes
two working days inside the country and four to six days abroad. Express parcels cost 9 euros more
and arrive the next morning.

Delivery is free from 60 euros; below that it costs 4.50 euros. The carrier tries twice and then
keeps the parcel for a week at the nearest collection point.
""",
    ),
    SampleDocument(
        "returns.md",
        """\
# Returns and refunds

Anything that was not used can be sent back within 30 days. Print the label in your account, put it
on the box and hand it to the carrier. Sending it back costs nothing.

The money is on its way within five working days after the box has reached us, by the same means
that you paid with. Knives that were sharpened to order and opened spices cannot be returned.
""",
    ),
    SampleDocument(
        "warranty.md",
        """\
# Warranty and repairs

Kettles, toasters and mixers have a warranty of three years, pans of ten. What came broken is
replaced at once, and you need not send the broken one back.

Later faults are mended in our workshop. Write to us with the order number and a picture. A repair
takes about two weeks; after the warranty we tell you the price before we begin.
""",
    ),
    SampleDocument(
        "kettle-care.md",
        """\
# Looking after a kettle

Lime makes a kettle slow and loud. Once a month, fill it halfway with water and a spoon of citric
acid, bring it to the boil, let it stand for half an hour and rinse it twice. Do not use vinegar: it
attacks the seal of the lid.

Never put the base under water. Wipe it with a damp cloth when it is unplugged.
""",
    ),
    SampleDocument(
        "payment.md",
        """\
# Paying

We take cards, bank transfer and gift cards. A gift card is valid for five years and can be used for
several orders. Companies can ask for an invoice that is due after 14 days.

If a payment fails we keep the order for three days, so that you can try another card. We never ask
for the number of a card by telephone or e-mail.
""",
    ),
    SampleDocument(
        "shops.md",
        """\
# Our shops

The shop at the harbour is open from nine to seven, on Saturdays until five. The shop in Mill Lane
opens at ten and is closed on Mondays. Both are closed on Sundays.

On the first Thursday of the month there is a cooking class at the harbour, for eight people. Book
a place at the counter or by telephone.
""",
    ),
)
