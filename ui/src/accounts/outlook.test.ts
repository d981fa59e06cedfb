import { describe, expect, it } from "vitest";

import { account, inMinutes, NOW, profile, prompt, SCENES, status } from "../fixtures/states";
import { headline } from "./headline";
import { inOrder, outlook, reason, standing } from "./outlook";

const words = (parts: Parameters<typeof account>[0]) => {
  const { main, sub } = standing(account(parts), NOW);
  return `${main} ${sub}`.trim();
};

describe("what stands on a badge", () => {
  it("is the token's time while the grant renews it", () => {
    expect(words({ state: "ok" })).toBe("41 min renews itself");
  });

  it("is the sign-in's end where it comes before the token's", () => {
    expect(words({ state: "expiring", grant_expires_at: inMinutes(12) })).toBe(
      "12 min then asks you",
    );
  });

  it("is the token's end where there is no grant", () => {
    expect(words({ renews: false })).toBe("41 min then asks you");
    expect(words({ renews: false, token_expires_at: inMinutes(-15) })).toBe("Ended at 09:58");
  });

  it("says since when an account is over", () => {
    expect(words({ state: "expired", token_expires_at: inMinutes(-15) })).toBe("Ended at 09:58");
  });

  it("says that a dead grant's token still works", () => {
    expect(words({ state: "sign-in-required" })).toBe("41 min then it stops");
  });

  it("promises nothing about a token that was not asked for yet", () => {
    expect(words({ token_expires_at: null })).toBe("Ready when asked");
    expect(words({ token_expires_at: inMinutes(-1) })).toBe("Ready when asked");
  });
});

describe("an account without a grant", () => {
  const token = account({ renews: false });

  it("asks the person when its token ends", () => {
    const end = NOW + 41 * 60_000;
    expect(outlook(token, NOW)).toMatchObject({ tone: "soon", renews: false, asksAt: end });
    expect(headline(status({ accounts: [token] }), NOW).title).toBe("All good until 10:54");
  });

  it("says so once the end is near", () => {
    expect(reason(token, NOW)).toBeNull();
    expect(reason({ ...token, state: "expiring" }, NOW)).toContain("at 10:54");
  });
});

describe("a provider that does not answer", () => {
  const away = account({
    state: "error",
    last_error: { code: "provider-unreachable", message: "id.example.com did not answer" },
  });

  it("asks nothing of the person", () => {
    expect(outlook(away, NOW)).toMatchObject({ tone: "soon", waits: true });
    expect(reason(away, NOW)).toBe("id.example.com did not answer.");
    expect(headline(status({ accounts: [away] }), NOW).title).toBe(
      "One account waits for its provider",
    );
  });
});

describe("the first two lines", () => {
  it.each([
    [
      "accounts",
      "One account needs you",
      "The other four are fine; the next sign-in is due at 14:05.",
    ],
    ["good", "All good until 14:05", "Then one of the four asks you to sign in again."],
    ["one", "All good", "It renews itself."],
    ["empty", "Nobody is signed in yet", "First say how you sign in: that is a profile."],
    ["nobody", "Nobody is signed in yet", "Choose how you want to sign in."],
    ["prompted", "One account needs you", "The other one is fine."],
    ["locked", "Lanyard is locked", "Programs get no tokens until you unlock it."],
    ["config", "The config file has a mistake", "Accounts that you signed in to before are kept."],
  ])("of %s", (scene, title, line) => {
    expect(headline(SCENES[scene]?.status ?? status(), NOW)).toEqual({ title, line });
  });

  it("count a profile that a program waits for once", () => {
    const asking = prompt({ kind: "sign-in", profile: "shop" });
    const asked = status({
      profiles: [profile("shop", "cognito")],
      prompts: [asking, { ...asking, id: "q" }],
    });
    expect(headline(asked, NOW)).toEqual({
      title: "One account needs you",
      line: "Sign in again and it goes on.",
    });
  });
});

it("lists what needs the person first and leaves the rest where it is", () => {
  const [a, b, c] = [
    account({ account: "a" }),
    account({ account: "b", state: "expiring" }),
    account({ account: "c", state: "expired" }),
  ];
  expect(inOrder([a, b, c, account({ account: "d" })], NOW).map(({ account }) => account)).toEqual([
    "c",
    "b",
    "a",
    "d",
  ]);
});
