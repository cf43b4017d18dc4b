"""Reports of transcriptions: asked for, made in the background, downloaded for a while."""

from typing import TYPE_CHECKING

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from surfaces import fields
from surfaces.kit import reply
from surfaces.promises import promises
from surfaces.telnyx.surface import TelnyxView
from surfaces.telnyx.translate.ids import parse_path_id
from surfaces.telnyx.translate.pages import data_of, list_of, render_data, render_list
from surfaces.telnyx.translate.stt_reports import (
    RANGE,
    REPORT,
    name_fault,
    parse_time,
    render_report,
)
from usage import reports
from vocabulary.errors import InvalidRequest
from vocabulary.json import JsonObject

if TYPE_CHECKING:
    from usage.models import TranscriptionReport


class Reports(TelnyxView):
    class Body(serializers.Serializer[None]):
        start_date = fields.Anything(required=False, allow_null=True)
        end_date = fields.Anything(required=False, allow_null=True)

    @promises(answer=list_of(REPORT))
    def get(self, request: Request) -> HttpResponse:
        """List reports of transcriptions, the newest first, at most 1000."""
        return reply(render_list(reports.find_reports(self.actor), _render))

    @promises(body=RANGE, answer=data_of(REPORT))
    def post(self, request: Request) -> HttpResponse:
        """Have a report made of what was transcribed in a time of at most 31 days."""
        body = self.body(self.Body)
        starts_at = parse_time(body.get("start_date"), "start_date")
        ends_at = parse_time(body.get("end_date"), "end_date")
        try:
            report = reports.create_report(self.actor, starts_at=starts_at, ends_at=ends_at)
        except InvalidRequest as fault:
            raise name_fault(fault) from fault
        return reply(render_data(_render(report)))


class Report(TelnyxView):
    @promises(answer=data_of(REPORT))
    def get(self, request: Request, report_id: str) -> HttpResponse:
        """Show a report, with its link once it is COMPLETE."""
        report = reports.get_report(self.actor, parse_path_id("report_id", report_id))
        return reply(render_data(_render(report)))

    @promises(answer=data_of(REPORT))
    def delete(self, request: Request, report_id: str) -> HttpResponse:
        """Delete a report with its file; the answer says what it was."""
        report = reports.delete_report(self.actor, parse_path_id("report_id", report_id))
        return reply(render_data(render_report(report, None)))


def _render(report: "TranscriptionReport") -> JsonObject:
    return render_report(report, reports.download_link(report))
