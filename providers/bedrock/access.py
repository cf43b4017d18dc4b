"""With which keys an account is used, and in which region.

The key is `ACCESS_KEY_ID:SECRET`, with `:SESSION_TOKEN` behind it where one was lent, or an API key
of Bedrock. The region is the account's option `region`, else the one in its address.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from providers.chats import option
from vocabulary.errors import UpstreamRefused
from wire.http import HttpCall
from wire.sigv4 import Credentials, sign_call

if TYPE_CHECKING:
    from providers.protocols import Account

SERVICE: Final = "bedrock"
_KEY: Final = re.compile(r"([A-Z0-9]{16,128}):([^:\s]{1,200})(?::([\x21-\x7e]{1,8000}))?")
_HOST: Final = re.compile(r"(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z0-9-]{1,40})\.")


def authorise(call: HttpCall, account: "Account", at: datetime) -> HttpCall:
    """The call, signed or with the account's API key. Raises UpstreamRefused."""
    credentials = find_credentials(account)
    if credentials is not None:
        region = find_region(account)
        return sign_call(call, credentials, region=region, service=SERVICE, at=at)
    if not account.api_key:
        return call
    bearer = {"Authorization": f"Bearer {account.api_key.reveal()}"}
    return replace(call, headers={**call.headers, **bearer})


def find_credentials(account: "Account") -> Credentials | None:
    """None for an API key, which goes as a bearer token."""
    found = _KEY.fullmatch(account.api_key.reveal())
    if found is None:
        return None
    return Credentials(access_key_id=found[1], secret=found[2], token=found[3] or "")


def find_region(account: "Account") -> str:
    """Raises UpstreamRefused for an account that tells none."""
    if region := option(account, "region"):
        return region
    found = _HOST.search(urlsplit(account.base_url).hostname or "")
    if found is None:
        raise UpstreamRefused("the account needs the option 'region'", provider=account.name)
    return found[1]
