"""Whether the members of one declaration fit together: one head, couples, parents, one person once."""

from collections import defaultdict
from datetime import date

from django.utils.translation import gettext as _

from rsu.wording import ELIDED

from .ages import age_on
from .problems import Problem

Members = list[dict]


def check(members: Members, *, on: date, law, supervised: bool) -> list[Problem]:
    """Problems between members; turns the couples declared on either side into wives pointing to their husband."""
    if not members:
        return [Problem("members", _("Ajoutez les personnes qui vivent dans le ménage."), missing=True)]
    problems = _size(members, law) + _twice(members) + _head(members, on=on, law=law, supervised=supervised)
    problems += _parents(members)
    links, wrong = _couples(members)
    problems += wrong + _statuses(members, links) + _spouse_ages(members, links, on=on, law=law)
    _point_to_husbands(members, links)
    return problems


def name(member: dict) -> str:
    """A member's name for a sentence; his IDCS, or nothing better, when the name is not there yet."""
    return f"{member.get('first_name_fr', '')} {member.get('last_name_fr', '')}".strip() or member.get("idcs", "?")


def _path(position: int, field: str) -> str:
    return f"members.{position}.{field}"


def _size(members: Members, law) -> list[Problem]:
    most = law.value("registration.max_size")
    if len(members) <= most:
        return []
    return [Problem("members", _("Un ménage de plus de %(most)s personnes ne peut pas être enregistré.") % {"most": most})]


def _twice(members: Members) -> list[Problem]:
    places = defaultdict(list)
    for position, member in enumerate(members, start=1):
        if "idcs" in member:
            places[member["idcs"]].append(position)
    sentence = _("Le même IDCS est donné à deux personnes de ce ménage.")
    return [Problem(_path(position, "idcs"), sentence) for found in places.values() for position in found[1:]]


def _age(member: dict, on: date) -> int | None:
    return age_on(on, member["born_on"]) if "born_on" in member else None


def _head(members: Members, *, on: date, law, supervised: bool) -> list[Problem]:
    heads = [position for position, member in enumerate(members, start=1) if member.get("relation") == "head"]
    if not heads:
        sentence = _("Désignez le chef de ménage : une personne dont le lien est « chef de ménage ».")
        return [Problem("members", sentence, missing=True)]
    if len(heads) > 1:
        return [Problem(_path(position, "relation"), _("Un ménage a un seul chef.")) for position in heads[1:]]
    return _minor_head(members, heads[0], on=on, adult_age=law.value("registration.adult_age"), supervised=supervised)


def _minor_head(members: Members, position: int, *, on: date, adult_age: int, supervised: bool) -> list[Problem]:
    head = members[position - 1]
    age = _age(head, on)
    if age is None or age >= adult_age:
        return []
    if any((_age(member, on) or 0) >= adult_age for member in members):
        return [Problem(_path(position, "relation"), _("Ce chef de ménage est mineur et un adulte vit ici : désignez un adulte."))]
    if not supervised:
        sentence = _("Ce chef de ménage est mineur : il faut qu’un superviseur l’enregistre, avec un tuteur légal qui déclare pour lui.")
        return [Problem(_path(position, "relation"), sentence)]
    if head.get("charge") != "guardian" or not head.get("charge_document"):
        sentence = _("Pour un chef de ménage mineur, indiquez le tuteur légal qui déclare et le document qui le prouve.")
        return [Problem(_path(position, "charge"), sentence)]
    return []


PARENTS = {"mother": "female", "father": "male"}


def offered(role: str, members: Members, position: int, *, on: date, law) -> list[int]:
    """Whom the page of the person at `position` may name as mother, father or spouse: nobody that `check` would refuse.

    What is not answered yet refuses nobody; but while a child's birth is not known, who is himself younger than the gap that
    a family confirms (registration.plausible) is not offered as a parent.
    """
    own = members[position - 1] if position <= len(members) else {}
    gap = min(limits["parent_gap_years"] for limits in law.value("registration.plausible").values())
    lowest = law.value("registration.spouse_age")

    def fits(place: int, other: dict) -> bool:
        age = _age(other, on)
        if role in PARENTS:
            known = "born_on" in own or age is None
            return not _wrong_sex(role, other) and not _not_older(other, own) and (known or age >= gap)
        head = own.get("relation") != "spouse" or other.get("relation", "head") == "head"
        return head and (age is None or age >= lowest) and not _same_sex(own, other) and not _kin(members, position, place)

    return [place for place, other in enumerate(members, start=1) if place != position and fits(place, other)]


def _wrong_sex(role: str, parent: dict) -> bool:
    return parent.get("sex", PARENTS[role]) != PARENTS[role]


def _not_older(parent: dict, child: dict) -> bool:
    return "born_on" in parent and "born_on" in child and parent["born_on"] >= child["born_on"]


def _same_sex(one: dict, other: dict) -> bool:
    return "sex" in one and one["sex"] == other.get("sex")


def _kin(members: Members, position: int, place: int) -> bool:
    """Whether one of the two is the other's parent."""
    sides = [(place, position), (position, place)]
    return any(child <= len(members) and parent in (members[child - 1].get(role) for role in PARENTS) for parent, child in sides)


def _parents(members: Members) -> list[Problem]:
    problems = []
    sentences = {"mother": _("La mère désignée est un homme."), "father": _("Le père désigné est une femme.")}
    for position, member in enumerate(members, start=1):
        for role, sentence in sentences.items():
            if role not in member:
                continue
            parent = members[member[role] - 1]
            if _wrong_sex(role, parent):
                problems.append(Problem(_path(position, role), sentence))
            if _not_older(parent, member):
                plain = _("%(parent)s n’est pas plus âgé(e) que %(child)s.")
                sentence_age = _("%(parent)s n’est pas plus âgé(e) qu’%(child)s.") if ELIDED.match(name(member)) else plain
                problems.append(Problem(_path(position, role), sentence_age % {"parent": name(parent), "child": name(member)}))
    return problems


def _couples(members: Members) -> tuple[list[tuple[int, int, str]], list[Problem]]:
    """(husband, wife, path of who said so) for each couple here, each woman in one couple at most."""
    head = next((p for p, m in enumerate(members, start=1) if m.get("relation") == "head"), None)
    said: dict[tuple[int, int], str] = {}
    problems = []
    for position, member in enumerate(members, start=1):
        target = member.get("spouse")
        if member.get("relation") == "spouse" and head:
            if target not in (None, head):
                problems.append(Problem(_path(position, "spouse"), _("L’époux ou l’épouse du chef de ménage est marié avec le chef.")))
                continue
            target = head
        if target is None:
            continue
        if _kin(members, position, target):
            problems.append(Problem(_path(position, "spouse"), _("Une même personne ne peut pas être son conjoint et son parent.")))
        elif {member.get("sex"), members[target - 1].get("sex")} == {"male", "female"}:
            pair = (position, target) if member["sex"] == "male" else (target, position)
            said.setdefault(pair, _path(position, "spouse"))
        elif _same_sex(member, members[target - 1]):
            problems.append(Problem(_path(position, "spouse"), _("Les deux époux désignés sont du même sexe.")))
    links = [(husband, wife, path) for (husband, wife), path in said.items()]
    return links, problems + _one_husband(links) + _answered(members, links)


def _one_husband(links: list[tuple[int, int, str]]) -> list[Problem]:
    seen: set[int] = set()
    problems = []
    for _husband, wife, path in links:
        if wife in seen:
            problems.append(Problem(path, _("Cette femme est déjà désignée comme l’épouse d’un autre membre.")))
        seen.add(wife)
    return problems


def _answered(members: Members, links: list[tuple[int, int, str]]) -> list[Problem]:
    """A husband who names a wife is named by her, or by nobody; a wife's husband may name another of his wives."""
    husbands = {wife: husband for husband, wife, _path_ in links}
    problems = []
    for position, member in enumerate(members, start=1):
        target = member.get("spouse")
        if target is None or member.get("sex") != "female":
            continue
        other = members[target - 1].get("spouse")
        if other and other != position and husbands.get(other) != target:
            problems.append(Problem(_path(position, "spouse"), _("Les deux époux ne se désignent pas l’un l’autre.")))
    return problems


def _statuses(members: Members, links: list[tuple[int, int, str]]) -> list[Problem]:
    sentence = _("%(name)s vit ici avec son conjoint : sa situation familiale doit être « marié(e) ».")
    married = {position for husband, wife, _said in links for position in (husband, wife)}
    spouses = {p for p, m in enumerate(members, start=1) if m.get("relation") == "spouse"}
    if spouses:
        married |= spouses | {p for p, m in enumerate(members, start=1) if m.get("relation") == "head"}
    return [
        Problem(_path(position, "marital_status"), sentence % {"name": name(members[position - 1])})
        for position in sorted(married)
        if members[position - 1].get("marital_status", "married") != "married"
    ]


def _spouse_ages(members: Members, links: list[tuple[int, int, str]], *, on: date, law) -> list[Problem]:
    lowest = law.value("registration.spouse_age")
    tied = {position for husband, wife, _said in links for position in (husband, wife)}
    problems = []
    for position, member in enumerate(members, start=1):
        wed = position in tied or member.get("relation") == "spouse" or member.get("marital_status", "single") != "single"
        age = _age(member, on)
        if wed and age is not None and age < lowest:
            sentence = _("Une personne de moins de %(age)s ans ne peut pas être enregistrée comme mariée.") % {"age": lowest}
            problems.append(Problem(_path(position, "marital_status"), sentence))
    return problems


def _point_to_husbands(members: Members, links: list[tuple[int, int, str]]) -> None:
    for member in members:
        member.pop("spouse", None)
    for husband, wife, _said in links:
        members[wife - 1]["spouse"] = husband
