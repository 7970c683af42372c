"""Columns of the extracts, and the values that the generator draws from."""

POLICY_COLUMNS = (
    "policy_number",
    "policy_bind_date",
    "policy_state",
    "policy_csl",
    "policy_deductable",
    "policy_annual_premium",
    "umbrella_limit",
    "insured_zip",
    "insured_sex",
    "insured_education_level",
    "insured_occupation",
    "insured_hobbies",
    "insured_relationship",
    "months_as_customer",
    "age",
    "capital-gains",
    "capital-loss",
    "auto_make",
    "auto_model",
    "auto_year",
)
PERSONAL_COLUMNS = (
    "insured_zip",
    "insured_sex",
    "insured_education_level",
    "insured_occupation",
    "insured_hobbies",
    "insured_relationship",
    "age",
)
CLAIM_COLUMNS = (
    "policy_number",
    "incident_date",
    "incident_type",
    "collision_type",
    "incident_severity",
    "authorities_contacted",
    "incident_state",
    "incident_city",
    "incident_location",
    "incident_hour_of_the_day",
    "number_of_vehicles_involved",
    "property_damage",
    "bodily_injuries",
    "witnesses",
    "police_report_available",
    "total_claim_amount",
    "injury_claim",
    "property_claim",
    "vehicle_claim",
)
LABEL_COLUMNS = ("policy_number", "fraud_reported")

MODELS = {
    "Audi": ("A3", "A5"),
    "BMW": ("3 Series", "X5", "X6"),
    "Chevrolet": ("Malibu", "Silverado", "Tahoe"),
    "Dodge": ("Neon", "RAM"),
    "Ford": ("Escape", "F150", "Fusion"),
    "Honda": ("Accord", "Civic", "CRV"),
    "Jeep": ("Grand Cherokee", "Wrangler"),
    "Mercedes": ("C300", "E400", "ML350"),
    "Nissan": ("Maxima", "Pathfinder", "Ultima"),
    "Saab": ("92x", "93", "95"),
    "Suburu": ("Forrestor", "Impreza", "Legacy"),
    "Toyota": ("Camry", "Corolla", "Highlander"),
    "Volkswagen": ("Jetta", "Passat"),
}
SEVERITIES = {
    "collision": (("Minor Damage", 31), ("Major Damage", 34), ("Total Loss", 35)),
    "other": (("Minor Damage", 45), ("Trivial Damage", 55)),
}
AUTHORITIES = {
    "severe": (("Police", 24), ("Fire", 26), ("Ambulance", 25), ("Other", 25)),
    "light": (("Police", 36), ("Fire", 17), ("Ambulance", 15), ("Other", 13), ("None", 19)),
}
STATES = (("NY", 26), ("SC", 24), ("WV", 23), ("VA", 12), ("NC", 10), ("PA", 3), ("OH", 2))
CITIES = ("Arlington", "Columbus", "Hillsdale", "Northbend", "Northbrook", "Riverwood", "Springfield")
STREETS = ("1st St", "3rd Ave", "Apache Lane", "Flute Dr", "Lincoln Hwy", "Maple Drive", "Oak St", "Weaver Ridge")
EDUCATIONS = ("Associate", "College", "High School", "JD", "MD", "Masters", "PhD")
OCCUPATIONS = ("adm-clerical", "craft-repair", "exec-managerial", "farming-fishing", "prof-specialty", "sales")
HOBBIES = ("board-games", "camping", "hiking", "movies", "paintball", "reading", "sleeping", "yachting")
RELATIONSHIPS = ("husband", "not-in-family", "other-relative", "own-child", "unmarried", "wife")
