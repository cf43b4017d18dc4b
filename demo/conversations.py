"""Sample conversations, written for this project: `> ` is the customer, `< ` the bot or agent."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation as text, one turn a line."""

    name: str
    channel: str
    text: str

    def turns(self) -> list[tuple[Literal["user", "assistant"], str]]:
        lines = (line.strip() for line in self.text.strip().splitlines())
        return [("user" if line[0] == ">" else "assistant", line[2:]) for line in lines if line]


SAMPLES = (
    Sample(
        "Kettle arrived broken",
        "web_chat",
        """
        < Hello, this is the Brightwater Kitchen assistant. What can I do for you?
        > Hi. The kettle I ordered came this morning and the lid is cracked.
        < I am sorry about that. May I have your order number?
        > It's BK-48213.
        < Thank you. Would you like a replacement or your money back?
        > A replacement please, we use it every day.
        < I will send a new kettle tomorrow by express. You can keep or recycle the broken one.
        > That's quick, thank you. Can you confirm it to nadia.ferro@example.com?
        < The confirmation is on its way to nadia.ferro@example.com. Anything else?
        > No, that solved it. Great service!
        """,
    ),
    Sample(
        "Charged twice in October",
        "phone_call",
        """
        < Northline Billing, you are speaking with Tomas. How can I help?
        > My name is Priya Raman and I've been charged twice for October. It's 39 dollars each time.
        < I see two payments on the 3rd and the 4th, that is unusual. Let me look into it.
        > This is the second month in a row. Honestly I'm getting tired of it.
        < I understand. I cannot refund it myself, I have to pass it to our finance team.
        > And how long does that take? Last time nobody called me back.
        < They will contact you within three working days.
        > Please make sure they do. My number is +1 555 010 4477.
        < I have noted +1 555 010 4477. I am sorry for the trouble.
        > I'll wait, but if it isn't fixed I will cancel the contract.
        """,
    ),
    Sample(
        "Moving a hotel stay",
        "web_call",
        """
        < Welcome to Harbour House. I can help with bookings. What would you like to do?
        > I need to move my stay. The booking reference is HH7719.
        < I found it: two nights from the 12th of June for Jonas Lindqvist. What is the new date?
        > From the 19th, also two nights, and could we have a room facing the sea?
        < A sea-view double is free from the 19th for 40 euros more a night. Shall I book it?
        > Yes, go ahead.
        < Done. The new total is 420 euros and the confirmation goes to your e-mail address.
        > Perfect, thanks a lot.
        """,
    ),
    Sample(
        "Question before buying",
        "web_chat",
        """
        < Hi, I'm the Tallgrass assistant. Ask me anything about our plans.
        > We are a team of twelve and want shared inboxes. Which plan has those?
        < Shared inboxes are part of the Team plan, at 9 dollars a person each month.
        > Is there a discount if we pay for a year?
        < Yes, two months are free on the yearly plan.
        > Okay. I need to talk to my manager first. Can someone call me next week?
        < Of course. What is the best number?
        > 555-0162, ask for Marcus Bell.
        < Thank you Marcus, a colleague will call you on Monday morning.
        """,
    ),
    Sample(
        "Appointment at the clinic",
        "phone_call",
        """
        < Elm Street Clinic, good morning.
        > Good morning, this is Rosa Delgado. I'd like to see doctor Imhof about my knee.
        < The next free appointment is Thursday at half past ten. Does that suit you?
        > Thursday is fine.
        < Then I have put you down for Thursday, ten thirty. Please bring your insurance card.
        > I will. Do I need a referral?
        < No, not for a first visit.
        > Wonderful, see you Thursday.
        """,
    ),
    Sample(
        "Router keeps dropping",
        "sms_chat",
        """
        > the internet goes down every evening around eight
        < That is annoying. Is the light on the router red or orange when it happens?
        > red and then it blinks
        < Please restart the router once and tell me whether it stays green.
        > restarted it. still red
        < Then the line has a fault. I have opened ticket TK-90155 for a technician.
        > when will they come
        < A technician will come tomorrow between 8 and 12. You will get a text beforehand.
        > ok but this has been going on for two weeks, really not good enough
        """,
    ),
)
