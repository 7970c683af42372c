"""Ten claims made by hand, one for each way a claim can go."""

from dataclasses import dataclass

from config.demo.claims_columns import CLAIM_COLUMNS, POLICY_COLUMNS
from config.demo.claims_data import Book, Row


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with its policy, the people its document names, and what it shows.

    `vehicle` is what the document names when it is not the policy's; `format` is that of its document.
    """

    number: str
    claimant: str
    shows: str
    format: str
    policy: Row
    claim: Row
    story: str
    vehicle: str = ""


POLICY_DEFAULTS = dict(
    zip(
        POLICY_COLUMNS,
        (
            *("0", "2009-05-04", "OH", "250/500", "1000", "1180.40", "0", "458622", "FEMALE", "College", "sales"),
            *("hiking", "wife", "68", "41", "0", "0", "Honda", "Civic", "2012"),
        ),
        strict=True,
    )
)
CLAIM_DEFAULTS = dict(
    zip(
        CLAIM_COLUMNS,
        (
            *(
                "0",
                "2015-02-09",
                "Multi-vehicle Collision",
                "Side Collision",
                "Minor Damage",
                "Police",
                "OH",
                "Columbus",
            ),
            *("Maple Drive", "11", "2", "YES", "1", "2", "YES", "0", "0", "0", "0"),
        ),
        strict=True,
    )
)


def _case(
    number: str,
    claimant: str,
    shows: str,
    format: str,
    story: str,
    *,
    parts: tuple[str, str, str, str],
    policy: dict[str, str],
    claim: dict[str, str] | None = None,
    vehicle: str = "",
) -> Case:
    amounts = dict(zip(("total_claim_amount", "injury_claim", "property_claim", "vehicle_claim"), parts, strict=True))
    whole_policy = POLICY_DEFAULTS | policy
    place = {"policy_number": whole_policy["policy_number"], "incident_location": f"{number[-4:]} Maple Drive"}
    whole_claim = CLAIM_DEFAULTS | amounts | (claim or {}) | place
    return Case(number, claimant, shows, format, whole_policy, whole_claim, story, vehicle)


CASES = (
    _case(
        "CL-4471",
        "Marcus Hale",
        "high payout: covered in full, but above $75,000.00",
        "pdf",
        "Unit 2 entered the junction against the signal and struck the insured's car on the left side, pushing it into "
        "the guard rail. The driver of unit 2 was cited.",
        parts=("82240", "18400", "9640", "54200"),
        policy={"policy_number": "562208", "auto_make": "BMW", "auto_model": "X5", "auto_year": "2014"},
        claim={"incident_severity": "Total Loss", "number_of_vehicles_involved": "3", "incident_hour_of_the_day": "3"},
    ),
    _case(
        "CL-4466",
        "Dana Whitfield",
        "fraud review: major damage, two injured, no police report",
        "pdf",
        "The insured was turning left at Fourth and Main when another car struck the right rear door.",
        parts=("13480.50", "1500", "2100", "9880.50"),
        policy={"policy_number": "448201", "policy_csl": "100/300"},
        claim={"incident_severity": "Major Damage", "bodily_injuries": "2", "police_report_available": "NO"},
    ),
    _case(
        "CL-4467",
        "Ibrahim Saleh",
        "straight through, although the policy system holds a negative umbrella: no value of it changes the payout",
        "md",
        "A stone thrown up by a lorry broke the windscreen.",
        parts=("982.75", "0", "0", "982.75"),
        policy={"policy_number": "310774", "policy_deductable": "500", "umbrella_limit": "-1000000"},
        claim={"incident_severity": "Trivial Damage", "bodily_injuries": "0", "property_damage": "NO"},
    ),
    _case(
        "CL-4459",
        "Wei Zhang",
        "lapse: the policy was bound after the incident",
        "pdf",
        "The insured braked late and slid into the car in front.",
        parts=("21300", "2400", "3100", "15800"),
        policy={"policy_number": "771930", "policy_bind_date": "2015-02-20"},
        claim={"collision_type": "Front Collision"},
    ),
    _case(
        "CL-4472",
        "Lena Fischer",
        "mismatch: the document names another vehicle than the policy's; the vehicle's part is not covered",
        "json",
        "The car was hit from behind while waiting at the lights.",
        parts=("17900", "2200", "1500", "14200"),
        policy={"policy_number": "629415", "auto_make": "Toyota", "auto_model": "Corolla", "auto_year": "2011"},
        claim={"collision_type": "Rear Collision"},
        vehicle="2008 Dodge RAM",
    ),
    _case(
        "CL-4474",
        "Priya Raman",
        "contradiction: an injury is claimed, but nobody was injured; alone it sends nothing to a person",
        "md",
        "Hail damaged the roof and bonnet of the parked car.",
        parts=("6420", "640", "1180", "4600"),
        policy={"policy_number": "205866", "policy_deductable": "500"},
        claim={
            "incident_type": "Parked Car",
            "collision_type": "?",
            "number_of_vehicles_involved": "1",
            "bodily_injuries": "0",
        },
    ),
    _case(
        "CL-4468",
        "Hannah Lee",
        "unknown evidence that changes the outcome: above the limit, and the umbrella is unknown",
        "pdf",
        "Four cars collided in fog on the bridge; the insured's car was crushed between two others.",
        parts=("318000", "240000", "30000", "48000"),
        policy={"policy_number": "883102", "policy_csl": "100/300", "umbrella_limit": "?"},
        claim={"incident_severity": "Total Loss", "number_of_vehicles_involved": "4"},
    ),
    _case(
        "CL-4465",
        "Jonas Petersen",
        "nothing due: the claim does not exceed the deductible",
        "md",
        "A shopping trolley scratched the parked car.",
        parts=("1640", "0", "0", "1640"),
        policy={"policy_number": "914006", "policy_deductable": "2000"},
        claim={
            "incident_type": "Parked Car",
            "collision_type": "?",
            "incident_severity": "Trivial Damage",
            "number_of_vehicles_involved": "1",
            "property_damage": "NO",
            "bodily_injuries": "0",
        },
    ),
    _case(
        "CL-4464",
        "Amira Haddad",
        "cap: the claim exceeds the limit per accident and there is no umbrella",
        "json",
        "The insured lost control on ice and crossed into oncoming traffic; three people were taken to hospital.",
        parts=("341000", "268000", "25000", "48000"),
        policy={"policy_number": "437715", "policy_csl": "100/300"},
        claim={"incident_severity": "Total Loss", "number_of_vehicles_involved": "3", "authorities_contacted": "Fire"},
    ),
    _case(
        "CL-4473",
        "Owen Castellano",
        "umbrella: the same above the limit, but the umbrella covers it; a high payout",
        "md",
        "A rear-end collision pushed the insured's car into a shop front.",
        parts=("341000", "268000", "25000", "48000"),
        policy={"policy_number": "150938", "policy_csl": "100/300", "umbrella_limit": "2000000"},
        claim={"incident_severity": "Total Loss", "collision_type": "Rear Collision"},
    ),
)


def hand_made() -> Book:
    """The ten cases as a book; investigators found nothing in any of them."""
    labels = [{"policy_number": case.policy["policy_number"], "fraud_reported": "N"} for case in CASES]
    return Book([case.policy for case in CASES], [case.claim for case in CASES], labels)
