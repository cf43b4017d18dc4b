"""The pages of a bucket: what is known of its files, and a search to try it with."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from files.admin import BucketPages
from files.models import Bucket
from knowledge.admin.passages import find_passages
from knowledge.indexes import LIVE
from knowledge.models import Document, DocumentStatus, EmbeddingTask, Index, IndexState
from knowledge.search import MOST_QUERY
from knowledge.services import start_embedding
from organisations.actor import Actor
from organisations.deeds import Deed
from organisations.reach import acting
from organisations.told import Told


@admin.register(Bucket)
class BucketAdmin(Told, BucketPages):
    deeds = (
        Deed(
            name="embed",
            label="Embed",
            icon="manufacturing",
            main=True,
            offered=lambda bucket: not _find_indexes(bucket).exists(),
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.search_view)
        own = path("<path:object_id>/search", view, name="files_bucket_search")
        return [own, *super().get_urls()]

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return _tell(row)

    def search_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The passages nearest to the question `q`. Whoever may look at the bucket may ask."""
        bucket = self.get_object(request, object_id)
        if bucket is None or not self.has_view_permission(request, bucket):
            raise Http404
        question = request.GET.get("q", "").strip()
        actor = acting(request, bucket.organisation_id)
        asked = find_passages(actor, bucket.pk, bucket.name, question) if question else None
        context = {
            **self.admin_site.each_context(request),
            **_tell(bucket),
            "opts": self.opts,
            "original": bucket,
            "title": "Search",
            "question": question,
            "finding": asked,
        }
        return TemplateResponse(request, "admin/files/bucket/search.html", context)

    def embed(self, actor: Actor, bucket: Bucket) -> str:
        task = start_embedding(actor, bucket.name)
        address = reverse("admin:knowledge_embeddingtask_change", args=[task.pk])
        text = "The files of {} are being embedded. <a class='cq-link' href='{}'>Follow it</a>"
        return format_html(text, bucket, address)


def _find_indexes(bucket: Bucket) -> Any:
    return Index.unscoped.filter(bucket=bucket, state__in=LIVE)


def _tell(bucket: Bucket) -> dict[str, Any]:
    """What the templates say of the bucket's knowledge, in three queries."""
    indexes = {index.state: index for index in _find_indexes(bucket)}
    index = indexes.get(IndexState.ACTIVE)
    searched = Document.unscoped.filter(index=index, status=DocumentStatus.EMBEDDED)
    return {
        "bucket": bucket,
        "index": index,
        "building": indexes.get(IndexState.BUILDING),
        "searched": searched.count() if index else 0,
        "newest_task": EmbeddingTask.unscoped.filter(bucket=bucket).first(),
        "ask": reverse("admin:files_bucket_search", args=[bucket.pk]),
        "most": MOST_QUERY,
    }
