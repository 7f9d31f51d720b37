"""The words that names are written with, once each."""

from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Spelling",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("word", models.TextField()),
            ("fold", models.GeneratedField(db_persist=True, expression=models.Func("word", function="rsu_fold_name"), output_field=models.TextField())),
            ("sound", models.GeneratedField(db_persist=True, expression=models.Func("word", function="rsu_sound_name"), output_field=models.TextField())),
        ],
        options={
            "ordering": ["word", "id"],
            "indexes": [
                models.Index(fields=["word"], name="spelling_word", opclasses=["text_pattern_ops"]),
                models.Index(fields=["fold"], name="spelling_fold"),
            ],
        },
    ),
]
