"""Finds the row that an id stands for, as Sources/LLMCatalog/Catalog.swift does."""
import copy
import re

import table
from facts import price

REGION = re.compile(r"(us|eu|apac|global|us-gov|jp|au|ca|in|sa|mx)\.")
DATE = re.compile(r"(-\d{4}-\d\d-\d\d|-\d{3,}|@.*)$")


class Lookup:
    def __init__(self, sections, relatives):
        self.sections, self.relatives = sections, relatives
        self.rows = {(service, row.id): row for service, rows in sections.items() for row in rows if not row.is_rule}

    def facts(self, service, model):
        """What our table says of a model; None where no row stands for it."""
        found = self.exact(service, model)
        if found:
            return found
        region = REGION.match(model)
        if not region:
            return self.undated(service, model)
        found = self.undated(service, model[region.end():])
        return found and in_region(found, region[1])

    def exact(self, service, model):
        row = self.rows.get((service, model))
        if row:
            return table.facts(service, row, self.sections[service])
        other, same_prices = self.relatives.get(service, (None, False))
        if not other or (other, model) not in self.rows:
            return None
        found = table.facts(other, self.rows[other, model], self.sections[other])
        if not same_prices:
            found.prices, found.tiers, found.modes = {}, [], {}
        return found

    def undated(self, service, model):
        while True:
            found = self.exact(service, model)
            if found or ":" not in model:
                break
            model = model.rpartition(":")[0]
        if found:
            return found
        if model.endswith("-latest"):
            return self.exact(service, model.removesuffix("-latest"))
        plain = DATE.sub("", model)
        return self.exact(service, plain) if plain != model and re.search(r"\d", plain) else None


def in_region(found, region):
    """At the region's prices: its own, else those of any but the whole world."""
    rates = found.modes.get(region) or (found.modes.get("region") if region != "global" else None)
    if not rates:
        return found
    moved = copy.deepcopy(found)
    factor = rates["input"] / found.prices["input"]
    moved.prices = {name: price(value * factor) if name not in ("search", "call") else value for name, value in found.prices.items()}
    moved.prices |= rates
    moved.tiers = [(limit, {name: price(value * factor) for name, value in tier.items()}) for limit, tier in found.tiers]
    return moved
