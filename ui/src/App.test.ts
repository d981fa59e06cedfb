import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import App from "./App.svelte";
import { APPROVALS, AUDIT, NOW, problem, SCENES, signIn, status } from "./fixtures/states";
import type { SignInReply } from "./generated/api";

type Answer = (command: string, method: string, path: string, body: unknown) => unknown;

beforeEach(() => {
  vi.setSystemTime(NOW);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});
afterEach(() => void vi.useRealTimers());

it.each(Object.keys(SCENES))("shows %s without a barrier", async (name) => {
  const scene = SCENES[name];
  open((_, __, path) => {
    if (path !== "/v1/status" || (!scene?.status && !scene?.gone)) return new Promise(() => {});
    if (scene.gone) throw scene.gone;
    return scene.status;
  });
  const busy = String(name === "loading");
  await waitFor(() => expect(document.querySelector("main")?.ariaBusy).toBe(busy));
  // jsdom has no layout: contrast is checked in a real engine.
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});

it("shows hostile names as text and nothing else", async () => {
  openScene("hostile");
  expect((await screen.findByText("<script>alert(1)</script>")).tagName).toBe("BDI");
  expect(document.querySelector("main img, main script")).toBeNull();
});

it("takes each whole state that the broker sends", async () => {
  openScene("accounts");
  await screen.findByText("One account needs you");
  await emit("status", SCENES.good?.status);
  await screen.findByText("All good until 14:05");
  await emit("broker-gone", problem({ title: "the broker ended" }));
  await screen.findByText("The broker ended");
  await emit("status", status());
  await screen.findByText("Nobody is signed in yet");
});

it("follows a sign-in to its end and says who is signed in", async () => {
  let finish = (_: SignInReply) => {};
  const end = new Promise<SignInReply>((resolve) => (finish = resolve));
  open((command, _, path) => {
    if (command === "sign_in") return signIn({});
    return path === "/v1/status" ? SCENES.accounts?.status : end;
  });
  await fireEvent.click(await button("Sign in: maria.klein@contoso.com"));
  await screen.findByText("Waiting for you in the browser…");
  finish(signIn({ phase: "done", username: "maria.klein@contoso.com" }));
  await screen.findByText("maria.klein@contoso.com is signed in.");
  expect(screen.queryByText("Waiting for you in the browser…")).toBeNull();
});

it("shows a code with its page, its picture and its end", async () => {
  openScene("device");
  await fireEvent.click(await button("Sign in: maria.klein@contoso.com"));
  await screen.findByText("BDWP-HQPK");
  screen.getByText("https://login.example.com/device");
  screen.getByRole("img", { name: /QR code of https:/ });
  expect(screen.getByRole("timer").textContent).toBe("The code ends in 15:00.");
  screen.getByText(/Only go on if you started this yourself/);
});

it("hands a pasted address over, keeps a wrong one and says why", async () => {
  const pasted: unknown[] = [];
  open((command, method, path, body) => {
    if (command === "sign_in") return signIn({});
    if (path === "/v1/status") return SCENES.accounts?.status;
    if (method !== "POST") return new Promise(() => {});
    pasted.push(body);
    if (pasted.length === 1) throw problem({ code: "usage", title: "this is not an address" });
    return signIn({ phase: "finishing" });
  });
  await fireEvent.click(await button("Sign in: maria.klein@contoso.com"));
  const field = await screen.findByLabelText<HTMLInputElement>("Return address");
  await fireEvent.input(field, { target: { value: "wrong" } });
  await fireEvent.click(screen.getByText("Hand over"));
  await screen.findByText(/This is not an address/);
  expect(field.value).toBe("wrong");
  await fireEvent.input(field, { target: { value: "http://127.0.0.1:9/callback?code=c" } });
  await fireEvent.click(screen.getByText("Hand over"));
  await waitFor(() => expect(field.value).toBe(""));
  expect(pasted).toEqual([{ url: "wrong" }, { url: "http://127.0.0.1:9/callback?code=c" }]);
});

it("gives a sign-in up and does not call that a failure", async () => {
  let cancelled = (_: SignInReply) => {};
  const end = new Promise<SignInReply>((resolve) => (cancelled = resolve));
  const failed = signIn({
    phase: "failed",
    problem: problem({ code: "refused", title: "it was given up" }),
  });
  open((command, method, path) => {
    if (command === "sign_in") return signIn({});
    if (method === "DELETE") cancelled(failed);
    return path === "/v1/status" ? SCENES.accounts?.status : end;
  });
  await fireEvent.click(await button("Sign in: maria.klein@contoso.com"));
  await fireEvent.click(await button("Cancel: maria.klein@contoso.com"));
  await button("Sign in: maria.klein@contoso.com");
  expect(screen.queryByText("It was given up.")).toBeNull();
});

it("says why a sign-in failed and what to do", async () => {
  open((command, _, path) => {
    if (command === "sign_in")
      throw problem({
        code: "provider-refused",
        title: "the client is unknown",
        action: "check `client_id`",
      });
    return path === "/v1/status" ? SCENES.nobody?.status : undefined;
  });
  await fireEvent.click(await button("Sign in: contoso"));
  await screen.findByText("The client is unknown.");
  expect(screen.getByText("client_id").tagName).toBe("CODE");

  await emit("status", SCENES.one?.status);
  await waitFor(() => expect(screen.queryByText("The client is unknown.")).toBeNull());
});

it("signs an account out once the person confirmed it", async () => {
  const message = "ended at the provider, and forgotten here";
  // jsdom knows no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  const asked: string[] = [];
  open((_, method, path) => {
    asked.push(`${method} ${path}`);
    return method === "DELETE" ? { message } : SCENES.one?.status;
  });
  await fireEvent.click(await button(/maria\.klein@contoso\.com/));
  await fireEvent.click(await button("Sign out"));
  expect(asked).not.toContain("DELETE /v1/accounts/a1");
  const [, confirm] = screen.getAllByRole("button", { name: "Sign out" });
  if (confirm) await fireEvent.click(confirm);
  await screen.findByText(
    "maria.klein@contoso.com is signed out. Ended at the provider, and forgotten here.",
  );
  expect(asked).toContain("DELETE /v1/accounts/a1");
});

it("shows which program asked for what, and takes an approval back", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  const asked: string[] = [];
  const answers: Record<string, unknown> = { "/v1/audit": AUDIT, "/v1/approvals": APPROVALS };
  open((_, method, path) => {
    asked.push(`${method} ${path}`);
    if (method === "DELETE") answers["/v1/approvals"] = [];
    return answers[path] ?? (method === "DELETE" ? {} : SCENES.one?.status);
  });
  await fireEvent.click(await button("Activity"));
  await screen.findByText("What you answered");
  const words = screen.getAllByRole("listitem", { hidden: true }).map((row) => row.textContent);
  expect(words.some((row) => /Token.*contoso.*make.*graph/s.test(row ?? ""))).toBe(true);
  expect(words.some((row) => /Answer.*agent\.py.*\(refused\)/s.test(row ?? ""))).toBe(true);
  expect(screen.getByText("Allowed; ends at 13:13, or with a lock")).toBeTruthy();

  await fireEvent.click(screen.getByRole("button", { name: "Take back: make", hidden: true }));
  await waitFor(() => expect(screen.queryByText("What you answered")).toBeNull());
  expect(asked).toContain("DELETE /v1/approvals/r1");
});

it("finds accounts by name, tenant and provider", async () => {
  openScene("accounts");
  await fireEvent.click(await button("Find an account"));
  await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "fabrikam" } });
  await waitFor(() =>
    expect(screen.getByRole("list", { name: "Accounts" }).children).toHaveLength(1),
  );
});

it("wakes once a minute and words the times anew", async () => {
  vi.useFakeTimers({ now: NOW });
  openScene("one");
  await screen.findByText("41 min");
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(screen.getByText("40 min")).toBeTruthy();
});

function openScene(name: string): void {
  open((command, _, path) => {
    if (command === "sign_in") return SCENES[name]?.signIn;
    if (path.startsWith("/v1/sign-in/")) return new Promise(() => {});
    return path === "/v1/status" && SCENES[name]?.status;
  });
}

function open(answer: Answer): void {
  mockIPC(
    (command, args) => {
      const asked = args as { method?: string; path?: string; body?: unknown };
      return answer(command, asked.method ?? "", asked.path ?? "", asked.body);
    },
    { shouldMockEvents: true },
  );
  render(App);
}

function button(name: string | RegExp): Promise<HTMLElement> {
  return screen.findByRole("button", { name });
}
