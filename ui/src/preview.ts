//! Shows the window in a browser, with a fixture in the broker's place: `/preview.html?scene=good`.

import { mockIPC } from "@tauri-apps/api/mocks";

import { ACME, APPROVALS, AUDIT, SCENES, signIn } from "./fixtures/states";

const scene = SCENES[new URLSearchParams(location.search).get("scene") ?? "accounts"] ?? {};

mockIPC(
  (command, args) => {
    const path = (args as { path?: string }).path ?? "";
    if (command === "sign_in") return scene.signIn ?? signIn({});
    if (path === "/v1/providers") return scene.status?.providers ?? [ACME];
    if (path === "/v1/audit") return AUDIT;
    if (path === "/v1/approvals") return APPROVALS;
    if (path === "/v1/status" && scene.status) return scene.status;
    if (path === "/v1/status" && scene.gone) throw scene.gone;
    return new Promise(() => {});
  },
  { shouldMockEvents: true },
);

await import("./main");
