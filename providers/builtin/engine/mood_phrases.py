"""What pleased and displeased customers say, beyond the single words that VADER knows."""

from providers.builtin.engine.cues import cue

_VERY = (
    r"(?:so |really |very |super |extremely |absolutely |incredibly |just |quite |pretty |totally "
    r"|most )*"
)

PRAISE = (
    cue(
        1.0,
        rf"(?:you'?ve|you have|you were|you are|you'?re|that was|that'?s|thats|this is"
        rf"|it was) {_VERY}(?:been )?{_VERY}(?:helpful|kind|quick|brilliant|fantastic|amazing"
        rf"|excellent|wonderful|awesome|lovely|great|perfect|patient|easy|a star|a lifesaver"
        rf"|the best|good of you)",
        "customer",
        late=0.6,
    ),
    cue(
        0.9,
        r"(?:appreciate|much appreciated|delighted|thrilled|so happy|very happy|really happy"
        r"|really pleased|impressed|relief|relieved|can'?t thank you enough|made my day"
        r"|love (?:it|that|this|your)|best service|great service|glad i (?:called|rang|asked))\b",
        "customer",
        late=0.6,
    ),
    cue(
        0.8,
        r"(?:perfect|brilliant|wonderful|fantastic|excellent|amazing|awesome|marvellous|superb)\b",
        "customer",
        late=0.6,
    ),
    cue(
        0.6,
        r"(?:thank you so much|thanks so much|thanks a million|many thanks|thank you very much)",
        "customer",
        late=0.6,
    ),
    cue(0.5, rf"(?:sounds (?:good|great|perfect)|{_VERY}(?:lovely|great)\b)", "customer", late=0.6),
    cue(
        0.3,
        r"(?:thank you|thanks)(?: \w+){0,3} for (?:your help|sorting|being|all|everything)",
        "customer",
        late=0.6,
    ),
)

COMPLAINT = (
    cue(
        1.2,
        r"(?:ridiculous|unacceptable|disgrace\w*|appalling|pathetic|useless|furious|livid|joke"
        r"|scam|rip[- ]?off|outrageous|terrible|awful|horrible|worst|disgusting|incompetent"
        r"|shambles)\b",
        "customer",
        late=0.3,
    ),
    cue(
        1.0,
        r"(?:fed up|sick of|sick and tired|had enough|at my wits|waste of (?:my )?time|wasted"
        r"|let (?:me|us) down|not good enough|no excuse|lost patience|never (?:again|using|coming"
        r"|buying)|i'?m leaving|i want to complain|make a complaint|formal complaint"
        r"|speak to (?:a |your )?(?:manager|supervisor))",
        "customer",
        late=0.3,
    ),
    cue(
        0.8,
        r"(?:frustrat\w+|disappoint\w+|annoy\w+|angry|upset(?:ting)?|stressful|unhappy|not happy"
        r"|not impressed|not pleased|dissatisfied)\b",
        "customer",
        late=0.3,
    ),
    cue(
        0.6,
        r"(?:third|fourth|fifth|second|2nd|3rd|4th) time|(?:again and again|every time"
        r"|keeps? (?:happening|dropping|crashing|failing|breaking|going)"
        r"|nobody (?:\w+ ){0,2}(?:call|help|know|answer|got|has|seem|repl)\w*"
        r"|no one (?:\w+ ){0,2}(?:call|help|know|answer|got|has|seem|repl)\w*|still (?:waiting"
        r"|nothing|no )|been waiting|how (?:long|many times)|on hold for)",
        "customer",
        late=0.2,
    ),
    cue(
        0.4,
        r"(?:definitely wasn'?t|so you can'?t|that'?s not (?:right|fair|what)|not what i"
        r"|whatever|seriously)\b|\?\?",
        "customer",
        late=0.3,
    ),
)

PRAISE_SENTENCES = (
    "Thank you so much, you have been really helpful.",
    "That's brilliant, I'm very happy with that.",
    "Great service, I really appreciate it.",
)
COMPLAINT_SENTENCES = (
    "This is ridiculous, I am very disappointed.",
    "I'm really frustrated and fed up with your service.",
    "That is not good enough, I'm not happy about it.",
)
