"""What one source, or our own table, says of a model. What it does not say is None or absent."""
import dataclasses

# Dollars per million tokens, but for searches and calls, which are dollars per thousand.
TOKENS = ("input", "output", "cache_read", "cache_write")
PRICES = TOKENS + ("cache_write_long", "audio_input", "audio_output", "search", "call")
ABILITIES = ("tools", "parallel_tools", "json_schema", "vision", "audio_input", "files", "reasoning")


@dataclasses.dataclass
class Facts:
    """One model of one service."""

    service: str
    id: str
    source: str
    embedding: bool = False
    window: int | None = None
    output: int | None = None
    dimensions: int | None = None
    prices: dict[str, float] = dataclasses.field(default_factory=dict)
    # For prompts above so many tokens, the smallest threshold first.
    tiers: list[tuple[int, dict[str, float]]] = dataclasses.field(default_factory=list)
    # For ways to be served: flex, priority.
    modes: dict[str, dict[str, float]] = dataclasses.field(default_factory=dict)
    abilities: dict[str, bool] = dataclasses.field(default_factory=dict)
    ends: str | None = None
    successor: str | None = None
    is_current: bool = True
    # Whether it answers in text or vectors; a model for pictures, speech or music is none of ours.
    is_text: bool = True

    def flat(self):
        """All by one name each, as facts are compared and as reasons name them."""
        found = {"window": self.window, "output": self.output, "dimensions": self.dimensions, "ends": self.ends}
        found |= {f"price.{name}": value for name, value in self.prices.items() if name != "output" or not self.embedding}
        # Of tiers and modes only the usual kinds of tokens: the others follow them.
        found |= {f"above{limit}.{name}": prices.get(name) for limit, prices in self.tiers for name in TOKENS}
        found |= {f"{mode}.{name}": prices.get(name) for mode, prices in self.modes.items() for name in TOKENS}
        found |= {f"can.{name}": value for name, value in self.abilities.items()}
        return known(found)


def price(value):
    """A price as the table writes it, without the noise of multiplications."""
    return None if value is None else round(float(value), 6)


def priced(members):
    """The prices that are known. A cache that costs nothing is one that the service has no price of."""
    found = {name: price(value) for name, value in members.items()}
    return {name: value for name, value in found.items() if value or value is not None and not name.startswith("cache")}


def known(members):
    """The members that are known."""
    return {name: value for name, value in members.items() if value is not None}
