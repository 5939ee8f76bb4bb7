"""The table of genai-prices, a Python file of constructor calls, which is parsed and not run."""
import ast
import datetime
import re

from facts import Facts, price, priced

SERVICES = {
    "anthropic": "anthropic", "arcee": "arcee", "aws": "bedrock", "azure": "azure", "baseten": "baseten",
    "cerebras": "cerebras", "cloudflare": "cloudflare", "cohere": "cohere", "databricks": "databricks", "deepseek": "deepseek",
    "fireworks": "fireworks", "github-copilot": "copilot", "google": "gemini", "groq": "groq", "meta": "meta",
    "minimax": "minimax", "mistral": "mistral", "modal": "modal", "moonshotai": "moonshot", "novita": "novita",
    "openai": "openai", "openrouter": "openrouter", "ovhcloud": "ovhcloud", "perplexity": "perplexity",
    "together": "together", "voyageai": "voyage", "x-ai": "xai", "zai": "zai", "zhipuai": "zhipu",
}
PRICES = {
    "input": "input_mtok", "output": "output_mtok", "cache_read": "cache_read_mtok", "cache_write": "cache_write_mtok",
    "cache_write_long": "cache_write_1h_mtok", "audio_input": "input_audio_mtok", "audio_output": "output_audio_mtok",
    "search": "web_searches_kcount", "call": "requests_kcount",
}


class GenaiPrices:
    """Looks models up as the package does: the first whose rule matches the id."""

    def __init__(self, content, today):
        self.today = today
        self.models = {SERVICES[row["id"]]: row["models"] for row in table(content) if row["id"] in SERVICES}

    def read(self):
        return {(service, row["id"]): self.facts(service, row["id"], row)
                for service, models in self.models.items() for row in models}

    def find(self, service, model):
        for row in self.models.get(service, []):
            if matches(row["match"], model.lower()):
                return self.facts(service, model, row)
        return None

    def facts(self, service, model, row):
        rates = self.rates(row["prices"])
        ends = row.get("deprecated")
        return Facts(
            service, model, "genai-prices", embedding="embed" in model and "output_mtok" not in rates, window=row.get("context_window"),
            prices=prices(rates), tiers=tiers(rates), modes=modes(row), is_current=not ends)

    def rates(self, listed):
        """Those of today, outside of special hours."""
        if isinstance(listed, dict):
            return listed
        chosen = {}
        for conditional in listed:
            constraint = conditional.get("constraint")
            kind = constraint["_"] if constraint else None
            if kind is None or kind == "StartDateConstraint" and day(constraint["start_date"]) <= self.today:
                chosen = conditional["prices"]
        return chosen


def table(content):
    for statement in ast.parse(content).body:
        if isinstance(statement, ast.AnnAssign) and statement.target.id == "providers":
            return value(statement.value)
    return []


def value(node):
    """A literal, or a constructor call as an object of its arguments; `_` is its name."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [value(element) for element in node.elts]
    if isinstance(node, ast.Dict):
        return {value(key): value(member) for key, member in zip(node.keys, node.values)}
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name == "Decimal":
            return float(value(node.args[0]))
        positional = [value(argument) for argument in node.args]
        return {"_": name, "arguments": positional, **{word.arg: value(word.value) for word in node.keywords}}
    return None


def matches(rule, model):
    kind = rule["_"]
    if kind == "ClauseOr":
        return any(matches(part, model) for part in rule["or_"])
    if kind == "ClauseAnd":
        return all(matches(part, model) for part in rule["and_"])
    if kind == "ClauseEquals":
        return rule["equals"].lower() == model
    if kind == "ClauseStartsWith":
        return model.startswith(rule["starts_with"].lower())
    if kind == "ClauseEndsWith":
        return model.endswith(rule["ends_with"].lower())
    if kind == "ClauseContains":
        return rule["contains"].lower() in model
    return kind == "ClauseRegex" and re.search(rule["regex"], model) is not None


def day(call):
    return datetime.date(*call["arguments"][:3])


def base(rate):
    return rate["base"] if isinstance(rate, dict) else rate


def prices(rates):
    return priced({name: base(rates.get(key)) for name, key in PRICES.items()})


def modes(row):
    """Ways to be served; what a variant does not say is as always."""
    found = {}
    for variant in row.get("price_variants") or []:
        mode = variant["when"].get("service_tier")
        if mode in ("flex", "priority"):
            found[mode] = prices(variant["prices"])
    return found


def tiers(rates):
    found = {}
    for name, key in PRICES.items():
        if isinstance(rates.get(key), dict):
            for tier in rates[key]["tiers"]:
                found.setdefault(tier["start"], {})[name] = price(tier["price"])
    return sorted(found.items())
