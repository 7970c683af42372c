"""Rules: what is checked at save, what an error means, and each shipped rule by the article it enforces."""

import pytest

from accounts.authority.labels import Clearance, Destination, Label
from accounts.authority.rulebook import Flow, Ruling, judge, rule_book
from accounts.authority.ruletexts import RuleProblem, read_rules, shipped_text

PERSON = "bob"
PERSONAL, PHI = Label(tags=frozenset({"personal"})), Label(tags=frozenset({"phi"}))
BERLIN = Destination("endpoint", "berlin", "confidential", frozenset({"DE"}), frozenset({"gdpr", "hipaa"}))
TEXAS = Destination("endpoint", "texas", "confidential", frozenset({"US"}), frozenset({"gdpr"}))
OUTSIDE = Destination("outside", "a partner", "confidential", frozenset({"DE"}), frozenset({"gdpr"}))


def flow(label: Label | None = None, **more: object) -> Flow:
    facts = {"kind": "read", "tool": "documents.read", "agent": "ada", "person": PERSON, "resource": "document:1"}
    return Flow(**{**facts, "label": label or Label(), "clearance": Clearance(), **more})  # type: ignore[arg-type]


def room(rules: str | dict[str, str], act: Flow) -> Ruling:
    texts = rules if isinstance(rules, dict) else {rules: shipped_text(rules)}
    return judge(rule_book(texts, {PERSON: "editor"}), act)[1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("forbid(principal", "unexpected end"),
        ('@reason("x") forbid(principal, action, resource) when { context.leval > 1 };', "leval"),
        ('@reason("x") forbid(principal, action == Action::"fly", resource);', "fly"),
        ("permit(principal, action, resource);", "can only forbid"),
        ("forbid(principal, action, resource);", "needs @reason"),
        ('@reason("x") forbid(principal == ?principal, action, resource);', "no templates"),
        ('@id("a") @reason("x") forbid(principal, action, resource);' * 2, "two rules are called a"),
    ],
)
def test_a_rule_that_cannot_be_used_is_not_saved(text: str, complaint: str) -> None:
    with pytest.raises(RuleProblem, match=complaint):
        read_rules("own", text)


def test_a_rule_of_the_room_refuses_with_its_own_sentence() -> None:
    own = '@id("quiet") @reason("Not on behalf of editors.") forbid(principal, action, resource) when '
    ruling = room({"own": own + '{ context.person in Relation::"editor" };'}, flow())
    assert (ruling.outcome, ruling.reason, ruling.rules) == ("deny", "Not on behalf of editors.", ("own/quiet",))
    assert room({"own": own + '{ context.person in Relation::"viewer" };'}, flow()).outcome == "permit"


def test_a_question_is_only_asked_when_no_rule_refuses() -> None:
    ask = '@id("a") @ask @reason("Ask.") forbid(principal, action, resource);'
    deny = '@id("b") @reason("No.") forbid(principal, action, resource);'
    assert room({"own": ask}, flow()).outcome == "ask"
    both = room({"own": ask + deny}, flow())
    assert (both.outcome, both.reason, both.rules) == ("deny", "No.", ("own/a", "own/b"))


def test_a_rule_that_errs_denies() -> None:
    overflow = '@reason("x") forbid(principal, action, resource) when { context.level * 9223372036854775807 > 1 };'
    assert room({"own": overflow}, flow(Label("public"))).outcome == "permit"
    data, ruling = judge(rule_book({"own": overflow}, {}), flow(Label("confidential")))
    assert (data.outcome, ruling.outcome) == ("deny", "deny")
    assert "could not be applied" in ruling.reason


def test_what_has_no_label_is_refused() -> None:
    from dataclasses import replace

    data, ruling = judge(rule_book({}, {}), replace(flow(), label=None))
    assert (data.outcome, data.boundary, ruling.outcome) == ("deny", "no label", "deny")


def test_gdpr_article_5_1_b_purpose_limitation() -> None:
    for_claims = Label(tags=frozenset({"personal"}), purposes=frozenset({"claims"}))
    assert room("gdpr", flow(for_claims, purpose="claims")).outcome == "permit"
    refused = room("gdpr", flow(for_claims, purpose="marketing"))
    assert (refused.outcome, refused.rules) == ("deny", ("gdpr/article-5-1-b",))
    nothing_left = for_claims.join(Label(purposes=frozenset({"billing"})))
    assert room("gdpr", flow(nothing_left, purpose="claims")).outcome == "deny"


def test_gdpr_article_5_1_c_minimisation() -> None:
    assert room("gdpr", flow(PERSONAL)).outcome == "permit"
    assert room("gdpr", flow(PERSONAL, named=False)).rules == ("gdpr/article-5-1-c",)
    assert room("gdpr", flow(named=False)).outcome == "permit"


def test_gdpr_article_9_special_categories() -> None:
    ruling = room("gdpr", flow(Label(tags=frozenset({"personal", "special"}))))
    assert (ruling.outcome, ruling.rules) == ("ask", ("gdpr/article-9",))


def test_gdpr_article_17_erasure() -> None:
    assert room("gdpr", flow(Label(tags=frozenset({"erased"})))).rules == ("gdpr/article-17",)


def test_gdpr_article_28_processor() -> None:
    bare = Destination("endpoint", "berlin", "confidential", frozenset({"DE"}))
    assert room("gdpr", flow(PERSONAL, to=BERLIN)).outcome == "permit"
    assert room("gdpr", flow(PERSONAL, to=bare)).rules == ("gdpr/article-28",)
    assert room("gdpr", flow(to=bare)).outcome == "permit"


@pytest.mark.parametrize(
    ("places", "outcome"),
    [({"DE"}, "permit"), ({"FR", "JP"}, "permit"), ({"US"}, "deny"), ({"DE", "US"}, "deny"), (set(), "deny")],
)
def test_gdpr_article_44_transfer(places: set[str], outcome: str) -> None:
    there = Destination("endpoint", "there", "confidential", frozenset(places), frozenset({"gdpr"}))
    assert room("gdpr", flow(PERSONAL, to=there)).outcome == outcome


def test_hipaa_164_502_b_minimum_necessary() -> None:
    assert room("hipaa", flow(PHI)).outcome == "permit"
    assert room("hipaa", flow(PHI, named=False)).rules == ("hipaa/164-502-b",)


def test_hipaa_164_504_e_business_associate() -> None:
    assert room("hipaa", flow(PHI, to=BERLIN)).outcome == "permit"
    assert room("hipaa", flow(PHI, to=TEXAS)).rules == ("hipaa/164-504-e",)
    assert room("hipaa", flow(to=TEXAS)).outcome == "permit"


def test_hipaa_164_508_authorization() -> None:
    ruling = room("hipaa", flow(PHI, kind="send", to=OUTSIDE))
    assert (ruling.outcome, ruling.rules) == ("ask", ("hipaa/164-508",))


def test_classification_restricted_stays() -> None:
    restricted = flow(Label("restricted"), clearance=Clearance("restricted"), kind="export", to=OUTSIDE)
    assert room("classification", restricted).rules == ("classification/restricted-stays",)


def test_classification_confidential_goes_out_by_decision() -> None:
    ruling = room("classification", flow(Label("confidential"), kind="send", to=OUTSIDE))
    assert (ruling.outcome, ruling.rules) == ("ask", ("classification/confidential-out",))


def test_classification_need_to_know() -> None:
    assert room("classification", flow(Label("confidential"), named=False)).rules == ("classification/need-to-know",)
    assert room("classification", flow(Label("internal"), named=False)).outcome == "permit"
