"""A web site into a bucket, each page embedded as it lands."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from knowledge.crawling.services import start_crawl
from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.bucket_embeddings import TASK, render_task
from surfaces.telnyx.translate.pages import data_of, render_data


class EmbeddingUrl(TelnyxView):
    class Body(serializers.Serializer[None]):
        bucket_name = fields.Text(max_length=63, allow_blank=False)
        url = fields.Text(allow_blank=False)

    @promises(body=Body, answer=data_of(TASK))
    def post(self, request: Request) -> HttpResponse:
        """Crawl a site into a bucket and embed its pages.

        The page and those of its host that it leads to, five levels deep, are stored in the bucket,
        which must be there. The site's robots.txt is kept to.
        """
        body = self.body(self.Body)
        task = start_crawl(self.actor, body["bucket_name"], body["url"])
        return reply(render_data(render_task(task)))
