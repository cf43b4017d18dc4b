"""What can be searched for by meaning: indexes of buckets, their documents, chunks and tasks."""

from django.db import models

from common import clock
from common.models import OwnedRow


class Loader(models.TextChoices):
    """How text becomes chunks: `intercom` reads articles exported as JSON."""

    DEFAULT = "default"
    INTERCOM = "intercom"


class IndexState(models.TextChoices):
    """A bucket has one `active` index, which searches read, and at most one that is `building`
    and takes its place when it is whole. `retired` ones wait for a sweep to delete their rows."""

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"


class Index(OwnedRow):
    """The chunks of a bucket's files as vectors of one model. Other settings make another index.

    `model` is the full name of what makes the vectors (`builtin/minilm`); `asked_model` is what the
    caller called it. `synced_version` is the version of the bucket whose files it knows.
    """

    bucket = models.ForeignKey("files.Bucket", on_delete=models.CASCADE, related_name="+")
    asked_model = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    dimensions = models.PositiveIntegerField(null=True)
    chunk_size = models.PositiveIntegerField(default=1024)
    chunk_overlap = models.PositiveIntegerField(default=512)
    loader = models.CharField(max_length=10, choices=Loader, default=Loader.DEFAULT)
    state = models.CharField(max_length=10, choices=IndexState, default=IndexState.BUILDING)
    synced_version = models.BigIntegerField(default=-1)
    revision = models.PositiveBigIntegerField(
        default=0, help_text="Rises when a search would find something else."
    )

    class Meta(OwnedRow.Meta):
        verbose_name_plural = "indexes"
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("bucket", "state"),
                condition=~models.Q(state="retired"),
                name="index_state_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=IndexState.values), name="index_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.bucket} by {self.model}"


class TaskKind(models.TextChoices):
    EMBED = "embed"
    CRAWL = "crawl"


class TaskStatus(models.TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCESS = "success"
    PARTIAL_SUCCESS = "partial_success"
    FAILURE = "failure"


class EmbeddingTask(OwnedRow):
    """One request to embed a bucket, or to crawl a site into it. The counters are of files."""

    bucket = models.ForeignKey("files.Bucket", on_delete=models.CASCADE, related_name="+")
    index = models.ForeignKey(Index, null=True, on_delete=models.SET_NULL, related_name="tasks")
    kind = models.CharField(max_length=6, choices=TaskKind, default=TaskKind.EMBED)
    name = models.CharField(max_length=300)
    url = models.CharField(max_length=2000, blank=True)
    status = models.CharField(max_length=16, choices=TaskStatus, default=TaskStatus.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    all_found = models.BooleanField(
        default=False, help_text="No further file will come, so it ends with its last one."
    )
    error = models.TextField(blank=True)
    requested_by = models.UUIDField(null=True, help_text="The API key.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=TaskStatus.values), name="task_status"
            ),
        )
        indexes = (models.Index(fields=("organisation", "-created_at"), name="task_by_time"),)

    def __str__(self) -> str:
        return self.name


class DocumentStatus(models.TextChoices):
    PENDING = "pending"
    PROCESSING = "processing"
    EMBEDDED = "embedded"
    FAILED = "failed"


class Document(OwnedRow):
    """One state (`checksum`) of one file in an index. Only embedded ones are searched."""

    index = models.ForeignKey(Index, on_delete=models.CASCADE, related_name="documents")
    task = models.ForeignKey(
        EmbeddingTask, null=True, on_delete=models.SET_NULL, related_name="documents"
    )
    path = models.CharField(max_length=1024)
    checksum = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.PENDING)
    error_reason = models.TextField(blank=True)
    chunk_count = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=clock.now)
    embedded_at = models.DateTimeField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("index", "path")
        constraints = (
            models.UniqueConstraint(
                fields=("index", "path", "checksum"), name="document_state_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=DocumentStatus.values), name="document_status"
            ),
        )
        indexes = (models.Index(fields=("task", "status"), name="document_by_task"),)

    def __str__(self) -> str:
        return self.path


class Chunk(OwnedRow):
    """A piece of a document. `vector` is little-endian float32 of length one; null until made."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    index = models.ForeignKey(Index, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    text = models.TextField()
    metadata = models.JSONField(default=dict, help_text="What the loader knows of it.")
    vector = models.BinaryField(null=True)

    class Meta(OwnedRow.Meta):
        ordering = ("document", "position")
        constraints = (models.UniqueConstraint(fields=("document", "position"), name="chunk_once"),)
        indexes = (
            models.Index(
                fields=("document",), condition=models.Q(vector__isnull=True), name="chunk_unmade"
            ),
        )

    def __str__(self) -> str:
        return f"chunk {self.position + 1}"


class PageState(models.TextChoices):
    FOUND = "found"
    STORED = "stored"
    SKIPPED = "skipped"
    FAILED = "failed"


class CrawledPage(OwnedRow):
    """A page that a crawl has found; the frontier and the memory of the crawl."""

    task = models.ForeignKey(EmbeddingTask, on_delete=models.CASCADE, related_name="pages")
    url = models.CharField(max_length=2000)
    url_digest = models.CharField(max_length=64)
    depth = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=PageState, default=PageState.FOUND)
    path = models.CharField(max_length=1024, blank=True)
    reason = models.TextField(blank=True)

    class Meta(OwnedRow.Meta):
        ordering = ("task", "depth", "created_at")
        constraints = (
            models.UniqueConstraint(fields=("task", "url_digest"), name="crawled_page_once"),
        )
        indexes = (models.Index(fields=("task", "state", "depth"), name="crawl_frontier"),)

    def __str__(self) -> str:
        return self.url
