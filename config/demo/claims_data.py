"""A seeded generator of auto claims, with the columns of a real insurer's policy, claims and findings extracts."""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from config.demo.claims_columns import (
    AUTHORITIES,
    CITIES,
    CLAIM_COLUMNS,
    EDUCATIONS,
    HOBBIES,
    LABEL_COLUMNS,
    MODELS,
    OCCUPATIONS,
    POLICY_COLUMNS,
    RELATIONSHIPS,
    SEVERITIES,
    STATES,
    STREETS,
)

Row = dict[str, str]
FIRST_INCIDENT, INCIDENT_DAYS = date(2015, 1, 1), 60
FRAUD_RATE = {"Major Damage": 0.6, "Minor Damage": 0.11, "Total Loss": 0.12, "Trivial Damage": 0.08}
HELD_AT_INCIDENT = 0.995


@dataclass(frozen=True, slots=True)
class Book:
    """Policies, claims and what investigators found (`fraud_reported`), one row of each for a policy."""

    policies: list[Row]
    claims: list[Row]
    labels: list[Row]

    def joined(self, other: "Book") -> "Book":
        """Both books in one."""
        return Book(self.policies + other.policies, self.claims + other.claims, self.labels + other.labels)


def generate(rows: int = 700, seed: int = 20150301) -> Book:
    """`rows` claims, each on a policy of its own; the same seed gives the same book."""
    chance = random.Random(seed)
    numbers = [str(number) for number in chance.sample(range(100_000, 999_999), rows)]
    book = Book([], [], [])
    for number in numbers:
        claim = _claim(chance, number)
        book.claims.append(claim)
        book.policies.append(_policy(chance, number, date.fromisoformat(claim["incident_date"])))
        fraudulent = chance.random() < FRAUD_RATE[claim["incident_severity"]]
        book.labels.append({"policy_number": number, "fraud_reported": "Y" if fraudulent else "N"})
    return book


def write_book(book: Book, folder: Path) -> None:
    """`policies.csv`, `claims.csv` and `labels.csv` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in (
        ("policies", POLICY_COLUMNS, book.policies),
        ("claims", CLAIM_COLUMNS, book.claims),
        ("labels", LABEL_COLUMNS, book.labels),
    ):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _of(chance: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _policy(chance: random.Random, number: str, incident: date) -> Row:
    held = chance.randint(20, 9000) if chance.random() < HELD_AT_INCIDENT else -chance.randint(1, 30)
    umbrella = 0 if chance.random() < 0.8 else chance.randint(2, 10) * 1_000_000
    make = chance.choice(list(MODELS))
    values = (
        number,
        (incident - timedelta(days=held)).isoformat(),
        chance.choice(("IL", "OH", "IN")),
        chance.choice(("100/300", "250/500", "500/1000")),
        chance.choice(("500", "1000", "2000")),
        f"{max(450.0, chance.gauss(1256, 244)):.2f}",
        str(umbrella),
        str(chance.randint(430_000, 620_000)),
        chance.choice(("MALE", "FEMALE")),
        chance.choice(EDUCATIONS),
        chance.choice(OCCUPATIONS),
        chance.choice(HOBBIES),
        chance.choice(RELATIONSHIPS),
        str(max(0, held // 30 + chance.randint(-3, 3))),
        str(min(64, max(19, round(chance.gauss(39, 9))))),
        str(chance.choice((0, 100)) * chance.randint(100, 900)),
        str(-chance.choice((0, 100)) * chance.randint(100, 900)),
        make,
        chance.choice(MODELS[make]),
        str(chance.randint(1995, 2015)),
    )
    return dict(zip(POLICY_COLUMNS, values, strict=True))


def _claim(chance: random.Random, number: str) -> Row:
    kind = _of(
        chance,
        (("Multi-vehicle Collision", 43), ("Single Vehicle Collision", 41), ("Vehicle Theft", 8), ("Parked Car", 8)),
    )
    collided = "Collision" in kind
    severity = _of(chance, SEVERITIES["collision" if collided else "other"])
    injury, prop, vehicle = _amounts(chance, collided)
    vehicles = _of(chance, (("3", 86), ("2", 7), ("4", 7))) if kind.startswith("Multi") else "1"
    values = (
        number,
        (FIRST_INCIDENT + timedelta(days=chance.randrange(INCIDENT_DAYS))).isoformat(),
        kind,
        chance.choice(("Front Collision", "Rear Collision", "Side Collision")) if collided else "?",
        severity,
        _of(chance, AUTHORITIES["severe" if severity in ("Major Damage", "Total Loss") else "light"]),
        _of(chance, STATES),
        chance.choice(CITIES),
        f"{chance.randint(1000, 9999)} {chance.choice(STREETS)}",
        str(chance.randrange(24)),
        vehicles,
        chance.choice(("?", "NO", "YES")),
        chance.choice(("0", "1", "2")),
        chance.choice(("0", "1", "2", "3")),
        chance.choice(("?", "NO", "YES")),
        str(injury + prop + vehicle),
        str(injury),
        str(prop),
        str(vehicle),
    )
    return dict(zip(CLAIM_COLUMNS, values, strict=True))


def _amounts(chance: random.Random, collided: bool) -> tuple[int, int, int]:
    """Injury, property and vehicle in whole dollars, in the proportions of real claims (tenths or elevenths)."""
    unit = int(chance.gauss(590, 130) if collided else chance.gauss(52, 15))
    unit = max(1, unit) * 10
    injury, prop = chance.choice(((1, 1), (1, 2), (2, 1), (2, 2), (1, 1), (0, 1), (1, 0)))
    return injury * unit, prop * unit, chance.choice((7, 8)) * unit
