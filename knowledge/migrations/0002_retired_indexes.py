"""Indexes that wait for their deletion, tasks that know of all their files, chunks to be made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="index", name="index_state_once"),
        migrations.RemoveConstraint(model_name="index", name="index_state"),
        migrations.AddField(
            model_name="embeddingtask",
            name="all_found",
            field=models.BooleanField(
                default=False,
                help_text="No further file will come, so it ends with its last one.",
            ),
        ),
        migrations.AlterField(
            model_name="index",
            name="state",
            field=models.CharField(
                choices=[
                    ("building", "Building"),
                    ("active", "Active"),
                    ("retired", "Retired"),
                ],
                default="building",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="chunk",
            index=models.Index(
                condition=models.Q(("vector__isnull", True)),
                fields=["document"],
                name="chunk_unmade",
            ),
        ),
        migrations.AddConstraint(
            model_name="index",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "retired"), _negated=True),
                fields=("bucket", "state"),
                name="index_state_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="index",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["building", "active", "retired"])),
                name="index_state",
            ),
        ),
    ]
