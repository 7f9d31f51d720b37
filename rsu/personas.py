"""The invented people of the demo and of the tests: one of each role, in known places. Never loaded in production."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from oauth2_provider.models import get_application_model

from rsu.models import Agency, Commune, Province, Region, User


@dataclass(frozen=True)
class Persona:
    username: str
    first_name: str
    role: str
    area_level: str
    place: str = ""
    language: str = "fr"


PASSWORD = "demo-rsu-2026"
PEOPLE = (
    Persona("amina", "Amina", "caseworker", "commune", "06.141.01.53"),
    Persona("brahim", "Brahim", "caseworker", "commune", "07.351.01.05", "ar"),
    Persona("salma", "Salma", "supervisor", "province", "06.141"),
    Persona("nadia", "Nadia", "supervisor", "kingdom"),
    Persona("chaima", "Chaïma", "administrator", "kingdom"),
    Persona("driss", "Driss", "administrator", "kingdom"),
    Persona("yassine", "Yassine", "auditor", "kingdom"),
)


@dataclass(frozen=True)
class Partner:
    code: str
    name_fr: str
    name_ar: str
    programs: tuple[str, ...]
    attributes: tuple[str, ...]
    purposes: tuple[str, ...]
    region: int | None = None
    feeds: tuple[str, ...] = ()


PARTNERS = (
    Partner(
        "cnss",
        "CNSS",
        "الصندوق الوطني للضمان الاجتماعي",
        ("amo_tadamon", "direct_aid"),
        ("score", "terms", "size", "register"),
        ("enrollment", "coverage", "registration"),
        feeds=("cover", "allowances"),
    ),
    Partner("anam", "ANAM", "الوكالة الوطنية للتأمين الصحي", ("amo_tadamon",), (), ("coverage", "enrollment"), feeds=("cover",)),
    Partner("chu-casablanca", "CHU Ibn Rochd", "المركز الاستشفائي ابن رشد", ("amo_tadamon",), (), ("coverage",), 6),
    Partner("cnops", "CNOPS", "الصندوق الوطني لمنظمات الاحتياط الاجتماعي", (), (), ("verification",), feeds=("cover", "allowances")),
    Partner("rnp", "RNP", "السجل الوطني للسكان", (), (), ("verification",), feeds=("births", "deaths", "marriages")),
    Partner("schools", "Système d’information scolaire", "منظومة معلومات التمدرس", (), (), ("verification",), feeds=("schooling",)),
    Partner("disability", "Commission du handicap", "لجنة الإعاقة", (), (), ("verification",), feeds=("disability",)),
)


def place_of(level: str, code: str) -> dict:
    """The area fields of a user from a dotted code."""
    models = {"commune": Commune, "province": Province, "region": Region}
    return {"area_level": level} | ({level: models[level].objects.get(code=code)} if level in models else {})


def _hashed() -> str:
    """Hashing is slow on purpose: only for who is made."""
    return make_password(PASSWORD)


def make_people() -> list[User]:
    """Create the personas that are missing; all with the same known password."""
    made = []
    for persona in PEOPLE:
        defaults = {
            "first_name": persona.first_name,
            "role": persona.role,
            "language": persona.language,
            "password": _hashed,
        }
        defaults |= place_of(persona.area_level, persona.place) | {"is_staff": persona.role == "administrator"}
        user, _created = User.objects.get_or_create(username=persona.username, defaults=defaults)
        made.append(user)
    return made


def make_partners() -> list[Agency]:
    """Create the partner agencies that are missing, each with its user and an OAuth client (id = code, secret = code + "-secret")."""
    made = []
    for partner in PARTNERS:
        area = {"area_level": "region", "region_id": partner.region} if partner.region else {"area_level": "kingdom"}
        user, _created = User.objects.get_or_create(
            username=f"agency-{partner.code}", defaults={"role": "agency", "password": "!", "first_name": partner.name_fr} | area
        )
        agency, _created = Agency.objects.get_or_create(
            code=partner.code,
            defaults={
                "user": user, "name_fr": partner.name_fr, "name_ar": partner.name_ar, "programs": list(partner.programs),
                "attributes": list(partner.attributes), "purposes": list(partner.purposes),
                "feeds": list(partner.feeds), "since": "2026-01-01", "until": "2031-01-01",
            },
        )  # fmt: skip
        if partner.feeds and not agency.feeds:  # made before agreements said what is delivered
            agency.feeds = list(partner.feeds)
            agency.save(update_fields=["feeds"])
        application = get_application_model()
        application.objects.get_or_create(
            client_id=partner.code,
            defaults={
                "client_secret": f"{partner.code}-secret", "user": user, "name": partner.name_fr,
                "client_type": application.CLIENT_CONFIDENTIAL, "authorization_grant_type": application.GRANT_CLIENT_CREDENTIALS,
            },
        )  # fmt: skip
        made.append(agency)
    return made


def logins() -> str:
    """What the demo prints: who can log in, with what, and what each sees."""
    people = User.objects.filter(username__in=[persona.username for persona in PEOPLE]).order_by("id")
    rows = [f"  {u.username:<15} {PASSWORD:<22} {u.get_role_display()}, {u.place or u.get_area_level_display()}" for u in people]
    rows += [f"  {partner.code:<15} {partner.code + '-secret':<22} API, {partner.name_fr}" for partner in PARTNERS]
    return "\n".join(rows)
