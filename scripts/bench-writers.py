"""Adds refresh answers to the shared cache of msal-extensions: bench-writers.py FILE COUNT NAME."""

import sys

from msal_extensions import FilePersistence, PersistedTokenCache


def main(path, count, name):
    cache = PersistedTokenCache(FilePersistence(path))
    for number in range(count):
        cache.add({
            "client_id": "client",
            "scope": ["read"],
            "token_endpoint": "https://id.example/tenant/oauth2/v2.0/token",
            "response": {
                "access_token": f"token-{number}",
                "refresh_token": f"grant-{number}",
                "expires_in": 3600,
                "id_token_claims": {"sub": name, "preferred_username": name},
            },
        })


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
