"""One way to call both clients: whatever a call returns is awaited where it has to be."""

import inspect
from typing import Any


class Settling:
    """A client, or a part of one, whose calls are all awaited."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> "Settling":
        return Settling(getattr(self._inner, name))

    async def __call__(self, *args: Any, **options: Any) -> Any:
        answer = self._inner(*args, **options)
        return await answer if inspect.isawaitable(answer) else answer
