#!/usr/bin/env python3
"""Checks what the workspace is made of: licences, banned crates, sources, arrows between crates.

The rules are deny.toml and the table ARROWS. Prints each violation; exits 1 if there is one.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Which crates of the workspace a crate may use: the arrows of ARCHITECTURE.md, followed to the end.
ARROWS = {
    "core": [],
    "harden": [],
    "cache": ["core", "harden"],
    "engine": ["core", "cache"],
    "api": ["core"],
    "broker": ["core", "harden", "cache", "engine", "api"],
    "client": ["core", "harden", "api"],
    "desktop": ["core", "harden", "api", "client"],
    "providers": ["core"],
    "sdk": ["core", "providers", "api", "client"],
    "cli": ["core", "harden", "cache", "engine", "api", "broker", "client", "desktop", "providers"],
    "app": ["core", "harden", "api", "client", "desktop"],
    "sandbox": [],
}
# The same, for a dependency that only a feature switches on.
OPTIONAL_ARROWS = {"client": ["cache"]}
# Features that a crate may not switch on in a crate that it uses.
WITHOUT_FEATURE = {("desktop", "client"): "direct", ("app", "client"): "direct"}
# Journeys and measurements may use everything.
FREE = ["e2e", "bench", "hostile", "torture"]


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    violations = check(load_metadata(), rules)
    for violation in violations:
        print(f"check-deps: {violation}")
    if not violations:
        print("check-deps: licences, bans, sources and arrows are as they should be")
    return 1 if violations else 0


def load_metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def check(metadata, rules):
    members = set(metadata["workspace_members"])
    ours = [package for package in metadata["packages"] if package["id"] in members]
    others = [package for package in metadata["packages"] if package["id"] not in members]
    return [
        *licence_violations(others, rules["licenses"]),
        *source_violations(others),
        *ban_violations(metadata, rules["bans"]),
        *arrow_violations(ours),
    ]


def licence_violations(packages, rules):
    exceptions = {entry["crate"]: entry["allow"] for entry in rules.get("exceptions", [])}
    for package in packages:
        allowed = {*rules["allow"], *exceptions.get(package["name"], [])}
        if not is_allowed(package["license"] or "", allowed):
            yield f"{label(package)} has the licence '{package['license']}'"


def is_allowed(expression, allowed):
    """Says whether an SPDX expression can be met with the allowed licences. `/` is the old OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def either():
        answer = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            answer = both() or answer
        return answer

    def both():
        answer = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            answer = one() and answer
        return answer

    def one():
        name = tokens.pop(0)
        if name == "(":
            answer = either()
            tokens.pop(0)
            return answer
        if tokens and tokens[0] == "WITH":
            name = f"{name} {tokens.pop(0)} {tokens.pop(0)}"
        return name in allowed

    try:
        return either() and not tokens
    except IndexError:
        return False


def source_violations(packages):
    for package in packages:
        source = package["source"] or "a path outside the workspace"
        if not re.fullmatch(r"registry\+\S+/crates\.io-index", source):
            yield f"{label(package)} comes from {source}, not from crates.io"


def ban_violations(metadata, rules):
    packages = {package["id"]: package for package in metadata["packages"]}
    names = {key: package["name"] for key, package in packages.items()}
    users = {}
    for node in metadata["resolve"]["nodes"]:
        for used in node["deps"]:
            users.setdefault(used["pkg"], set()).add(names[node["id"]])
    for ban in rules["deny"]:
        for key in (key for key, name in names.items() if name == ban["crate"] and key in users):
            for user in sorted(users[key] - set(ban.get("wrappers", []))):
                yield f"{label(packages[key])} is banned, and {user} uses it"


def arrow_violations(packages):
    known = {package["name"] for package in packages}
    for package in packages:
        user = short(package["name"])
        if user in FREE:
            continue
        if user not in ARROWS:
            yield f"{package['name']} is not in the table of arrows in scripts/check-deps.py"
            continue
        for dependency in package["dependencies"]:
            if dependency["name"] in known and dependency["kind"] != "dev":
                yield from arrow_violation(user, dependency)


def arrow_violation(user, dependency):
    used = short(dependency["name"])
    allowed = list(ARROWS[user])
    if dependency["optional"]:
        allowed += OPTIONAL_ARROWS.get(user, [])
    if used not in allowed:
        yield f"{user} may not use {used}"
    feature = WITHOUT_FEATURE.get((user, used))
    if feature and feature in dependency["features"]:
        yield f"{user} may not switch on the feature {feature} of {used}"


def short(name):
    return name.removeprefix("lanyard-")


def label(package):
    return f"{package['name']} {package['version']}"


if __name__ == "__main__":
    sys.exit(main())
