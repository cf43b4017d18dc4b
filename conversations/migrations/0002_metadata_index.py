"""The index that answers equality of metadata, where the database has such a thing.

Without a pending list: each new message moves its conversation's row, and readers would wade through
what has piled up since the last vacuum.
"""

from django.db import migrations

CREATE = """
    CREATE INDEX conversation_metadata ON conversations_conversation
    USING gin (metadata jsonb_path_ops) WITH (fastupdate = off)
"""


def create_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX conversation_metadata")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunPython(create_index, drop_index)]
