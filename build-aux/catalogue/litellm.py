"""LiteLLM's price map."""
import json
import re

from facts import Facts, price, priced

# Its names of services, where ours differ. What is in neither list is passed over.
SERVICES = {
    "amazon_nova": "amazon-nova", "azure_ai": "azure-ai", "bedrock_converse": "bedrock", "bedrock_mantle": "bedrock-mantle",
    "cohere_chat": "cohere", "dashscope": "alibaba", "fireworks_ai": "fireworks", "friendliai": "friendli",
    "github_copilot": "copilot", "jina_ai": "jina", "together_ai": "together", "vercel_ai_gateway": "vercel",
    "vertex_ai-language-models": "vertex", "vertex_ai-embedding-models": "vertex",
    "vertex_ai-anthropic_models": "vertex-anthropic",
}
VERTEX_PARTNERS = re.compile(r"vertex_ai-(?!language|embedding|anthropic|vision|image|video|chat|code|text)\w+")
FLAGS = {
    "supports_function_calling": "tools", "supports_parallel_function_calling": "parallel_tools",
    "supports_response_schema": "json_schema", "supports_vision": "vision", "supports_audio_input": "audio_input",
    "supports_pdf_input": "files", "supports_reasoning": "reasoning",
}
PRICES = {
    "input": "input_cost_per_token", "output": "output_cost_per_token", "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost", "audio_input": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
}
LONG_CACHE = ("cache_creation_input_token_cost_above_1hr", "cache_creation_input_token_cost_above_12hr")
MODES_OF_SERVICE = ("flex", "priority")
MODES = {"chat", "responses", "embedding"}
# A region in front of the id: bedrock/us-east-1/…, azure/eu/….
REGIONAL = re.compile(r"^(us|eu|au|global|global-standard|us-gov|[a-z]{2}(-gov)?-[a-z]+-\d|commitment|hd|standard)/|/us-gov-")


def read(content):
    """All models, by (service, id)."""
    found = {}
    for name, row in json.loads(content).items():
        service, model = place(name, row)
        if service and "mode" in row and not REGIONAL.search(model):
            found[service, model] = facts(service, model, row)
    return found


def place(name, row):
    """Our service and the id that it knows."""
    named = row.get("litellm_provider", "")
    service = SERVICES.get(named, named)
    prefix = next((prefix for prefix in (named, named.split("-")[0]) if name.startswith(prefix + "/")), None)
    if prefix:
        name = name[len(prefix) + 1:]
    elif name.startswith("gemini/"):
        return "gemini", name[len("gemini/"):]
    if VERTEX_PARTNERS.fullmatch(named):
        return ("vertex-openai", name) if "/" in name else (None, name)
    return service, name


def facts(service, model, row):
    is_embedding = row["mode"] in ("embedding", "rerank")
    return Facts(
        service, model, "litellm", embedding=is_embedding, window=size(row, "max_input_tokens") or size(row, "max_tokens"),
        output=None if is_embedding else size(row, "max_output_tokens"), dimensions=size(row, "output_vector_size"),
        prices=prices(row) | per_thousand(row), tiers=tiers(row), modes=modes(row),
        abilities={FLAGS[flag]: bool(row[flag]) for flag in FLAGS if row.get(flag) is not None},
        is_text=row["mode"] in MODES, ends=row.get("deprecation_date"), successor=row.get("successor_model"))


def size(row, key):
    return int(row[key]) if isinstance(row.get(key), (int, float)) and row[key] > 0 else None


def per_million(row, key):
    return price(row[key] * 1e6) if isinstance(row.get(key), (int, float)) else None


def prices(row, suffix=""):
    first = row.get("tiered_pricing", [{}])[0] if not suffix else {}
    source = {**first, **row}
    found = priced({name: per_million(source, key + suffix) for name, key in PRICES.items()})
    for key in LONG_CACHE:
        if per_million(source, key + suffix):
            found["cache_write_long"] = per_million(source, key + suffix)
    return found


def per_thousand(row):
    searches = row.get("search_context_cost_per_query", {})
    return {"search": price(searches["search_context_size_medium"] * 1000)} if searches else {}


def modes(row):
    found = {mode: prices(row, "_" + mode) for mode in MODES_OF_SERVICE}
    return {mode: rates for mode, rates in found.items() if rates}


def tiers(row):
    listed = [tier for tier in row.get("tiered_pricing", [])[1:] if "range" in tier]
    if listed:
        return [(int(tier["range"][0]), priced({name: per_million(tier, key) for name, key in PRICES.items()})) for tier in listed]
    limits = {int(match[1]) * 1000 for key in row if (match := re.fullmatch(r"input_cost_per_token_above_(\d+)k_tokens", key))}
    # xAI's higher prices begin with the 200,000th token, all others' after the last.
    first = 1 if row.get("litellm_provider") == "xai" else 0
    found = [(limit - first, prices(row, f"_above_{limit // 1000}k_tokens")) for limit in sorted(limits)]
    return [(limit, rates) for limit, rates in found if rates.get("input")]
