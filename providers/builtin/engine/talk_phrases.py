"""What people say in English when they come with a wish, when they promise, when they only greet.

Patterns are matched at word beginnings, whatever the case.
"""

import re

from providers.builtin.engine.cues import cue

SMALL_TALK = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|thank(?:s| you)|bye|you['’]?re welcome"
    r"|my pleasure|is there anything|anything else|how (?:can|may) i|one moment|let me|sorry"
    r"|no problem"
    r"|okay|ok|great|sure|of course)\b",
    re.I,
)
WISHES = (
    cue(
        1.0,
        r"(?:i'?d like|i would like|i want|i need|i'?m (?:calling|ringing|looking|trying"
        r"|having|writing|after|interested)|i am (?:calling|looking|trying)|can (?:i|you)"
        r"|could (?:i|you)|i was (?:wondering|hoping)|i (?:can'?t|cannot)|how do i"
        r"|(?:my|the|your|it|this) ?(?:\w+ ){0,4}(?:says|keeps|won'?t|isn'?t|doesn'?t|hasn'?t|never"
        r"|stopped|still|not|broken|broke|wrong|missing)"
        r"|you'?ve (?:charged|sent)|i (?:ordered|bought|received|got)|calling (?:about|to"
        r"|because)|about (?:my|the|a))\b",
        "customer",
    ),
)
PROMISES = (
    cue(
        1.0,
        r"(?:i|we)(?:'?ll| will| am going to| are going to|'?m going to"
        r"|'?re going to)\b(?! (?:just )?(?:need|have a look|check that|take a look"
        r"|put you on hold))",
        "agent",
        late=0.4,
    ),
    cue(
        0.8,
        r"(?:you'?ll|you will) (?:get|receive|have)|(?:someone|somebody|an? \w+|the \w+"
        r"|they)(?:'?ll| will)\b",
        "agent",
        late=0.3,
    ),
    cue(
        0.8,
        r"(?:i'?ve|i have|we'?ve|we have) (?:now |just |already )?(?:booked|sent|raised"
        r"|arranged|ordered|asked|added|escalated|requested|passed|opened|scheduled|put|logged)",
        "agent",
        late=0.3,
    ),
    cue(
        0.8,
        r"(?:i'?d|i|we) need to|has to be|needs? to be|will do\b|shall (?:i|we)",
        "agent",
        late=0.2,
    ),
    cue(0.6, r"i'?ll|i will|please (?:send|call|email)", "customer", late=0.3),
)
