"""What a model call costs, in integers.

Unit: the micro-cent, a millionth of a US cent (1 USD = 100_000_000 micro-cents). Providers price by the million
tokens, so a price is kept per million tokens and only a cost is rounded, upwards.
A price that nobody stated is `None`, never 0; a free model says so with "0/0".
"""

import re
from dataclasses import dataclass
from decimal import Decimal

MICROCENTS_PER_CENT = 1_000_000
_MICROCENTS_PER_DOLLAR = 100 * MICROCENTS_PER_CENT
_TOKENS_PER_PRICE = 1_000_000
_STATED = re.compile(r"\s*(\d{1,6}(?:\.\d{1,8})?)\s*/\s*(\d{1,6}(?:\.\d{1,8})?)\s*")


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-cents for a million input tokens and for a million output tokens."""

    input_per_million: int
    output_per_million: int

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """Micro-cents for one call, rounded up to a whole one."""
        exact = tokens_in * self.input_per_million + tokens_out * self.output_per_million
        return -(-exact // _TOKENS_PER_PRICE)

    def __str__(self) -> str:
        """The form that `parse_price` reads: USD per million input and output tokens."""
        return f"{_dollars(self.input_per_million)}/{_dollars(self.output_per_million)}"


def parse_price(text: str) -> Price:
    """Read "2.50/10.00": USD per million input tokens, slash, USD per million output tokens.

    Raises ValueError with a sentence that says what was expected.
    """
    stated = _STATED.fullmatch(text)
    if stated is None:
        raise ValueError(
            f"{text!r} is not a price: expected USD per million input/output tokens, for example "
            '"2.50/10.00", or "0/0" for a model that costs nothing.'
        )
    return Price(_microcents(Decimal(stated[1])), _microcents(Decimal(stated[2])))


def listed_price(url: str, model: str) -> Price | None:
    """The price that genai-prices lists for `model` at the provider whose API is at `url`; None when it lists none.

    Only the address names the provider: a model of the same name on a server of one's own has another price.
    Where a provider prices long requests higher, the higher price counts, so that an estimate is never too low.
    """
    from genai_prices import Usage, calc_price

    found: list[Price] = []
    for tokens in (1_000, _TOKENS_PER_PRICE):
        usage = Usage(input_tokens=tokens, output_tokens=tokens)
        try:
            listed = calc_price(usage, model, provider_api_url=url)
        except (LookupError, ValueError):
            return None
        scale = _TOKENS_PER_PRICE // tokens
        found.append(Price(_microcents(listed.input_price * scale), _microcents(listed.output_price * scale)))
    highest = Price(max(p.input_per_million for p in found), max(p.output_per_million for p in found))
    return None if highest == Price(0, 0) else highest


def known_price(stated: str, url: str, model: str) -> Price | None:
    """The stated price if there is one ("" is none), else the listed one, else None: unknown."""
    return parse_price(stated) if stated.strip() else listed_price(url, model)


def _microcents(dollars: Decimal) -> int:
    return int((dollars * _MICROCENTS_PER_DOLLAR).to_integral_value(rounding="ROUND_CEILING"))


def _dollars(microcents: int) -> str:
    exact = Decimal(microcents) / _MICROCENTS_PER_DOLLAR
    short = round(exact, 2)
    return f"{short:.2f}" if short == exact else f"{exact.normalize():f}"
