"""Where an account's calls go and with which headers, read from its address and options.

Options of an account, all optional: `api_version` (Azure OpenAI: the model is a deployment, the key
goes to `api-key`), `organization`, `project`, `max_tokens_field`, `timeout` (seconds).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from providers.chats import option, patience

if TYPE_CHECKING:
    from providers.protocols import Account, Target

OWN_HOSTS = ("api.openai.com",)
AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`timeout` is for a whole answer, in seconds."""

    account: "Account"

    def url(self, target: "Target", path: str) -> str:
        base = self.account.base_url.rstrip("/")
        if not self._api_version:
            return f"{base}/{path}"
        if "/deployments/" not in base:
            base = f"{base}/openai/deployments/{quote(target.model, safe='')}"
        return f"{base}/{path}?api-version={quote(self._api_version, safe='')}"

    def headers(self) -> dict[str, str]:
        """These hold the account's key: never log them."""
        headers = {"Content-Type": "application/json"} | self._credentials()
        for name in ("organization", "project"):
            if value := self._option(name):
                headers[f"OpenAI-{name.capitalize()}"] = value
        return headers

    @property
    def max_tokens_field(self) -> str:
        """OpenAI's newer models know only the newer name, most other servers only the older."""
        newer = self._host in OWN_HOSTS or self._host.endswith(AZURE_HOSTS)
        default = "max_completion_tokens" if newer or self._api_version else "max_tokens"
        return self._option("max_tokens_field") or default

    @property
    def timeout(self) -> float:
        return patience(self.account).total

    def _credentials(self) -> dict[str, str]:
        if not self.account.api_key:
            return {}
        key = self.account.api_key.reveal()
        return {"api-key": key} if self._api_version else {"Authorization": f"Bearer {key}"}

    @property
    def _api_version(self) -> str:
        return self._option("api_version")

    @property
    def _host(self) -> str:
        return _read_host(self.account.base_url)

    def _option(self, name: str) -> str:
        return option(self.account, name)


@lru_cache(maxsize=1024)
def _read_host(url: str) -> str:
    return urlsplit(url).hostname or ""
