"""What people say in English when a matter is settled, stays open, or will be taken up again.

Patterns are matched at word beginnings, whatever the case. Apostrophes may be missing, as in speech
written down by a machine.
"""

from providers.builtin.engine.cues import cue

# What an agent has done, after "I've", or what has been done.
_DONE = (
    r"(?:booked|cancelled|canceled|processed|refunded|updated|changed|unlocked|reset|fixed|added"
    r"|applied|moved|removed|activated|issued|arranged|confirmed|completed|placed|rescheduled"
    r"|corrected|credited|renewed|upgraded|restored|switched|reserved|resent|sent|paid|amended"
    r"|sorted|resolved|set up|put through|put you down|got you)"
)
_HAVE = r"(?:i'?ve|i have|we'?ve|we have|i just|i)"
_WILL = r"(?:'?ll| will| is going to| are going to|'?s going to|'?re going to)"
_SOMEBODY = (
    r"(?:i|we|he|she|they|it|some(?:one|body)|an? \w+|the \w+(?: \w+)?|my \w+|our \w+"
    r"|one of \w+ \w+)"
)
# A message that only confirms is no coming back.
_NOT_A_NOTICE = (
    r"(?!.{0,80}\b(?:confirmation|reminder|receipt|tracking|link|copy|details|summary)\b)"
)
_PERIOD = r"(?:\w+[- ]){0,4}(?:days?|hours?|weeks?|minutes?)"

CLOSED = (
    cue(
        0.8,
        r"(?:it|that|this|everything|internet|phone|app|screen)(?:'?s| is| are| has)?(?: all"
        r"| now| been)* (?:work(?:s|ing|ed)|fixed|sorted|done|solved|resolved|back)\b",
        late=0.5,
    ),
    cue(
        0.9,
        r"(?:i'?m in|i can (?:now )?(?:see|log|get)|i got in|it went through|that (?:did"
        r"|does) it|problem solved)\b",
        "customer",
        late=0.4,
    ),
    cue(
        0.6,
        r"(?:that'?s|that is|thats) (?:everything|all|it|fine|great|perfect|brilliant|sorted"
        r"|fixed|good|lovely|wonderful|right|excellent|amazing)\b",
        "customer",
        late=0.6,
    ),
    cue(0.5, r"no,? (?:that'?s|thats|thank|thanks|nothing|i think)", "customer", late=0.6),
    cue(
        0.7,
        r"(?:thank you|thanks|cheers)(?: so much| very much| a lot)?(?: again)? for (?:your help"
        r"|(?:all )?your|sorting|fixing|doing|getting|helping|that|all|everything|being)",
        "customer",
        late=0.6,
    ),
    cue(
        0.7,
        r"(?:you'?ve|you have|that was|you were|you guys are) (?:all )?(?:been )?(?:so |really "
        r"|very |super |most )?(?:helpful|kind|quick|easy|great|brilliant|amazing|patient)",
        "customer",
        late=0.6,
    ),
    cue(
        0.5,
        r"(?:perfect|brilliant|wonderful|lovely|excellent|fantastic|awesome|amazing|great"
        r"|appreciate)\b",
        "customer",
        late=0.7,
    ),
    cue(
        0.4,
        r"(?:sounds good|that works|works for me|see you (?:then|on|tomorrow))",
        "customer",
        late=0.6,
    ),
    cue(
        0.6,
        rf"{_HAVE}(?: now| just| already| gone ahead and)* {_DONE}\b(?! (?:the |your |it |this "
        rf"|a )*(?:request|ticket|case|complaint|it to|on to|to the|you to the (?:wait\w*"
        rf"|cancellation) list))",
        "agent",
        late=0.4,
    ),
    cue(
        0.9,
        r"(?:you'?re|you are) (?:all set|booked|good to go|all booked|confirmed|in for)",
        "agent",
        late=0.4,
    ),
    cue(
        0.9,
        r"(?:all (?:done|set|sorted|booked|cancelled)|that'?s (?:all |now |been )*(?:done"
        r"|booked|cancelled|gone through|sorted|confirmed|updated|changed|processed|reserved"
        r"|set up|you))\b",
        "agent",
        late=0.4,
    ),
    cue(0.7, rf"(?:has|have|['’]s|been)(?: now| all)? (?:been )?{_DONE}\b", "agent", late=0.4),
    cue(
        0.7,
        r"(?:is|are) (?:now |all )?(?:confirmed|active|cancelled|unlocked|reserved|on its way"
        r"|working)\b",
        "agent",
        late=0.4,
    ),
    cue(
        0.5,
        r"(?:i'?ll|i will|we'?ll) (?:send|ship|post|issue) (?:you )?(?:a |an |out "
        r"|the )*(?:new|replacement|full|refund)",
        "agent",
        late=0.4,
    ),
)

OPEN = (
    cue(
        1.2,
        r"(?:has|have|needs?|still has|got) to be (?:\w+ )?(?:approved|checked|reviewed"
        r"|authori[sz]ed|investigated|escalated|looked|signed)",
    ),
    cue(
        1.0,
        r"(?:raise|raised|escalat\w+|pass(?:ed|ing)? (?:it|this|that|you|your \w+) (?:on|to|over)"
        r"|forward(?:ed|ing)? (?:it|this|that|your)|refer(?:red|ring)? (?:it|this|you)"
        r"|opened? (?:a|the) (?:ticket|case)|logged (?:a|the|this))",
        "agent",
    ),
    cue(
        1.0,
        r"(?:send|sending|sent|need|book|booked)(?: you)?(?: out)? (?:an? |the )?(?:engineer"
        r"|technician|plumber|electrician|inspector|specialist)",
    ),
    cue(
        1.1,
        rf"{_SOMEBODY}{_WILL} (?:\w+ ){{0,2}}(?:call|ring|phone|email|contact|write|be in touch"
        rf"|get back|come back|let (?:you|me) know|follow up|look into|investigate|check|find out"
        rf"|chase){_NOT_A_NOTICE}",
        "agent",
        late=0.3,
    ),
    cue(
        1.0,
        r"(?:look(?:ing)? into (?:it|this|that)|investigat\w+|under review|get back to you"
        r"|come back to you|be in touch|call(?:ing)? you back|ring you back|keep you (?:posted"
        r"|updated))",
        "agent",
        late=0.3,
    ),
    cue(
        0.9,
        r"(?:i'?ll|i will|i'?d|i am|i'?m)(?: \w+)? (?:be waiting|wait|waiting"
        r"|need to (?:think|talk|speak|check|show|ask|discuss)|think about|have a think"
        r"|let you know|get back|come back|talk to|speak to|call back|try again|check with"
        r"|discuss)",
        "customer",
        late=0.4,
    ),
    cue(
        0.9,
        r"(?:let me|need to|have to|want to) (?:think|talk (?:to|with)|speak (?:to|with)"
        r"|check with|discuss|run it|ask my|show it)",
        "customer",
        late=0.4,
    ),
    cue(0.9, r"before (?:i |we )?(?:decid\w+|commit\w*|sign\w*)", "customer"),
    cue(
        0.7,
        r"(?:demo|trial|follow[- ]?up (?:call|meeting)|(?:talk|speak)(?: to you)?(?: again)? (?:on"
        r"|next|soon|tomorrow|then))",
        "agent",
        late=0.6,
    ),
    cue(
        0.9,
        r"(?:it|that|this|they|which)?(?:'?s| is| are)? ?still (?:not|no|isn'?t|doesn'?t"
        r"|won'?t|can'?t|hasn'?t|haven'?t|waiting|the same|broken|nothing|getting"
        r"|says)",
        "customer",
        late=0.8,
    ),
    cue(
        0.8,
        r"(?:not (?:happy|good enough|acceptable|satisfied|impressed|helpful)|ridiculous"
        r"|unacceptable|useless|disgrace\w*|joke|pathetic|waste of (?:my )?time|never (?:again"
        r"|using)|i'?m leaving|i'?ll (?:be )?(?:leav|complain|go(?:ing)? elsewhere|switch"
        r"|cancel|report)\w*)",
        "customer",
        late=0.8,
    ),
    cue(
        0.8,
        r"i'?m afraid (?:not|we|i|there|that|it)|(?:i|we) (?:can'?t|cannot|can not|won'?t"
        r"|am unable|are unable|'?m unable|don'?t have)|unfortunately|not able to"
        r"|isn'?t possible|system is down|out of stock|no availability|fully booked",
        "agent",
        late=0.6,
    ),
    cue(
        0.6,
        r"(?:speak|talk|put me through|transfer me) (?:to )?(?:a |your |the )?(?:manager"
        r"|supervisor)",
        "customer",
    ),
    cue(
        0.6,
        r"(?:manager|supervisor|team|department|specialist|colleague)s? (?:will|can|needs? to"
        r"|has to|is going to)",
        "agent",
        late=0.5,
    ),
    cue(0.3, rf"(?:up to|within|in the next|takes?|take) {_PERIOD}\b", "agent", late=0.5),
    cue(
        0.6,
        r"(?:call|try|ring|phone|come|write) (?:us )?(?:back|again) (?:later|tomorrow|on|next|when"
        r"|in)\b",
        "agent",
        late=0.5,
    ),
)

FOLLOW_UP = (
    cue(
        1.0,
        rf"{_SOMEBODY}{_WILL} (?:\w+ ){{0,2}}(?:call|ring|phone|email|contact|write to|be in touch"
        rf"|get back|come back|let (?:you|me) know|follow up|look into|investigate|chase|arrange"
        rf"|find out){_NOT_A_NOTICE}",
        "agent",
    ),
    cue(
        0.9,
        r"(?:get back to you|come back to you|be in touch|call(?:ing)? you back|ring you back"
        r"|keep you (?:posted|updated))",
        "agent",
    ),
    cue(
        0.9,
        r"(?:has|have|needs?) to be (?:\w+ )?(?:approved|checked|reviewed|authori[sz]ed"
        r"|investigated)",
        "agent",
    ),
    cue(0.9, r"(?:raised|escalat\w+|opened? (?:a|the) (?:ticket|case))", "agent"),
    cue(
        0.9,
        r"(?:send|sending|need|book|booked)(?: you)?(?: out)? (?:an? |the )?(?:engineer|technician"
        r"|plumber|electrician|inspector|specialist)",
        "agent",
    ),
    cue(
        0.8,
        r"(?:send|email)(?: you| over| across)*(?: a| an| the| some)* (?:quote|proposal|contract"
        r"|invite|information|brochure|estimate)",
        "agent",
    ),
    cue(
        0.7,
        r"(?:demo|follow[- ]?up|(?:talk|speak)(?: to you)?(?: again)? (?:on|next|soon|tomorrow))",
        "agent",
    ),
    cue(
        0.8,
        r"(?:i'?ll|i will|let me) (?:be waiting|think|let you know|get back|talk to|speak to"
        r"|check with|call (?:you )?back)",
        "customer",
    ),
)

CLOSED_SENTENCES = (
    "It works now, thank you.",
    "That's everything I needed, thanks for your help.",
    "I have booked that for you, you are all set.",
    "Your request has been completed.",
    "The refund has been processed.",
)
OPEN_SENTENCES = (
    "Somebody will call you back about it.",
    "We still have to look into the problem.",
    "It still does not work.",
    "I will think about it and let you know.",
    "I have passed it on to another department and you have to wait.",
    "I can't help you with that.",
)
