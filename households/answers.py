"""The codes a family's answers are kept under, with the words people see: the published questionnaire's."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Relation(TextChoices):
    HEAD = "head", _("chef de ménage")
    SPOUSE = "spouse", _("époux ou épouse")
    CHILD = "child", _("fils ou fille")
    PARENT = "parent", _("père ou mère du chef")
    PARENT_IN_LAW = "parent_in_law", _("père ou mère du conjoint")
    SIBLING = "sibling", _("frère ou sœur")
    GRANDCHILD = "grandchild", _("petit-fils ou petite-fille")
    OTHER = "other", _("autre (parent par alliance, cousin, logé, employé de maison)")


class Sex(TextChoices):
    FEMALE = "female", _("femme")
    MALE = "male", _("homme")


class BirthPrecision(TextChoices):
    DAY = "day", _("date complète")
    MONTH = "month", _("mois et année")
    YEAR = "year", _("année seule")


class MaritalStatus(TextChoices):
    SINGLE = "single", _("célibataire (jamais marié ou mariée)")
    MARRIED = "married", _("marié(e)")
    DIVORCED = "divorced", _("divorcé(e)")
    WIDOWED = "widowed", _("veuf ou veuve")


class FatherStatus(TextChoices):
    ALIVE = "alive", _("vivant")
    DECEASED = "deceased", _("décédé")
    UNKNOWN = "unknown", _("inconnu")


class Charge(TextChoices):
    MOTHER = "mother", _("sa mère")
    CUSTODY = "custody", _("une personne qui en a la garde")
    KAFALA = "kafala", _("une personne par kafala")
    GUARDIAN = "guardian", _("un tuteur légal")


class Schooling(TextChoices):
    NO = "no", _("non")
    PRESCHOOL = "preschool", _("préscolaire")
    PRIMARY = "primary", _("primaire")
    LOWER_SECONDARY = "lower_secondary", _("collège")
    UPPER_SECONDARY = "upper_secondary", _("lycée")
    VOCATIONAL = "vocational", _("formation professionnelle")
    HIGHER = "higher", _("enseignement supérieur")
    NON_FORMAL = "non_formal", _("éducation non formelle")


class SchoolSector(TextChoices):
    PUBLIC = "public", _("public")
    PRIVATE = "private", _("privé")
    OTHER = "other", _("autre (coranique, association)")


class EducationLevel(TextChoices):
    NONE = "none", _("aucun")
    PRESCHOOL = "preschool", _("préscolaire")
    KORANIC = "koranic", _("école coranique")
    PRIMARY = "primary", _("primaire")
    LOWER_SECONDARY = "lower_secondary", _("collège")
    UPPER_SECONDARY = "upper_secondary", _("lycée")
    HIGHER = "higher", _("supérieur")


class Diploma(TextChoices):
    NONE = "none", _("aucun")
    PRIMARY_CERTIFICATE = "primary_certificate", _("certificat d’études primaires")
    LOWER_SECONDARY_CERTIFICATE = "lower_secondary_certificate", _("brevet du collège")
    VOCATIONAL_INITIATION = "vocational_initiation", _("certificat d’initiation professionnelle")
    VOCATIONAL_SPECIALISATION = "vocational_specialisation", _("diplôme de spécialisation professionnelle")
    VOCATIONAL_QUALIFICATION = "vocational_qualification", _("diplôme de qualification professionnelle")
    BACCALAUREATE = "baccalaureate", _("baccalauréat")
    TECHNICIAN = "technician", _("technicien")
    SPECIALISED_TECHNICIAN = "specialised_technician", _("technicien spécialisé")
    HIGHER = "higher", _("supérieur (DEUG, DUT, BTS, licence, master, doctorat, ingénieur)")


class Situation(TextChoices):
    EMPLOYED = "employed", _("travaille")
    UNEMPLOYED_WORKED = "unemployed_worked", _("au chômage, a déjà travaillé")
    UNEMPLOYED_NEVER = "unemployed_never", _("au chômage, n’a jamais travaillé")
    HOMEMAKER = "homemaker", _("au foyer")
    STUDENT = "student", _("élève ou étudiant")
    RETIRED = "retired", _("retraité")
    RENTIER = "rentier", _("rentier (loyers ou autres revenus de biens)")
    INFIRM = "infirm", _("infirme ou malade")
    ELDERLY = "elderly", _("âgé")
    OTHER_INACTIVE = "other_inactive", _("autre, sans activité")


class OccupationGroup(TextChoices):
    """The ten groups of the national classification of occupations; the head's and members' trade falls in one."""

    G0 = "0", _("élus, hauts responsables, directeurs d’entreprise")
    G1 = "1", _("cadres supérieurs et professions libérales (médecin, avocat, ingénieur, professeur)")
    G2 = "2", _("cadres moyens et techniciens (instituteur, infirmier, comptable)")
    G3 = "3", _("employés (gardien, serveur, vendeur, militaire, coiffeur, employé de maison)")
    G4 = "4", _("commerçants et intermédiaires (épicier, grossiste, courtier)")
    G5 = "5", _("exploitants agricoles, pêcheurs, forestiers")
    G6 = "6", _("artisans et ouvriers qualifiés (maçon, tailleur, mécanicien, boulanger)")
    G7 = "7", _("ouvriers agricoles et de la pêche")
    G8 = "8", _("conducteurs d’engins, de machines et chauffeurs")
    G9 = "9", _("manœuvres, porteurs, petits métiers (vendeur ambulant, nettoyage)")


class WorkStatus(TextChoices):
    EMPLOYER = "employer", _("employeur (paie au moins un travailleur hors famille)")
    SELF_EMPLOYED = "self_employed", _("à son compte, sans salarié")
    EMPLOYEE_PUBLIC = "employee_public", _("salarié du public")
    EMPLOYEE_PRIVATE = "employee_private", _("salarié du privé")
    FAMILY_WORKER = "family_worker", _("aide familial")
    APPRENTICE = "apprentice", _("apprenti")
    COOPERATIVE_MEMBER = "cooperative_member", _("membre d’une coopérative")
    OTHER = "other", _("autre")


class Cover(TextChoices):
    NONE = "none", _("aucune")
    RAMED = "ramed", _("RAMED")
    AMO_TADAMON = "amo_tadamon", _("AMO-TADAMON")
    AMO_EMPLOYEE = "amo_employee", _("AMO des salariés (CNSS)")
    AMO_PUBLIC = "amo_public", _("AMO du secteur public (CNOPS)")
    AMO_SELF_EMPLOYED = "amo_self_employed", _("AMO des travailleurs non salariés")
    AMO_ACHAMIL = "amo_achamil", _("AMO ACHAMIL")
    AMO_STUDENT = "amo_student", _("AMO des étudiants")
    MILITARY = "military", _("mutuelle militaire")
    PRIVATE = "private", _("assurance privée")
    ABROAD = "abroad", _("régime étranger")


class CoverQuality(TextChoices):
    PRINCIPAL = "principal", _("en son nom")
    DEPENDANT = "dependant", _("par un proche")


class Disability(TextChoices):
    NONE = "none", _("aucune")
    LIGHT = "light", _("légère")
    MODERATE = "moderate", _("moyenne")
    SEVERE = "severe", _("grave")


class DwellingType(TextChoices):
    VILLA = "villa", _("villa")
    APARTMENT = "apartment", _("appartement")
    TRADITIONAL_HOUSE = "traditional_house", _("maison traditionnelle (pièces autour d’une cour)")
    MODERN_HOUSE = "modern_house", _("maison moderne (construite en dur)")
    RURAL_STONE = "rural_stone", _("maison rurale en pierre")
    RURAL_EARTH = "rural_earth", _("maison rurale en pisé")
    RURAL_OTHER = "rural_other", _("autre maison rurale")
    BASIC_OR_SLUM = "basic_or_slum", _("logement sommaire ou bidonville")
    OTHER = "other", _("autre")
    NONE = "none", _("sans logement fixe")


class Meter(TextChoices):
    OWN = "own", _("oui, à lui seul (prépayé compris)")
    SHARED = "shared", _("partagé")
    NONE = "none", _("pas de compteur")
