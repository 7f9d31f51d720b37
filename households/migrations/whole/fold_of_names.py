"""One key for all the spellings of a name, Arabic or Latin: محمد, Mohamed, Mohammed and M'hamed all fold to `mhmd`.

Four functions of the database, all IMMUTABLE, each resting on the one before:

* `rsu_plain_name(name)`: lower case, no accent, no apostrophe, no hamza; hyphens are spaces. Still what the family wrote.
* `rsu_name_words(first_fr, last_fr, first_ar, last_ar)`: the plain words of a person, and each field written as one word
  (`fatimaezzahra`). Computed for each person stored, so it does no more than that.
* `rsu_sound_name(name)`: how a name sounds, consonants and half vowels, in ASCII: `Alaoui` and `علوي` are `alwy` and `alwy`
  but for the vowels that one of the two scripts does not write.
* `rsu_fold_name(name)`: its consonants alone; the half vowels where a name has nothing else (`Aya`).

The fold is ASCII whatever the name: a database of LC_CTYPE=C, whose pg_trgm is blind to Arabic, compares it like any other.
"""

from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations

SAME_LETTER = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ئ": "ي", "ؤ": "و",
}  # fmt: skip
# Letters of neighbours' keyboards, and the few Latin ones that do not come apart into a letter and its accent.
FOREIGN_LETTER = {
    "ٱ": "ا", "ی": "ي", "ې": "ي", "ہ": "ه", "ھ": "ه", "ە": "ه", "گ": "ك", "ڭ": "ك", "ݣ": "ك", "ک": "ك",
    "ڤ": "ف", "پ": "ب", "چ": "ش", "ı": "i", "ø": "o", "ł": "l", "ة": "ه", "ى": "ي",
}  # fmt: skip
SILENT = "ءـ"
SEPARATORS = "-‐‑–.,/_"
APOSTROPHES = "’‘ʼʿʾ`´ʻ′'"
LATIN_MARKS = "".join(map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30A, 0x30C, 0x323, 0x327, 0x331)))
ARABIC_MARKS = "".join(map(chr, range(0x64B, 0x656))) + "\u0670"
DIRECTION_MARKS = "\u200e\u200f"

WORD = "(?<![^ ])"
"""Where a word begins: \\m knows letters by the database's locale, and C knows no Arabic one."""
END = "(?![^ ])"
STRONG = "[bcdfghjklmnrstxz]"
ARTICLES = "el|al|l|es|as|ez|az|er|ar|ech|ach|en|an|ed|ad|et|at"
BEGINNINGS = (
    "abd|abd[aeou]+[lnrszt]?|ben|bin|ibno?u?|bni|beni|ait|ay?th?|bou|abou|abu|aba|oulad|ouled|awlad|ould|oul|walad|ou|um|om|oum|oumou?"
    "|بن|ابن|بني|عبد|ايت|بو|ابو|ابي|ابا|اولاد|ولد|ام|او"
)
VOWELS, WEAK = "[aeiouwy]*", "[اويع]*"
CONSONANT, ARABIC_CONSONANT = "[b-df-hj-np-tvxz12]", "[بتثجحخدذرزسشصضطظغفقكلمنه]"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def replaced(value: str, *pairs: tuple[str, str]) -> str:
    for written, meant in pairs:
        value = f"replace({value}, {quoted(written)}, {quoted(meant)})"
    return value


def rewritten(value: str, *rules: tuple[str, str]) -> str:
    for pattern, meant in rules:
        value = f"regexp_replace({value}, {quoted(pattern)}, {quoted(meant)}, 'g')"
    return value


def translated(value: str, letters: dict[str, str], dropped: str = "") -> str:
    return f"translate({value}, {quoted(''.join(letters) + dropped)}, {quoted(''.join(letters.values()))})"


def function(head: str, body: str) -> migrations.RunSQL:
    name, arguments = head.split("(")
    types = ", ".join("text" for _ in arguments.split(","))
    result = "text[]" if name == "rsu_name_words" else "text"
    return migrations.RunSQL(
        f"CREATE OR REPLACE FUNCTION {head} RETURNS {result} LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN {body}",
        f"DROP FUNCTION {name}({types})",
    )


SPACES = dict.fromkeys(SEPARATORS, " ")


def plain() -> str:
    """ASCII and everyday Arabic by a short table; the rest (accents, short vowels, ligatures) comes apart first."""
    small = translated('lower(name COLLATE "C")', dict.fromkeys("-.,/_", " "), "'`")
    apart = "lower(normalize(" + replaced("name", ("ç", "s"), ("Ç", "S")) + ', NFKD) COLLATE "C")'
    marks = APOSTROPHES + LATIN_MARKS + ARABIC_MARKS + DIRECTION_MARKS
    return (
        f"CASE WHEN octet_length(name) = length(name) THEN {small}"
        f" WHEN name !~ '[^ ء-ي]' THEN {translated('name', SAME_LETTER, SILENT)}"
        f" ELSE {translated(apart, FOREIGN_LETTER | SPACES, SILENT + marks)} END"
    )


def words() -> str:
    whole = " || ".join(
        f"CASE WHEN {field} ~ '{several}' THEN replace(rsu_plain_name({field}), ' ', '') ELSE '' END"
        for field, several in (("first_fr", "[^A-Za-z]"), ("last_fr", "[^A-Za-z]"), ("first_ar", " "), ("last_ar", " "))
    )
    return (
        "array_remove(string_to_array(rsu_plain_name(first_fr || ' ' || last_fr), ' ')"
        f" || string_to_array(rsu_plain_name(first_ar || ' ' || last_ar), ' ') || {whole}, '')"
    )


def sound() -> str:
    letters = rewritten("rsu_plain_name(name)", ("[^a-zا-ي]+", " "))
    value = rewritten(
        f"btrim({letters})",
        # What ends a name is one word with it: Nour Eddine, Nour el-Din, نور الدين.
        (f" (?:ال)?دين{END}| (?:[ae][ld] )?[ae]?dd?i+ne?{END}", "دين"),
        # The article, where it stands apart or, in Arabic, is not the name's own root (الياس, الهام).
        (f"{WORD}(?:{ARTICLES}) (?=[a-z])|{WORD}ال(?!ياس|هام)(?: |(?=[ا-ي]{{3}}))", ""),
        # What begins a name is one word with it: Ben Ali and Benali, Abd Allah and Abdellah, Aït Ali and Aitali.
        (f"{WORD}({BEGINNINGS}) (?=[^ ])", r"\1"),
        (f"{WORD}(abo?u)l(?=[a-z])", r"\1"),
    )
    # One Arabic letter written with two Latin ones; 1 is ش and 2 is غ until the alphabets meet below.
    value = replaced(
        value, ("sch", "1"), ("ch", "1"), ("sh", "1"), ("ck", "k"), ("x", "ks"), ("kh", "x"), ("gh", "2"), ("dj", "j"), ("ph", "f"),
        ("th", "t"), ("dh", "d"), ("ou", "w"), ("oo", "w"),
    )  # fmt: skip
    value = rewritten(
        value, (f"{WORD}rh", "2"), ("gu(?=[eiy])", "k"), ("g(?=[eiy])", "j"), ("c(?=[eiy])", "s"),
        # The article written in one word with its name, or worn down to an l: Elarbi, Lamrani, لحسن; two consonants must remain.
        (
            f"{WORD}el(?=[a-z]{{4}})|{WORD}[ae]?l(?={VOWELS}{CONSONANT}{VOWELS}{CONSONANT})"
            f"|{WORD}ل(?={WEAK}{ARABIC_CONSONANT}{WEAK}{ARABIC_CONSONANT})", "",
        ),
    )  # fmt: skip
    latin = dict(zip("ceghijopquvwy12", "kakhyjwbkwfwycg", strict=True))
    arabic = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "abttjhxddrzscsdtdagfkklmnhwy", strict=True))
    return rewritten(
        translated(value, latin | arabic),
        (f"(?<=[a-z]{{2}})h{END}", ""),  # ta marbuta, and the h of Fatimah
        (f"l(?=dyn{END})", ""),  # Noureddine
        ("(?<=[a-z])a+", ""),
        (r"(.)\1+", r"\1"),
    )


def fold() -> str:
    value = rewritten(
        "rsu_sound_name(name)",
        (f"(?<={STRONG})[awy]+|[awy]+(?=[awy]*{STRONG})", ""),
        (rf"({STRONG})\1+", r"\1"),
        (f"{WORD}(bn)?bdl(?={STRONG})", r"\1bd"),  # Abdelkader, عبد القادر
        (f"{WORD}b(?:nl|n|l)(?={STRONG})", "bn"),  # Belarbi, Ben Larbi, بن العربي
    )
    return replaced(value, ("mb", "nb"))  # Embarek, مبارك, Ambar and عنبر


FUNCTIONS = [
    TrigramExtension(),
    CreateExtension("fuzzystrmatch"),
    function("rsu_plain_name(name text)", plain()),
    function("rsu_name_words(first_fr text, last_fr text, first_ar text, last_ar text)", words()),
    function("rsu_sound_name(name text)", sound()),
    function("rsu_fold_name(name text)", fold()),
]
