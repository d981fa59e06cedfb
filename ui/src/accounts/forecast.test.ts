import { expect, it } from "vitest";

import { account, inMinutes, NOW, SCENES } from "../fixtures/states";
import { forecast } from "./forecast";

it("marks what ends when, and is good until somebody is asked", () => {
  const day = forecast(SCENES.accounts?.status?.accounts ?? [], NOW);
  expect(day.marks.map(({ tone, says }) => [tone, says.length])).toEqual([
    ["need", 2],
    ["ok", 2],
    ["soon", 1],
    ["soon", 1],
  ]);
  expect(day.goodUntil).toBeCloseTo(day.marks[2]?.at ?? 0);
  expect(day.labels.map(({ words }) => words).sort()).toEqual([
    "12:00",
    "14:05",
    "16:00",
    "18:00",
    "now",
  ]);
});

it("leaves out what is more than a day away, over, or waiting for its provider", () => {
  const ends = [
    account({ token_expires_at: inMinutes(-1) }),
    account({ token_expires_at: null, grant_expires_at: inMinutes(3 * 24 * 60) }),
    account({ state: "error", last_error: { code: "timed-out", message: "no answer" } }),
  ];
  expect(forecast(ends, NOW)).toMatchObject({ marks: [], goodUntil: 1 });
});
