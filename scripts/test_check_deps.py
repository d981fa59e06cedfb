"""Tests of check-deps.py: python3 -m unittest discover -s scripts"""

import importlib.util
import pathlib
import unittest

path = pathlib.Path(__file__).with_name("check-deps.py")
spec = importlib.util.spec_from_file_location("check_deps", path)
check_deps = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_deps)

RULES = {
    "licenses": {"allow": ["MIT", "Zlib"], "exceptions": [{"crate": "odd", "allow": ["WTFPL"]}]},
    "bans": {"deny": [{"crate": "bad"}, {"crate": "wrapped", "wrappers": ["good"]}]},
}
INDEX = "registry+https://example.org/crates.io-index"


class Licences(unittest.TestCase):
    def test_expressions(self):
        allowed = {"MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"}
        for expression in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "MIT AND Zlib", "(GPL-3.0 OR MIT) AND Zlib",
                           "Apache-2.0 WITH LLVM-exception"]:
            self.assertTrue(check_deps.is_allowed(expression, allowed), expression)
        for expression in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT", "MIT AND (GPL-3.0 OR LGPL-3.0)",
                           "MIT Zlib"]:
            self.assertFalse(check_deps.is_allowed(expression, allowed), expression)

    def test_an_exception_is_for_its_crate_alone(self):
        self.assertEqual(found(package("odd", licence="WTFPL")), [])
        self.assertEqual(found(package("even", licence="WTFPL")), ["even 1.0.0 has the licence 'WTFPL'"])


class Sources(unittest.TestCase):
    def test_git_and_paths_outside_are_refused(self):
        self.assertEqual(len(found(package("a", source="git+https://example.org/a"), package("b", source=None))), 2)


class Bans(unittest.TestCase):
    def test_a_banned_crate_names_its_user(self):
        self.assertEqual(found(package("bad"), package("user", uses=["bad"])), ["bad 1.0.0 is banned, and user uses it"])

    def test_a_wrapped_crate_passes_under_its_wrapper_only(self):
        packages = [package("wrapped"), package("good", uses=["wrapped"])]
        self.assertEqual(found(*packages), [])
        self.assertEqual(found(*packages, package("user", uses=["wrapped"])),
                         ["wrapped 1.0.0 is banned, and user uses it"])


class Arrows(unittest.TestCase):
    def test_only_listed_arrows_pass(self):
        self.assertEqual(found(ours("core"), ours("cache", {"core": {}})), [])
        self.assertEqual(found(ours("cache"), ours("core", {"cache": {}})), ["core may not use cache"])
        self.assertEqual(found(ours("cache"), ours("core", {"cache": {"kind": "dev"}})), [])

    def test_the_client_has_the_cache_behind_a_feature_that_tray_and_window_leave_off(self):
        client, cache = ours("client", {"cache": {"optional": True}}), ours("cache")
        self.assertEqual(found(client, cache, ours("app", {"client": {}})), [])
        self.assertEqual(found(ours("client", {"cache": {}}), cache), ["client may not use cache"])
        self.assertEqual(found(client, cache, ours("app", {"client": {"features": ["direct"]}})),
                         ["app may not switch on the feature direct of client"])

    def test_an_unknown_crate_has_to_be_entered(self):
        self.assertEqual(len(found(ours("novelty"))), 1)


def found(*packages):
    metadata = {
        "packages": packages,
        "workspace_members": [p["id"] for p in packages if p["id"].startswith("lanyard-")],
        "resolve": {"nodes": [{"id": p["id"], "deps": [{"pkg": used} for used in p["uses"]]} for p in packages]},
    }
    return check_deps.check(metadata, RULES)


def package(name, licence="MIT", source=INDEX, uses=()):
    return {"id": name, "name": name, "version": "1.0.0", "license": licence, "source": source,
            "dependencies": [], "uses": uses}


def ours(name, uses=None):
    plain = {"kind": None, "optional": False, "features": []}
    made = package(f"lanyard-{name}", source=None)
    made["dependencies"] = [{**plain, "name": f"lanyard-{used}", **how} for used, how in (uses or {}).items()]
    return made


if __name__ == "__main__":
    unittest.main()
