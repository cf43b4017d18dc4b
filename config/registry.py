"""The plugboard: every place where lower code calls higher code, as tables of dotted paths.

A system check (`config.checks`) imports each row at start and tests it against its protocol.
"""

# prefix -> module with `SURFACE` (what makes it itself), `urlpatterns` and `LIVE` (live routes)
SURFACES = {
    "telnyx/v2": "surfaces.telnyx.urls",
    "openai/v1": "surfaces.openai.urls",
    "azure": "surfaces.azure.urls",
    "s3": "surfaces.s3.urls",
}

# provider kind -> class of an adapter (providers.protocols), made without arguments
PROVIDERS = {
    "builtin": "providers.builtin.adapter.Builtin",
    "openai": "providers.openai.adapter.OpenAI",
    "anthropic": "providers.anthropic.adapter.Anthropic",
    "gemini": "providers.gemini.adapter.Gemini",
    "azure": "providers.azure.adapter.Azure",
    "dial": "providers.dial.adapter.Dial",
    "telnyx": "providers.telnyx.adapter.Telnyx",
    "bedrock": "providers.bedrock.adapter.Bedrock",
    "elevenlabs": "providers.elevenlabs.adapter.ElevenLabs",
    "deepgram": "providers.deepgram.adapter.Deepgram",
    "azurespeech": "providers.azurespeech.adapter.AzureSpeech",
}

# tool name -> class of a tool that we run ourselves
SERVER_TOOLS = {
    "retrieval": "knowledge.tools.Retrieval",
}

# job kind -> handler (jobs.handlers.Handler)
JOBS = {
    "webhooks.react": "webhooks.reactions.React",
    "webhooks.deliver": "webhooks.delivery.Deliver",
    "insights.extract": "insights.extraction.Extract",
    "executions.advance": "executions.engine.Advance",
    "usage.report": "usage.report_files.MakeReport",
    "knowledge.crawl": "knowledge.crawling.rounds.Crawl",
    "knowledge.compare": "knowledge.syncing.Compare",
    "knowledge.read": "knowledge.intake.Read",
    "knowledge.embed": "knowledge.embedding.Embed",
    "finetuning.drive": "finetuning.driving.Drive",
}

# workflow name -> function of a `Run`
WORKFLOWS = {
    "insights.backfill": "insights.backfill.backfill",
    "insights.training_set": "insights.training_sets.training_set",
}

# event type -> services that act on it, each called with a batch of events, at least once
REACTIONS = {
    "conversation.ended": ["insights.services.start_runs"],
}

# functions that give a new organisation what every one has, each called with its row
FOUNDATIONS = ["insights.managed.ensure_managed"]

# periodic work -> (seconds between, function); done by whichever process takes the turn
PERIODIC = {
    "conversations.end_idle": (5, "conversations.services.end_idle_conversations"),
    "conversations.retention": (600, "conversations.services.delete_expired_conversations"),
    "executions.fail_overdue": (60, "executions.services.fail_overdue_executions"),
    "files.sweep": (300, "files.sweeping.sweep"),
    "knowledge.sweep": (5, "knowledge.sweeping.delete_retired"),
    "knowledge.sync": (2, "knowledge.syncing.sync_changed"),
    "knowledge.accelerate": (15, "knowledge.pgvector.accelerate"),
    "usage.expire_reports": (60, "usage.reports.expire_reports"),
    "organisations.expire_idempotency": (60, "organisations.idempotency.delete_expired"),
}

# how a webhook's body and extra headers are spelled -> renderer
WEBHOOK_DIALECTS = {
    "standard": "webhooks.dialects.Standard",
    "telnyx": "surfaces.telnyx.webhooks.Telnyx",
}
DEFAULT_WEBHOOK_DIALECT = "telnyx"
