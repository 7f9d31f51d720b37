"""Spelling: every way a word of a name has been written, once for the kingdom, with its fold."""

from django.db import models
from pgtrigger import After, Insert, Referencing, Statement, Trigger, Update


def names_are_spelled() -> list[Trigger]:
    """Triggers of Member: words not known yet are added in the statement that writes the people, COPY included."""
    func = """
        INSERT INTO households_spelling (word)
        SELECT written.word FROM (SELECT DISTINCT unnest(words) AS word FROM new_values) written
        WHERE NOT EXISTS (SELECT FROM households_spelling known WHERE known.word = written.word);
        RETURN NULL;
    """
    return [
        Trigger(
            name=f"spelled_{name}", operation=operation, level=Statement, when=After, referencing=Referencing(new="new_values"), func=func
        )
        for name, operation in (("on_insert", Insert), ("on_update", Update))
    ]


class Spelling(models.Model):
    """A word that some name contains; the database adds it when a person is written, and never takes it away.

    A search folds what was typed, looks for the words that sound alike here, among some tens of thousands, and then for
    the people who bear them: so a person stored pays for no fold. A word is NOT unique: two families registered at the
    same moment with a new name would wait for each other; the one word twice does no harm.
    """

    word = models.TextField()
    fold = models.GeneratedField(expression=models.Func("word", function="rsu_fold_name"), output_field=models.TextField(), db_persist=True)
    sound = models.GeneratedField(
        expression=models.Func("word", function="rsu_sound_name"), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        ordering = ["word", "id"]
        indexes = [
            models.Index(fields=["word"], name="spelling_word", opclasses=["text_pattern_ops"]),
            models.Index(fields=["fold"], name="spelling_fold"),
        ]

    def __str__(self):
        return self.word
