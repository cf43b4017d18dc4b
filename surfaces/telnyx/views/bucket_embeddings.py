"""Buckets that are embedded: the tasks that do it, which buckets, and how each file stands."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from knowledge import queries, services
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import Parameter, promises
from surfaces.telnyx.parameters import LISTED
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.bucket_embeddings import (
    BUCKETS,
    FILE,
    STATUSES,
    TASK,
    VENDOR_MODELS,
    name_fault,
    parse_statuses,
    render_buckets,
    render_file,
    render_task,
)
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import data_of, list_of, render_data, render_list
from vocabulary.errors import InvalidRequest
from wire.shapes import TEXT

_STATUS = Parameter(
    name="status",
    about=f"Of {', '.join(STATUSES)}; queued and processing unless told otherwise. {LISTED}",
)


class Embeddings(TelnyxView):
    class Body(serializers.Serializer[None]):
        bucket_name = fields.Text(max_length=63, allow_blank=False)
        document_chunk_size = fields.Whole(required=False, allow_null=True)
        document_chunk_overlap_size = fields.Whole(required=False, allow_null=True)
        embedding_model = fields.Text(required=False, allow_null=True, max_length=200)
        loader = fields.Text(required=False, allow_null=True, max_length=10)

    @promises(answer=list_of(TASK), query=(_STATUS,))
    def get(self, request: Request) -> HttpResponse:
        """List embedding tasks, the newest first, at most 1000."""
        tasks = queries.find_tasks(self.actor, parse_statuses(self.query))
        return reply(render_list(tasks, render_task))

    @promises(body=Body, answer=data_of(TASK))
    def post(self, request: Request) -> HttpResponse:
        """Embed the files of a bucket, and keep up with them.

        With the same settings as before, only what is new is embedded; with others the bucket is
        embedded anew, and searched as it was until that is done. Telnyx' own model names stand for
        the organisation's usual model.
        """
        body = fields.given(self.body(self.Body))
        chosen = {
            name: body[field]
            for field, name in (
                ("document_chunk_size", "chunk_size"),
                ("document_chunk_overlap_size", "chunk_overlap"),
                ("embedding_model", "model"),
                ("loader", "loader"),
            )
            if field in body
        }
        try:
            task = services.start_embedding(
                self.actor, body["bucket_name"], stand_in_for=VENDOR_MODELS, **chosen
            )
        except InvalidRequest as fault:
            raise name_fault(fault) from fault
        return reply(render_data(render_task(task)))


class EmbeddingTask(TelnyxView):
    @promises(answer=data_of(TASK))
    def get(self, request: Request, task_id: str) -> HttpResponse:
        """Show an embedding task and how far it has come."""
        task = queries.get_task(self.actor, parse_path_id("task_id", task_id))
        return reply(render_data(render_task(task)))


class EmbeddedBuckets(TelnyxView):
    @promises(answer=data_of(BUCKETS))
    def get(self, request: Request) -> HttpResponse:
        """List the names of the buckets that are embedded."""
        return reply(render_data(render_buckets(queries.find_embedded_buckets(self.actor))))


class EmbeddedBucket(TelnyxView):
    @promises(answer=list_of(FILE), path={"bucket_name": TEXT})
    def get(self, request: Request, bucket_name: str) -> HttpResponse:
        """List the files of an embedded bucket and how each stands."""
        return reply(render_list(queries.find_files(self.actor, bucket_name), render_file))

    @promises(path={"bucket_name": TEXT})
    def delete(self, request: Request, bucket_name: str) -> HttpResponse:
        """Forget a bucket's embeddings; its files stay."""
        services.delete_embeddings(self.actor, bucket_name)
        return reply()
