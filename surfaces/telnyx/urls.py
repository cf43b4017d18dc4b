"""The routes of this surface, below `/telnyx/v2/`. Literal words stand before ids, which would
swallow them; the last line answers for what is not there."""

from typing import Final

from django.urls import path, re_path

from surfaces.kit import unknown_route
from surfaces.live import LiveRoute
from surfaces.raw import RawRoute
from surfaces.telnyx.surface import SURFACE
from surfaces.telnyx.views import (
    aggregates,
    backfills,
    bucket_embeddings,
    chat,
    conversations,
    conversations_insights,
    deliveries,
    embedding_urls,
    embeddings,
    events,
    fine_tuning,
    insight_groups,
    insights,
    messages,
    models,
    public_key,
    similarity_search,
    speech,
    storage,
    stt_providers,
    stt_reports,
    stt_usage,
    summarize,
    training_sets,
    transcriptions,
    voices,
)

__all__ = ["LIVE", "SURFACE", "urlpatterns"]

_OBJECT = "storage/buckets/{bucket}/{*path}"

LIVE: Final = [
    LiveRoute(method="POST", path="ai/chat/completions", handler=chat.complete),
    LiveRoute(method="POST", path="ai/openai/chat/completions", handler=chat.complete),
    LiveRoute(method="POST", path="ai/openai/embeddings", handler=embeddings.embed),
    LiveRoute(
        method="POST",
        path="ai/embeddings/similarity-search",
        handler=similarity_search.find_similar,
    ),
    RawRoute(method="PUT", path=_OBJECT, handler=storage.put_object, right="write"),
    RawRoute(method="GET", path=_OBJECT, handler=storage.get_object, right="read"),
    RawRoute(method="HEAD", path=_OBJECT, handler=storage.head_object, right="read"),
    RawRoute(method="DELETE", path=_OBJECT, handler=storage.delete_object, right="write"),
    LiveRoute(method="POST", path="ai/summarize", handler=summarize.summarize),
    RawRoute(
        method="POST",
        path="ai/audio/transcriptions",
        handler=transcriptions.transcribe,
        right="inference",
        most_bytes=transcriptions.MOST_BYTES,
    ),
    LiveRoute(method="POST", path=speech.PATH, handler=speech.speak),
    RawRoute(
        method="GET", path=f"{speech.PATH}/{{audio_id}}", handler=speech.get_speech, right="read"
    ),
    RawRoute(method="GET", path="text-to-speech/voices", handler=voices.find, right="read"),
]

_FINE_TUNING = "ai/fine_tuning/jobs"
_EMBEDDINGS = "ai/embeddings"
_CONVERSATIONS = "ai/conversations"
_INSIGHTS = f"{_CONVERSATIONS}/insights"
_GROUPS = f"{_CONVERSATIONS}/insight-groups"
_GROUP = f"{_GROUPS}/<str:group_id>"
_CONVERSATION = f"{_CONVERSATIONS}/<str:conversation_id>"
_RUNS = f"{_CONVERSATION}/conversations-insights"
_STT_REPORTS = "legacy/reporting/batch_detail_records/speech_to_text"

urlpatterns = [
    path("ai/models", models.Models.as_view()),
    path("ai/openai/models", models.Models.as_view()),
    path("ai/openai/embeddings/models", models.EmbeddingModels.as_view()),
    path(_INSIGHTS, insights.Insights.as_view()),
    path(f"{_INSIGHTS}/<str:insight_id>", insights.Insight.as_view()),
    path(f"{_INSIGHTS}/<str:insight_id>/backfill", backfills.Backfills.as_view()),
    path(f"{_INSIGHTS}/<str:insight_id>/backfill/<str:backfill_id>", backfills.Backfill.as_view()),
    path(_GROUPS, insight_groups.InsightGroups.as_view()),
    path(_GROUP, insight_groups.InsightGroup.as_view()),
    path(f"{_GROUP}/insights/<str:insight_id>/assign", insight_groups.Assign.as_view()),
    path(f"{_GROUP}/insights/<str:insight_id>/unassign", insight_groups.Unassign.as_view()),
    path(f"{_CONVERSATIONS}/conversation-insights/aggregates", aggregates.Aggregates.as_view()),
    path(_CONVERSATIONS, conversations.Conversations.as_view()),
    path(_CONVERSATION, conversations.Conversation.as_view()),
    path(f"{_CONVERSATION}/end", conversations.End.as_view()),
    path(f"{_CONVERSATION}/message", messages.Message.as_view()),
    path(f"{_CONVERSATION}/messages", messages.Messages.as_view()),
    path(_RUNS, conversations_insights.ConversationsInsights.as_view()),
    path(f"{_RUNS}/<str:run_id>", conversations_insights.ConversationsInsight.as_view()),
    path("ai/fine_tuning/training_sets", training_sets.TrainingSets.as_view()),
    path("ai/fine_tuning/training_sets/<str:set_id>", training_sets.TrainingSet.as_view()),
    path(_FINE_TUNING, fine_tuning.Jobs.as_view()),
    path(f"{_FINE_TUNING}/<path:job_id>/cancel", fine_tuning.Cancel.as_view()),
    path(f"{_FINE_TUNING}/<path:job_id>/events", fine_tuning.Events.as_view()),
    path(f"{_FINE_TUNING}/<path:job_id>", fine_tuning.Job.as_view()),
    path(_EMBEDDINGS, bucket_embeddings.Embeddings.as_view()),
    path(f"{_EMBEDDINGS}/buckets", bucket_embeddings.EmbeddedBuckets.as_view()),
    path(f"{_EMBEDDINGS}/buckets/<str:bucket_name>", bucket_embeddings.EmbeddedBucket.as_view()),
    path(f"{_EMBEDDINGS}/url", embedding_urls.EmbeddingUrl.as_view()),
    path(f"{_EMBEDDINGS}/<str:task_id>", bucket_embeddings.EmbeddingTask.as_view()),
    path(_STT_REPORTS, stt_reports.Reports.as_view()),
    path(f"{_STT_REPORTS}/<str:report_id>", stt_reports.Report.as_view()),
    path("legacy/reporting/usage_reports/speech_to_text", stt_usage.Usage.as_view()),
    path("speech-to-text/providers", stt_providers.SttProviders.as_view()),
    path("storage/buckets", storage.Buckets.as_view()),
    path("storage/buckets/<str:bucket>", storage.Bucket.as_view()),
    path("events", events.Events.as_view()),
    path("webhooks/deliveries", deliveries.Deliveries.as_view()),
    path("webhooks/deliveries/redeliver", deliveries.RedeliverRange.as_view()),
    path("webhooks/deliveries/<str:delivery_id>/redeliver", deliveries.Redeliver.as_view()),
    path("public_key", public_key.PublicKey.as_view()),
    re_path("", unknown_route(SURFACE)),
]
