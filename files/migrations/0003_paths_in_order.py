"""Paths in the order of their code points, whatever the database's own language.

SQLite compares so anyway. The constraint's index, which lists and prefixes are read by, is rebuilt
with the column.
"""

from django.db import migrations

CHANGE = 'ALTER TABLE files_storedobject ALTER COLUMN path TYPE varchar(1024) COLLATE {}'


def compare_code_points(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CHANGE.format('"C"'))


def compare_as_usual(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CHANGE.format('"default"'))


class Migration(migrations.Migration):
    dependencies = [("files", "0002_bytes_in_use")]
    operations = [migrations.RunPython(compare_code_points, compare_as_usual)]
