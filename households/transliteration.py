"""A name suggested in the other script: from the names that Moroccans bear, else letter by letter. Never written unasked."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

NAMES = Path(__file__).resolve().parents[1] / "rsu" / "data" / "names"
OTHER = {"first_name_fr": "first_name_ar", "last_name_fr": "last_name_ar", "first_name_ar": "first_name_fr", "last_name_ar": "last_name_fr"}
"""Each field and the one its suggestion is read from."""
ARABIC = re.compile("[ء-ي]")
LATIN = re.compile("[A-Za-z]")

TO_ARABIC = (
    ("tch", "تش"), ("sch", "ش"), ("ch", "ش"), ("sh", "ش"), ("kh", "خ"), ("gh", "غ"), ("dj", "ج"), ("th", "ث"), ("dh", "ض"), ("ph", "ف"),
    ("ou", "و"), ("oo", "و"), ("ai", "اي"), ("ay", "اي"), ("ei", "ي"), ("ee", "ي"), ("gu", "ك"), ("a", "ا"), ("b", "ب"), ("c", "ك"),
    ("d", "د"), ("e", ""), ("f", "ف"), ("g", "ك"), ("h", "ح"), ("i", "ي"), ("j", "ج"), ("k", "ك"), ("l", "ل"), ("m", "م"), ("n", "ن"),
    ("o", "و"), ("p", "ب"), ("q", "ق"), ("r", "ر"), ("s", "س"), ("t", "ت"), ("u", "و"), ("v", "ف"), ("w", "و"), ("x", "كس"), ("y", "ي"),
    ("z", "ز"),
)  # fmt: skip
TO_LATIN = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ب": "b", "ت": "t", "ث": "t", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "d", "ر": "r",
    "ز": "z", "س": "s", "ش": "ch", "ص": "s", "ض": "d", "ط": "t", "ظ": "d", "ع": "a", "غ": "gh", "ف": "f", "ق": "k", "ك": "k", "ل": "l",
    "م": "m", "ن": "n", "ه": "h", "ة": "a", "و": "ou", "ي": "i", "ى": "a", "ء": "", "ئ": "i", "ؤ": "ou",
}  # fmt: skip
VOWELS = set("اأإآعةويىئؤء")


def suggestion(field: str, answers) -> str:
    """For a name not given yet, what it may be in this field's script; empty when the other one says nothing, or has this script's letters."""
    if str(answers.get(field) or "").strip():
        return ""
    written = str(answers.get(OTHER[field]) or "").strip()[:60]
    if field.endswith("_ar"):
        return in_arabic(written, field[:-3]) if LATIN.search(written) and not ARABIC.search(written) else ""
    return in_latin(written, field[:-3]) if ARABIC.search(written) and not LATIN.search(written) else ""


def suggestions(answers) -> dict[str, str]:
    return {field: found for field in OTHER if (found := suggestion(field, answers))}


def in_arabic(name: str, kind: str) -> str:
    return _whole_or_words(name, _known(kind, "fr"), _letters_to_arabic)[:60]


def in_latin(name: str, kind: str) -> str:
    return _whole_or_words(name, _known(kind, "ar"), _letters_to_latin)[:60]


def _whole_or_words(name: str, known: dict[str, str], by_letters) -> str:
    whole = known.get(_key(name))
    # The article is one word with its name in Arabic.
    words = re.split(r"[\s-]+", re.sub(r"\b(el|al)[\s-]+(?=\w)", r"\1", name, flags=re.IGNORECASE))
    return whole or " ".join(known.get(_key(word)) or by_letters(word) for word in words if word)


def _key(name: str) -> str:
    """Without case, accents, apostrophes, hamza or short vowels; hyphens are spaces."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(" " if letter == "-" else letter for letter in apart if not unicodedata.combining(letter) and letter not in "'’ʼءـ")
    return " ".join(letters.translate(str.maketrans("ةى", "هي")).split())


@cache
def _known(kind: str, script: str) -> dict[str, str]:
    """Key of a name in the script -> its most frequent form in the other: the lists' own forms first, then the attested pairs."""
    found: dict[str, Counter] = defaultdict(Counter)
    other = "ar" if script == "fr" else "fr"
    own = {"first_name": "given_names.csv", "last_name": "family_names.csv"}
    for listed, weight in ((own[kind], 10**9), ("spelling_pairs.csv", 1000), *((name, 1) for name in own.values())):
        for row in _rows(listed):
            fits = row.get("kind", "") in ("", "given" if kind == "first_name" else "family")
            found[_key(row[f"name_{script}"])][row[f"name_{other}"]] += (weight if fits else 1) * (int(row["count"] or 0) + 1)
    return {key: forms.most_common(1)[0][0] for key, forms in found.items()}


@cache
def _same_names() -> dict[str, set[str]]:
    """Plain word -> how the lists of common names write it in the other script."""
    found: dict[str, set[str]] = defaultdict(set)
    for listed in ("given_names.csv", "family_names.csv"):
        for row in _rows(listed):
            french, arabic = (_key(row[name]).replace(" ", "") for name in ("name_fr", "name_ar"))
            found[french].add(arabic)
            found[arabic].add(french)
    return found


def same_name(word: str) -> set[str]:
    """The same name in the other script, for a common one: what no rule of letters tells (`fathi`, فتحي)."""
    return _same_names().get(word, set())


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (NAMES / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _letters_to_arabic(word: str) -> str:
    rest, written = re.sub(r"([^aeiou])\1+", r"\1", _key(word).replace(" ", "")), []
    if rest.startswith(("el", "al")) and len(rest) > 4:
        rest, written = rest[2:], ["ال"]
    elif rest[:1] in ("e", "i", "o", "u") and not rest.startswith("ou"):
        written = ["إ"] if rest[0] in "ei" else ["أ"]
        rest = rest[1:]
    elif rest.startswith("ou"):
        written, rest = ["أو"], rest[2:]
    while rest:
        sign, letter = next(((latin, arabic) for latin, arabic in TO_ARABIC if rest.startswith(latin)), (rest[0], ""))
        written.append(letter)
        rest = rest[len(sign) :]
    return "".join(written)


def _letters_to_latin(word: str) -> str:
    letters = unicodedata.normalize("NFC", word)
    article = letters.startswith("ال") and len(letters) > 4
    letters = letters[2:] if article else letters
    written = ""
    for place, letter in enumerate(letters):
        sound = TO_LATIN.get(letter, "")
        following = letters[place + 1 : place + 2]
        # Short vowels are not written: one is heard after a first consonant, and between two more at the end.
        heard = following and letter not in VOWELS and following not in VOWELS and (place == 0 or place == len(letters) - 2)
        written += sound + ("a" if heard else "")
    written = re.sub(r"a+", "a", written).replace("iou", "you").capitalize()
    return f"El {written}" if article else written


def person_named(text: str) -> dict[str, str]:
    """What a search typed, as the names of one person: the given name is the one that more people bear as a given name."""
    words = text.split()
    script = "ar" if ARABIC.search(text) else "fr"
    if not words or not (ARABIC.search(text) or LATIN.search(text)):
        return {}
    if len(words) == 1:
        field = "first" if _borne(words[0], script, "given_names.csv") else "last"
        return {f"{field}_name_{script}": words[0][:60]}
    given = [_borne(word, script, "given_names.csv") for word in words]
    if given[-1] and not given[0]:
        words = [words[-1], *words[:-1]]
    elif given[0] and given[1] and len(words) > 2:
        words = [" ".join(words[:2]), *words[2:]]
    return {f"first_name_{script}": words[0][:60], f"last_name_{script}": " ".join(words[1:])[:60]}


def _borne(word: str, script: str, listed: str) -> bool:
    return _key(word) in {_key(row[f"name_{script}"]) for row in _rows(listed)}
