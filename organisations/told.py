"""Pages of a row that show more than its form: what their template tells of it besides."""

from typing import Any

from django.http import HttpRequest, HttpResponse


class Told:
    """To stand before the base of an admin page. `tell` gives what the page's template shows."""

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page: Any = super()
        row = page.get_object(request, object_id)
        told = {} if row is None else self.tell(request, row)
        answer: HttpResponse = page.change_view(
            request, object_id, form_url, {**(extra_context or {}), **told}
        )
        return answer
