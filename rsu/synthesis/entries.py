"""One invented registration, field for field as the tables keep it: money in centimes, None where nothing is asked."""

from dataclasses import dataclass, field

Bill = tuple[int | None, ...]


@dataclass(slots=True)
class Household:
    """`people` and the rest of the members' side are filled by `people.describe`, the dwelling and the goods by `welfare.furnish`."""

    code: str
    commune: int
    region: int
    milieu: str
    inside_center: bool | None
    address: str
    registered_on: str
    dwelling_type: str | None = None
    rooms: int = 1
    bath: bool | None = None
    electricity_meter: str | None = None
    electricity_bills: Bill = ()
    water_bills: Bill = ()
    water_in_electricity: bool = False
    butane_month: int = 0
    telecom_bills: Bill = ()
    computer: bool | None = None
    dish: bool | None = None
    landline: bool | None = None
    mobile_phones: int | None = None
    cars: int = 0
    motorcycles: int = 0
    loan: bool | None = None
    second_home: bool = False
    garage: bool | None = None
    premises: bool | None = None
    land: bool | None = None
    irrigated_land: bool | None = None
    cows: int | None = None
    members: list["Member"] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """`spouse`, `mother` and `father` are positions in the household, from 0; `age` is in completed years on the day."""

    idcs: str
    cin: str
    relation: str
    sex: str
    age: int
    born_on: str
    birth_precision: str
    marital_status: str
    spouse: int | None
    mother: int | None
    father: int | None
    first_name: tuple[str, str] = ("", "")
    last_name: tuple[str, str] = ("", "")
    nationality: str = "ma"
    permit_number: str = ""
    permit_until: str | None = None
    father_status: str | None = None
    father_died_on: str | None = None
    charge: str | None = None
    charge_document: str = ""
    schooling: str | None = None
    school_sector: str | None = None
    education_level: str | None = None
    diploma: str | None = None
    literate: bool | None = None
    situation: str | None = None
    occupation: str = ""
    occupation_group: str | None = None
    work_status: str | None = None
    paid: bool | None = None
    cover: str = "none"
    cover_quality: str | None = None
    disability: str = "none"
    disability_number: str = ""
    disability_since: str | None = None
    disability_until: str | None = None
    other_allowances: bool | None = None
    other_allowances_scheme: str = ""
    other_allowances_since: str | None = None
    other_allowances_until: str | None = None
