"""Rows as the sources would have them: what two agree on in place of ours, what is known and missing, new models."""
import copy

import judgement
import table
from facts import TOKENS, price

LETTER = {ability: letter for letter, ability in table.LETTERS.items()}


def sections(review, missing):
    """The proposed rows of each service."""
    proposed = {service: [] for service in review.sections}
    for service, rows in review.sections.items():
        rules = [row for row in rows if row.is_rule]
        models = [amended(review, service, row, rows) for row in rows if not row.is_rule]
        models += [made(review, service, model, rows) for place, model in missing if place == service]
        proposed[service] = rules + sorted(models, key=lambda row: row.id)
    return proposed


def amended(review, service, row, rows):
    """A row with what is agreed against it, and with what it lacks."""
    facts = copy.deepcopy(review.facts[service, row.id])
    listings = review.sources.of(service, row.id)
    findings = [*judgement.contradictions(facts, listings), *judgement.additions(facts, listings)]
    findings = [finding for finding in findings if not review.reasons.cover(service, row.id, finding.fact)]
    for finding in findings:
        put(finding, facts)
    new = spelled(row, facts, {finding.fact for finding in findings})
    return succeeded(new, listings, {other.id: other.end()[0] for other in rows})


def succeeded(row, listings, end_of):
    """Names what follows a model that ends, where a source says it and the table has it, and it does not end as early."""
    ends, successor = row.end()
    named = next((listing.successor.rpartition("/")[2] for listing in listings if listing.successor), None)
    if ends and not successor and named in end_of and (end_of[named] or "9") > ends:
        row.words = [f"{ends}>{named}" if word == ends else word for word in row.words]
    return row


def made(review, service, model, rows):
    """A new row."""
    row = table.Row(model, ["-"] * table.COLUMNS, [])
    facts = table.facts(service, row, rows)
    found = list(judgement.additions(facts, review.sources.of(service, model)))
    for finding in found:
        put(finding, facts)
    facts.embedding = any(listing.embedding for listing in review.sources.of(service, model))
    return spelled(row, facts, {finding.fact for finding in found})


def put(finding, facts):
    """Sets a fact by its flat name."""
    kind, _, name = finding.fact.partition(".")
    if kind == "price":
        facts.prices[name] = finding.theirs
    elif kind == "can":
        facts.abilities[name] = finding.theirs
    elif kind.startswith("above"):
        limits = dict(facts.tiers)
        limits.setdefault(int(kind[5:]), {})[name] = finding.theirs
        facts.tiers = sorted(limits.items())
    elif name:
        facts.modes.setdefault(kind, {})[name] = finding.theirs
    else:
        setattr(facts, kind, finding.theirs)


def spelled(row, facts, changed):
    """The row with the changed facts written out; the rest of it stays as it stands."""
    new = table.Row(row.id, list(row.columns), list(row.words))
    size = facts.dimensions if facts.embedding else facts.output
    for place, (fact, value) in enumerate([("window", facts.window), ("dimensions" if facts.embedding else "output", size)]):
        if fact in changed:
            new.columns[place] = decimal(value)
    for place, name in enumerate(TOKENS, 2):
        if f"price.{name}" in changed:
            new.columns[place] = decimal(facts.prices[name])
    new.columns[6] = letters(row, facts, changed)
    if "ends" in changed:
        new.words = [word for word in new.words if not table.DATE.match(word)] + [facts.ends]
    add_words(new, facts, changed)
    return new


def add_words(new, facts, changed):
    """Words for the prices that have no column."""
    prices = facts.prices
    if "price.cache_write_long" in changed and prices.get("input"):
        replace(new, "long=", "long=" + multiple(prices["cache_write_long"], prices["input"]))
    if "price.audio_input" in changed or "price.audio_output" in changed:
        replace(new, "audio=", "audio=" + ",".join(decimal(prices.get(name)) for name in ("audio_input", "audio_output")).removesuffix(",-"))
    for name in ("search", "call"):
        if "price." + name in changed:
            replace(new, name + "=", name + "=" + decimal(prices[name]))
    for limit, tier in facts.tiers:
        if any(fact.startswith(f"above{limit}.") for fact in changed):
            replace(new, f">{limit}=", f">{limit}=" + change(tier, prices))
    for mode, rates in facts.modes.items():
        if any(fact.startswith(mode + ".") for fact in changed):
            replace(new, f"@{mode}=", f"@{mode}=" + change(rates, prices))


def replace(row, start, word):
    row.words = [own for own in row.words if not own.startswith(start)] + [word]


def change(rates, prices):
    """The list of a tier or a mode, as multiples, as short as it can be said: what follows the input is left out."""
    parts = [multiple(rates[name], prices.get(name)) if name in rates else "-" for name in TOKENS]
    while len(parts) > 1 and (parts[-1] == "-" or parts[-1] == parts[0]):
        parts.pop()
    return ",".join(parts)


def multiple(value, base):
    """`x2` where that is exact, else the price."""
    if base:
        factor = round(value / base, 4)
        if abs(price(base * factor) - value) < 1e-6 and len(f"{factor:g}") <= len(decimal(value)) + 1:
            return f"x{factor:g}"
    return decimal(value)


def letters(row, facts, changed):
    """The row's own letters with those that have changed, and behind a mark what it is known not to do."""
    if facts.embedding:
        return row.columns[6] if row.columns[6] != "-" else "e"
    has, _, lacks = row.columns[6].strip("-").partition("!")
    for ability, can in facts.abilities.items():
        letter = LETTER[ability]
        if "can." + ability not in changed:
            continue
        if can and letter not in has:
            has, lacks = has + letter, lacks.replace(letter, "")
        elif not can:
            has = has.replace(letter, "")
            lacks += "" if letter in lacks else letter
    if "cache_read" in facts.prices and facts.prices["cache_read"] > 0:
        has = has.replace("c", "")
    order = "RT" + "".join(table.LETTERS) + "c"
    return "".join(sorted(has, key=order.find)) + ("!" + "".join(sorted(lacks, key=order.find)) if lacks else "") or "-"


def decimal(value):
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.6f}".rstrip("0").rstrip(".")
