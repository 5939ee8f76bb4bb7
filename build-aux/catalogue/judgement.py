"""Holds each row against what the sources say of the same model."""
import dataclasses
import datetime
import fnmatch

# How far two say the same: rounded prices, windows of 1000 or of 1024.
PRICE_TOLERANCE, SIZE_TOLERANCE = 0.004, 0.05

# What is worth knowing that a model cannot: a request for it is refused without asking.
WORTH_LACKING = ("can.vision", "can.tools")


@dataclasses.dataclass
class Finding:
    """A fact on which sources agree against a row, or that a row could have."""

    service: str
    id: str
    fact: str
    ours: object
    theirs: object
    sources: list[str]

    def __str__(self):
        return f"{self.service} {self.id} {self.fact}: {shown(self.ours)}, {' and '.join(self.sources)}: {shown(self.theirs)}"


def shown(value):
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


class Reasons:
    """Where we deviate on purpose: lines of service, id, fact and a sentence; ids and facts may have stars."""

    def __init__(self, text):
        self.rules = [[field.strip() for field in line.split("|", 3)] for line in text.splitlines()
                      if line.count("|") >= 3 and not line.startswith("#")]
        self.used = set()

    def cover(self, service, model, fact):
        for place, (services, models, facts, _) in enumerate(self.rules):
            if all(fnmatch.fnmatchcase(name, pattern) for name, pattern in ((service, services), (model, models), (fact, facts))):
                self.used.add(place)
                return True
        return False

    def unused(self):
        return [" | ".join(rule) for place, rule in enumerate(self.rules) if place not in self.used]


def same(fact, one, other):
    """Whether two values of a fact say the same."""
    if isinstance(one, (bool, str)) or isinstance(other, (bool, str)):
        return one == other
    tolerance = SIZE_TOLERANCE if fact in ("window", "output", "dimensions") else PRICE_TOLERANCE
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def said(listings):
    """All facts of the sources: {fact: {source: value}}."""
    facts = {}
    for listing in listings:
        for fact, value in listing.flat().items():
            facts.setdefault(fact, {})[listing.source] = value
    return facts


def agreed(fact, values):
    """The value on which most sources agree, and who they are."""
    groups = [[name for name in values if same(fact, values[name], value)] for value in values.values()]
    largest = max(groups, key=len)
    return values[largest[0]], largest


def windows(values, ours):
    """Litellm's are of the input alone: it says the same as whoever counts the output as well."""
    found = dict(values["window"])
    whole = found.get("litellm", 0) + values.get("output", {}).get("litellm", 0)
    for other in [*(value for name, value in found.items() if name != "litellm"), ours]:
        if "litellm" in found and other and same("window", whole, other):
            found["litellm"] = other
            break
    return found


def believed(ours, listings):
    """Of each fact what most sources say, which those are, and what every source says."""
    values = said(listings)
    if "window" in values:
        values["window"] = windows(values, ours.window)
    for fact, by_source in values.items():
        yield fact, *agreed(fact, by_source), by_source


def contradictions(ours, listings):
    """Facts on which two sources agree with each other and more than with us."""
    own = ours.flat()
    for fact, value, sources, by_source in believed(ours, listings):
        mine = own.get(fact)
        if mine is None or same(fact, mine, value) or len(sources) < 2:
            continue
        if len(sources) > sum(same(fact, mine, other) for other in by_source.values()):
            yield Finding(ours.service, ours.id, fact, mine, value, sources)


def additions(ours, listings):
    """Facts that the row does not have, and that no source disputes."""
    own = ours.flat()
    for fact, value, sources, by_source in believed(ours, listings):
        if fact not in own and len(sources) == len(by_source) and is_believed(fact, value, sources, ours):
            yield Finding(ours.service, ours.id, fact, None, value, sources)


def is_believed(fact, value, sources, ours):
    """Two are; one is not, where it says that a model cannot do a thing, or that its output is as long as its window."""
    if ours.embedding and (fact.startswith("can.") or fact in ("output", "price.output")):
        return False
    if value is False and fact not in WORTH_LACKING:
        return False
    return len(sources) > 1 or value is not False and not (fact == "output" and ours.window and value >= ours.window)


def ends_soon(day, today, within):
    return day is not None and datetime.date.fromisoformat(day) <= today + datetime.timedelta(days=within)
