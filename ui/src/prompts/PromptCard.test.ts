import { mockIPC } from "@tauri-apps/api/mocks";
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import App from "../App.svelte";
import { NOW, problem, SCENES, status } from "../fixtures/states";
import type { StatusReply } from "../generated/api";

interface Call {
  method: string;
  path: string;
  body: unknown;
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, shouldAdvanceTime: true });
});
afterEach(() => void vi.useRealTimers());

describe("a question", () => {
  it("says who asks for what of whose, and why", async () => {
    open("approve");
    const card = await screen.findByRole("article");
    for (const words of [
      "python3 agent.py asks for a token of maria.klein@contoso.com",
      "/usr/bin/python3.12",
      "/home/maria/work/research",
      "zsh ← code ← systemd",
      "In a terminal · process 4711",
      "https://graph.microsoft.com/Mail.Read",
      "The profile does not list what it asks for.",
      "out to harm cannot be stopped by this",
    ]) {
      expect(card.textContent?.replace(/\s+/g, " ")).toContain(words);
    }
    expect(screen.getByText("One more waits")).toBeTruthy();
    expect(screen.getAllByRole("article")).toHaveLength(1);
  });

  it("takes no answer in its first moment, and none by Enter or Escape", async () => {
    const calls = open("approve");
    const allow = await screen.findByRole("button", { name: "Allow" });
    expect(document.activeElement).toBe(document.body);
    await fireEvent.click(allow);
    await vi.advanceTimersByTimeAsync(300);
    await fireEvent.click(allow);
    for (const key of ["Enter", "Escape", " "]) await fireEvent.keyDown(document.body, { key });
    expect(calls).toEqual([]);
    expect(allow.ariaDisabled ?? allow.getAttribute("aria-disabled")).toBe("true");
  });

  it("is answered once", async () => {
    const calls = open("approve");
    await press("Allow");
    await press("Allow", false);
    expect(calls).toEqual([
      {
        method: "POST",
        path: "/v1/prompts/p1/answer",
        body: { answer: "allow", account: null },
      },
    ]);
    await screen.findByText("python3 agent.py may go on.");
  });

  it("is refused", async () => {
    const calls = open("approve");
    await press("Refuse");
    expect(calls[0]?.body).toEqual({ answer: "refuse", account: null });
    await screen.findByText("python3 agent.py was refused.");
  });

  it("says why an answer was not taken", async () => {
    open("approve", () => {
      throw problem({ title: "there is no such question", action: "it was answered, or is over" });
    });
    await press("Allow");
    expect((await screen.findByRole("alert")).textContent).toContain("There is no such question.");
  });

  it("of an agent or an unknown program says so with the evidence", async () => {
    open("approve-agent");
    const card = await screen.findByRole("article");
    expect(card.textContent).toContain("claude (process 41)");
    expect(card.textContent).toContain("Without a terminal");
    expect(screen.getByText("Two more wait")).toBeTruthy();
  });

  it("of an unknown program says why it is unknown", async () => {
    open("approve-unknown");
    const card = await screen.findByRole("article");
    expect(card.textContent).toMatch(/Unknown program:\s+It came in through sshd\./);
  });

  it("shows what others chose as text, isolated from what surrounds it", async () => {
    open("approve-hostile");
    const card = await screen.findByRole("article");
    expect(card.querySelector("img, script, b b")).toBeNull();
    const named = [...card.querySelectorAll("bdi")].map((name) => name.textContent);
    expect(named).toContain("<img src=x onerror=alert(1)>");
    expect(card.textContent).not.toMatch(/[\u202E\u2066]/);
  });
});

it("lets the person pick the account that a program gets", async () => {
  const calls = open("pick");
  expect(await screen.findByText(/asks which account to use in/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Allow" })).toBeNull();
  await press(/admin@contoso\.com/);
  expect(calls[0]?.body).toEqual({ answer: "account", account: "a2" });
});

it("shows each place that a config file loosens", async () => {
  const calls = open("loosened");
  const rows = (await screen.findAllByRole("row")) as HTMLTableRowElement[];
  expect(rows.map(({ cells }) => [...cells].map(({ textContent }) => textContent))).toEqual([
    ["Place", "Was", "Becomes"],
    ["approval.agents", "ask", "allow"],
    [
      "profile.contoso.authority",
      "https://login.microsoftonline.com",
      "https://login.example.com",
    ],
  ]);
  await press("Agree");
  expect(calls[0]?.body).toEqual({ answer: "allow", account: null });
  await screen.findByText("The config file holds as it is.");
});

it("says what a program wants to do that is the person's", async () => {
  open("act");
  expect((await screen.findByRole("heading", { level: 2 })).textContent?.replace(/\s+/g, " ")).toContain(
    "lanyard-report asks to read the audit trail",
  );
  expect(screen.getByText(/which programs asked for what/)).toBeTruthy();
});

describe("the lock", () => {
  it("is set from the window", async () => {
    const calls = open("one");
    await press("Lock");
    expect(calls[0]).toMatchObject({ method: "POST", path: "/v1/lock" });
  });

  it("ends by a click where the keyring has the keys, and hides less than a passphrase", async () => {
    const calls = open("locked");
    expect(await screen.findByText(/does not hide the keys from your own programs/)).toBeTruthy();
    expect(screen.getByText("lanyard cache rekey --to passphrase").tagName).toBe("CODE");
    await press("Unlock");
    expect(calls).toEqual([{ method: "POST", path: "/v1/unlock", body: { passphrase: null } }]);
  });

  it("ends by the passphrase, which does not stay in the page", async () => {
    const calls = open("locked-passphrase", () => {
      throw problem({ code: "wrong-key", title: "the passphrase does not open the cache" });
    });
    const field = await screen.findByLabelText<HTMLInputElement>("Passphrase");
    await fireEvent.input(field, { target: { value: "hunter2" } });
    await press("Unlock");
    expect(calls[0]?.body).toEqual({ passphrase: "hunter2" });
    expect((await screen.findByRole("alert")).textContent).toContain("That is not the passphrase.");
    expect(field.value).toBe("");
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  it("says how long the next attempt has to wait", async () => {
    open("locked-passphrase", () => {
      throw problem({
        code: "locked",
        title: "too many wrong passphrases; wait 8 s",
        action: "try again then",
      });
    });
    const field = await screen.findByLabelText("Passphrase");
    await fireEvent.input(field, { target: { value: "hunter2" } });
    await press("Unlock");
    expect((await screen.findByRole("alert")).textContent).toContain("wait 8 s");
  });
});

/** Opens the window in a scene, and returns what it asks of the broker but for the state. */
function open(name: string, answer: (call: Call) => unknown = () => ({})): Call[] {
  const shown: StatusReply = SCENES[name]?.status ?? status();
  const calls: Call[] = [];
  mockIPC(
    (_, args) => {
      const { method, path, body } = args as unknown as Call;
      if (path === "/v1/status") return shown;
      calls.push({ method, path, body });
      return answer({ method, path, body });
    },
    { shouldMockEvents: true },
  );
  render(App);
  return calls;
}

/** Presses a button, once it takes that. */
async function press(name: string | RegExp, wait = true): Promise<void> {
  const button = await screen.findByRole("button", { name });
  if (wait) {
    await waitFor(() => expect(button.getAttribute("aria-disabled")).not.toBe("true"));
  }
  await fireEvent.click(button);
}
