"""What people live on: main situation, occupation, status, and the health cover and family allowances that go with it."""

from dataclasses import dataclass
from random import Random

from .entries import Member

# Share at work or looking for work, by age limit (exclusive). The census gives the rate over 15: men 67 %, women 22 % and 7 %.
ACTIVE = {
    ("urban", "male"): ((18, 0.12), (20, 0.3), (25, 0.6), (30, 0.88), (50, 0.95), (55, 0.88), (60, 0.78), (65, 0.42), (130, 0.13)),
    ("rural", "male"): ((18, 0.2), (20, 0.42), (25, 0.66), (30, 0.88), (50, 0.94), (55, 0.9), (60, 0.82), (65, 0.6), (130, 0.28)),
    ("urban", "female"): ((18, 0.03), (20, 0.1), (25, 0.26), (30, 0.35), (50, 0.29), (55, 0.22), (60, 0.17), (65, 0.07), (130, 0.02)),
    ("rural", "female"): ((18, 0.03), (20, 0.06), (25, 0.09), (30, 0.1), (50, 0.09), (55, 0.07), (60, 0.06), (65, 0.04), (130, 0.02)),
}
# Share of the active without work, by age limit; the census gives 21 % in both milieux.
WITHOUT_WORK = ((20, 0.5), (25, 0.45), (30, 0.32), (40, 0.19), (50, 0.14), (130, 0.1))

TIERS = {"none": 0, "koranic": 0, "preschool": 0, "primary": 0, "lower_secondary": 1, "upper_secondary": 1, "higher": 2}
# Weights of the groups 0 to 9 by schooling (little, secondary, higher), after the professions of the census of 2014.
GROUPS = {
    ("urban", "male"): ((0, 0, 1, 13, 13, 2, 33, 5, 7, 26), (0.5, 2, 5, 28, 14, 1, 28, 1, 9, 12), (5, 36, 20, 24, 8, 0.5, 3, 0, 1.5, 2)),
    ("urban", "female"): ((0, 0, 1, 25, 4, 0.5, 32, 7, 0.3, 30), (0.3, 2, 8, 35, 5, 0.2, 28, 1, 1, 16), (4, 44, 24, 24, 3, 0, 1, 0, 0, 0)),
    ("rural", "male"): ((0, 0, 0.2, 3, 5, 29, 15, 30, 3, 15), (0.2, 1, 2, 12, 8, 21, 20, 18, 6, 12), (2, 22, 18, 26, 9, 10, 5, 2, 4, 2)),
    ("rural", "female"): (
        (0, 0, 0.3, 4, 1, 13, 14, 57, 0.2, 10),
        (0.2, 3, 7, 20, 3, 8, 20, 25, 0.5, 10),
        (2, 34, 28, 26, 3, 3, 2, 2, 0, 0),
    ),
}
STATUSES = {
    "0": (("employee_public", 50), ("employee_private", 25), ("employer", 25)),
    "1": (("employee_public", 52), ("employee_private", 35), ("self_employed", 6), ("employer", 7)),
    "2": (("employee_public", 48), ("employee_private", 50), ("self_employed", 2)),
    "3": (("employee_private", 58), ("employee_public", 37), ("other", 5)),
    "4": (("self_employed", 72), ("employer", 8), ("employee_private", 20)),
    "5": (("self_employed", 75), ("employer", 4), ("cooperative_member", 6), ("family_worker", 15)),
    "6": (("employee_private", 55), ("self_employed", 37), ("employer", 4), ("cooperative_member", 2), ("apprentice", 2)),
    "7": (("employee_private", 76), ("family_worker", 20), ("other", 4)),
    "8": (("employee_private", 62), ("self_employed", 28), ("employee_public", 8), ("employer", 2)),
    "9": (("employee_private", 59), ("self_employed", 25), ("employee_public", 9), ("other", 7)),
}
TRADES = {
    "0": (("haut fonctionnaire", "gérant de société", "directeur", "élu local"), ("haut fonctionnaire", "directeur")),
    "1": (
        ("professeur de lycée", "ingénieur", "médecin", "avocat", "pharmacien", "architecte"),
        ("professeur de lycée", "médecin", "pharmacien"),
    ),
    "2": (
        ("instituteur", "infirmier", "technicien", "comptable", "sous-officier"),
        ("infirmier", "sage-femme", "comptable", "instituteur"),
    ),
    "3": (("gardien", "serveur", "vendeur en magasin", "coiffeur", "soldat"), ("employé de maison", "secrétaire", "caissier", "coiffeur")),
    "4": (("épicier", "commerçant", "grossiste", "courtier"), ("commerçant", "épicier")),
    "5": (("agriculteur", "éleveur", "pêcheur"), ("agriculteur", "éleveur")),
    "6": (
        ("maçon", "mécanicien", "tailleur", "boulanger", "menuisier", "plombier", "électricien"),
        ("couturière", "tisserande", "boulanger"),
    ),
    "7": (("ouvrier agricole", "berger"), ("ouvrier agricole",)),
    "8": (("chauffeur de taxi", "chauffeur de camion", "opérateur de machine", "conducteur de tracteur"), ("ouvrière de câblage",)),
    "9": (("vendeur ambulant", "manœuvre du bâtiment", "porteur", "gardien de voitures"), ("nettoyeur de rue", "vendeur ambulant")),
}
# Declared by the employer to the social security: share among private employees, and its tie to welfare. Own choice.
DECLARED = {"urban": (0.25, 0.8), "rural": (-0.25, 0.8)}
SELF_EMPLOYED_COVER = {"urban": 0.2, "rural": 0.1}
# Below this welfare a household without another cover has AMO-TADAMON.
TADAMON_BELOW = -0.4
OTHER_COVERS = {"none", "amo_tadamon"}
SCHEMES = {"amo_employee": "CNSS", "amo_public": "État (service de la solde)", "military": "Forces armées royales"}


@dataclass(frozen=True)
class Setting:
    """What the household lends its members: where it lives and how well, a standard normal place in its milieu."""

    milieu: str
    welfare: float


def employ(rng: Random, member: Member, setting: Setting) -> None:
    """From 14 years: the question is asked when the 15th birthday is less than a year away."""
    if member.age < 14:
        return
    if member.schooling not in (None, "no"):
        member.situation = "student"
        return
    limit = _by_age(ACTIVE[setting.milieu, member.sex], member.age)
    if member.sex == "female" and member.education_level == "higher":
        limit = min(0.9, limit * 1.9)
    if member.relation == "head" and member.sex == "male":
        limit = min(0.97, limit * 1.05)
    if member.age < 15 or rng.random() >= limit:
        member.situation = _inactive(rng, member, setting)
    elif rng.random() < _by_age(WITHOUT_WORK, member.age) * (0.35 if member.relation == "head" else 1.45):
        member.situation = "unemployed_worked" if rng.random() < (0.75 if member.age >= 28 else 0.4) else "unemployed_never"
    else:
        member.situation = "employed"
        _occupy(rng, member, setting)


def _inactive(rng: Random, member: Member, setting: Setting) -> str:
    chance = rng.random()
    if chance < 0.025:
        return "infirm"
    if member.age >= 58:
        if chance > 0.98 and setting.welfare > 0:
            return "rentier"
        pension = {"urban": 0.45, "rural": 0.14}[setting.milieu] * (1 if member.sex == "male" else 0.16)
        if chance < 0.025 + pension * (1 + 0.5 * max(-1.2, min(1.2, setting.welfare))):
            return "retired"
        return "homemaker" if member.sex == "female" and member.age < 72 else "elderly"
    return "homemaker" if member.sex == "female" else "other_inactive"


def _occupy(rng: Random, member: Member, setting: Setting) -> None:
    weights = GROUPS[setting.milieu, member.sex][TIERS[member.education_level or "none"]]
    group = str(rng.choices(range(10), weights)[0])
    if member.age < 22 and group in "012":
        group = "3"
    statuses = STATUSES[group]
    status = rng.choices([name for name, _ in statuses], [weight for _, weight in statuses])[0]
    if status == "family_worker" and member.relation == "head":
        status = "self_employed"
    if status == "employer" and (member.age < 25 or rng.random() < 0.3 - 0.4 * setting.welfare):
        status = "self_employed"
    if member.age < 20 and group == "6":
        status = "apprentice" if rng.random() < 0.4 else status
    trades = TRADES[group][member.sex == "female"]
    member.occupation_group, member.work_status = group, status
    member.occupation = trades[int(rng.random() * len(trades))]
    if status in ("family_worker", "apprentice"):
        member.paid = rng.random() < (0.1 if status == "family_worker" else 0.5)


def insure(rng: Random, members: list[Member], setting: Setting) -> None:
    """Own covers first, then husbands, wives and children through them, then AMO-TADAMON for the poor without any."""
    for member in members:
        own = _own_cover(rng, member, setting)
        if own:
            member.cover, member.cover_quality = own, "principal"
    for member in members:
        if member.cover == "none":
            through = _insured_relative(members, member)
            if through:
                member.cover, member.cover_quality = through, "dependant"
    if setting.welfare + 0.5 * rng.gauss(0, 1) < TADAMON_BELOW:
        for member in members:
            if member.cover == "none":
                member.cover = "amo_tadamon"
                member.cover_quality = "dependant" if _depends(member) else "principal"


def _own_cover(rng: Random, member: Member, setting: Setting) -> str | None:
    status = member.work_status
    if status == "employee_public":
        return "military" if member.occupation in ("soldat", "sous-officier") else "amo_public" if rng.random() < 0.96 else None
    if status == "employee_private":
        level, tie = DECLARED[setting.milieu]
        if member.occupation_group in "79":
            level -= 0.7
        return "amo_employee" if level + tie * setting.welfare + 0.66 * rng.gauss(0, 1) > 0 else None
    if status in ("self_employed", "employer", "cooperative_member"):
        share = SELF_EMPLOYED_COVER[setting.milieu] * (1 + 0.8 * max(-1, min(1.5, setting.welfare))) * (2 if status == "employer" else 1)
        return "amo_self_employed" if rng.random() < share else None
    if member.situation == "retired":
        return "amo_public" if rng.random() < 0.4 else "amo_employee"
    if member.situation == "student" and member.schooling == "higher" and rng.random() < 0.05:
        return "amo_student"
    return None


def _insured_relative(members: list[Member], member: Member) -> str | None:
    """The cover a husband or wife, or a parent of a child under 21 (26 in higher education), holds in his own name."""
    near = [member.spouse] if member.spouse is not None else []
    near += [place for place, other in enumerate(members) if other.spouse is not None and members[other.spouse] is member]
    if member.marital_status == "single" and member.age < (26 if member.schooling == "higher" else 21):
        near += [parent for parent in (member.father, member.mother) if parent is not None]
    for place in near:
        relative = members[place]
        if relative.cover_quality == "principal" and relative.cover not in (*OTHER_COVERS, "amo_student"):
            return relative.cover
    return None


def _depends(member: Member) -> bool:
    return member.spouse is not None or (member.relation != "head" and member.marital_status == "single" and member.age < 21)


def _by_age(limits: tuple[tuple[int, float], ...], age: int) -> float:
    return next(share for below, share in limits if age < below)
