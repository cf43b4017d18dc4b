"""Runs inside the SDK's own environment; the server and its key come from outside."""

import os
from typing import Any

import openai
import pytest

BASE_URL = os.environ["COLLOQUY_URL"] + "/openai/v1"


@pytest.fixture(scope="session")
def client() -> openai.OpenAI:
    return make_client()


def make_client(**options: Any) -> openai.OpenAI:
    settings = {"api_key": os.environ["COLLOQUY_KEY"], "max_retries": 0, **options}
    return openai.OpenAI(base_url=BASE_URL, **{"_strict_response_validation": True, **settings})
