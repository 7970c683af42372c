"""The demo book: the columns of the real extracts, the same for the same seed, and plausible."""

from pathlib import Path

from config.demo.claims_cases import hand_made
from config.demo.claims_data import generate, write_book

POLICIES = (
    "policy_number,policy_bind_date,policy_state,policy_csl,policy_deductable,policy_annual_premium,umbrella_limit,"
    "insured_zip,insured_sex,insured_education_level,insured_occupation,insured_hobbies,insured_relationship,"
    "months_as_customer,age,capital-gains,capital-loss,auto_make,auto_model,auto_year"
)
CLAIMS = (
    "policy_number,incident_date,incident_type,collision_type,incident_severity,authorities_contacted,incident_state,"
    "incident_city,incident_location,incident_hour_of_the_day,number_of_vehicles_involved,property_damage,"
    "bodily_injuries,witnesses,police_report_available,total_claim_amount,injury_claim,property_claim,vehicle_claim"
)


def test_the_files_have_the_columns_of_the_real_extracts(tmp_path: Path) -> None:
    write_book(generate(3).joined(hand_made()), tmp_path)
    for name, header in (("policies", POLICIES), ("claims", CLAIMS), ("labels", "policy_number,fraud_reported")):
        lines = (tmp_path / f"{name}.csv").read_text().splitlines()
        assert lines[0] == header
        assert len(lines) == 1 + 3 + 10


def test_a_seed_is_a_book() -> None:
    assert generate(20, seed=1) == generate(20, seed=1)
    assert generate(20, seed=1) != generate(20, seed=2)


def test_the_default_book_looks_like_the_real_one() -> None:
    book = generate()
    assert len(book.claims) == len(book.policies) == len(book.labels) == 700
    assert len({row["policy_number"] for row in book.policies + hand_made().policies}) == 710
    for row in book.claims:
        parts = sum(int(row[column]) for column in ("injury_claim", "property_claim", "vehicle_claim"))
        assert parts == int(row["total_claim_amount"]) > 0
    major = {row["policy_number"] for row in book.claims if row["incident_severity"] == "Major Damage"}
    fraudulent = {row["policy_number"] for row in book.labels if row["fraud_reported"] == "Y"}
    assert 0.2 < len(major) / 700 < 0.4
    assert 0.5 < len(major & fraudulent) / len(major) < 0.7
    assert 0.05 < len(fraudulent - major) / (700 - len(major)) < 0.2
