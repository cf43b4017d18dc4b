"""What the webhooks' tests share: a receiver's memory, and something to announce."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from common.secrets import Secret
from organisations.actor import Actor
from webhooks.services import Announcement

type Answer = tuple[int, dict[str, str], bytes]

OK: Answer = (200, {}, b"")


@dataclass(frozen=True)
class Post:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: Secret) -> dict[str, Any]:
        """The body, if the reference library accepts the signature."""
        body: dict[str, Any] = Webhook(secret.reveal()).verify(self.body, self.headers)
        return body


@dataclass
class Receiver:
    """Keeps what it is sent. `answers` are given in turn; the last one stays."""

    url: str
    answers: list[Answer] = field(default_factory=lambda: [OK])
    posts: list[Post] = field(default_factory=list)
    before_answer: Callable[[Post], None] = lambda post: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, post: Post) -> Answer:
        with self.lock:
            self.posts.append(post)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.before_answer(post)
        return answer

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(post.body) for post in self.posts]


def announcement(actor: Actor, type: str = "conversation.reopened", **values) -> Announcement:
    return Announcement(
        **{
            "organisation_id": actor.organisation_id,
            "type": type,
            "subject": None,
            "payload": {"text": "Grüße 🌍"},
            **values,
        }
    )
